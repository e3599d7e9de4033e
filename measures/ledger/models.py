from django.db import models


class GiornoMisura(models.Model):
    """What a measure granted or paid on a day: the sum of its rows, less those lost on that day.

    Written with every flow, in its transaction, so that the total at a date reads few rows.
    `grandezza` is that of the programme's ledger. A row whose date is not known counts on the day
    of the flow that brought it, `tardi`; it was granted or paid then or before, but not before
    `presto`. Where the date is known both are the day itself.
    """

    misura = models.SlugField()
    esempio = models.BooleanField()
    grandezza = models.CharField(max_length=12)
    giorno = models.DateField()
    presto = models.DateField(help_text="Il primo giorno in cui può essere avvenuto.")
    tardi = models.DateField(help_text="Il giorno entro il quale è avvenuto.")
    numero = models.IntegerField(help_text="Righe in più, meno quelle perse.")
    importo = models.DecimalField(max_digits=20, decimal_places=2)

    class Meta:
        default_permissions = ()
        ordering = ["misura", "grandezza", "giorno"]
        constraints = [
            models.UniqueConstraint(
                fields=["misura", "esempio", "grandezza", "giorno", "presto", "tardi"],
                name="giorno_misura_unico",
            )
        ]

    def __str__(self) -> str:
        return f"{self.misura} {self.grandezza} {self.giorno}"
