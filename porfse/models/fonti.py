from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from porfse.periods import italian


class FonteQuerySet(models.QuerySet["Fonte"]):
    def in_force(self) -> Self:
        """Sources whose rows count: neither retired nor example."""
        return self.filter(ritirata_il=None).exclude(genere=Fonte.Genere.ESEMPIO)


class Fonte(models.Model):
    """Where a datum comes from: a document and its section, a flow, a person, or an example.

    `data` is the date that the data refer to, not that of the publication.
    """

    class Genere(models.TextChoices):
        PUBBLICATA = "pubblicata", "documento pubblicato"
        FLUSSO = "flusso", "flusso acquisito"
        INSERITA = "inserita", "dato inserito"
        ESEMPIO = "esempio", "dato di esempio"

    genere = models.CharField(max_length=10, choices=Genere)
    documento = models.CharField(
        max_length=40, help_text="Codice breve del documento o del flusso."
    )
    titolo = models.CharField(max_length=200)
    sezione = models.CharField(max_length=120, blank=True)
    data = models.DateField("data dei dati")
    ritirata_il = models.DateTimeField(null=True, blank=True, editable=False)
    ritirata_da = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    motivo_ritiro = models.CharField(max_length=300, blank=True, editable=False)

    objects = FonteQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name_plural = "fonti"
        ordering = ["documento", "data", "sezione"]
        constraints = [
            models.UniqueConstraint(fields=["documento", "data", "sezione"], name="fonte_unica"),
            models.CheckConstraint(
                condition=Q(ritirata_il=None, ritirata_da=None, motivo_ritiro="")
                | Q(ritirata_il__isnull=False, ritirata_da__isnull=False) & ~Q(motivo_ritiro=""),
                name="fonte_ritiro_con_autore_e_motivo",
                violation_error_message="Il ritiro di una fonte ha sempre autore e motivo.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.titolo}, {self.sezione}" if self.sezione else self.titolo


class Atto(models.Model):
    """An administrative act, as far as its source quotes it: the day is often not printed."""

    class Tipo(models.TextChoices):
        DGR = "DGR", "D.G.R."
        DECRETO = "decreto", "Decreto"
        DECISIONE = "decisione", "Decisione CE"
        ACCORDO = "accordo", "Accordo"
        ALTRO = "altro", "Altro atto"

    tipo = models.CharField(max_length=10, choices=Tipo)
    numero = models.CharField(max_length=40)
    anno = models.PositiveSmallIntegerField()
    data = models.DateField(null=True, blank=True)
    oggetto = models.CharField(max_length=300, blank=True)

    class Meta:
        default_permissions = ()
        verbose_name_plural = "atti"
        ordering = ["anno", "tipo", "numero"]
        constraints = [
            models.UniqueConstraint(fields=["tipo", "numero", "anno"], name="atto_unico"),
            models.CheckConstraint(
                condition=Q(data=None) | Q(data__year=models.F("anno")),
                name="atto_anno_della_data",
                violation_error_message="L'anno dell'atto non è quello della sua data.",
            ),
        ]

    def __str__(self) -> str:
        bare = self.tipo == self.Tipo.DECISIONE or not any(map(str.isdigit, self.numero))
        number = self.numero if bare else f"n. {self.numero}"
        when = f" del {italian(self.data)}" if self.data else f"/{self.anno}"
        return f"{self.get_tipo_display()} {number}{when}"
