"""A flow of payments against a bare COPY of its clean rows."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from django.core.management import call_command
from django.db import connection

from porfse.flows import housekeeping, services
from porfse.models import User

DATABASE = "bench_porfse"
ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "var" / "test" / "bench"
_INDEXES = ("id_pagamento", "codice_fiscale, mese_competenza", "matricola_inps")
_PLACES = "comune_istat, mese_competenza"
_BLOCK = 1 << 20


def loads(sizes: list[int], *, runs: int) -> None:
    """Print what loading costs; the database is left without acquired flows."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for rows in sizes:
        _loads(generated(rows), runs)
    _with_stored(generated(max(sizes)), generated(min(sizes), seed=2, first=10**9))


def generated(rows: int, *, seed: int = 1, first: int = 0) -> Path:
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


def load(path: Path) -> dict[str, Any]:
    """Load a file into the database in use; what `tests.bench.load` prints."""
    database = f"/{connection.settings_dict['NAME']}"
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=database).geturl()
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


def forget(flow: int) -> None:
    """Cancel a flow and remove what it leaves."""
    _cancel(flow)
    housekeeping.tidy()


def _loads(path: Path, runs: int) -> None:
    """Floor and load by turns, the tables empty before each."""
    clean = path.with_suffix(".clean")
    floors, loads, cancels = [], [], []
    for _ in range(runs):
        loaded = load(path)
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
    line("floor: COPY of clean rows, indexed", floor)
    line("validate + acquire", whole, floor, 1.2)
    line("of which acquire", median(item["acquire"] for item in loads), target=2.0)
    line("cancel", median(cancels), target=2.0)
    peak, base = max(item["peak"] for item in loads), last["before"]
    print(f"  {'peak memory of the process':<46}{peak:>6} MiB (110; {base} before the work)")


def line(name: str, seconds: float, floor: float = 0, target: float = 0) -> None:
    """Print a figure, against a floor and its target or against a target in seconds."""
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
    stored, clean = load(large), path.with_suffix(".clean")
    loaded = load(path)
    if not clean.exists():
        _save_clean(loaded["flow"], clean)
    print(f"\n{loaded['rows']:,} rows with {stored['rows']:,} payments stored (no target)")
    whole = loaded["validate"] + loaded["acquire"]
    line("validate + acquire", whole, _floor(clean), 0)
    for item in (loaded, stored):
        forget(item["flow"])
