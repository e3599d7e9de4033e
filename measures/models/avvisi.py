from django.db import models
from django.db.models import F, Q


class ParametroAvviso(models.Model):
    """A rule of a call as a number: a ceiling, a step of a grid by employees, a duty (1 or 0).

    `da` and `a` bound the employees that a step of a grid is for, both included; empty: no bound.
    """

    misura = models.SlugField()
    chiave = models.SlugField(max_length=40)
    da = models.PositiveIntegerField(null=True, blank=True)
    a = models.PositiveIntegerField(null=True, blank=True)
    valore = models.DecimalField(max_digits=15, decimal_places=2)
    fonte = models.CharField(max_length=200, help_text="Il documento che lo dice.")
    parole = models.CharField(max_length=300, help_text="Come lo dice la fonte.")

    class Meta:
        default_permissions = ()
        verbose_name = "parametro dell'avviso"
        verbose_name_plural = "parametri degli avvisi"
        ordering = ["misura", "chiave", "da"]
        constraints = [
            models.UniqueConstraint(
                fields=["misura", "chiave", "da"],
                name="parametro_avviso_unico",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(valore__gte=0), name="parametro_avviso_positivo"),
            models.CheckConstraint(
                condition=Q(a=None) | Q(a__gte=F("da")), name="parametro_avviso_fascia"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.misura}, {self.chiave}"
