"""Applications to the call for company plans of Smart Working."""

from django.db import models
from django.db.models import F, Q

from measures.models.core import Istanza


class Domanda(Istanza):
    """An application; `concesso` is what is admitted. Numbers of employees are the company's then.

    That nothing is paid without azione A is a rule of the call, held by the flow (E041).
    """

    class Stato(models.TextChoices):
        PRESENTATA = "presentata", "presentata"
        NON_AMMESSA = "non_ammessa", "non ammessa"
        AMMESSA = "ammessa", "ammessa"
        RINUNCIATA = "rinunciata", "rinunciata"
        DECADUTA = "decaduta", "decaduta"
        LIQUIDATA = "liquidata", "liquidata"

    dipendenti = models.PositiveIntegerField()
    ateco = models.CharField("codice ATECO", max_length=10, blank=True)
    addendum_covid = models.BooleanField("addendum Covid-19")
    azione_a = models.BooleanField("azione A")
    azione_b = models.BooleanField("azione B")

    class Meta(Istanza.Meta):
        verbose_name = "domanda"
        verbose_name_plural = "domande"
        constraints = [
            *Istanza.Meta.constraints,
            models.CheckConstraint(condition=Q(dipendenti__gte=1), name="domanda_dipendenti"),
            models.CheckConstraint(
                condition=Q(stato__in=["presentata", "non_ammessa"]) | Q(concesso__isnull=False),
                name="domanda_ammessa_con_importo",
            ),
            models.CheckConstraint(
                condition=Q(liquidato=None) | Q(liquidato__gte=0, liquidato__lte=F("concesso")),
                name="domanda_importi",
            ),
        ]
        indexes = [
            models.Index(fields=["esempio", "-data_inizio", "codice"]),
            models.Index(fields=["esempio", "stato", "-data_inizio", "codice"]),
            models.Index(fields=["esempio", "concesso", "codice"]),
            models.Index(fields=["esempio", "dipendenti"]),
            models.Index(fields=["ateco"], opclasses=["varchar_pattern_ops"], name="domanda_ateco"),
        ]
