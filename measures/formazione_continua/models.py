"""Vouchers of Formazione Continua fase VI."""

from django.db import models

from measures.models.core import Istanza
from porfse.models import Azienda


class Voucher(Istanza):
    """A voucher of a company for a worker's course; the worker is never shown to a reader."""

    class Stato(models.TextChoices):
        CONCESSO = "concesso", "concesso"
        RENDICONTATO = "rendicontato", "rendicontato"
        LIQUIDATO = "liquidato", "liquidato"
        REVOCATO = "revocato", "revocato"

    class Modalita(models.TextChoices):
        AULA = "aula", "Aula"
        FAD = "fad", "FAD"
        E_LEARNING = "e-learning", "E-learning"

    codice_fiscale_lavoratore = models.CharField(max_length=16)
    corso = models.CharField(max_length=200)
    modalita = models.CharField("modalità", max_length=10, choices=Modalita)

    class Meta(Istanza.Meta):
        verbose_name = "voucher"
        verbose_name_plural = "voucher"
        indexes = [
            models.Index(fields=["esempio", "-data_inizio", "codice"]),
            models.Index(fields=["esempio", "concesso", "codice"]),
            models.Index(fields=["esempio", "azienda"]),
            models.Index(fields=["esempio", "codice_fiscale_lavoratore"]),
        ]


class ConcessoAzienda(models.Model):
    """What a company holds in vouchers that are not revoked; written with every flow."""

    esempio = models.BooleanField()
    azienda = models.ForeignKey(Azienda, on_delete=models.PROTECT, related_name="+")
    voucher = models.PositiveIntegerField()
    lavoratori = models.PositiveIntegerField()
    concesso = models.DecimalField(max_digits=15, decimal_places=2)

    class Meta:
        default_permissions = ()
        ordering = ["-concesso", "azienda"]
        constraints = [
            models.UniqueConstraint(fields=["esempio", "azienda"], name="concesso_azienda_unico")
        ]
        indexes = [models.Index(fields=["esempio", "-concesso", "azienda"])]

    def __str__(self) -> str:
        return f"{self.azienda_id}: {self.concesso}"


class FasciaMassimale(models.Model):
    """How many companies or workers hold how much of their ceiling; written with every flow.

    `fascia` counts the fifths of the ceiling that are reached.
    """

    class Soggetto(models.TextChoices):
        IMPRESA = "impresa", "Imprese"
        LAVORATORE = "lavoratore", "Lavoratori"

    class Fascia(models.IntegerChoices):
        PRIMA = 0, "meno del 20%"
        SECONDA = 1, "dal 20% a meno del 40%"
        TERZA = 2, "dal 40% a meno del 60%"
        QUARTA = 3, "dal 60% a meno dell'80%"
        QUINTA = 4, "dall'80% al 100%"
        OLTRE = 5, "oltre il 100%"

    esempio = models.BooleanField()
    soggetto = models.CharField(max_length=10, choices=Soggetto)
    fascia = models.PositiveSmallIntegerField(choices=Fascia)
    numero = models.PositiveIntegerField()
    concesso = models.DecimalField(max_digits=20, decimal_places=2)
    massimale = models.DecimalField(max_digits=15, decimal_places=2)

    class Meta:
        default_permissions = ()
        ordering = ["soggetto", "fascia"]
        constraints = [
            models.UniqueConstraint(
                fields=["esempio", "soggetto", "fascia"], name="fascia_massimale_unica"
            )
        ]

    def __str__(self) -> str:
        return f"{self.soggetto} {self.fascia}"
