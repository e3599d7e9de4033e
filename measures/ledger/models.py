from django.db import models


class GiornoMisura(models.Model):
    """What a measure granted or paid on a day: the sum of its rows, less those lost on that day.

    Written with every flow, in its transaction, so that the total at a date reads few rows.
    `grandezza` is that of the programme's ledger; a row whose date is not known counts on the day
    of the flow that brought it.
    """

    misura = models.SlugField()
    esempio = models.BooleanField()
    grandezza = models.CharField(max_length=12)
    giorno = models.DateField()
    numero = models.IntegerField(help_text="Righe in più, meno quelle perse.")
    importo = models.DecimalField(max_digits=20, decimal_places=2)
    senza_data = models.PositiveIntegerField(help_text="Righe senza una data dichiarata.")
    importo_senza_data = models.DecimalField(max_digits=20, decimal_places=2)

    class Meta:
        default_permissions = ()
        ordering = ["misura", "grandezza", "giorno"]
        constraints = [
            models.UniqueConstraint(
                fields=["misura", "esempio", "grandezza", "giorno"], name="giorno_misura_unico"
            )
        ]

    def __str__(self) -> str:
        return f"{self.misura} {self.grandezza} {self.giorno}"
