"""Projects for people under orders of the judicial authority."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from measures.models.core import Istanza


class Progetto(Istanza):
    """A project of a body, with the functions that it fills ("agente di rete")."""

    class Stato(models.TextChoices):
        FINANZIATO = "finanziato", "finanziato"
        AVVIATO = "avviato", "avviato"
        CONCLUSO = "concluso", "concluso"
        LIQUIDATO = "liquidato", "liquidato"
        REVOCATO = "revocato", "revocato"

    ente = models.CharField(max_length=200)
    titolo = models.CharField(max_length=200)
    destinatari = models.PositiveIntegerField(null=True, blank=True, help_text="Vuoto: non noti.")
    funzioni = ArrayField(models.CharField(max_length=60), default=list, blank=True)

    class Meta(Istanza.Meta):
        verbose_name = "progetto"
        verbose_name_plural = "progetti"
        indexes = [models.Index(fields=["esempio", "-data_inizio", "codice"])]
