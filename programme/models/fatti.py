"""What is counted beside money: recipients, indicators, N+3 targets. Snapshots at a date."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from porfse.models import Fonte
from programme.models.struttura import Asse, Priorita


class Destinatari(models.Model):
    """How many people an asse has reached since the start, in one group, at a date."""

    class Gruppo(models.TextChoices):
        UOMINI = "uomini", "uomini"
        DONNE = "donne", "donne"
        DISABILITA = "disabilita", "persone con disabilità"
        MIGRANTI = "migranti", "migranti"
        SVANTAGGIATI = "svantaggiati", "altre persone svantaggiate"

    SESSO = (Gruppo.UOMINI, Gruppo.DONNE)
    VULNERABILI = (Gruppo.DISABILITA, Gruppo.MIGRANTI, Gruppo.SVANTAGGIATI)

    asse = models.ForeignKey(Asse, on_delete=models.PROTECT, related_name="destinatari_raggiunti")
    data = models.DateField()
    gruppo = models.CharField(max_length=12, choices=Gruppo)
    numero = models.PositiveIntegerField()
    fonte = models.ForeignKey(Fonte, on_delete=models.PROTECT, related_name="+")

    class Meta:
        default_permissions = ()
        ordering = ["asse", "gruppo", "data"]
        verbose_name_plural = "destinatari"
        constraints = [
            models.UniqueConstraint(fields=["asse", "data", "gruppo"], name="destinatari_unici"),
        ]

    def __str__(self) -> str:
        return f"{self.asse_id} {self.gruppo} {self.data}"


class Indicatore(models.Model):
    """An indicator of an asse, with its target for 2023 if it has one.

    The value of a financial indicator is not stored: it is the certified expenditure of the ledger.
    """

    class Tipo(models.TextChoices):
        OUTPUT = "output", "di output"
        RISULTATO = "risultato", "di risultato"
        FINANZIARIO = "finanziario", "finanziario"

    class Unita(models.TextChoices):
        NUMERO = "numero", "numero"
        PERCENTO = "percento", "percento"
        EURO = "euro", "euro"

    codice = models.SlugField(max_length=60, primary_key=True)
    asse = models.ForeignKey(Asse, on_delete=models.PROTECT, related_name="indicatori")
    priorita = models.ForeignKey(
        Priorita, on_delete=models.PROTECT, null=True, blank=True, related_name="indicatori"
    )
    nome = models.TextField()
    tipo = models.CharField(max_length=11, choices=Tipo)
    unita = models.CharField("unità", max_length=10, choices=Unita)
    quadro_efficacia = models.BooleanField(
        "nel quadro di riferimento dell'efficacia", default=False
    )
    target_2023 = models.DecimalField(max_digits=15, decimal_places=2, null=True, blank=True)
    fonte = models.ForeignKey(Fonte, on_delete=models.PROTECT, related_name="+")

    class Meta:
        default_permissions = ()
        ordering = ["asse", "-quadro_efficacia", "codice"]
        verbose_name_plural = "indicatori"
        constraints = [
            models.CheckConstraint(
                condition=Q(quadro_efficacia=False) | Q(target_2023__gt=0) & ~Q(asse="V"),
                name="quadro_efficacia_con_target_e_mai_asse_v",
                violation_error_message="Il quadro di efficacia vuole un target; l'Asse V non c'è.",
            ),
        ]

    def __str__(self) -> str:
        return self.nome

    def get_absolute_url(self) -> str:
        return reverse("programme:indicatori")


class ValoreIndicatore(models.Model):
    """The value of an indicator at a date, as its source gives it."""

    indicatore = models.ForeignKey(Indicatore, on_delete=models.PROTECT, related_name="valori")
    data = models.DateField()
    valore = models.DecimalField(max_digits=12, decimal_places=2)
    nota = models.CharField(max_length=200, blank=True)
    fonte = models.ForeignKey(Fonte, on_delete=models.PROTECT, related_name="+")

    class Meta:
        default_permissions = ()
        ordering = ["indicatore", "data"]
        verbose_name = "valore di un indicatore"
        verbose_name_plural = "valori degli indicatori"
        constraints = [
            models.UniqueConstraint(fields=["indicatore", "data"], name="valore_unico"),
        ]

    def __str__(self) -> str:
        return f"{self.indicatore_id} {self.data}"


class TargetN3(models.Model):
    """What must be certified by 31 December of a year, or it is decommitted, in euro."""

    class Base(models.TextChoices):
        TOTALE = "totale", "spesa totale"
        QUOTA_UE = "quota_ue", "quota UE"

    anno = models.PositiveSmallIntegerField(primary_key=True)
    importo = models.DecimalField(max_digits=15, decimal_places=2)
    base = models.CharField(max_length=10, choices=Base)
    base_dichiarata = models.BooleanField(help_text="Falso: la fonte non dice la base, è dedotta.")
    fonte = models.ForeignKey(Fonte, on_delete=models.PROTECT, related_name="+")

    class Meta:
        default_permissions = ()
        ordering = ["anno"]
        verbose_name = "target N+3"
        verbose_name_plural = "target N+3"
        constraints = [
            models.CheckConstraint(condition=Q(importo__gt=0), name="target_n3_positivo"),
        ]

    def __str__(self) -> str:
        return f"N+3 al {self.anno}"
