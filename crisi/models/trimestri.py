from datetime import date
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse

from crisi.models.pal import TRIMESTRE
from crisi.scope import own_provincia, sees_all
from porfse.models import Provincia, User
from porfse.periods import Periodo


class MonitoraggioQuerySet(models.QuerySet["MonitoraggioTrimestrale"]):
    def visible_to(self, user: User) -> Self:
        """All for the Region; for a nucleo those of its provincia; else none."""
        if sees_all(user):
            return self
        sigla = own_provincia(user)
        return self.none() if sigla is None else self.filter(provincia=sigla)


class MonitoraggioTrimestrale(models.Model):
    """A nucleo's monitoring of the active policies in a quarter, from opening to approval."""

    class Stato(models.TextChoices):
        APERTO = "aperto", "aperto"
        COMPILATO = "compilato", "compilato"
        TRASMESSO = "trasmesso", "trasmesso"
        RESTITUITO = "restituito", "restituito con richiesta di integrazioni"
        VALIDATO = "validato", "validato"

    MODIFICABILI = (Stato.APERTO, Stato.COMPILATO, Stato.RESTITUITO)

    provincia = models.ForeignKey(Provincia, on_delete=models.PROTECT, related_name="+")
    trimestre = models.CharField(max_length=7, help_text="`2025-T3`")
    stato = models.CharField(max_length=10, choices=Stato, default=Stato.APERTO)
    entro = models.DateField("da trasmettere entro")
    trasmesso_il = models.DateTimeField("prima trasmissione", null=True, blank=True)
    riaperto_fino_al = models.DateField(
        null=True,
        blank=True,
        help_text="Un trimestre validato è modificabile fino a questo giorno.",
    )

    objects = MonitoraggioQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = "monitoraggio trimestrale"
        verbose_name_plural = "monitoraggi trimestrali"
        ordering = ["-trimestre", "provincia"]
        constraints = [
            models.UniqueConstraint(
                fields=["provincia", "trimestre"],
                name="monitoraggio_unico",
                violation_error_message="Il trimestre è già aperto per questa provincia.",
            ),
            models.CheckConstraint(
                condition=Q(trimestre__regex=TRIMESTRE), name="monitoraggio_trimestre"
            ),
            models.CheckConstraint(
                condition=~Q(stato__in=["trasmesso", "validato"]) | Q(trasmesso_il__isnull=False),
                name="monitoraggio_trasmesso_con_data",
            ),
            models.CheckConstraint(
                condition=Q(riaperto_fino_al=None) | Q(stato="validato"),
                name="monitoraggio_riaperto_se_validato",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.periodo.nome}, {self.provincia_id}"

    def get_absolute_url(self) -> str:
        return reverse("crisi:trimestre", args=[self.trimestre, self.provincia_id])

    @property
    def periodo(self) -> Periodo:
        return Periodo.parse(self.trimestre)

    def modificabile(self, oggi: date) -> bool:
        """Say whether its numbers may be changed on a day."""
        reopened = self.riaperto_fino_al is not None and oggi <= self.riaperto_fino_al
        return self.stato in self.MODIFICABILI or reopened


class PassaggioTrimestre(models.Model):
    """A step in the life of a nucleo's quarter: from which state to which, by whom, why."""

    monitoraggio = models.ForeignKey(
        MonitoraggioTrimestrale, on_delete=models.CASCADE, related_name="passaggi"
    )
    da = models.CharField(max_length=10, blank=True)
    a = models.CharField(max_length=10)
    autore = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    il = models.DateTimeField(auto_now_add=True)
    motivo = models.CharField(max_length=500, blank=True)

    class Meta:
        default_permissions = ()
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.monitoraggio}: {self.a}"


class Promemoria(models.Model):
    """A reminder of a quarter: sent once for each kind and day, whatever happens to the sender.

    It is written before the mail goes out. One that stays `in invio` had its sender stopped on the
    way: whether the mail left is not known, and it is not sent a second time.
    """

    class Genere(models.TextChoices):
        PRIMA = "prima", "in scadenza"
        GIORNO = "giorno", "nel giorno della scadenza"
        DOPO = "dopo", "scaduto"
        RESTITUITO = "restituito", "restituito e non ancora ritrasmesso"
        RIAPERTO = "riaperto", "riapertura in scadenza"

    class Stato(models.TextChoices):
        IN_INVIO = "invio", "in invio"
        INVIATO = "inviato", "inviato"
        FALLITO = "fallito", "non inviato, da riprovare"

    monitoraggio = models.ForeignKey(
        MonitoraggioTrimestrale, on_delete=models.CASCADE, related_name="promemoria"
    )
    genere = models.CharField(max_length=10, choices=Genere)
    scadenza = models.DateField(
        help_text="Il giorno a cui si riferisce: la scadenza, l'ultimo della riapertura, o quello"
        " della restituzione. Una proroga ne ha di nuovi."
    )
    passaggio = models.ForeignKey(
        PassaggioTrimestre,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="La restituzione che lo ha fatto partire: anche nello stesso giorno, una seconda"
        " ne ha uno suo.",
    )
    destinatari = ArrayField(models.EmailField())
    stato = models.CharField(max_length=7, choices=Stato, default=Stato.IN_INVIO)
    preso_il = models.DateTimeField("inizio dell'ultimo invio", auto_now=True)

    class Meta:
        default_permissions = ()
        verbose_name_plural = "promemoria"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["monitoraggio", "genere", "scadenza", "passaggio"],
                nulls_distinct=False,
                name="promemoria_unico",
            )
        ]

    def __str__(self) -> str:
        return f"{self.monitoraggio}: {self.get_genere_display()}"
