"""System checks of our own; `migrate` runs them all, also those that read the database."""

from typing import Any

from django.conf import settings
from django.core import checks


def register() -> None:
    """Register the checks; called when Django starts."""
    checks.register(no_demonstration_in_production, checks.Tags.database)
    checks.register(mails_leave_in_production)


def no_demonstration_in_production(databases: Any = None, **_: object) -> list[checks.Error]:
    """Refuse demonstration accounts and example data outside the demonstration."""
    from django.db import connection

    from porfse.models import Fonte, User

    if settings.DEMO or not databases:
        return []
    tables = connection.introspection.table_names()
    found = []
    if User._meta.db_table in tables and User.objects.filter(demo=True, is_active=True).exists():
        found.append(
            checks.Error(
                "Il database contiene utenze dimostrative attive.",
                hint="Disattivarle, oppure usare un database vuoto: sono rifiutate in produzione.",
                id="porfse.E001",
            )
        )
    example = Fonte.objects.filter(genere=Fonte.Genere.ESEMPIO)
    if Fonte._meta.db_table in tables and example.exists():
        found.append(
            checks.Error(
                "Il database contiene dati di esempio.",
                hint="Usare un database senza esempi: in produzione non sono ammessi.",
                id="porfse.E002",
            )
        )
    return found


_STAYING = tuple(
    f"django.core.mail.backends.{name}.EmailBackend"
    for name in ("console", "dummy", "filebased", "locmem")
)


def mails_leave_in_production(**_: object) -> list[checks.Error]:
    """Refuse to record as sent what no server was given, and links that lead to this machine."""
    if settings.DEMO:
        return []
    found = []
    if settings.EMAIL_BACKEND in _STAYING:
        found.append(
            checks.Error(
                "La posta non parte: report e promemoria risulterebbero inviati senza esserlo.",
                hint="Impostare EMAIL_URL con il server di posta (vedi .env.example).",
                id="porfse.E004",
            )
        )
    if not settings.PUBLIC_URL.startswith("https://"):
        found.append(
            checks.Error(
                "Manca l'indirizzo pubblico del prodotto: i collegamenti dei messaggi non"
                " porterebbero a esso.",
                hint="Impostare PUBLIC_URL con l'indirizzo HTTPS (vedi .env.example).",
                id="porfse.E005",
            )
        )
    return found
