from django.conf import settings
from django.db import models
from django.db.models import Q

from porfse.models import Flow


class Conflitto(models.Model):
    """A flow says one thing, and a person had entered another: somebody decides which stays.

    Found at validation; the flow cannot be acquired while one is undecided. Values are
    as text, or None where not known.
    """

    class Scelta(models.TextChoices):
        ARCHIVIO = "archivio", "tenere il dato inserito"
        FLUSSO = "flusso", "prendere il dato del flusso"

    flusso = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="conflitti_crisi")
    codice_pratica = models.CharField(max_length=40)
    id_unita = models.CharField(max_length=40, blank=True)
    campo = models.CharField(max_length=40)
    in_archivio = models.JSONField(null=True)
    nel_flusso = models.JSONField(null=True)
    scelta = models.CharField(max_length=8, choices=Scelta, blank=True)
    deciso_da = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    deciso_il = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        verbose_name_plural = "conflitti"
        ordering = ["codice_pratica", "id_unita", "campo"]
        constraints = [
            models.UniqueConstraint(
                fields=["flusso", "codice_pratica", "id_unita", "campo"], name="conflitto_unico"
            ),
            models.CheckConstraint(
                condition=Q(scelta="", deciso_da=None, deciso_il=None)
                | ~Q(scelta="") & Q(deciso_da__isnull=False, deciso_il__isnull=False),
                name="conflitto_deciso_con_autore",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.codice_pratica} {self.id_unita} {self.campo}"
