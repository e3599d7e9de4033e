from django.db import models
from django.db.models import F, Q

from porfse.models import Atto, Azienda, Comune, Flow, Fonte, Provincia
from programme.models import Azione

DIMENSIONI = ("provincia", "classe", "gruppo", "settore", "mese")


class DotazioneMisura(models.Model):
    """What a measure may spend from a day on, in euro; the latest counts."""

    misura = models.SlugField()
    ordine = models.PositiveSmallIntegerField()
    dal = models.DateField(null=True, blank=True, help_text="Vuoto se la fonte non lo dice.")
    importo = models.DecimalField(max_digits=15, decimal_places=2)
    azione = models.ForeignKey(
        Azione, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    atto = models.ForeignKey(
        Atto, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    fonte = models.ForeignKey(Fonte, on_delete=models.PROTECT, related_name="+")
    parole = models.CharField(max_length=300, help_text="Come lo dice la fonte.")

    class Meta:
        default_permissions = ()
        permissions = [
            ("view_misure", "Consultare i dati aggregati delle misure"),
            ("view_istanze", "Consultare domande, voucher e progetti delle misure"),
        ]
        verbose_name_plural = "dotazioni"
        ordering = ["misura", "ordine"]
        constraints = [
            models.UniqueConstraint(fields=["misura", "ordine"], name="dotazione_misura_unica"),
            models.CheckConstraint(condition=Q(importo__gt=0), name="dotazione_misura_positiva"),
        ]

    def __str__(self) -> str:
        return f"{self.misura}, {self.ordine}"


class StatisticaPubblicata(models.Model):
    """A figure of a measure as a document prints it: how many, and for how many euro.

    `dimensione` and `voce` are empty for the whole phase.
    """

    misura = models.SlugField()
    fase = models.SlugField(max_length=30)
    dimensione = models.CharField(max_length=10, blank=True)
    voce = models.CharField(max_length=80, blank=True)
    numero = models.PositiveIntegerField(null=True, blank=True)
    importo = models.DecimalField(max_digits=15, decimal_places=2, null=True, blank=True)
    data = models.DateField("data dei dati")
    parole = models.CharField(max_length=300)
    fonte = models.ForeignKey(Fonte, on_delete=models.PROTECT, related_name="+")

    class Meta:
        default_permissions = ()
        verbose_name_plural = "statistiche pubblicate"
        ordering = ["misura", "data", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["misura", "fase", "dimensione", "voce", "data"],
                name="statistica_pubblicata_unica",
            )
        ]

    def __str__(self) -> str:
        return f"{self.misura} {self.fase} {self.voce}".strip()


class Istanza(models.Model):
    """What a measure grants money for: an application, a voucher, a project. Amounts in euro.

    Written by flows alone, each state change kept (`Passaggio`). Examples are rows of their own.
    """

    codice = models.CharField(max_length=40)
    esempio = models.BooleanField("dati di esempio", default=False)
    azienda = models.ForeignKey(
        Azienda, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    comune = models.ForeignKey(Comune, on_delete=models.PROTECT, related_name="+")
    stato = models.CharField(max_length=20)
    data_inizio = models.DateField(help_text="Di presentazione o di concessione.")
    data_ammissione = models.DateField(null=True, blank=True)
    data_liquidazione = models.DateField(null=True, blank=True)
    concesso = models.DecimalField(max_digits=15, decimal_places=2, null=True, blank=True)
    liquidato = models.DecimalField(max_digits=15, decimal_places=2, null=True, blank=True)
    flusso = models.ForeignKey(
        Flow, on_delete=models.PROTECT, related_name="+", help_text="Quello che l'ha scritta."
    )

    class Meta:
        abstract = True
        default_permissions = ()
        ordering = ["-data_inizio", "codice"]
        constraints = [
            models.UniqueConstraint(fields=["codice", "esempio"], name="%(class)s_unica"),
            models.CheckConstraint(
                condition=Q(liquidato=None) | Q(liquidato__lte=F("concesso")),
                name="%(class)s_liquidato_entro_concesso",
                violation_error_message="Il liquidato supera l'ammesso.",
            ),
        ]

    def __str__(self) -> str:
        return self.codice

    @property
    def stato_nome(self) -> str:
        """The state as pages call it, by the states that each measure declares (`Stato`)."""
        return dict(self.Stato.choices)[self.stato]  # type: ignore[attr-defined]


class Passaggio(models.Model):
    """What a flow made of an instance: its state before and after, and all that it changed."""

    misura = models.SlugField()
    codice = models.CharField(max_length=40)
    esempio = models.BooleanField(default=False)
    da = models.CharField(max_length=20, blank=True)
    a = models.CharField(max_length=20)
    data = models.DateField(help_text="Del cambiamento, o del flusso se non è dichiarata.")
    prima = models.JSONField(null=True, help_text="I campi prima del flusso; vuoto se è nuova.")
    flusso = models.ForeignKey(Flow, on_delete=models.PROTECT, related_name="+")

    class Meta:
        default_permissions = ()
        verbose_name_plural = "passaggi"
        ordering = ["pk"]
        indexes = [models.Index(fields=["misura", "codice"]), models.Index(fields=["flusso"])]

    def __str__(self) -> str:
        return f"{self.codice}: {self.da} → {self.a}"


class SintesiMisura(models.Model):
    """Sums of a measure by state and some dimensions, written with every flow, in its transaction.

    `taglio` names the dimensions that the row is cut by ("classe+gruppo"); the others are empty. A
    value that is not known is «n.d.».
    """

    misura = models.SlugField()
    esempio = models.BooleanField()
    taglio = models.CharField(max_length=60, blank=True)
    stato = models.CharField(max_length=20)
    provincia = models.ForeignKey(
        Provincia, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    classe = models.CharField(max_length=20, blank=True)
    gruppo = models.CharField(max_length=40, blank=True)
    settore = models.CharField(max_length=80, blank=True)
    mese = models.CharField(max_length=7, blank=True, help_text="`2021-03`")
    numero = models.PositiveIntegerField()
    concesso = models.DecimalField(max_digits=20, decimal_places=2)
    liquidato = models.DecimalField(max_digits=20, decimal_places=2)

    class Meta:
        default_permissions = ()
        ordering = ["misura", "taglio", "pk"]
        indexes = [models.Index(fields=["misura", "esempio", "taglio"])]

    def __str__(self) -> str:
        return f"{self.misura} {self.taglio} {self.stato}"


class SintesiTempi(models.Model):
    """How many days a stretch of a measure lasts, written with its sums.

    `numero` rows have both dates, `non_noti` came as far but lack one of them.
    """

    misura = models.SlugField()
    esempio = models.BooleanField()
    tratto = models.SlugField(max_length=30)
    numero = models.PositiveIntegerField()
    non_noti = models.PositiveIntegerField()
    primo_quartile = models.DecimalField(max_digits=9, decimal_places=2, null=True)
    mediana = models.DecimalField(max_digits=9, decimal_places=2, null=True)
    terzo_quartile = models.DecimalField(max_digits=9, decimal_places=2, null=True)

    class Meta:
        default_permissions = ()
        ordering = ["misura", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["misura", "esempio", "tratto"], name="sintesi_tempi_unica"
            )
        ]

    def __str__(self) -> str:
        return f"{self.misura} {self.tratto}"
