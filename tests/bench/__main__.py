"""`make bench`: what the product costs, as ratios measured in one run; medians of five.

Runs on the test servers, in a database of its own. Nothing here is a test: a figure that grows is
for a person to judge. `python -m tests.bench loads --rows 1000000` runs a part of it.
"""

import tests.environment  # noqa: F401 - first: it sets what the settings read

import argparse
import io

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test.utils import get_runner, setup_test_environment

from tests.bench import flows, measures, pages, reading, reports, tavola

parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
PARTS = ["pages", "misure", "tavola", "report", "loads", "reading"]
parser.add_argument("parts", nargs="*", default=PARTS)
parser.add_argument("--rows", type=int, nargs="*", default=[1_000_000, 5_000_000])
parser.add_argument("--runs", type=int, default=5)
chosen = parser.parse_args()

setup_test_environment()
# A database of its own: tests may be running beside.
connection.settings_dict["TEST"]["NAME"] = flows.DATABASE
runner = get_runner(settings)(verbosity=0, interactive=False)
databases = runner.setup_databases()
try:
    call_command("sync_roles", stdout=io.StringIO())
    call_command("seed", quiet=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    if "pages" in chosen.parts:
        pages.run()
    if "misure" in chosen.parts:
        measures.run()
    if "tavola" in chosen.parts:
        tavola.run()
    if "report" in chosen.parts:
        reports.run()
    if "loads" in chosen.parts:
        flows.loads(chosen.rows, runs=chosen.runs)
    if "reading" in chosen.parts:
        reading.reading(chosen.rows, runs=chosen.runs)
finally:
    runner.teardown_databases(databases)
