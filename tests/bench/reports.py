"""What building the CIGS report costs: thirteen editions, memory over many, pages meanwhile.

The floor is what cannot be spared: setting the PDF (typst) and what the database takes (SQL), timed
inside the same builds, one after the other; then the same is built as the product does, by two
processes. Beside it stands what reading and composing the documents takes, SQL included.
Some 400 procedures run in the period, as in a real one.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from django.db import connection
from django.test import Client

from crisi.models import Procedura, UnitaProduttiva
from porfse.models import User
from reports.builders.pdf import compilatore
from reports.models import Edizione
from reports.report import report_of
from reports.services import cantiere, costruzione
from tests.bench.flows import DATABASE, ROOT
from tests.factories.crisi import COMUNI, LINEA, make_azienda
from tests.factories.people import make_user

PERIODO = "2025-B5"
RUNNING, ENDED, COMPANIES = 400, 400, 150
RUNS, BUILDS, ROUND = 5, 200, 20
WORKERS = 2  # as the launcher starts
PAGES = ("/crisi/?periodo=2025&fonte=calcolata", "/report/")
TURNS, REQUESTS = 3, 20


def run() -> None:
    """Print the figures; what is written is committed, since other processes read it, then gone."""
    _empty()
    _fill(Random(2025))  # noqa: S311 - the same procedures at each run
    try:
        editions = _asked()
        _times(editions)
        _memory(editions)
        _pages(editions)
    finally:
        _empty()


def _fill(chance: Random) -> None:
    """Write procedures of CIGS: those that run in the period, and as many that ended before it."""
    by, companies = User.objects.sistema(), [make_azienda() for _ in range(COMPANIES)]
    procedures = Procedura.objects.bulk_create(
        _procedure(index, chance, by=by, azienda=chance.choice(companies))
        for index in range(RUNNING + ENDED)
    )
    UnitaProduttiva.objects.bulk_create(
        UnitaProduttiva(
            procedura=procedure,
            codice=f"U{site}",
            comune_id=chance.choice(list(COMUNI.values())),
            lavoratori=chance.randrange(300) if chance.randrange(10) else None,
        )
        for procedure in procedures
        for site in range(chance.randint(1, 4))
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _procedure(index: int, chance: Random, **fields: Any) -> Procedura:
    tipo = chance.choice(["CIGS_MIN", "CIGS_REG"])
    last = date(2025, 9, 1) if index < RUNNING else date(2024, 1, 1)
    begun = last - timedelta(days=chance.randrange(300))
    end = begun + timedelta(days=365) if index >= RUNNING or chance.randrange(5) else None
    return Procedura(
        codice_pratica=f"BENCH-{index}",
        tipo=tipo,
        linea_guida=LINEA[tipo],
        causale="Crisi aziendale",
        data_avvio=begun,
        data_fine=end,
        inserita_da=fields["by"],
        azienda=fields["azienda"],
    )


def _asked() -> list[Edizione]:
    report = report_of("cigs-bimestrale")
    with patch.object(costruzione, "accoda", lambda *_: None):  # built here, by no worker
        asked = costruzione.richiedi_tutte(
            by=User.objects.sistema(), report=report, parametri=report.leggi(PERIODO)
        )
    return list(asked.edizioni)


def _build(edition: Edizione) -> None:
    Edizione.objects.filter(pk=edition.pk).update(stato="in_coda", tentativi=0)
    built = cantiere.costruisci(edition.pk)
    assert built is not None
    assert built.stato == "bozza", built.messaggio


@contextmanager
def _timed(owner: Any, name: str) -> Iterator[list[float]]:
    """Keep the seconds of every call of a function meanwhile."""
    seconds: list[float] = []
    right = getattr(owner, name)

    def measured(*args: Any, **kwargs: Any) -> Any:
        start = time.perf_counter()
        try:
            return right(*args, **kwargs)
        finally:
            seconds.append(time.perf_counter() - start)

    with patch.object(owner, name, measured):
        yield seconds


def _elapsed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


class _Sql:
    """How long the database took for the queries of this process meanwhile."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, execute: Callable[..., Any], *args: Any) -> Any:
        start = time.perf_counter()
        try:
            return execute(*args)
        finally:
            self.seconds += time.perf_counter() - start


def _times(editions: list[Edizione]) -> None:
    report = report_of("cigs-bimestrale")
    print(f"\n{len(editions)} editions of «{report.titolo}», {RUNNING} procedures in corso")
    names = f"{'whole':>9}{'typst':>9}{'SQL':>9}{'inputs':>9}{'ratio':>8}"
    print(f"  {'files':<24}{names} (1.5 of typst and SQL)")
    for formats in (("pdf", "xlsx"), tuple(report.formati)):
        with patch.object(type(report), "formati", formats):
            for edition in editions:
                _build(edition)
            found = [_once(editions) for _ in range(RUNS)]
        whole, *parts = (median(each) for each in zip(*found, strict=True))
        _line(" ".join(formats), whole, *parts)
    _line(f"all, {WORKERS} processes", _together(editions), *parts)
    sizes = Edizione.objects.filter(report=report.slug).values_list("file__dimensione", flat=True)
    print(f"  all files: {sum(sizes) / 1e6:.1f} MB", flush=True)


def _line(name: str, *seconds: float) -> None:
    """Args: seconds: the whole; of it typst, SQL, and all that reads and composes the document."""
    whole, typst, sql, _ = seconds
    columns = "".join(f"{each:>7.2f} s" for each in seconds)
    print(f"  {name:<24}{columns}{whole / (typst + sql):>8.2f}", flush=True)


def _once(editions: list[Edizione]) -> tuple[float, float, float, float]:
    sql = _Sql()
    with (
        connection.execute_wrapper(sql),
        _timed(compilatore, "_compile") as typst,
        _timed(cantiere, "_inputs") as inputs,
    ):
        whole = _elapsed(lambda: [_build(edition) for edition in editions])
    return whole, sum(typst), sql.seconds, sum(inputs)


def _together(editions: list[Edizione]) -> float:
    """The same by processes at once, as the workers of the product are: each takes every other."""
    with ExitStack() as stack:
        workers = [
            stack.enter_context(_working("turns", editions[start::WORKERS]))
            for start in range(WORKERS)
        ]
        return median(_elapsed(lambda: _turn(workers)) for _ in range(RUNS))


def _turn(workers: list[subprocess.Popen[str]]) -> None:
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("\n")
        worker.stdin.flush()
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "done\n"


def _memory(editions: list[Edizione]) -> None:
    """Resident memory after each round of builds: it must not grow from the second on."""
    found = []
    for number in range(BUILDS):
        _build(editions[number % len(editions)])
        if (number + 1) % ROUND == 0:
            found.append(_resident())
    print(f"\nresident memory over {BUILDS} builds, MiB, every {ROUND}")
    print("  " + " ".join(map(str, found)), flush=True)


def _resident() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


def _pages(editions: list[Edizione]) -> None:
    """A page alone, beside builds, and beside who takes as much of the processor and no more."""
    client = Client()
    client.force_login(make_user("gestore"), backend="porfse.accounts.RoleBackend")
    found: dict[tuple[str, str], list[float]] = {}
    for _ in range(TURNS):
        for mode in ("alone", "typeset", "build"):
            with ExitStack() as stack:
                if mode != "alone":
                    stack.enter_context(_working(mode, editions))
                for url in PAGES:
                    found.setdefault((mode, url), []).extend(_requests(client, url))
    print(f"\n{'page (median ms)':<44}{'alone':>8}{'typst':>8}{'builds':>8}{'ratio':>7}")
    for url in PAGES:
        alone, typeset, build = (
            1000 * median(found[mode, url]) for mode in ("alone", "typeset", "build")
        )
        columns = f"{alone:>8.1f}{typeset:>8.1f}{build:>8.1f}{build / typeset:>7.2f}"
        print(f"  {url:<42}{columns}", flush=True)


def _requests(client: Client, url: str) -> list[float]:
    assert client.get(url).status_code == 200, url
    return [_elapsed(lambda: client.get(url)) for _ in range(REQUESTS)]


@contextmanager
def _working(mode: str, editions: list[Edizione]) -> Iterator[subprocess.Popen[str]]:
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{DATABASE}").geturl()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.building", mode, *(str(each.pk) for each in editions)],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "warm\n"
        yield process
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE crisi_procedura, crisi_sintesimese, reports_fileedizione, reports_edizione"
            " CASCADE"
        )
