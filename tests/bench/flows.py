"""A flow of payments against a bare COPY of its clean rows; what reading and exporting costs."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from cigd.exports import stream
from cigd.models import Pagamento
from porfse.flows import housekeeping, services
from porfse.models import Flow, User
from tests.factories.people import make_user

DATABASE = "bench_porfse"
ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "var" / "test" / "bench"
SMALL = 5_000
_WARM = 10
_INDEXES = ("id_pagamento", "codice_fiscale, mese_competenza", "matricola_inps")
_PLACES = "comune_istat, mese_competenza"
_BLOCK = 1 << 20
PAGES = ("cigd:quadro", "cigd:comuni", "cigd:mesi", "cigd:certificabile", "flussi:flussi")


def loads(sizes: list[int], *, runs: int) -> None:
    """Print what loading costs; the database is left without acquired flows."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for rows in sizes:
        _loads(_generated(rows), runs)
    _with_stored(_generated(max(sizes)), _generated(min(sizes), seed=2, first=10**9))


def reading(sizes: list[int], *, runs: int) -> None:
    """Print what pages, searches and the export cost; acquired flows are taken back."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    client = Client()
    client.force_login(make_user("controllore"), backend="porfse.accounts.RoleBackend")
    few = _pages_of(_generated(SMALL), client, runs)
    _reading(_generated(max(sizes)), client, few, runs)
    _export(_generated(min(sizes)), runs)


def _generated(rows: int, *, seed: int = 1, first: int = 0) -> Path:
    """An example file, made once: 0.2 % of its rows are wrong."""
    path = FOLDER / f"inps-{rows}-{seed}.csv"
    if not path.exists():
        print(f"(generating {rows:,} rows)", flush=True)
        partial = path.with_suffix(".partial")
        call_command(
            "example_flow", "inps-cigd", rows=rows, seed=seed, defects="0.002", out=partial
        )
        if first:
            _renumber(partial, first)
        partial.rename(path)
    return path


def _renumber(path: Path, first: int) -> None:
    """Move all identifiers on, so that they follow those of another file."""
    moved = path.with_suffix(".moved")
    with path.open(encoding="utf-8") as source, moved.open("w", encoding="utf-8") as target:
        target.write(next(source))
        for line in source:
            fields = line.split(";")
            for place in (0, 2):
                if fields[place].isdigit():
                    fields[place] = f"{int(fields[place]) + first:012d}"
            target.write(";".join(fields))
    moved.rename(path)


def _load(path: Path) -> dict[str, Any]:
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{DATABASE}").geturl()
    environment = os.environ | {"DATABASE_URL": url, "MEDIA_ROOT": str(FOLDER / "media")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.load", str(path)],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
    )
    return json.loads(done.stdout)


def _cancel(flow: int) -> float:
    start = time.perf_counter()
    services.cancel(flow, by=User.objects.sistema(), reason="bench")
    return time.perf_counter() - start


def _forget(flow: int) -> None:
    _cancel(flow)
    housekeeping.tidy()


def _loads(path: Path, runs: int) -> None:
    """Floor and load by turns, the tables empty before each."""
    clean = path.with_suffix(".clean")
    floors, loads, cancels = [], [], []
    for _ in range(runs):
        loaded = _load(path)
        if not clean.exists():
            _save_clean(loaded["flow"], clean)
        cancels.append(_cancel(loaded["flow"]))
        housekeeping.tidy()
        floors.append(_floor(clean))
        loads.append(loaded)
    floor = median(floors)
    whole = median(item["validate"] + item["acquire"] for item in loads)
    last = loads[-1]
    print(f"\n{last['rows']:,} rows, {last['rejected']:,} refused, {last['warned']:,} remarked")
    print(f"  codes {last['codes']}")
    _line("floor: COPY of clean rows, indexed", floor)
    _line("validate + acquire", whole, floor, 1.2)
    _line("of which acquire", median(item["acquire"] for item in loads), target=2.0)
    _line("cancel", median(cancels), target=2.0)
    peak, base = max(item["peak"] for item in loads), last["before"]
    print(f"  {'peak memory of the process':<46}{peak:>6} MiB (110; {base} before the work)")


def _line(name: str, seconds: float, floor: float = 0, target: float = 0) -> None:
    text = f"  {name:<46}{seconds:>9.3f} s"
    if floor:
        text += f"{seconds / floor:>8.2f} x ({target})"
    elif target:
        text += f"   (under {target} s)"
    print(text, flush=True)


def _save_clean(flow: int, path: Path) -> None:
    sql = f"COPY (SELECT * FROM cigd_pagamento WHERE flusso_id = {flow} ORDER BY riga) TO STDOUT"
    with path.open("wb") as file, connection.cursor() as cursor, cursor.copy(sql) as copy:
        for block in copy:
            file.write(block)


def _floor(path: Path) -> float:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS fondo")
        cursor.execute(
            "CREATE TABLE fondo (LIKE cigd_pagamento INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
        )
        cursor.execute("ALTER TABLE fondo ADD PRIMARY KEY (flusso_id, riga)")
        for columns in (*_INDEXES, _PLACES):
            cursor.execute(f"CREATE INDEX ON fondo ({columns})")
        start = time.perf_counter()
        with path.open("rb") as file, cursor.copy("COPY fondo FROM STDIN") as copy:
            while block := file.read(_BLOCK):
                copy.write(block)
        seconds = time.perf_counter() - start
        cursor.execute("DROP TABLE fondo")
    return seconds


def _with_stored(large: Path, path: Path) -> None:
    """Without a target: the warnings look at what is stored."""
    stored, clean = _load(large), path.with_suffix(".clean")
    loaded = _load(path)
    if not clean.exists():
        _save_clean(loaded["flow"], clean)
    print(f"\n{loaded['rows']:,} rows with {stored['rows']:,} payments stored (no target)")
    whole = loaded["validate"] + loaded["acquire"]
    _line("validate + acquire", whole, _floor(clean), 0)
    for item in (loaded, stored):
        _forget(item["flow"])


def _seconds(work: Callable[[], object], runs: int) -> float:
    work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return median(times)


def _settle() -> None:
    """Have done what the database would do in the minutes after a load, beside what is measured."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")


def _pages_of(path: Path, client: Client, runs: int) -> dict[str, float]:
    flow = _load(path)["flow"]
    _settle()
    urls = [*map(reverse, PAGES), Flow.objects.get(pk=flow).get_absolute_url()]
    for url in urls * _WARM:  # else the first sizes measured seem the slower ones
        assert client.get(url).status_code == 200, url
    found = {}
    for url in urls:
        name = url.replace(str(flow), "N")
        found[name] = _seconds(lambda url=url: client.get(url), 3 * runs)
    _forget(flow)
    return found


def _reading(path: Path, client: Client, few: dict[str, float], runs: int) -> None:
    many = _pages_of(path, client, runs)
    print(f"\n{'pages':<48}{f'ms, {SMALL:,}':>12}{'ms, many':>12}{'ratio':>7} (1.2)")
    for url, seconds in many.items():
        ratio = seconds / few[url]
        print(f"  {url:<46}{few[url] * 1000:>12.1f}{seconds * 1000:>12.1f}{ratio:>7.2f}")
    loaded = _load(path)
    flow = loaded["flow"]
    _settle()
    row = Pagamento.objects.filter(flusso=flow)[loaded["rows"] // 2]
    key = _seconds(lambda: list(Pagamento.objects.filter(pk=(flow, row.riga))), 20 * runs)
    print(f"\nsearch among {loaded['rows']:,} payments")
    _line("primary key", key)
    for field in ("id_pagamento", "codice_fiscale", "matricola_inps"):
        found = Pagamento.objects.acquired().filter(**{field: getattr(row, field)})
        _line(field, _seconds(lambda found=found: list(found.all()[:51]), 20 * runs), key, 3)
    _forget(flow)


def _export(path: Path, runs: int) -> None:
    flow = _load(path)["flow"]
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
    _line("floor: COPY TO", median(floors))
    _line("in Italian format, streamed", median(exports), median(floors), 2.2)
    _forget(flow)
