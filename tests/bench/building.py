"""Builds reports in a process of its own, over and over until it is killed, or at each line read.

Run by `tests.bench.reports` with the environment of the bench. `build` does all that a worker does,
`turns` the same once for each line that it reads; `typeset` only sets the same PDF again, without a
database: what it takes from other processes is processor time alone. A line tells that it is warm,
and one that a turn has ended.
"""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "porfse.settings")
django.setup()

from django.db import connections

from reports import builders
from reports.models import Edizione
from reports.services import cantiere

mode, keys = sys.argv[1], [int(key) for key in sys.argv[2:]]


def build() -> None:
    """Build every edition as a worker does."""
    for key in keys:
        Edizione.objects.filter(pk=key).update(stato="in_coda", tentativi=0)
        assert cantiere.costruisci(key).stato == "bozza"


def typeset() -> None:
    """Make the PDF of every edition from what is stored of it."""
    for each in inputs:
        builders.build("pdf", *each)


inputs = [Edizione.objects.get(pk=key).dati() for key in keys]
work = typeset if mode == "typeset" else build
work()
if mode == "typeset":
    connections.close_all()
print("warm", flush=True)
if mode == "turns":
    for _ in sys.stdin:
        work()
        print("done", flush=True)
else:
    while True:
        work()
