from django.db import models
from django.db.models import Q


class Azienda(models.Model):
    """A company, known in every area by its codice fiscale: of a firm, or of the person who is one.

    An example is a company of its own, also where its invented code is that of a real one.
    """

    codice_fiscale = models.CharField(max_length=16)
    denominazione = models.CharField(max_length=200)
    ateco = models.CharField("codice ATECO", max_length=10, blank=True)
    esempio = models.BooleanField("dati di esempio", default=False, editable=False)

    class Meta:
        default_permissions = ()
        verbose_name = "azienda"
        verbose_name_plural = "aziende"
        ordering = ["denominazione", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["codice_fiscale", "esempio"],
                name="azienda_unica",
                violation_error_message="L'azienda è già registrata con questo codice fiscale.",
            ),
            models.CheckConstraint(
                condition=Q(codice_fiscale__regex=r"^([0-9]{11}|[0-9A-Z]{16})$"),
                name="azienda_codice_fiscale",
            ),
        ]

    def __str__(self) -> str:
        return self.denominazione

    @property
    def persona(self) -> bool:
        """Whether the codice fiscale is that of a person, which not everybody may see."""
        return len(self.codice_fiscale) == 16
