"""How a sample is asked for: what to draw from what, counted and drawn by tasks."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse

from programme.models import Azione


class Piano(models.Model):
    """All that draws a sample from its flows, again and again the same."""

    class Metodo(models.TextChoices):
        SEMPLICE = "semplice", "casuale semplice"
        STRATIFICATO = "stratificato", "stratificato per azione e provincia"
        MUS = "mus", "per unità monetarie (MUS)"

    class Ripartizione(models.TextChoices):
        """What the elements of a stratified sample are proportional to."""

        IMPORTO = "importo", "all'importo dei pagamenti"
        NUMERO = "numero", "al numero dei pagamenti"

    class Periodo(models.TextChoices):
        """What `dal` and `al` narrow."""

        PAGAMENTO = "pagamento", "data di pagamento"
        COMPETENZA = "competenza", "mese di competenza"

    metodo = models.CharField(max_length=12, choices=Metodo)
    numero = models.PositiveIntegerField("elementi richiesti")
    seme = models.CharField(max_length=40)
    ripartizione = models.CharField(max_length=8, choices=Ripartizione, blank=True)
    flussi = ArrayField(models.BigIntegerField(), help_text="Quelli della popolazione, in ordine.")
    azione = models.ForeignKey(
        Azione, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    periodo = models.CharField(max_length=10, choices=Periodo, default=Periodo.PAGAMENTO)
    dal = models.DateField(null=True, blank=True)
    al = models.DateField(null=True, blank=True)
    esempio = models.BooleanField("dati di esempio", default=False)

    class Meta:
        abstract = True
        default_permissions = ()


class EstrazioneQuerySet(models.QuerySet["Estrazione"]):
    def in_progress(self) -> Self:
        """Those that a worker has, or that a worker that was killed left behind."""
        return self.filter(stato__in=Estrazione.IN_PROGRESS)

    def not_over(self) -> Self:
        """Those that wait for a task or for a person."""
        waiting = (Estrazione.Stato.PRONTA, Estrazione.Stato.FALLITA)
        return self.filter(stato__in=(*Estrazione.IN_PROGRESS, *waiting))


class Estrazione(Piano):
    """A sample that somebody wants to draw.

    A task counts its population, which a person sees before a task draws from it: with millions of
    payments either takes seconds.
    """

    class Stato(models.TextChoices):
        IN_PREPARAZIONE = "in_preparazione", "in preparazione"
        PRONTA = "pronta", "in attesa di decisione"
        IN_ESTRAZIONE = "in_estrazione", "in estrazione"
        ESTRATTA = "estratta", "estratta"
        FALLITA = "fallita", "non riuscita"
        SCARTATA = "scartata", "scartata"

    IN_PROGRESS = (Stato.IN_PREPARAZIONE, Stato.IN_ESTRAZIONE)

    stato = models.CharField(max_length=18, choices=Stato, default=Stato.IN_PREPARAZIONE)
    popolazione = models.JSONField(
        null=True,
        blank=True,
        help_text="Per strato: azione, provincia, pagamenti, importo, recuperi, loro importo.",
    )
    messaggio = models.CharField(max_length=500, blank=True)
    campione = models.OneToOneField(
        "cigd.Campione",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="estrazione",
    )
    chiesta_da = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    chiesta_il = models.DateTimeField(auto_now_add=True)
    decisa_da = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decisa_il = models.DateTimeField(null=True, blank=True)

    objects = EstrazioneQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = "estrazione"
        verbose_name_plural = "estrazioni"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(stato="estratta", campione__isnull=False)
                | (~Q(stato="estratta") & Q(campione=None)),
                name="estrazione_estratta_con_campione",
            ),
            models.CheckConstraint(
                condition=Q(popolazione__isnull=False)
                | Q(stato__in=["in_preparazione", "fallita", "scartata"]),
                name="estrazione_con_popolazione",
            ),
        ]

    def __str__(self) -> str:
        return f"Estrazione n. {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("cigd:estrazione", args=[self.pk])

    @property
    def in_corso(self) -> bool:
        """Whether a worker has it, as it was read: asked again, the answer may be of later."""
        return self.stato in self.IN_PROGRESS
