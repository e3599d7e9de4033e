"""The files that come in: what each was, what was found in it, and what became of it."""

from datetime import timedelta
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from porfse.flows.source import sources
from porfse.models.fonti import Fonte
from porfse.models.people import User
from porfse.models.places import Provincia


class FlowSource(models.Model):
    """The version of what a source has brought in: it grows with each acquisition and cancellation.

    Its row is locked by whoever acquires or cancels, so that they come one after the other.
    """

    slug = models.SlugField(primary_key=True)
    versione = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.slug


class FlowQuerySet(models.QuerySet["Flow"]):
    def visible_to(self, user: User) -> Self:
        """All for who may see flows; else, of what the person may load, his own provincia's.

        A flow that is of no provincia is of who loaded it.
        """
        if user.has_perm("porfse.view_flows"):
            return self
        slugs = [source.slug for source in sources() if source.may_load(user)]
        own = Q(provincia=None, caricato_da=user)
        if user.provincia_id is not None:
            own |= Q(provincia=user.provincia_id)
        return self.filter(own, sorgente__in=slugs)

    def acquired(self, source: str, *, example: bool | None = None) -> Self:
        """Flows of a source whose rows count; real ones, examples, or both."""
        rows = self.filter(sorgente=source, stato=Flow.Stato.ACQUISITO)
        return rows if example is None else rows.filter(esempio=example)

    def waiting(self) -> Self:
        """Flows that somebody must decide on."""
        return self.filter(stato__in=(Flow.Stato.CARICATO, Flow.Stato.VALIDATO))

    def in_progress(self) -> Self:
        """Flows that a worker has, or that a worker that was killed left behind."""
        return self.filter(stato__in=(Flow.Stato.IN_VALIDAZIONE, Flow.Stato.IN_ACQUISIZIONE))

    def forgotten(self) -> Self:
        """Flows that came in a while ago and that no worker was told of: the broker was away."""
        since = timezone.now() - timedelta(minutes=2)
        return self.filter(stato=Flow.Stato.CARICATO, messaggio="", caricato_il__lt=since)

    def with_people(self) -> Self:
        return self.select_related("caricato_da", "fonte")


class Flow(models.Model):
    """One file: its note, its state, and what the validation counted. Amounts in euro.

    Counts and sums are written in the transaction that stores the rows they count.
    """

    class Stato(models.TextChoices):
        CARICATO = "caricato", "caricato"
        IN_VALIDAZIONE = "in_validazione", "in validazione"
        VALIDATO = "validato", "validato"
        IN_ACQUISIZIONE = "in_acquisizione", "in acquisizione"
        ACQUISITO = "acquisito", "acquisito"
        SCARTATO = "scartato", "scartato"
        RIFIUTATO = "rifiutato", "rifiutato"
        ANNULLATO = "annullato", "annullato"

    sorgente = models.SlugField("sorgente", help_text="La fonte dei dati: `inps-cigd`.")
    nome_file = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    dimensione = models.PositiveBigIntegerField(help_text="Byte.")
    percorso = models.CharField(
        max_length=100,
        blank=True,
        help_text="Sotto la cartella dei flussi; vuoto quando il file non serve più.",
    )
    esempio = models.BooleanField("dati di esempio", default=False)
    stato = models.CharField(max_length=16, choices=Stato, default=Stato.CARICATO)
    caricato_da = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    caricato_il = models.DateTimeField(auto_now_add=True)
    provincia = models.ForeignKey(
        Provincia,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Quella del Nucleo per cui è stato caricato; vuota se non è di una sola.",
    )
    protocollo = models.CharField("protocollo della nota", max_length=40, blank=True)
    protocollo_data = models.DateField("data della nota", null=True, blank=True)
    righe_dichiarate = models.PositiveIntegerField(null=True, blank=True)
    importo_dichiarato = models.DecimalField(max_digits=15, decimal_places=2, null=True, blank=True)
    righe = models.PositiveIntegerField(null=True, blank=True)
    accettate = models.PositiveIntegerField(null=True, blank=True)
    scartate = models.PositiveIntegerField(null=True, blank=True)
    segnalate = models.PositiveIntegerField(null=True, blank=True)
    importo = models.DecimalField(max_digits=20, decimal_places=2, null=True, blank=True)
    importo_scartate = models.DecimalField(max_digits=20, decimal_places=2, null=True, blank=True)
    codici = models.JSONField(default=dict, help_text="Codice: numero di righe che lo portano.")
    gruppi = models.JSONField(default=list, help_text="`key`, `rows`, `amount` delle accettate.")
    colonne = models.JSONField(default=list, help_text="Colonne lette, nell'ordine della fonte.")
    colonne_ignorate = models.JSONField(default=list)
    versione_fonte = models.PositiveIntegerField(
        null=True, blank=True, help_text="FlowSource.versione su cui la validazione ha guardato."
    )
    decisione = models.CharField(
        max_length=300, blank=True, help_text="Perché è acquisito malgrado errori o differenze."
    )
    messaggio = models.CharField(max_length=500, blank=True)
    fonte = models.OneToOneField(
        Fonte, on_delete=models.PROTECT, null=True, blank=True, related_name="flusso"
    )

    objects = FlowQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = [
            ("view_flows", "Consultare i flussi"),
            ("load_flows", "Caricare, acquisire e annullare flussi"),
            ("plan_flows", "Gestire il calendario dei flussi attesi"),
        ]
        verbose_name = "flusso"
        verbose_name_plural = "flussi"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["sorgente", "stato"])]
        constraints = [
            models.UniqueConstraint(
                fields=["sorgente", "sha256"],
                condition=Q(stato="acquisito"),
                name="flow_acquisito_una_volta",
                violation_error_message="Lo stesso file è già stato acquisito.",
            ),
            models.CheckConstraint(
                condition=~Q(stato__in=["validato", "in_acquisizione", "acquisito"])
                | Q(
                    righe__isnull=False,
                    accettate__isnull=False,
                    scartate__isnull=False,
                    importo__isnull=False,
                    versione_fonte__isnull=False,
                ),
                name="flow_validato_con_conteggi",
            ),
            models.CheckConstraint(
                condition=Q(righe=None) | Q(righe=models.F("accettate") + models.F("scartate")),
                name="flow_righe_quadrano",
            ),
            models.CheckConstraint(
                condition=~Q(stato="acquisito") | Q(fonte__isnull=False),
                name="flow_acquisito_con_fonte",
            ),
        ]

    def __str__(self) -> str:
        return f"Flusso {self.pk}: {self.nome_file}"

    def get_absolute_url(self) -> str:
        return reverse("flussi:flusso", args=[self.pk])

    @property
    def quota_errori(self) -> Decimal | None:
        """The share of rows in error, from 0 to 1; None before a validation or without rows."""
        return Decimal(self.scartate or 0) / self.righe if self.righe else None

    @property
    def importo_file(self) -> Decimal | None:
        """What the whole file adds up to, as far as its amounts can be read."""
        if self.importo is None:
            return None
        return self.importo + (self.importo_scartate or Decimal(0))


class FlowRow(models.Model):
    """A row that was not accepted: its line, all its codes, its declared columns as they came."""

    flusso = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="righe_scartate")
    riga = models.PositiveIntegerField()
    codici = ArrayField(models.CharField(max_length=4))
    campi = ArrayField(models.TextField(), help_text="Nell'ordine di `Flow.colonne`.")
    identificativo = models.CharField(max_length=200, blank=True)
    importo = models.DecimalField(max_digits=15, decimal_places=2, null=True, blank=True)

    class Meta:
        default_permissions = ()
        ordering = ["riga"]
        indexes = [models.Index(fields=["flusso", "riga"])]

    def __str__(self) -> str:
        return f"riga {self.riga}: {', '.join(self.codici)}"


class FlowWarning(models.Model):
    """A code that an accepted row bears without being refused for it."""

    flusso = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="segnalazioni")
    riga = models.PositiveIntegerField()
    codice = models.CharField(max_length=4)

    class Meta:
        default_permissions = ()
        ordering = ["riga", "codice"]
        constraints = [
            models.UniqueConstraint(fields=["flusso", "riga", "codice"], name="segnalazione_unica")
        ]

    def __str__(self) -> str:
        return f"riga {self.riga}: {self.codice}"


class ExpectedFlow(models.Model):
    """A flow that somebody has announced, or that comes every month: what, and by when."""

    sorgente = models.SlugField()
    periodo = models.CharField(max_length=20, help_text="Di che cosa: `2021-03`, `2021-T2`.")
    entro = models.DateField()
    nota = models.CharField(max_length=200, blank=True)
    flusso = models.ForeignKey(
        Flow, on_delete=models.PROTECT, null=True, blank=True, related_name="attesi"
    )

    class Meta:
        default_permissions = ()
        verbose_name = "flusso atteso"
        verbose_name_plural = "flussi attesi"
        ordering = ["entro", "sorgente"]
        constraints = [
            models.UniqueConstraint(
                fields=["sorgente", "periodo"],
                name="atteso_unico",
                violation_error_message="Questo flusso è già nel calendario.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.sorgente} {self.periodo}"
