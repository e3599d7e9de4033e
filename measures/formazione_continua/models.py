"""Vouchers of Formazione Continua fase VI."""

from django.db import models

from measures.models.core import Istanza


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
            models.Index(fields=["esempio", "azienda"]),
            models.Index(fields=["esempio", "codice_fiscale_lavoratore"]),
        ]
