"""Projects for people under orders of the judicial authority."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from measures.models.core import Istanza

# Characters of a function, and of its address.
LONGEST, ADDRESS = 60, 80


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
    funzioni = ArrayField(models.CharField(max_length=LONGEST), default=list, blank=True)

    class Meta(Istanza.Meta):
        verbose_name = "progetto"
        verbose_name_plural = "progetti"
        indexes = [
            models.Index(fields=["esempio", "-data_inizio", "codice"]),
            models.Index(fields=["esempio", "concesso", "codice"]),
        ]


class FunzioneProgetti(models.Model):
    """The projects in force that fill a function, and their recipients; written with every flow.

    A project with several functions counts in each of them.
    """

    esempio = models.BooleanField()
    funzione = models.SlugField(max_length=ADDRESS)
    nome = models.CharField(max_length=LONGEST)
    progetti = models.PositiveIntegerField()
    destinatari = models.PositiveIntegerField(null=True, help_text="Dei progetti che li dicono.")
    non_noti = models.PositiveIntegerField(help_text="Progetti di cui non sono noti.")

    class Meta:
        default_permissions = ()
        ordering = ["-progetti", "nome"]
        constraints = [
            models.UniqueConstraint(fields=["esempio", "funzione"], name="funzione_progetti_unica")
        ]

    def __str__(self) -> str:
        return self.nome
