from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from porfse.models import Provincia
from reports.models.edizioni import Edizione


class DestinatarioQuerySet(models.QuerySet["Destinatario"]):
    def of(self, edizione: Edizione) -> models.QuerySet["Destinatario"]:
        """The addresses that an edition goes to: those of its provincia, or of the Region."""
        return self.filter(attivo=True, provincia=edizione.provincia_id)


class Destinatario(models.Model):
    """An address that the reports of a provincia, or of the Region (`provincia` None), go to."""

    provincia = models.ForeignKey(
        Provincia,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Vuota: report regionali.",
    )
    nome = models.CharField("persona o ufficio", max_length=120)
    email = models.EmailField("indirizzo")
    attivo = models.BooleanField(default=True, help_text="Non si elimina: si disattiva.")

    objects = DestinatarioQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name_plural = "destinatari"
        ordering = ["provincia", "nome", "pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "provincia",
                nulls_distinct=False,
                name="destinatario_unico",
                violation_error_message="L'indirizzo c'è già per questo territorio.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.nome} <{self.email}>"


class InvioQuerySet(models.QuerySet["Invio"]):
    def waiting(self) -> models.QuerySet["Invio"]:
        """What is still to be sent."""
        return self.filter(stato__in=(Invio.Stato.IN_CODA, Invio.Stato.DA_RIPROVARE))


class Invio(models.Model):
    """One mail of the outbox: an edition to an address, once for all.

    It is taken before the mail goes out. One that stays `in invio` had its sender stopped on the
    way: whether the mail left is not known, and a person decides whether to send it again.
    """

    class Stato(models.TextChoices):
        IN_CODA = "in_coda", "in coda"
        IN_INVIO = "in_invio", "in invio"
        INVIATO = "inviato", "inviato"
        DA_RIPROVARE = "da_riprovare", "da riprovare"
        FALLITO = "fallito", "non inviato"

    edizione = models.ForeignKey(Edizione, on_delete=models.PROTECT, related_name="invii")
    email = models.EmailField("indirizzo", help_text="Come era quando è stato chiesto l'invio.")
    nome = models.CharField(max_length=120)
    stato = models.CharField(max_length=12, choices=Stato, default=Stato.IN_CODA)
    tentativi = models.PositiveSmallIntegerField(default=0)
    errore = models.CharField("ultimo errore", max_length=500, blank=True)
    richiesto_da = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    richiesto_il = models.DateTimeField(auto_now_add=True)
    aggiornato_il = models.DateTimeField(auto_now=True)
    inviato_il = models.DateTimeField(null=True, blank=True)

    objects = InvioQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name_plural = "invii"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint("edizione", Lower("email"), name="invio_unico"),
            models.CheckConstraint(
                condition=Q(stato="inviato", inviato_il__isnull=False)
                | ~Q(stato="inviato") & Q(inviato_il=None),
                name="invio_inviato_con_data",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edizione} a {self.email}"
