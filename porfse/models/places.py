from django.db import models


class Provincia(models.Model):
    """One of the twelve Lombard provinces, MI a Città metropolitana. Source: fixtures/places/."""

    sigla = models.CharField(max_length=2, primary_key=True)
    nome = models.CharField(max_length=60)
    codice_istat = models.CharField(max_length=3, unique=True)
    citta_metropolitana = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()
        ordering = ["nome"]
        verbose_name_plural = "province"

    def __str__(self) -> str:
        return self.nome


class Comune(models.Model):
    """A Lombard comune, or one that ceased after 2020. Source: fixtures/places/."""

    codice_istat = models.CharField(max_length=6, primary_key=True)
    nome = models.CharField(max_length=80)
    codice_catastale = models.CharField(max_length=4, unique=True)
    provincia = models.ForeignKey(Provincia, on_delete=models.PROTECT, related_name="comuni")
    soppresso_il = models.DateField(null=True, blank=True)
    confluito_in = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        default_permissions = ()
        ordering = ["nome"]
        # A page of comuni looks at its own rows, instead of at all to sort them.
        indexes = [models.Index(fields=["nome"], name="comune_nome")]
        verbose_name_plural = "comuni"

    def __str__(self) -> str:
        return f"{self.nome} ({self.provincia_id})"
