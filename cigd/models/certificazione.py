"""What of the payments is declared to the Commission: rates, batches and their entries."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from porfse.models import Atto, Flow, Fonte
from porfse.periods import AnnoContabile
from programme.models import Azione, SpesaCertificata


class TassoUE(models.Model):
    """The EU co-financing rate of an accounting year, from 0 to 1; none known, none certified."""

    anno = models.PositiveSmallIntegerField(
        "anno contabile", primary_key=True, help_text="L'anno solare in cui comincia, il 1° luglio."
    )
    tasso = models.DecimalField(max_digits=5, decimal_places=4)
    motivazione = models.CharField(max_length=300)
    inserito_da = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    inserito_il = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()
        verbose_name = "tasso UE"
        verbose_name_plural = "tassi UE"
        ordering = ["anno"]
        constraints = [
            models.CheckConstraint(
                condition=Q(tasso__gt=0, tasso__lte=1),
                name="tasso_ue_entro_uno",
                violation_error_message="Il tasso è maggiore di zero e al massimo il cento.",
            )
        ]

    def __str__(self) -> str:
        return f"Tasso UE {self.anno_contabile}"

    @property
    def anno_contabile(self) -> AnnoContabile:
        return AnnoContabile(self.anno)


class LottoQuerySet(models.QuerySet["Lotto"]):
    def in_progress(self) -> Self:
        """Batches that a worker has, or that a worker that was killed left behind."""
        return self.filter(stato__in=Lotto.IN_PROGRESS)


class Lotto(models.Model):
    """A certification batch: what of the CIGD enters a payment application.

    Its preview (`LottoAzione`, `LottoRiga`) is counted by a task; who decides sees it, and then the
    same count is done again and written, if it is still the same.
    """

    class Stato(models.TextChoices):
        IN_PREPARAZIONE = "in_preparazione", "in preparazione"
        PRONTO = "pronto", "in attesa di decisione"
        IN_CERTIFICAZIONE = "in_certificazione", "in certificazione"
        CERTIFICATO = "certificato", "certificato"
        ANNULLATO = "annullato", "annullato"
        FALLITO = "fallito", "non riuscito"

    IN_PROGRESS = (Stato.IN_PREPARAZIONE, Stato.IN_CERTIFICAZIONE)

    stato = models.CharField(max_length=18, choices=Stato, default=Stato.IN_PREPARAZIONE)
    domanda_numero = models.CharField("domanda di pagamento", max_length=20)
    domanda_data = models.DateField("data della domanda")
    atto_tipo = models.CharField(max_length=10, choices=Atto.Tipo)
    atto_numero = models.CharField(max_length=40)
    atto_data = models.DateField()
    anno = models.ForeignKey(TassoUE, on_delete=models.PROTECT, related_name="lotti")
    tasso = models.DecimalField(max_digits=5, decimal_places=4)
    esempio = models.BooleanField("dati di esempio", default=False)
    creato_da = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    creato_il = models.DateTimeField(auto_now_add=True)
    deciso_da = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    deciso_il = models.DateTimeField(null=True, blank=True)
    certificato_il = models.DateTimeField(null=True, blank=True)
    messaggio = models.CharField(max_length=500, blank=True)
    fonte = models.OneToOneField(
        Fonte, on_delete=models.PROTECT, null=True, blank=True, related_name="lotto"
    )

    objects = LottoQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = [("certify", "Certificare la spesa della CIGD")]
        verbose_name = "lotto di certificazione"
        verbose_name_plural = "lotti di certificazione"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(stato="certificato")
                | Q(certificato_il__isnull=False, fonte__isnull=False, deciso_da__isnull=False),
                name="lotto_certificato_con_fonte",
            )
        ]

    def __str__(self) -> str:
        return f"Lotto n. {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("cigd:certificazione", args=[self.pk])

    @property
    def in_corso(self) -> bool:
        """Whether a worker has it, as it was read: asked again, the answer may be of later."""
        return self.stato in self.IN_PROGRESS

    @property
    def anno_contabile(self) -> AnnoContabile:
        return AnnoContabile.of(self.domanda_data)


class LottoAzione(models.Model):
    """A batch in one azione, in euro: the cap it was held to, what enters, what waits."""

    lotto = models.ForeignKey(Lotto, on_delete=models.CASCADE, related_name="azioni")
    azione = models.ForeignKey(Azione, on_delete=models.PROTECT, related_name="+")
    massimale = models.DecimalField(max_digits=15, decimal_places=2)
    gia_certificato = models.DecimalField(max_digits=15, decimal_places=2)
    importo = models.DecimalField(max_digits=15, decimal_places=2)
    quota_ue = models.DecimalField(max_digits=15, decimal_places=2)
    attesa_pagamenti = models.PositiveIntegerField(help_text="Non entrano nel massimale.")
    attesa_importo = models.DecimalField(max_digits=15, decimal_places=2)
    successivi = models.PositiveIntegerField(help_text="Pagati dopo la data della domanda.")
    successivi_importo = models.DecimalField(max_digits=15, decimal_places=2)
    attesa_recuperi = models.PositiveIntegerField(help_text="L'origine non è certificata.")
    attesa_recuperi_importo = models.DecimalField(max_digits=15, decimal_places=2)
    movimento = models.OneToOneField(
        SpesaCertificata, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        default_permissions = ()
        ordering = ["lotto", "azione"]
        constraints = [
            models.UniqueConstraint(fields=["lotto", "azione"], name="lotto_azione_unico"),
            models.CheckConstraint(
                # What lowers the expenditure always enters; only that may go beyond a cap.
                condition=Q(importo__lte=0) | Q(massimale__gte=F("gia_certificato") + F("importo")),
                name="lotto_azione_entro_massimale",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lotto}, azione {self.azione_id}"


class Causale(models.TextChoices):
    """Why an amount enters a batch."""

    PAGAMENTO = "pagamento", "pagamento"
    RECUPERO = "recupero", "recupero INPS"
    RITIRO = "ritiro", "ritiro"
    DECURTAZIONE = "decurtazione", "decurtazione dopo la certificazione"


class LottoRiga(models.Model):
    """What a batch takes from one flow, azione and cause: the sums of its entries, in euro."""

    lotto = models.ForeignKey(Lotto, on_delete=models.CASCADE, related_name="righe")
    azione = models.ForeignKey(Azione, on_delete=models.PROTECT, related_name="+")
    flusso = models.ForeignKey(Flow, on_delete=models.PROTECT, related_name="+")
    causale = models.CharField(max_length=12, choices=Causale)
    numero = models.PositiveIntegerField()
    importo = models.DecimalField(max_digits=15, decimal_places=2)

    class Meta:
        default_permissions = ()
        ordering = ["lotto", "azione", "flusso", "causale"]
        constraints = [
            models.UniqueConstraint(
                fields=["lotto", "azione", "flusso", "causale"], name="lotto_riga_unica"
            )
        ]

    def __str__(self) -> str:
        return f"{self.lotto}, flusso {self.flusso_id}, {self.get_causale_display()}"


class Voce(models.Model):
    """An amount that entered a certified batch; the sum of a payment's is what is certified of it.

    As on payments, no foreign keys are kept by the database: a batch may have millions.
    """

    pk = models.CompositePrimaryKey("lotto_id", "flusso_id", "riga", "causale")
    lotto = models.ForeignKey(
        Lotto, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="voci"
    )
    flusso = models.ForeignKey(
        Flow, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    riga = models.IntegerField()
    causale = models.CharField(max_length=12, choices=Causale, db_collation="C")
    azione = models.ForeignKey(
        Azione, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    importo = models.DecimalField(max_digits=15, decimal_places=2)
    origine_flusso_id = models.BigIntegerField(
        null=True, help_text="Con `origine_riga`: il pagamento che riduce."
    )
    origine_riga = models.IntegerField(null=True)

    class Meta:
        default_permissions = ()
        verbose_name_plural = "voci"
        constraints = [
            models.UniqueConstraint(
                fields=["flusso", "riga"],
                condition=Q(causale__in=["pagamento", "recupero"]),
                name="voce_una_volta",
            ),
            models.UniqueConstraint(
                fields=["flusso", "riga"],
                condition=Q(causale="ritiro"),
                name="voce_ritiro_una_volta",
            ),
            models.CheckConstraint(
                condition=Q(causale="pagamento", importo__gt=0, origine_riga=None)
                # A recovery of what is no longer certified takes nothing away.
                | Q(causale="recupero", importo__lte=0, origine_riga__isnull=False)
                | Q(
                    causale__in=["ritiro", "decurtazione"],
                    importo__lt=0,
                    origine_riga__isnull=False,
                ),
                name="voce_segno",
            ),
        ]
        indexes = [
            models.Index(
                fields=["origine_flusso_id", "origine_riga"],
                name="voce_origine",
                condition=Q(origine_riga__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.lotto_id}: flusso {self.flusso_id}, riga {self.riga}"
