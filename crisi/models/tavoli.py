from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from crisi.models.procedure import Procedura
from crisi.scope import own_provincia, sees_all
from porfse.models import Provincia, User
from porfse.periods import italian


class TavoloQuerySet(models.QuerySet["Tavolo"]):
    def visible_to(self, user: User) -> Self:
        """All for the Region; a nucleo reads the regional ones and those of its provincia."""
        if sees_all(user):
            return self
        sigla = own_provincia(user)
        if sigla is None:
            return self.none()
        own = Q(pk__in=Tavolo.province.through.objects.filter(provincia=sigla).values("tavolo"))
        return self.filter(Q(tipo=Tavolo.Tipo.REGIONALE) | own)


class Tavolo(models.Model):
    """A coordination meeting: of the Region with all, or with single territories."""

    class Tipo(models.TextChoices):
        REGIONALE = "regionale", "Tavolo regionale"
        BILATERALE = "bilaterale", "Tavolo bilaterale"

    tipo = models.CharField(max_length=10, choices=Tipo)
    data = models.DateField(help_text="Anche futura: è il prossimo incontro.")
    province = models.ManyToManyField(Provincia, blank=True, related_name="tavoli")
    soggetti = models.TextField("soggetti partecipanti", max_length=2000, blank=True)
    oggetto = models.CharField(max_length=200)
    decisioni = models.TextField(max_length=8000, blank=True)
    procedure = models.ManyToManyField(Procedura, blank=True, related_name="tavoli")
    esempio = models.BooleanField("dati di esempio", default=False, editable=False)
    versione = models.PositiveIntegerField(default=1, editable=False)
    inserito_da = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )

    objects = TavoloQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name_plural = "tavoli"
        ordering = ["-data", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_tipo_display()} del {italian(self.data)}"

    def get_absolute_url(self) -> str:
        return reverse("crisi:tavolo", args=[self.pk])


class SeguitoQuerySet(models.QuerySet["Seguito"]):
    def visible_to(self, user: User) -> Self:
        """All for the Region; a nucleo reads those of the Region and of its provincia."""
        if sees_all(user):
            return self
        sigla = own_provincia(user)
        if sigla is None:
            return self.none()
        own = Q(provincia=None) | Q(provincia=sigla)
        return self.filter(own, tavolo__in=Tavolo.objects.visible_to(user))


class Seguito(models.Model):
    """What a meeting asked for: of whom (a provincia, or the Region), by when, done or not."""

    tavolo = models.ForeignKey(Tavolo, on_delete=models.CASCADE, related_name="seguiti")
    descrizione = models.CharField(max_length=300)
    provincia = models.ForeignKey(
        Provincia,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Vuoto: a carico della Regione.",
    )
    entro = models.DateField("entro il")
    fatto_il = models.DateField(null=True, blank=True, editable=False)
    fatto_da = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )

    objects = SeguitoQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name_plural = "seguiti"
        ordering = ["entro", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(fatto_il=None, fatto_da=None)
                | Q(fatto_il__isnull=False, fatto_da__isnull=False),
                name="seguito_fatto_con_autore",
            )
        ]

    def __str__(self) -> str:
        return self.descrizione
