"""What the table of the crises costs with 100 procedures and with 100,000."""

from datetime import date, timedelta
from random import Random
from typing import Any

from django.db import connection
from django.test import Client

from crisi.models import Procedura, SintesiMese, UnitaProduttiva
from porfse.models import User
from tests.bench.pages import measure
from tests.factories.crisi import COMUNI, LINEA, make_azienda
from tests.factories.people import make_user

FEW, MANY = 100, 100_000
FIRST_DAY, DAYS = date(2018, 1, 1), 8 * 365
STILL_OPEN, NOT_KNOWN = 5, 10  # one in so many has no end, or does not say its workers
PAGES = (
    "/crisi/?periodo=2025&fonte=calcolata",
    "/crisi/?periodo=2025&fonte=calcolata&criterio=in_corso",
    "/crisi/?periodo=2025-T3&fonte=calcolata&criterio=in_corso&confronto=2024-T3",
    "/crisi/?periodo=2025&fonte=calcolata&affianca=on",
    "/crisi/?periodo=2025&fonte=calcolata&formato=xlsx",
    "/crisi/province/MI/",
)


def fill(number: int, *, chance: Random) -> None:
    """Write procedures of eight years, each with one to four sites; the triggers sum them."""
    by, azienda = User.objects.sistema(), make_azienda()
    procedures = Procedura.objects.bulk_create(
        (_procedure(index, chance, by=by, azienda=azienda) for index in range(number)),
        batch_size=5_000,
    )
    UnitaProduttiva.objects.bulk_create(
        (
            UnitaProduttiva(
                procedura=procedure,
                codice=f"U{site}",
                comune_id=chance.choice(list(COMUNI.values())),
                lavoratori=chance.randrange(300) if chance.randrange(NOT_KNOWN) else None,
            )
            for procedure in procedures
            for site in range(chance.randint(1, 4))
        ),
        batch_size=5_000,
    )


def _procedure(index: int, chance: Random, **fields: Any) -> Procedura:
    tipo = chance.choice(list(LINEA))
    begun = FIRST_DAY + timedelta(days=chance.randrange(DAYS))
    ended = begun + timedelta(days=chance.randrange(400)) if chance.randrange(STILL_OPEN) else None
    return Procedura(
        codice_pratica=f"BENCH-{fields['azienda'].pk}-{index}",
        tipo=tipo,
        linea_guida=LINEA[tipo],
        causale="Crisi aziendale",
        data_avvio=begun,
        data_fine=ended,
        inserita_da=fields["by"],
        azienda=fields["azienda"],
    )


def run() -> None:
    """Print the figures. What is written is committed, since the sums are many times updated and
    only then can their dead rows be cleared, as they are in use; then it is emptied.
    """
    chance = Random(2025)  # noqa: S311 - the same procedures at each run
    client = Client()
    client.force_login(make_user("gestore"), backend="porfse.accounts.RoleBackend")
    before = _measured(client, FEW, chance)
    after = _measured(client, MANY, chance)
    sites, sums = UnitaProduttiva.objects.count(), SintesiMese.objects.count()
    print(f"\n{MANY:,} procedures, {sites:,} sites, {sums:,} rows of sums")
    print(f"{'page':<78}{'queries':>8}{FEW:>8,}{MANY:>9,} (ms){'ratio':>7}")
    for url, (few, queries) in before.items():
        many, queries_after = after[url]
        assert queries == queries_after, url
        print(f"{url:<78}{queries:>8}{few:>8.1f}{many:>14.1f}{many / few:>7.2f}")
    _empty()


def _measured(client: Client, number: int, chance: Random) -> dict[str, tuple[float, int]]:
    _empty()
    fill(number, chance=chance)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return {url: measure(client, url) for url in PAGES}


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE crisi_procedura, crisi_sintesimese CASCADE")
