from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from crisi.models.procedure import UnitaProduttiva
from crisi.scope import own_provincia, sees_all
from porfse.models import Flow, User

TRIMESTRE = r"^20[0-9]{2}-T[1-4]$"
PASSI = ("step1", "step2", "step3", "step4", "no_pal")


class Strumento(models.TextChoices):
    DUL = "dul", "Dote Unica Lavoro"
    FC = "fc", "Formazione Continua"
    GOL = "gol", "GOL"
    ALTRO = "altro", "Altro"


class AvanzamentoQuerySet(models.QuerySet["AvanzamentoPAL"]):
    def visible_to(self, user: User) -> Self:
        """All for the Region; for a nucleo those of the sites in its provincia; else none."""
        if sees_all(user):
            return self
        sigla = own_provincia(user)
        return self.none() if sigla is None else self.filter(unita__comune__provincia=sigla)

    def in_force(self) -> Self:
        """The latest version of each site and quarter."""
        return self.filter(sostituito_il=None)


class AvanzamentoPAL(models.Model):
    """How far the suspended workers of a site are at the end of a quarter. Numbers are of workers.

    A correction is a new row, and the earlier one stays with the day it was replaced. A number that
    is None is not known.
    """

    unita = models.ForeignKey(UnitaProduttiva, on_delete=models.PROTECT, related_name="avanzamenti")
    trimestre = models.CharField(max_length=7, help_text="`2025-T3`")
    sospesi = models.PositiveIntegerField("lavoratori sospesi", null=True, blank=True)
    step1 = models.PositiveIntegerField("STEP 1, presa in carico", null=True, blank=True)
    step2 = models.PositiveIntegerField("STEP 2, strumenti", null=True, blank=True)
    step3 = models.PositiveIntegerField("STEP 3, incontri", null=True, blank=True)
    step4 = models.PositiveIntegerField("STEP 4, attivazione", null=True, blank=True)
    no_pal = models.PositiveIntegerField("NO PAL, esonerati", null=True, blank=True)
    motivo_esonero = models.CharField("motivo dell'esonero", max_length=200, blank=True)
    strumenti = ArrayField(
        models.CharField(max_length=5, choices=Strumento), default=list, blank=True
    )
    altro_strumento = models.CharField("altro strumento", max_length=120, blank=True)
    autore = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    flusso = models.ForeignKey(
        Flow, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    inserito_il = models.DateTimeField(default=timezone.now, editable=False)
    sostituito_il = models.DateTimeField(null=True, blank=True, editable=False)

    objects = AvanzamentoQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = "avanzamento PAL"
        verbose_name_plural = "avanzamenti PAL"
        ordering = ["unita", "trimestre", "pk"]
        indexes = [models.Index(fields=["trimestre", "unita"])]
        constraints = [
            models.UniqueConstraint(
                fields=["unita", "trimestre"],
                condition=Q(sostituito_il=None),
                name="avanzamento_uno_in_vigore",
            ),
            models.CheckConstraint(
                condition=Q(trimestre__regex=TRIMESTRE), name="avanzamento_trimestre"
            ),
            models.CheckConstraint(
                condition=Q(sospesi=None)
                | Q(
                    sospesi__gte=Coalesce(F("step1"), 0)
                    + Coalesce(F("step2"), 0)
                    + Coalesce(F("step3"), 0)
                    + Coalesce(F("step4"), 0)
                    + Coalesce(F("no_pal"), 0)
                ),
                name="avanzamento_passi_entro_sospesi",
                violation_error_message="I lavoratori nei passi e gli esonerati superano i"
                " sospesi.",
            ),
            models.CheckConstraint(
                condition=Q(altro_strumento="") | Q(strumenti__contains=["altro"]),
                name="avanzamento_altro_strumento",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unita}, {self.trimestre}"
