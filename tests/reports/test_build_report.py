"""`build_report` as automation uses it: files, digests, exit codes, and the same bytes again."""

import hashlib
import io
import json
import os
import stat
import subprocess
import sys
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from porfse.models import AuditEvent
from reports.models import Edizione
from reports.report import reports
from tests.factories.crisi import make_unita
from tests.factories.reports import PERIODO, make_edizione

pytestmark = pytest.mark.django_db
CIGS = "cigs-bimestrale"


def run(*args: object) -> tuple[int, str]:
    """Exit code, and standard output or the message."""
    out = io.StringIO()
    try:
        call_command("build_report", *map(str, args), stdout=out)
    except CommandError as error:
        return error.returncode, str(error)
    return 0, out.getvalue()


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_files_are_written_with_their_digests_and_no_edition_is_registered(prova, tmp_path):
    out = tmp_path / "nuova" / "cartella"
    code, text = run("prova", "--period", PERIODO, "--provincia", "BG", "--out", out)
    assert code == 0
    files = content(out)
    assert set(files) == {"prova_2025-B5_BG.csv.zip", "prova_2025-B5_BG.json"}
    assert text.splitlines() == [
        f"{hashlib.sha256(files[name]).hexdigest()}  {name}"
        for name in ("prova_2025-B5_BG.csv.zip", "prova_2025-B5_BG.json")
    ]
    assert not Edizione.objects.exists()
    assert not AuditEvent.objects.exists()


def test_an_extract_says_that_it_is_one(prova, tmp_path):
    run("prova", "--period", PERIODO, "--out", tmp_path, "--format", "json")
    (text,) = content(tmp_path).values()
    assert "estratto" in json.dumps(json.loads(text))
    assert b"Bergamo" in text


def test_one_format_alone_and_each_once(prova, tmp_path):
    out = tmp_path / "uno"
    assert run("prova", "--period", PERIODO, "--out", out, "--format", "json", "json")[0] == 0
    assert list(content(out)) == ["prova_2025-B5.json"]


def test_a_sigla_in_small_letters_is_understood(prova, tmp_path):
    assert run("prova", "--period", PERIODO, "--provincia", "bg", "--out", tmp_path)[0] == 0
    assert "prova_2025-B5_BG.json" in content(tmp_path)


def test_files_of_an_earlier_run_are_replaced_and_others_are_left(prova, tmp_path):
    (tmp_path / "prova_2025-B5.json").write_bytes(b"vecchio")
    (tmp_path / "altro.txt").write_bytes(b"altro")
    assert run("prova", "--period", PERIODO, "--out", tmp_path)[0] == 0
    files = content(tmp_path)
    assert set(files) == {"prova_2025-B5.csv.zip", "prova_2025-B5.json", "altro.txt"}
    assert b"Bergamo" in files["prova_2025-B5.json"]
    assert files["altro.txt"] == b"altro"


def test_the_same_data_give_the_same_bytes_on_another_day(prova, tmp_path):
    found = []
    for day in ("2026-01-20 10:00", "2026-03-31 23:59"):
        with time_machine.travel(day):
            out = tmp_path / day[:10]
            assert run("prova", "--period", PERIODO, "--out", out)[0] == 0
            found.append(content(out))
    assert found[0] == found[1]


def test_what_is_published_may_be_extracted(prova, tmp_path):
    make_edizione(prova, "pubblicata")
    assert run("prova", "--period", PERIODO, "--out", tmp_path)[0] == 0
    assert Edizione.objects.count() == 1


def test_the_list_has_slugs_and_titles(prova):
    code, text = run("--list")
    assert code == 0
    lines = [line.split(maxsplit=1) for line in text.splitlines()]
    assert lines == [[report.slug, report.titolo] for report in reports()]
    assert ["prova", "Report di prova"] in lines


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Manca: REPORT, --period, --out."),
        (("prova",), "Manca: --period, --out."),
        (("inesistente", "--period", PERIODO), "Il report «inesistente» non esiste: scegliere fra"),
        (("prova", "--period", "2025"), "Periodo non valido: «2025». Il report è bimestrale"),
        (("prova", "--period", "2025-B7"), "Periodo non valido: «2025-B7»."),
        (("prova", "--period", "2025-T3"), "Il report è bimestrale"),
        (("prova", "--period", "2025-09-30"), "Il report è bimestrale"),
        (("prova", "--period", "2099-B1"), "non è ancora concluso"),
        (("prova", "--period", "2013-B1"), "precede l'inizio del programma"),
        (("prova", "--period", "2025-B5; rm"), "Periodo non valido"),
        (("prova", "--period", PERIODO, "--provincia", "RM"), "La provincia «RM» non esiste"),
        (("prova", "--period", PERIODO, "--format", "pdf"), "non ha il formato «pdf»: scegliere"),
        (("prova", "--period", PERIODO, "--format", "docx"), "scegliere fra csv, json."),
    ],
)
def test_what_cannot_be_understood_is_refused_and_nothing_is_written(
    prova, tmp_path, arguments, message
):
    out = tmp_path / "out"
    rest = ("--out", out) if "--period" in arguments else ()
    code, text = run(*arguments, *rest)
    assert code == 2
    assert message in text
    assert not out.exists()


def test_the_two_months_that_run_have_not_ended(prova, tmp_path):
    with time_machine.travel("2025-10-31 12:00"):
        code, text = run("prova", "--period", "2025-B5", "--out", tmp_path / "out")
    assert (code, "L'ultimo concluso è 2025-B4" in text) == (2, True)


def test_a_regional_report_takes_no_provincia(prova, monkeypatch, tmp_path):
    monkeypatch.setattr(type(prova), "provinciale", False)
    out = tmp_path / "out"
    code, text = run("prova", "--period", PERIODO, "--provincia", "BG", "--out", out)
    assert (code, "solo regionale" in text, out.exists()) == (2, True, False)


def test_a_folder_that_is_a_file_is_refused(prova, tmp_path):
    out = tmp_path / "file"
    out.write_bytes(b"x")
    code, text = run("prova", "--period", PERIODO, "--out", out)
    assert (code, out.read_bytes()) == (1, b"x")
    assert text == (
        f"Nella cartella «{out}» non si può scrivere: il percorso è quello di un file. Indicare con"
        " --out un'altra cartella, o rimuovere la causa e ripetere."
    )


def test_a_folder_that_cannot_be_made_is_refused_in_italian(prova, tmp_path):
    code, text = run("prova", "--period", PERIODO, "--out", tmp_path / ("x" * 300))
    assert (code, "il nome è troppo lungo. Indicare" in text) == (1, True)


def test_a_write_that_fails_leaves_the_earlier_files_and_nothing_half_written(
    prova, tmp_path, monkeypatch
):
    (tmp_path / "prova_2025-B5.json").write_bytes(b"vecchio")
    write = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        if path.name.startswith(".prova_2025-B5.json"):
            write(path, data[:10])
            raise OSError(28, "No space left on device")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    code, text = run("prova", "--period", PERIODO, "--out", tmp_path)
    assert (code, "lo spazio sul disco è finito. Indicare" in text) == (1, True)
    assert content(tmp_path) == {"prova_2025-B5.json": b"vecchio"}


def test_the_files_can_be_read_by_whom_the_umask_lets(prova, tmp_path):
    before = os.umask(0o022)
    try:
        run("prova", "--period", PERIODO, "--out", tmp_path)
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {0o644}


def manage(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, on the database of the tests."""
    name = connection.settings_dict["NAME"]
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    return subprocess.run(
        [sys.executable, "manage.py", "build_report", *map(str, arguments)],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": url} | environment,
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.django_db(transaction=True)
def test_two_processes_write_the_same_bytes(tmp_path):
    """Every format of a real report, with other seeds of the dictionaries and another clock."""
    for number in range(20):
        make_unita("BG", number, data_avvio=date(2025, 9, 1 + number))
    one, two = tmp_path / "uno", tmp_path / "due"
    asked = (CIGS, "--period", PERIODO, "--provincia", "BG", "--out")
    first = manage(*asked, one, PYTHONHASHSEED="1", TZ="UTC")
    second = manage(*asked, two, PYTHONHASHSEED="2", TZ="Asia/Tokyo")
    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    assert first.stdout == second.stdout
    assert content(one) == content(two)
    assert {name.partition("_")[2] for name in content(one)} == {
        "2025-B5_BG.pdf",
        "2025-B5_BG.xlsx",
        "2025-B5_BG.csv.zip",
        "2025-B5_BG.json",
    }


def test_refusals_are_on_standard_error_alone(tmp_path):
    done = manage(CIGS, "--period", "2025-B9", "--out", tmp_path / "out")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Periodo non valido: «2025-B9»" in done.stderr
    assert "Traceback" not in done.stderr
