"""What flows tell beside the rows that they change, so that each can be taken back rightly."""

from django.db import models

from porfse.models import Azienda, Flow


class Conferma(models.Model):
    """How many rows a flow tells as another, that wrote them before, left them."""

    flusso = models.ForeignKey(Flow, on_delete=models.PROTECT, related_name="+")
    di = models.ForeignKey(
        Flow, on_delete=models.PROTECT, related_name="+", help_text="Quello che le ha scritte."
    )
    numero = models.PositiveIntegerField()

    class Meta:
        default_permissions = ()
        verbose_name_plural = "conferme"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["di", "flusso"], name="conferma_unica")]

    def __str__(self) -> str:
        return f"{self.flusso_id}: {self.numero} di {self.di_id}"


class NomeAzienda(models.Model):
    """What a flow calls a company; `dai_flussi`: the company has its name from flows alone."""

    flusso = models.ForeignKey(Flow, on_delete=models.PROTECT, related_name="+")
    azienda = models.ForeignKey(Azienda, on_delete=models.PROTECT, related_name="+")
    nome = models.CharField(max_length=200)
    dai_flussi = models.BooleanField()

    class Meta:
        default_permissions = ()
        verbose_name = "nome di un'azienda"
        verbose_name_plural = "nomi delle aziende"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["flusso", "azienda"], name="nome_azienda_unico")
        ]

    def __str__(self) -> str:
        return self.nome
