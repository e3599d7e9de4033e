"""Asse → priorità d'investimento → obiettivo specifico → azione → iniziativa. Source: `003_…`."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from porfse.models import Atto, Fonte


class Asse(models.Model):
    """A priority axis, I to V."""

    codice = models.CharField(max_length=3, primary_key=True)
    ordine = models.PositiveSmallIntegerField(unique=True)
    nome = models.CharField(max_length=80)
    obiettivo_tematico = models.CharField(max_length=10, blank=True)
    beneficiari = models.TextField()
    destinatari = models.TextField(blank=True, help_text="L'Asse V non ne ha.")
    fonte = models.ForeignKey(Fonte, on_delete=models.PROTECT, related_name="+")

    class Meta:
        default_permissions = ()
        permissions = [("view_programma", "Consultare il programma")]
        ordering = ["ordine"]
        verbose_name_plural = "assi"

    def __str__(self) -> str:
        return f"Asse {self.codice} – {self.nome}"

    def get_absolute_url(self) -> str:
        return reverse("programme:asse", args=[self.codice])


class Priorita(models.Model):
    """An investment priority; only those that a source names."""

    codice = models.CharField(max_length=8, primary_key=True)
    asse = models.ForeignKey(Asse, on_delete=models.PROTECT, related_name="priorita")
    fonte = models.ForeignKey(Fonte, on_delete=models.PROTECT, related_name="+")

    class Meta:
        default_permissions = ()
        ordering = ["asse", "codice"]
        verbose_name = "priorità d'investimento"
        verbose_name_plural = "priorità d'investimento"

    def __str__(self) -> str:
        return f"Priorità {self.codice}"

    def get_absolute_url(self) -> str:
        return reverse("programme:priorita", args=[self.codice])


class ObiettivoSpecifico(models.Model):
    codice = models.CharField(max_length=8, primary_key=True)
    ordine = models.PositiveSmallIntegerField(unique=True)
    asse = models.ForeignKey(Asse, on_delete=models.PROTECT, related_name="obiettivi")
    titolo = models.CharField(max_length=400)
    descrizione = models.TextField(blank=True)
    fonte = models.ForeignKey(Fonte, on_delete=models.PROTECT, related_name="+")

    class Meta:
        default_permissions = ()
        ordering = ["ordine"]
        verbose_name_plural = "obiettivi specifici"

    def __str__(self) -> str:
        return f"{self.codice} {self.titolo}"

    def get_absolute_url(self) -> str:
        return reverse("programme:obiettivo", args=[self.codice])


class Azione(models.Model):
    codice = models.CharField(max_length=8, primary_key=True)
    ordine = models.PositiveSmallIntegerField(unique=True)
    obiettivo = models.ForeignKey(
        ObiettivoSpecifico, on_delete=models.PROTECT, related_name="azioni"
    )
    priorita = models.ForeignKey(
        Priorita, on_delete=models.PROTECT, null=True, blank=True, related_name="azioni"
    )
    titolo = models.TextField()
    fonte = models.ForeignKey(Fonte, on_delete=models.PROTECT, related_name="+")

    class Meta:
        default_permissions = ()
        ordering = ["ordine"]
        verbose_name_plural = "azioni"

    def __str__(self) -> str:
        return f"Azione {self.codice}"

    def get_absolute_url(self) -> str:
        return reverse("programme:azione", args=[self.codice])


class Iniziativa(models.Model):
    """A measure financed by an asse; its azione is known only where a source says so."""

    class Stato(models.TextChoices):
        IN_CORSO = "in_corso", "in corso"
        PROGRAMMATA = "programmata", "programmata"
        REALIZZATA = "realizzata", "realizzata"

    codice = models.SlugField(max_length=60, primary_key=True)
    nome = models.CharField(max_length=250)
    asse = models.ForeignKey(Asse, on_delete=models.PROTECT, related_name="iniziative")
    priorita = models.ForeignKey(
        Priorita, on_delete=models.PROTECT, null=True, blank=True, related_name="iniziative"
    )
    azione = models.ForeignKey(
        Azione, on_delete=models.PROTECT, null=True, blank=True, related_name="iniziative"
    )
    stato = models.CharField(max_length=12, choices=Stato, default=Stato.IN_CORSO)
    descrizione = models.TextField(blank=True)
    covid = models.BooleanField("intervento Covid-19", default=False)
    atti = models.ManyToManyField(Atto, blank=True, related_name="iniziative")
    fonte = models.ForeignKey(Fonte, on_delete=models.PROTECT, related_name="+")
    versione = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        default_permissions = ()
        permissions = [("change_iniziativa", "Modificare le iniziative")]
        ordering = ["asse", "nome"]
        verbose_name_plural = "iniziative"

    def __str__(self) -> str:
        return self.nome

    def get_absolute_url(self) -> str:
        return reverse("programme:iniziativa", args=[self.codice])


class VersionePiano(models.Model):
    """A version of the financing plan: the decision that approved it, and amounts if printed."""

    decisione = models.OneToOneField(Atto, on_delete=models.PROTECT, related_name="versione_piano")
    numero = models.CharField(max_length=5, blank=True, help_text="Vuoto se non è noto.")
    data = models.DateField(unique=True)
    nota = models.TextField(blank=True)
    fonte = models.ForeignKey(Fonte, on_delete=models.PROTECT, related_name="+")

    class Meta:
        default_permissions = ()
        ordering = ["data"]
        verbose_name = "versione del piano finanziario"
        verbose_name_plural = "versioni del piano finanziario"

    def __str__(self) -> str:
        name = f"Versione {self.numero}" if self.numero else "Versione n.d."
        return f"{name} ({self.decisione})"


class Dotazione(models.Model):
    """The endowment of an asse in a version of the plan, in euro."""

    versione = models.ForeignKey(VersionePiano, on_delete=models.PROTECT, related_name="dotazioni")
    asse = models.ForeignKey(Asse, on_delete=models.PROTECT, related_name="dotazioni")
    importo = models.DecimalField(max_digits=15, decimal_places=2)
    fonte = models.ForeignKey(Fonte, on_delete=models.PROTECT, related_name="+")

    class Meta:
        default_permissions = ()
        ordering = ["versione", "asse"]
        verbose_name_plural = "dotazioni"
        constraints = [
            models.UniqueConstraint(fields=["versione", "asse"], name="dotazione_unica"),
            models.CheckConstraint(condition=Q(importo__gt=0), name="dotazione_positiva"),
        ]

    def __str__(self) -> str:
        return f"{self.asse_id} {self.versione_id}"
