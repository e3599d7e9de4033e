"""The verifications of first level: samples, what each element was found to be, what follows."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from cigd.models.estrazioni import Piano
from porfse.models import Flow, Provincia
from programme.models import Azione


class Campione(Piano):
    """A sample: its population as it was when it was drawn, and all that draws it again. Euro.

    The population is of payments alone; recoveries are counted beside it and never drawn.
    """

    pagamenti = models.PositiveIntegerField("pagamenti della popolazione")
    importo = models.DecimalField("importo della popolazione", max_digits=15, decimal_places=2)
    recuperi = models.PositiveIntegerField()
    importo_recuperi = models.DecimalField(max_digits=15, decimal_places=2)
    sha256 = models.CharField(
        max_length=64,
        help_text="Delle righe «flusso;id_pagamento;importo» in ordine di flusso e riga.",
    )
    intervallo = models.DecimalField(
        max_digits=15, decimal_places=2, null=True, blank=True, help_text="Solo per MUS, in euro."
    )
    estratto_da = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    estratto_il = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        permissions = [("verify", "Estrarre campioni e registrare verifiche sui pagamenti")]
        verbose_name = "campione"
        verbose_name_plural = "campioni"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["sha256", "metodo", "numero", "seme", "ripartizione"],
                name="campione_una_volta",
            ),
            models.CheckConstraint(
                condition=Q(metodo="mus", intervallo__gt=0)
                | (~Q(metodo="mus") & Q(intervallo=None)),
                name="campione_intervallo_solo_mus",
            ),
            models.CheckConstraint(
                condition=Q(numero__gte=1, pagamenti__gte=1, importo__gt=0),
                name="campione_di_qualcosa",
            ),
        ]

    def __str__(self) -> str:
        return f"Campione n. {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("cigd:campione", args=[self.pk])


class StratoCampione(models.Model):
    """The population of a sample in one azione and provincia. Euro."""

    campione = models.ForeignKey(Campione, on_delete=models.CASCADE, related_name="strati")
    azione = models.ForeignKey(Azione, on_delete=models.PROTECT, related_name="+")
    provincia = models.ForeignKey(Provincia, on_delete=models.PROTECT, related_name="+")
    pagamenti = models.PositiveIntegerField()
    importo = models.DecimalField(max_digits=15, decimal_places=2)
    recuperi = models.PositiveIntegerField()
    importo_recuperi = models.DecimalField(max_digits=15, decimal_places=2)
    estratti = models.PositiveIntegerField(help_text="Elementi del campione.")

    class Meta:
        default_permissions = ()
        ordering = ["campione", "azione", "provincia"]
        constraints = [
            models.UniqueConstraint(
                fields=["campione", "azione", "provincia"], name="strato_campione_unico"
            )
        ]

    def __str__(self) -> str:
        return f"{self.azione_id}, {self.provincia_id}"


class ElementoCampione(models.Model):
    """A payment that was drawn, and what its verifications together say of it. Euro."""

    class Stato(models.TextChoices):
        DA_VERIFICARE = "da_verificare", "da verificare"
        IN_CONTRADDITTORIO = "in_contraddittorio", "in contraddittorio"
        REGOLARE = "regolare", "regolare"
        IRREGOLARE = "irregolare", "irregolare"

    campione = models.ForeignKey(Campione, on_delete=models.CASCADE, related_name="elementi")
    strato = models.ForeignKey(StratoCampione, on_delete=models.CASCADE, related_name="elementi")
    flusso = models.ForeignKey(Flow, on_delete=models.PROTECT, related_name="+")
    riga = models.IntegerField()
    id_pagamento = models.CharField(max_length=20, db_collation="C")
    importo = models.DecimalField(max_digits=15, decimal_places=2)
    certo = models.BooleanField(default=False, help_text="Preso perché non minore dell'intervallo.")
    stato = models.CharField(max_length=18, choices=Stato, default=Stato.DA_VERIFICARE)
    irregolare = models.DecimalField(
        max_digits=15, decimal_places=2, default=0, help_text="Somma degli esiti definitivi."
    )

    class Meta:
        default_permissions = ()
        verbose_name = "elemento del campione"
        verbose_name_plural = "elementi del campione"
        ordering = ["campione", "flusso", "riga"]
        constraints = [
            models.UniqueConstraint(
                fields=["campione", "flusso", "riga"], name="elemento_campione_unico"
            ),
            models.CheckConstraint(
                condition=Q(irregolare__gte=0, irregolare__lte=F("importo")),
                name="elemento_irregolare_entro_importo",
            ),
            models.CheckConstraint(
                condition=Q(stato="irregolare", irregolare__gt=0)
                | Q(stato__in=["regolare", "da_verificare"], irregolare=0)
                | Q(stato="in_contraddittorio"),
                name="elemento_stato_e_importo",
            ),
        ]

    def __str__(self) -> str:
        return f"Pagamento {self.id_pagamento}, flusso {self.flusso_id}"

    def get_absolute_url(self) -> str:
        return reverse("cigd:verifica", args=[self.campione_id, self.pk])


class Verifica(models.Model):
    """A verification of an element: its check list, its outcome, what the company answered. Euro.

    A final outcome (`regolare`, `irregolare`) is not changed any more: the cut stands on it.
    """

    class Tipo(models.TextChoices):
        DESK = "desk", "verifica desk"
        IN_LOCO = "in-loco", "verifica in loco"

    class Esito(models.TextChoices):
        REGOLARE = "regolare", "regolare"
        IRREGOLARE = "irregolare", "irregolare"
        IN_CONTRADDITTORIO = "in_contraddittorio", "in contraddittorio"

    elemento = models.ForeignKey(
        ElementoCampione, on_delete=models.CASCADE, related_name="verifiche"
    )
    tipo = models.CharField(max_length=8, choices=Tipo)
    versione = models.PositiveIntegerField(default=1)
    data = models.DateField()
    risposte = models.JSONField(help_text="Per domanda: `risposta` (si, no, na) e `nota`.")
    esito = models.CharField(max_length=18, choices=Esito)
    importo_irregolare = models.DecimalField(max_digits=15, decimal_places=2, default=0)
    decurtazione = models.DecimalField(
        max_digits=15, decimal_places=2, default=0, help_text="Tolta dalla spesa certificabile."
    )
    descrizione = models.TextField(max_length=2000, blank=True)
    scadenza = models.DateField("termine per le controdeduzioni", null=True, blank=True)
    controdeduzioni = models.TextField(max_length=4000, blank=True)
    controdeduzioni_il = models.DateField(null=True, blank=True)
    registrata_da = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    registrata_il = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()
        verbose_name = "verifica"
        verbose_name_plural = "verifiche"
        ordering = ["tipo"]
        constraints = [
            models.UniqueConstraint(fields=["elemento", "tipo"], name="verifica_una_per_tipo"),
            models.CheckConstraint(
                condition=Q(esito="regolare", importo_irregolare=0)
                # Nothing, where the other verification has found all of the payment irregular.
                | Q(esito__in=["irregolare", "in_contraddittorio"], importo_irregolare__gte=0),
                name="verifica_esito_e_importo",
            ),
            models.CheckConstraint(
                condition=Q(decurtazione=0)
                | Q(
                    esito="irregolare",
                    decurtazione__gt=0,
                    decurtazione__lte=F("importo_irregolare"),
                ),
                name="verifica_decurtazione",
            ),
            models.CheckConstraint(
                condition=~Q(esito="in_contraddittorio") | Q(scadenza__isnull=False),
                name="verifica_contraddittorio_con_termine",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_tipo_display().capitalize()}: {self.get_esito_display()}"

    @property
    def definitiva(self) -> bool:
        return self.esito != self.Esito.IN_CONTRADDITTORIO


class Seguito(models.Model):
    """What must be done after a verification, by when, and when it was done."""

    verifica = models.ForeignKey(Verifica, on_delete=models.CASCADE, related_name="seguiti")
    cosa = models.CharField(max_length=300)
    entro = models.DateField()
    fatto_il = models.DateField(null=True, blank=True)
    nota = models.CharField(max_length=300, blank=True)
    inserito_da = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    inserito_il = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()
        verbose_name = "seguito"
        verbose_name_plural = "seguiti"
        ordering = ["entro", "pk"]

    def __str__(self) -> str:
        return self.cosa

    @property
    def in_ritardo(self) -> bool:
        return self.fatto_il is None and self.entro < timezone.localdate()
