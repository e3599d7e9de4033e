from typing import ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.postgres.aggregates import ArrayAgg
from django.db import models
from django.db.models.functions import Lower
from django.utils.functional import cached_property

from porfse.models.places import Provincia

SYSTEM_USERNAME = "sistema"


class PeopleManager(UserManager["User"]):
    def with_roles(self) -> models.QuerySet["User"]:
        """People with the names of their groups, which `role_names` then need not read."""
        names = ArrayAgg("groups__name", filter=models.Q(groups__isnull=False), default=[])
        return self.annotate(nomi_gruppi=names)

    def sistema(self) -> "User":
        """Return the user in whose name commands, beat and seed act; nobody can log in as it."""
        user, made = self.get_or_create(
            username=SYSTEM_USERNAME, defaults={"first_name": "Sistema", "is_active": False}
        )
        if made:
            user.set_unusable_password()
            user.save(update_fields=["password"])
        return user


class User(AbstractUser):
    """A person; roles are groups (`porfse.roles`). Deactivated, never deleted."""

    provincia = models.ForeignKey(
        Provincia,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="utenti",
        help_text="Territorio di competenza: obbligatorio per un Nucleo.",
    )
    password_provvisoria = models.BooleanField(
        default=False,
        editable=False,
        help_text="Scelta da un amministratore: va cambiata al primo accesso.",
    )
    demo = models.BooleanField(
        "utenza dimostrativa",
        default=False,
        editable=False,
        help_text="Creata da `make run`; non può accedere in produzione.",
    )

    objects: ClassVar[PeopleManager] = PeopleManager()

    class Meta:
        default_permissions = ()
        permissions = [("manage_users", "Gestire gli utenti e i ruoli")]
        verbose_name = "utente"
        verbose_name_plural = "utenti"
        ordering = ["username"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_superuser=False),
                name="nessun_superutente",
                violation_error_message="I permessi vengono solo dai ruoli.",
            ),
            models.UniqueConstraint(
                Lower("username"),
                name="utente_unico",
                violation_error_message="Esiste già un'utenza con questo nome.",
            ),
            models.UniqueConstraint(
                Lower("email"),
                condition=~models.Q(email=""),
                name="email_unica",
                violation_error_message="Esiste già un'utenza con questo indirizzo.",
            ),
        ]

    @cached_property
    def role_names(self) -> frozenset[str]:
        """The names of the person's groups, read once for each request."""
        known: list[str] | None = getattr(self, "nomi_gruppi", None)
        return frozenset(self.groups.values_list("name", flat=True) if known is None else known)

    def __str__(self) -> str:
        return self.get_full_name() or self.username
