"""What is decided on the payments before they are certified, and the sums that pages read of it.

A payment without a `Posizione` is in the state that its flow implies: `da_verificare` until the
flow has been checked, then `certificabile` unless it bears a warning.
"""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from porfse.models import Atto, Flow
from programme.models import Azione


class Stato(models.TextChoices):
    """Where a payment stands on its way to the Commission."""

    DA_VERIFICARE = "da_verificare", "da verificare"
    CERTIFICABILE = "certificabile", "certificabile"
    SOSPESO = "sospeso", "sospeso"
    NON_AMMISSIBILE = "non_ammissibile", "non ammissibile"
    CERTIFICATO = "certificato", "certificato"
    RITIRATO = "ritirato", "ritirato"


class ControlloFlusso(models.Model):
    """The recorded statement that the payments of a flow were checked at the desk."""

    flusso = models.OneToOneField(
        Flow, on_delete=models.PROTECT, primary_key=True, related_name="controllo"
    )
    nota = models.CharField(max_length=300)
    controllato_da = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    controllato_il = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        permissions = [("check_flow", "Controllare i flussi e decidere sui pagamenti")]

    def __str__(self) -> str:
        return f"Controllo del flusso {self.flusso_id}"

    def get_absolute_url(self) -> str:
        return reverse("cigd:certificabile_flusso", args=[self.flusso_id])


class ControlloAnnullato(models.Model):
    """A check that was taken back before anything of its flow was certified, and why."""

    flusso = models.ForeignKey(Flow, on_delete=models.PROTECT, related_name="controlli_annullati")
    nota = models.CharField(max_length=300)
    controllato_da = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    controllato_il = models.DateTimeField()
    motivo = models.CharField(max_length=300)
    annullato_da = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    annullato_il = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        verbose_name = "controllo annullato"
        verbose_name_plural = "controlli annullati"
        ordering = ["-annullato_il"]

    def __str__(self) -> str:
        return f"Controllo annullato del flusso {self.flusso_id}"


class Spostamento(models.Model):
    """A decision to move what exceeds the cap of 8.6.1 to 9.8.1; its payments are `posizioni`."""

    atto = models.ForeignKey(Atto, on_delete=models.PROTECT, related_name="+")
    motivo = models.CharField(max_length=300)
    esempio = models.BooleanField("dati di esempio", default=False)
    deciso_da = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    deciso_il = models.DateTimeField(auto_now_add=True)
    eseguito_il = models.DateTimeField(null=True, blank=True)
    pagamenti = models.PositiveIntegerField(null=True, blank=True)
    importo = models.DecimalField(
        max_digits=15, decimal_places=2, null=True, blank=True, help_text="Senza decurtazioni."
    )

    class Meta:
        default_permissions = ()
        permissions = [("move_excess", "Spostare l'eccedenza dell'azione 8.6.1 sulla 9.8.1")]
        verbose_name = "spostamento"
        verbose_name_plural = "spostamenti"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(eseguito_il=None, pagamenti=None, importo=None)
                | Q(eseguito_il__isnull=False, pagamenti__isnull=False, importo__isnull=False),
                name="spostamento_eseguito_con_somme",
            )
        ]

    def __str__(self) -> str:
        return f"Spostamento n. {self.pk}"


class Posizione(models.Model):
    """What was decided on one payment or recovery; an empty `stato` is the one implied."""

    flusso = models.ForeignKey(Flow, on_delete=models.PROTECT, db_index=False, related_name="+")
    riga = models.IntegerField()
    id_pagamento = models.CharField(max_length=20, db_collation="C")
    stato = models.CharField(max_length=16, choices=Stato, blank=True)
    taglio = models.DecimalField(
        max_digits=15, decimal_places=2, default=0, help_text="La parte non ammissibile, in euro."
    )
    azione = models.ForeignKey(
        Azione,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Dove è ammissibile, se non è quella del comune.",
    )
    spostamento = models.ForeignKey(
        Spostamento, on_delete=models.PROTECT, null=True, blank=True, related_name="posizioni"
    )
    motivo = models.CharField(max_length=300)
    deciso_da = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    deciso_il = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()
        verbose_name = "posizione"
        verbose_name_plural = "posizioni"
        ordering = ["flusso", "riga"]
        constraints = [
            models.UniqueConstraint(fields=["flusso", "riga"], name="posizione_unica"),
            models.UniqueConstraint(fields=["flusso", "id_pagamento"], name="posizione_unica_id"),
            models.CheckConstraint(condition=Q(taglio__gte=0), name="posizione_taglio"),
            models.CheckConstraint(
                # What is certified is said by the batches alone.
                condition=~Q(stato="certificato"),
                name="posizione_certificato_solo_nei_lotti",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id_pagamento}, flusso {self.flusso_id}"


class SintesiPoolQuerySet(models.QuerySet["SintesiPool"]):
    def net(self) -> dict[tuple[str, str], Decimal]:
        """Amounts less cuts, by azione and state, in euro."""
        rows: Any = self.order_by().values_list("azione", "stato")
        return {
            (azione, stato): amount
            for azione, stato, amount in rows.annotate(netto=models.Sum(F("importo") - F("taglio")))
        }


class SintesiPool(models.Model):
    """Sums of the payments by flow, azione and state, kept with every change of a state. Euro."""

    flusso = models.ForeignKey(Flow, on_delete=models.PROTECT, related_name="+")
    azione = models.ForeignKey(Azione, on_delete=models.PROTECT, related_name="+")
    stato = models.CharField(max_length=16, choices=Stato)
    pagamenti = models.IntegerField()
    recuperi = models.IntegerField()
    importo = models.DecimalField(max_digits=15, decimal_places=2)
    taglio = models.DecimalField(max_digits=15, decimal_places=2)

    objects = SintesiPoolQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["flusso", "azione", "stato"]
        constraints = [
            models.UniqueConstraint(
                fields=["flusso", "azione", "stato"], name="sintesi_pool_unica"
            ),
            models.CheckConstraint(
                condition=Q(pagamenti__gte=0, recuperi__gte=0, taglio__gte=0),
                name="sintesi_pool_non_negativa",
            ),
        ]

    def __str__(self) -> str:
        return f"Flusso {self.flusso_id}, {self.azione_id}, {self.get_stato_display()}"


class SintesiSegnalazione(models.Model):
    """How many rows of a flow bear a code and wait for a decision, kept with every decision."""

    flusso = models.ForeignKey(Flow, on_delete=models.PROTECT, db_index=False, related_name="+")
    codice = models.CharField(max_length=4)
    pagamenti = models.IntegerField()
    recuperi = models.IntegerField()
    pagamenti_soli = models.IntegerField(help_text="Quelli che non portano altri codici.")
    recuperi_soli = models.IntegerField(help_text="Quelli che non portano altri codici.")

    class Meta:
        default_permissions = ()
        ordering = ["flusso", "codice"]
        constraints = [
            models.UniqueConstraint(fields=["flusso", "codice"], name="sintesi_segnalazione_unica"),
            models.CheckConstraint(
                condition=Q(
                    pagamenti_soli__gte=0,
                    pagamenti__gte=F("pagamenti_soli"),
                    recuperi_soli__gte=0,
                    recuperi__gte=F("recuperi_soli"),
                ),
                name="sintesi_segnalazione_non_negativa",
            ),
        ]

    def __str__(self) -> str:
        return f"Flusso {self.flusso_id}, {self.codice}"
