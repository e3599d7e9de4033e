"""The same document gives the same bytes, whenever and wherever its files are made."""

import io
import os
import subprocess
import sys
from datetime import date
from zipfile import ZipFile

import pytest
import time_machine

from reports.builders import archive, csv_json, pptx, xlsx
from reports.codifica import sha256
from tests.reports.documenti import BOZZA, CONSOLIDATO, ostile, ricco, vuoto

BUILDERS = {
    "xlsx": xlsx.build,
    "csv": csv_json.build_csv,
    "json": csv_json.build_json,
    "pptx": pptx.build,
}
DAY = date(2025, 10, 31)
ELSEWHERE = """
import django
django.setup()
from reports.codifica import sha256
from tests.reports.documenti import CONSOLIDATO, ricco
from tests.reports.test_archive import BUILDERS
for name, build in BUILDERS.items():
    print(name, sha256(build(ricco(), CONSOLIDATO)))
"""


@pytest.mark.parametrize("made", [ricco, ostile, vuoto])
@pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS)
def test_a_file_repeats_on_another_day(build, made):
    with time_machine.travel("2026-01-15 10:00:00Z"):
        first = build(made(), BOZZA)
    with time_machine.travel("2027-07-01 23:59:58Z"):
        second = build(made(), BOZZA)
    assert first == second


def test_files_repeat_in_another_process_and_another_time_zone():
    # Of the same settings, with another order of sets and dictionaries of the interpreter.
    environment = os.environ | {"TZ": "Pacific/Auckland", "PYTHONHASHSEED": "4242"}
    found = subprocess.run(
        [sys.executable, "-c", ELSEWHERE],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    here = [f"{name} {sha256(build(ricco(), CONSOLIDATO))}" for name, build in BUILDERS.items()]
    assert found.stdout.split("\n")[:-1] == here


@pytest.mark.parametrize("build", [xlsx.build, pptx.build, csv_json.build_csv])
def test_no_member_of_an_archive_has_the_date_of_a_clock(build):
    with time_machine.travel("2031-05-05 05:05:05Z"):
        content = build(ricco(), CONSOLIDATO)
    members = ZipFile(io.BytesIO(content)).infolist()
    assert {member.date_time[0] for member in members} <= {1980, 2025}
    assert b"2031-05" not in b"".join(ZipFile(io.BytesIO(content)).read(item) for item in members)


def test_an_archive_keeps_order_and_content():
    found = ZipFile(io.BytesIO(archive.pack([("b.txt", b"due"), ("a.txt", b"uno")], DAY)))
    assert [(item.filename, item.date_time) for item in found.infolist()] == [
        ("b.txt", (2025, 10, 31, 0, 0, 0)),
        ("a.txt", (2025, 10, 31, 0, 0, 0)),
    ]
    assert found.read("a.txt") == b"uno"


def test_the_dates_inside_an_office_file_and_its_workbooks_are_those_of_the_data():
    core = (
        b"<x><dcterms:created a='1'>2020</dcterms:created>"
        b"<dcterms:modified>2</dcterms:modified></x>"
    )
    inner = archive.pack([("docProps/core.xml", core)], date(2020, 1, 1))
    outer = archive.pack([("ppt/embeddings/a.xlsx", inner)], date(2020, 1, 1))
    done = ZipFile(io.BytesIO(archive.repack(outer, DAY)))
    book = ZipFile(io.BytesIO(done.read("ppt/embeddings/a.xlsx")))
    assert book.read("docProps/core.xml") == (
        b"<x><dcterms:created a='1'>2025-10-31T00:00:00Z</dcterms:created>"
        b"<dcterms:modified>2025-10-31T00:00:00Z</dcterms:modified></x>"
    )
    assert book.infolist()[0].date_time == (2025, 10, 31, 0, 0, 0)
