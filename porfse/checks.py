"""System checks of our own; `migrate` runs those that read the database."""

from typing import Any

from django.conf import settings
from django.core import checks


def register() -> None:
    """Register the checks; called when Django starts."""
    checks.register(no_demonstration_in_production, checks.Tags.database)


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
