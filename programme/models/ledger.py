"""The ledger: every euro of the programme is the sum of movements up to a date.

Four tables share one shape. A row is never changed and never deleted (a trigger refuses both): an
error is corrected by a reversing row, a published balance leaves by retiring its source.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from porfse.models import Atto, Fonte
from porfse.periods import AnnoContabile, italian
from programme.models.struttura import Asse, Azione, Iniziativa
from programme.querysets import MovimentoQuerySet


class Perimetro(models.TextChoices):
    """What an amount includes of the Covid wage support."""

    ORDINARIA = "ordinaria", "CIGD esclusa"
    CIGD = "cigd", "sola CIGD"
    NON_DICHIARATA = "non_dichiarata", "CIGD non dichiarata"


class Movimento(models.Model):
    """A signed amount of one of the four quantities, in euro.

    A published balance is a movement too: what it adds to the balance before it.
    """

    class Natura(models.TextChoices):
        MOVIMENTO = "movimento", "movimento con atto"
        SALDO = "saldo", "saldo pubblicato"
        # The balance of an asse less the initiatives that are printed.
        RESTO = "resto", "resto dell'asse (derivato)"
        # The same, where the printed balance includes the Covid wage support, kept apart here.
        SCORPORO = "scorporo", "resto dell'asse senza CIGD (derivato)"
        # Follows from what the sources say, though none prints this amount for this quantity.
        DEDOTTO = "dedotto", "dedotto dalle fonti (derivato)"
        # What no source prints: the total of the programme less what it prints by asse.
        DIFFERENZA = "differenza", "differenza dal totale (derivato)"

    DERIVATE = (Natura.RESTO, Natura.SCORPORO, Natura.DEDOTTO, Natura.DIFFERENZA)
    grandezza: str  # the name of the quantity, as in the glossary

    riferimento = models.CharField(max_length=80, unique=True)
    natura = models.CharField(max_length=10, choices=Natura, default=Natura.MOVIMENTO)
    asse = models.ForeignKey(
        Asse, on_delete=models.PROTECT, null=True, blank=True, help_text="Vuoto: non ripartito."
    )
    azione = models.ForeignKey(Azione, on_delete=models.PROTECT, null=True, blank=True)
    iniziativa = models.ForeignKey(Iniziativa, on_delete=models.PROTECT, null=True, blank=True)
    data = models.DateField(db_index=True)
    importo = models.DecimalField(max_digits=15, decimal_places=2)
    arrotondamento = models.DecimalField(
        max_digits=15,
        decimal_places=2,
        default=0,
        help_text="Metà dell'ultima unità stampata del saldo pubblicato, in euro.",
    )
    perimetro = models.CharField(max_length=14, choices=Perimetro, default=Perimetro.ORDINARIA)
    atto = models.ForeignKey(Atto, on_delete=models.PROTECT, null=True, blank=True)
    fonte = models.ForeignKey(Fonte, on_delete=models.PROTECT)
    descrizione = models.CharField(max_length=300, blank=True)
    beneficiario = models.CharField(max_length=200, blank=True, default="")
    cup = models.CharField(
        "CUP", max_length=15, blank=True, default="", help_text="Codice unico di progetto."
    )
    storno_di = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="storno"
    )
    inserito_da = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    inserito_il = models.DateTimeField(auto_now_add=True)

    objects = MovimentoQuerySet.as_manager()

    class Meta:
        abstract = True
        default_permissions = ()
        ordering = ["data", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(natura="movimento") | Q(atto__isnull=False),
                name="%(class)s_con_atto",
                violation_error_message="Un movimento ha sempre un atto.",
            ),
            models.CheckConstraint(
                condition=Q(asse__isnull=False) | Q(azione=None, iniziativa=None),
                name="%(class)s_non_ripartito_senza_livelli",
                violation_error_message="Un importo non ripartito non ha azione né iniziativa.",
            ),
        ]

    def __str__(self) -> str:
        return self.riferimento

    def get_absolute_url(self) -> str:
        return reverse("programme:movimento", args=[self.grandezza, self.pk])

    @property
    def derivata(self) -> bool:
        return self.natura in self.DERIVATE

    @property
    def dove(self) -> str:
        """The lowest level that the amount is attributed to, in words."""
        if self.iniziativa:
            return self.iniziativa.nome
        if self.azione_id:
            return f"Azione {self.azione_id}"
        if self.asse_id:
            return "Non attribuito a iniziative" if self.derivata else "Intero asse"
        return "Non ripartito tra gli assi"


def _not_zero(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=~Q(importo=0), name=name, violation_error_message="L'importo non può essere zero."
    )


class Programmazione(Movimento):
    """Resources allotted to initiatives by acts; may exceed the endowment (overbooking)."""

    grandezza = "programmate"

    class Meta(Movimento.Meta):
        permissions = [
            ("add_movimenti", "Inserire movimenti del programma"),
            ("retire_fonte", "Ritirare i saldi pubblicati"),
        ]
        verbose_name = "risorse programmate"
        verbose_name_plural = "risorse programmate"
        constraints = [*Movimento.Meta.constraints, _not_zero("programmazione_non_zero")]


class Impegno(Movimento):
    """Legally binding commitments to beneficiaries."""

    grandezza = "impegnate"

    class Meta(Movimento.Meta):
        verbose_name = "risorse impegnate"
        verbose_name_plural = "risorse impegnate"
        constraints = [*Movimento.Meta.constraints, _not_zero("impegno_non_zero")]


class Liquidazione(Movimento):
    """Payments made to beneficiaries."""

    grandezza = "liquidate"

    class Meta(Movimento.Meta):
        verbose_name = "risorse liquidate"
        verbose_name_plural = "risorse liquidate"
        constraints = [*Movimento.Meta.constraints, _not_zero("liquidazione_non_zero")]


class DomandaPagamento(models.Model):
    """A payment application to the European Commission."""

    numero = models.CharField(max_length=20, primary_key=True)
    data = models.DateField()

    class Meta:
        default_permissions = ()
        permissions = [("add_certificazioni", "Inserire spesa certificata")]
        ordering = ["data", "numero"]
        verbose_name = "domanda di pagamento"
        verbose_name_plural = "domande di pagamento"

    def __str__(self) -> str:
        return f"{self.numero} del {italian(self.data)}"

    @property
    def anno_contabile(self) -> AnnoContabile:
        return AnnoContabile.of(self.data)


class SpesaCertificata(Movimento):
    """Expenditure declared to the Commission: the total, and the EU share where it is known.

    A published balance may give the EU share alone, not split by asse: then `importo` is zero.
    """

    grandezza = "certificata"

    quota_ue = models.DecimalField(
        "quota UE", max_digits=15, decimal_places=2, null=True, blank=True
    )
    domanda = models.ForeignKey(
        DomandaPagamento,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name="domanda di pagamento",
    )

    class Meta(Movimento.Meta):
        verbose_name = "spesa certificata"
        verbose_name_plural = "spesa certificata"
        constraints = [
            *Movimento.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(importo=0)
                | Q(natura="saldo", asse=None, quota_ue__isnull=False) & ~Q(quota_ue=0),
                name="spesacertificata_non_zero",
                violation_error_message="L'importo non può essere zero.",
            ),
            models.CheckConstraint(
                condition=~Q(natura="movimento") | Q(domanda__isnull=False, quota_ue__isnull=False),
                name="spesacertificata_con_domanda_e_quota",
                violation_error_message="Servono la domanda di pagamento e la quota UE.",
            ),
            models.CheckConstraint(
                condition=Q(quota_ue=None)
                | Q(natura="saldo")
                | Q(importo__gt=0, quota_ue__gte=0, quota_ue__lte=F("importo"))
                | Q(importo__lt=0, quota_ue__lte=0, quota_ue__gte=F("importo")),
                name="spesacertificata_quota_entro_importo",
                violation_error_message="La quota UE ha il segno dell'importo e non lo supera.",
            ),
        ]

    @property
    def anno_contabile(self) -> AnnoContabile:
        return AnnoContabile.of(self.data)


GRANDEZZE: dict[str, type[Movimento]] = {
    model.grandezza: model for model in (Programmazione, Impegno, Liquidazione, SpesaCertificata)
}
