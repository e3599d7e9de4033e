"""`import_flow` and `example_flow` as automation uses them: exit codes, JSON, messages."""

import hashlib
import io
import json
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from porfse.models import AuditEvent, Flow
from tests.factories.flows import csv_bytes, payment

pytestmark = pytest.mark.django_db


def run(*args: object, **options: object) -> tuple[int, str]:
    """Exit code and standard output of `import_flow inps-cigd`."""
    out = io.StringIO()
    try:
        call_command("import_flow", "inps-cigd", *map(str, args), stdout=out, **options)
    except SystemExit as ended:
        return ended.code, out.getvalue()
    except CommandError as error:
        return error.returncode, str(error)
    return 0, out.getvalue()


@pytest.fixture
def file(tmp_path):
    """Write rows to a file and return its path."""

    def write(*rows: dict[str, str], name: str = "x.csv"):
        path = tmp_path / name
        path.write_bytes(csv_bytes(rows))
        return path

    return write


def test_json_says_the_whole_of_it_and_nothing_else(file):
    rows = [
        payment(importo="100,00"),
        payment(importo="50,00", comune_istat="016001", ore="300"),
        payment(importo="7,00", matricola_inps="1"),
        *(payment(importo="1,00") for _ in range(17)),
    ]
    path = file(*rows)
    code, out = run(path, "--json")
    flow = Flow.objects.get()
    assert code == 0
    assert json.loads(out) == {
        "id": flow.pk,
        "source": "inps-cigd",
        "file": "x.csv",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "state": "acquisito",
        "rows": 20,
        "accepted": 19,
        "rejected": 1,
        "warned": 1,
        "codes": {"E009": 1, "W102": 1},
        "amount": "167.00",
        "amount_rejected": "7.00",
        "groups": [
            {"key": "8.6.1", "rows": 18, "amount": "117.00"},
            {"key": "9.8.1", "rows": 1, "amount": "50.00"},
        ],
        "message": "",
    }


def test_dry_run_stops_before_anything_counts(file):
    code, out = run(file(payment()), "--dry-run", "--json")
    assert (code, json.loads(out)["state"]) == (0, "validato")
    assert not AuditEvent.objects.filter(action="flusso.acquisito").exists()


def test_too_many_errors_need_confirm(file):
    path = file(payment(), payment(ore="x"))
    code, out = run(path, "--json")
    said = json.loads(out)
    assert (code, said["state"]) == (1, "validato")
    assert said["message"].startswith("Più del 5% delle righe è in errore")
    code, out = run(path, "--json", "--confirm")
    assert (code, json.loads(out)["state"]) == (0, "acquisito")


def test_a_note_that_differs_stops_at_validated(file):
    path = file(payment(importo="10,00"))
    options = ("--json", "--protocol", "R1.2021.55", "--declared-rows", 2)
    code, out = run(path, *options, "--declared-amount", "10,00")
    assert (code, json.loads(out)["state"]) == (1, "validato")
    assert "La nota dichiara 2 righe" in json.loads(out)["message"]
    assert Flow.objects.get().protocollo == "R1.2021.55"
    assert run(path, *options, "--confirm")[0] == 1  # that is for the errors alone
    code, out = run(path, *options, "--decision", "Rettifica del 3 maggio")
    assert (code, json.loads(out)["state"]) == (0, "acquisito")
    assert Flow.objects.first().decisione == "Rettifica del 3 maggio"


def test_the_same_file_twice_is_refused(file):
    path = file(payment())
    assert run(path)[0] == 0
    code, out = run(path, "--json")
    assert (code, json.loads(out)["state"]) == (1, "rifiutato")
    assert "già stato acquisito" in json.loads(out)["message"]


def test_a_flow_is_cancelled_by_its_number(file):
    path = file(payment())
    run(path)
    flow = Flow.objects.get()
    code, out = run("--cancel", flow.pk, "--json")
    assert (code, json.loads(out)["state"]) == (0, "annullato")
    code, text = run("--cancel", flow.pk)
    assert (code, text) == (1, "Il flusso è annullato: l'operazione non è più possibile.")
    assert run("--cancel", 10**9) == (1, "Il flusso 1000000000 di questa fonte non esiste.")
    assert run(path)[0] == 0


def test_in_whose_name(file, user):
    path = file(payment())
    person = user("operatore")
    assert run(path, "--user", person.username)[0] == 0
    assert AuditEvent.objects.filter(action="flusso.acquisito").get().actor == person
    assert run(path, "--user", "nessuno") == (2, "L'utente «nessuno» non esiste o non è attivo.")
    reader = user("lettore")
    code, text = run(file(payment(), name="y.csv"), "--user", reader.username)
    assert (code, text) == (1, "L'utente non ha il permesso di caricare flussi.")
    assert Flow.objects.count() == 1


def test_what_cannot_be_read_says_why(tmp_path):
    code, text = run(tmp_path / "manca.csv")
    assert code == 2
    assert "non si può leggere: controllare percorso e permessi" in text
    with pytest.raises(CommandError, match="La fonte «altro» non esiste: scegliere fra"):
        call_command("import_flow", "altro", str(tmp_path))
    assert run()[0] == 2
    assert run(tmp_path, "--cancel", 1)[0] == 2
    assert run("--cancel", 1, "--dry-run")[0] == 2
    assert run(tmp_path, "--declared-rows", -1)[0] == 2
    assert run(tmp_path, "--declared-amount", "tanti")[0] == 2
    assert run(tmp_path, "--protocol", "x" * 41)[0] == 2


def test_text_is_for_people(file):
    code, out = run(file(payment(importo="1.234,50"), payment(ore="x")), "--confirm")
    assert code == 0
    assert "x.csv): acquisito." in out
    assert "Righe 2: accettate 1, scartate 1, segnalate 1." in out
    assert "Importo accettato 1.234,50\u00a0€." in out
    assert "  W104 1: pagamenti del lavoratore nel mese oltre il massimale" in out


def test_an_example_flow_repeats_itself_and_is_nearly_right(tmp_path):
    paths = [tmp_path / name for name in ("a.csv", "b.csv", "c.csv")]
    for path, seed in zip(paths, (7, 7, 8), strict=True):
        call_command("example_flow", "inps-cigd", rows=3000, seed=seed, defects="0.01", out=path)
    first, second, other = (path.read_bytes() for path in paths)
    assert first == second != other
    assert first.count(b"\n") == 3001
    code, out = run(paths[0], "--json", "--example")
    said = json.loads(out)
    assert (code, said["state"], said["rows"]) == (0, "acquisito", 3000)
    assert 10 < said["rejected"] < 60
    assert said["warned"] > 0
    assert Decimal(said["amount"]) > 0
    assert Flow.objects.get().esempio


def test_an_example_without_defects_has_no_errors(tmp_path):
    path = tmp_path / "a.csv"
    call_command("example_flow", "inps-cigd", rows=2000, seed=3, out=path)
    assert json.loads(run(path, "--json", "--example")[1])["rejected"] == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"rows": 0}, "almeno 1"),
        ({"rows": 5, "defects": "molti"}, "deve essere un numero"),
        ({"rows": 5, "defects": "2"}, "fra 0 e 1"),
    ],
)
def test_an_example_that_cannot_be_made_says_why(options, words):
    with pytest.raises(CommandError, match=words):
        call_command("example_flow", "inps-cigd", **options)
