from django.conf import settings
from django.db import models

from porfse.periods import moment


class AuditEvent(models.Model):
    """Who did what, when, to which object. Append-only: a trigger refuses UPDATE and DELETE."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=60)
    details = models.JSONField(default=dict)

    class Meta:
        default_permissions = ()
        permissions = [("view_audit", "Consultare il registro delle operazioni")]
        verbose_name = "operazione registrata"
        verbose_name_plural = "operazioni registrate"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["object_type", "object_id"])]

    def __str__(self) -> str:
        return f"{moment(self.at)} {self.actor} {self.action}"
