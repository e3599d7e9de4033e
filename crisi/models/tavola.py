from django.db import models
from django.db.models import Q

from crisi.models.procedure import Procedura
from porfse.models import Fonte, Provincia


class DatoPubblicato(models.Model):
    """A row of a published table: units and workers of a provincia, or of the region, by kind.

    None is printed blank: not known. `provincia` None is the printed total of the region; an empty
    `tipo` is the printed total of workers, which the source gives beside the three kinds: no sum
    adds it to them.
    """

    anno = models.PositiveSmallIntegerField()
    provincia = models.ForeignKey(
        Provincia, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    tipo = models.CharField(max_length=8, choices=Procedura.Tipo, blank=True)
    unita = models.PositiveIntegerField("unità produttive", null=True, blank=True)
    lavoratori = models.PositiveIntegerField(null=True, blank=True)
    fonte = models.ForeignKey(Fonte, on_delete=models.PROTECT, related_name="+")

    class Meta:
        default_permissions = ()
        verbose_name_plural = "dati pubblicati"
        ordering = ["anno", "tipo", "provincia"]
        constraints = [
            models.UniqueConstraint(
                fields=["anno", "provincia", "tipo"],
                nulls_distinct=False,
                name="dato_pubblicato_unico",
            )
        ]

    def __str__(self) -> str:
        return f"{self.anno} {self.tipo or 'totale'} {self.provincia_id or 'regione'}"


class SintesiMese(models.Model):
    """How many units and workers began, or ended, in a month: kept by the database itself.

    Triggers on procedures and sites write it with every change (migration 0002), so that the table
    of any period reads some hundred rows: in corso = begun until its end, less ended before it.
    Withdrawn procedures are left out. Numbers may be taken back to zero, never below.
    """

    class Verso(models.TextChoices):
        AVVIO = "avvio", "avvio"
        FINE = "fine", "fine"

    provincia = models.ForeignKey(Provincia, on_delete=models.PROTECT, related_name="+")
    tipo = models.CharField(max_length=8, choices=Procedura.Tipo)
    verso = models.CharField(max_length=5, choices=Verso)
    mese = models.DateField(help_text="Il primo giorno del mese di avvio, o di fine.")
    esempio = models.BooleanField()
    unita = models.IntegerField()
    lavoratori = models.IntegerField(help_text="Di quelle che li dichiarano.")
    non_noti = models.IntegerField("unità con lavoratori non noti")

    class Meta:
        default_permissions = ()
        ordering = ["mese", "provincia", "tipo", "verso"]
        constraints = [
            models.UniqueConstraint(
                fields=["esempio", "mese", "provincia", "tipo", "verso"], name="sintesi_mese_unica"
            ),
            models.CheckConstraint(
                condition=Q(unita__gte=0, lavoratori__gte=0, non_noti__gte=0),
                name="sintesi_mese_non_negativa",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mese:%Y-%m} {self.provincia_id} {self.tipo} {self.verso}"
