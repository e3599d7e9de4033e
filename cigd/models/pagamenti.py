"""What INPS has paid: one row for each payment or recovery, and its sums.

A flow is a partition of `Pagamento` (ADR 0006): its rows are there once it is acquired.
No page sums payments: the two summaries hold, for each flow, what pages show.
"""

from django.db import models
from django.urls import reverse

from cigd.querysets import PagamentoQuerySet, SintesiQuerySet
from porfse.models import Comune, Flow, Provincia
from programme.models import Azione


class Pagamento(models.Model):
    """A payment (P, positive) or a recovery (R, negative) of INPS to a worker, in euro.

    The database keeps no foreign keys here: two of them double the time of a load; the validation
    checks the references. Nothing may refer to a payment but by its flow and `id_pagamento`.
    """

    class Tipo(models.TextChoices):
        PAGAMENTO = "P", "pagamento"
        RECUPERO = "R", "recupero"

    pk = models.CompositePrimaryKey("flusso_id", "riga")
    flusso = models.ForeignKey(
        Flow, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    riga = models.IntegerField()
    id_pagamento = models.CharField(max_length=20, db_collation="C")
    tipo = models.CharField(max_length=1, choices=Tipo, db_collation="C")
    id_pagamento_origine = models.CharField(max_length=20, null=True, db_collation="C")  # noqa: DJ001
    codice_fiscale = models.CharField(max_length=16, db_collation="C")
    matricola_inps = models.CharField(max_length=10, db_collation="C")
    denominazione_azienda = models.CharField(max_length=200)
    comune = models.ForeignKey(
        Comune,
        on_delete=models.PROTECT,
        db_column="comune_istat",
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    numero_decreto = models.CharField(max_length=40)
    data_decreto = models.DateField()
    mese_competenza = models.DateField(help_text="Il primo giorno del mese.")
    ore = models.DecimalField(max_digits=9, decimal_places=2)
    importo = models.DecimalField(max_digits=15, decimal_places=2)
    data_pagamento = models.DateField()

    objects = PagamentoQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = [
            ("view_cigd", "Consultare la CIGD"),
            ("view_pagamenti", "Consultare i singoli pagamenti della CIGD, codice fiscale coperto"),
            ("view_persone", "Vedere il codice fiscale dei percettori della CIGD"),
        ]
        verbose_name = "pagamento"
        verbose_name_plural = "pagamenti"
        ordering = ["flusso", "riga"]
        indexes = [
            models.Index(fields=["id_pagamento"], name="pagamento_id"),
            models.Index(fields=["codice_fiscale", "mese_competenza"], name="pagamento_persona"),
            models.Index(fields=["matricola_inps"], name="pagamento_matricola"),
            models.Index(fields=["comune", "mese_competenza"], name="pagamento_comune"),
            models.Index(
                fields=["id_pagamento_origine"],
                name="pagamento_recuperi",
                condition=models.Q(tipo="R"),
            ),
        ]

    def __str__(self) -> str:
        return self.id_pagamento

    def get_absolute_url(self) -> str:
        return reverse("cigd:pagamento", args=[self.flusso_id, self.id_pagamento])


class Sintesi(models.Model):
    """Sums over the payments of a flow, written in the transaction that acquires it. Euro, hours.

    A recovery subtracts its amount and its hours.
    """

    flusso = models.ForeignKey(Flow, on_delete=models.PROTECT, related_name="+")
    mese = models.DateField(help_text="Mese di competenza, il primo giorno.")
    pagamenti = models.IntegerField()
    recuperi = models.IntegerField()
    ore = models.DecimalField(max_digits=15, decimal_places=2)
    importo = models.DecimalField(max_digits=15, decimal_places=2)

    objects = SintesiQuerySet.as_manager()

    class Meta:
        abstract = True
        default_permissions = ()


class SintesiAzione(Sintesi):
    """By azione, provincia, month of competence and flow."""

    azione = models.ForeignKey(Azione, on_delete=models.PROTECT, related_name="+")
    provincia = models.ForeignKey(Provincia, on_delete=models.PROTECT, related_name="+")

    class Meta(Sintesi.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["flusso", "azione", "provincia", "mese"], name="sintesi_azione_unica"
            )
        ]

    def __str__(self) -> str:
        return f"{self.azione_id} {self.provincia_id} {self.mese:%m.%Y}, flusso {self.flusso_id}"


class SintesiComune(Sintesi):
    """By comune, month of competence and flow: for the pages by comune."""

    comune = models.ForeignKey(Comune, on_delete=models.PROTECT, related_name="+")

    class Meta(Sintesi.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["flusso", "comune", "mese"], name="sintesi_comune_unica"
            )
        ]

    def __str__(self) -> str:
        return f"{self.comune_id} {self.mese:%m.%Y}, flusso {self.flusso_id}"
