from django.conf import settings
from django.db import models
from django.db.models import Q


class Testo(models.Model):
    """A chapter of a report that an official writes: figures are named in it, not typed.

    `{impegnate_asse_1}` stands for a figure; what it is worth is read when the report is made, and
    frozen when it is published (`reports.narrativa`).
    """

    class Stato(models.TextChoices):
        BOZZA = "bozza", "bozza"
        DA_RIVEDERE = "da_rivedere", "da rivedere"
        APPROVATO = "approvato", "approvato"

    report = models.SlugField(max_length=40)
    periodo = models.CharField(max_length=10)
    capitolo = models.SlugField(max_length=40)
    testo = models.TextField(max_length=20_000, blank=True)
    versione = models.PositiveIntegerField(default=0)
    stato = models.CharField(max_length=11, choices=Stato, default=Stato.BOZZA)
    scritto_da = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    scritto_il = models.DateTimeField()
    rivisto_da = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    rivisto_il = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        verbose_name_plural = "testi"
        ordering = ["report", "-periodo", "capitolo"]
        constraints = [
            models.UniqueConstraint(fields=["report", "periodo", "capitolo"], name="testo_unico"),
            models.CheckConstraint(
                condition=Q(stato="approvato", rivisto_da__isnull=False, rivisto_il__isnull=False)
                | ~Q(stato="approvato"),
                name="testo_approvato_con_autore",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report}, {self.periodo}, {self.capitolo}"


class VersioneTesto(models.Model):
    """A chapter as it was after one change; never changed itself."""

    testo = models.ForeignKey(Testo, on_delete=models.CASCADE, related_name="versioni")
    versione = models.PositiveIntegerField()
    contenuto = models.TextField(max_length=20_000, blank=True)
    stato = models.CharField(max_length=11, choices=Testo.Stato)
    autore = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    il = models.DateTimeField(auto_now_add=True)
    nota = models.CharField("motivo del rinvio", max_length=500, blank=True)

    class Meta:
        default_permissions = ()
        ordering = ["testo", "-versione"]
        constraints = [
            models.UniqueConstraint(fields=["testo", "versione"], name="versione_testo_unica")
        ]

    def __str__(self) -> str:
        return f"{self.testo}, versione {self.versione}"
