"""One load of an INPS flow in a process of its own, as a worker does it: seconds and memory.

Run by `tests.bench.flows` with the environment of the bench; prints one JSON object.
"""

import json
import os
import sys
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "porfse.settings")
django.setup()

from porfse.celery import app  # noqa: F401 - a worker has it in memory, too
from porfse.flows import files, services, validation
from porfse.flows.source import source_of
from porfse.models import User


def peak_mib() -> int:
    """The most memory that this process ever had, MiB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


by = User.objects.sistema()
before = peak_mib()
flow = services.receive(
    source_of("inps-cigd"), files.store_path(Path(sys.argv[1])), by=by, name="bench.csv"
)
start = time.perf_counter()
flow = validation.validate(flow.pk, by=by)
assert flow.stato == "validato", flow.messaggio
validated = time.perf_counter()
services.ask_acquisition(flow.pk, by=by)
flow = services.acquire(flow.pk, by=by)
assert flow.stato == "acquisito", flow.messaggio
acquired = time.perf_counter()
json.dump(
    {
        "flow": flow.pk,
        "validate": validated - start,
        "acquire": acquired - validated,
        "peak": peak_mib(),
        "before": before,
        "rows": flow.righe,
        "rejected": flow.scartate,
        "warned": flow.segnalate,
        "codes": flow.codici,
    },
    sys.stdout,
)
