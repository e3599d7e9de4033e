"""What pages and searches cost with many payments stored, and the export of many."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.urls import reverse

from cigd import draws
from cigd.exports import stream
from cigd.models import Campione, Pagamento
from porfse.models import Flow, User
from tests.bench.flows import FOLDER, forget, generated, line, load
from tests.factories.people import make_user
from tests.factories.samples import plan

SMALL = 5_000
PAGES = (
    "cigd:quadro",
    "cigd:comuni",
    "cigd:mesi",
    "cigd:per_flusso",
    "cigd:pagamenti",
    "cigd:certificabile",
    "cigd:certificazioni",
    "cigd:verifiche",
    "cigd:campione_nuovo",
    "flussi:flussi",
)
PAGES_OF_A_FLOW = ("cigd:certificabile_flusso", "cigd:certificabile_segnalazione")
_WARM = 10
_ROUNDS = 5  # of each run: pages take milliseconds, and one answer says little


def reading(sizes: list[int], *, runs: int) -> None:
    """Print what pages, searches and the export cost; acquired flows are taken back."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    client = Client()
    person = make_user("controllore")
    client.force_login(person, backend="porfse.accounts.RoleBackend")
    with _another_database() as other:
        with _in(other):
            few = load(generated(SMALL))["flow"]
            _sample(person)
            _settle()
        loaded = load(generated(max(sizes)))
        _sample(person)
        _settle()
        _pages(client, other, few, loaded["flow"], _ROUNDS * runs)
    Campione.objects.all().delete()  # its flow would not be taken back
    _search(loaded["flow"], loaded["rows"], runs)
    forget(loaded["flow"])
    _export(generated(min(sizes)), runs)


@contextmanager
def _another_database() -> Iterator[BaseDatabaseWrapper]:
    """Give a copy of the database in use, beside it; it is removed at the end."""
    creation, suffix = connection.creation, "few"
    connection.close()  # a database that is in use cannot be copied
    creation.clone_test_db(suffix, verbosity=0, autoclobber=True)
    other = connection.copy()
    other.settings_dict = creation.get_test_db_clone_settings(suffix)
    try:
        yield other
    finally:
        other.close()
        creation.destroy_test_db(suffix=suffix, verbosity=0)


@contextmanager
def _in(database: BaseDatabaseWrapper) -> Iterator[None]:
    """Have everything in this process use that database."""
    before = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = database
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = before


def _sample(by: User) -> None:
    """Draw a sample of all payments, as large with few as with many, as its tasks do."""
    made = draws.prepare(by=by, plan=plan("mus", 100))
    draws.count(made.pk)
    draws.decide(made.pk, by=by)
    draws.draw(made.pk)


def _settle() -> None:
    """Have done what the database would do in the minutes after a load, beside what is measured."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")


def _pages(client: Client, other: BaseDatabaseWrapper, few: int, many: int, rounds: int) -> None:
    """Ask for each page in both databases by turns: what the machine does falls on both."""
    with _in(other):
        of_few = _urls(few)
    print(f"\n{'pages':<34}{f'ms, {SMALL:,}':>12}{'ms, many':>12}{'ratio':>7} (1.2)")
    for name, url in _urls(many).items():
        with_few: list[float] = []
        with_many: list[float] = []
        for _ in range(_WARM + rounds):
            with _in(other):
                with_few.append(_answered(client, of_few[name]))
            with_many.append(_answered(client, url))
        low, high = (median(times[_WARM:]) for times in (with_few, with_many))
        print(f"  {name:<32}{low * 1000:>12.1f}{high * 1000:>12.1f}{high / low:>7.2f}", flush=True)


def _urls(flow: int) -> dict[str, str]:
    """The pages, with those of a flow, of a provincia and of one payment; their addresses."""
    payment = Pagamento.objects.filter(flusso=flow)[0]
    sample = Campione.objects.get()
    return {
        **{name: reverse(name) for name in PAGES},
        # With few payments Bergamo lists almost as many comuni as fit a page, Milano does not.
        **{f"provincia {sigla}": reverse("cigd:provincia", args=[sigla]) for sigla in ("BG", "MI")},
        **{name: reverse(name, args=[flow]) for name in PAGES_OF_A_FLOW},
        "payment, searched": f"{reverse('cigd:pagamenti')}?id_pagamento={payment.id_pagamento}",
        "payments of a flow": f"{reverse('cigd:pagamenti')}?flusso={flow}",
        "payment, its page": reverse("cigd:pagamento", args=[flow, payment.id_pagamento]),
        "flow, its page": Flow.objects.get(pk=flow).get_absolute_url(),
        "sample, asked for": sample.estrazione.get_absolute_url(),
        "sample, drawn": sample.get_absolute_url(),
        "sample, an element": sample.elementi.all()[0].get_absolute_url(),
    }


def _answered(client: Client, url: str) -> float:
    start = time.perf_counter()
    answer = client.get(url)
    seconds = time.perf_counter() - start
    assert answer.status_code == 200, url
    return seconds


def _search(flow: int, rows: int, runs: int) -> None:
    row = Pagamento.objects.filter(flusso=flow)[rows // 2]
    key = _seconds(lambda: list(Pagamento.objects.filter(pk=(flow, row.riga))), 20 * runs)
    print(f"\nsearch among {rows:,} payments")
    line("primary key", key)
    for field in ("id_pagamento", "codice_fiscale", "matricola_inps"):
        found = Pagamento.objects.acquired().filter(**{field: getattr(row, field)})
        line(field, _seconds(lambda found=found: list(found.all()[:51]), 20 * runs), key, 3)


def _export(path: Path, runs: int) -> None:
    flow = load(path)["flow"]
    _settle()

    def bare() -> int:
        sql = f"COPY (SELECT * FROM cigd_pagamento WHERE flusso_id = {flow}) TO STDOUT"
        with connection.cursor() as cursor, cursor.copy(sql) as copy:
            return sum(len(block) for block in copy)

    def italian() -> int:
        return sum(len(block) for block in stream(Pagamento.objects.filter(flusso=flow)))

    floors, exports = [], []
    for _ in range(3 * runs):  # by turns: a busy minute falls on both
        floors.append(_seconds(bare, 1))
        exports.append(_seconds(italian, 1))
    print("\nexport of the smaller flow as CSV")
    line("floor: COPY TO", median(floors))
    line("in Italian format, streamed", median(exports), median(floors), 2.2)
    forget(flow)


def _seconds(work: Callable[[], object], runs: int) -> float:
    work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return median(times)
