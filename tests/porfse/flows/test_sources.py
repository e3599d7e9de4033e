"""Every declared source holds what the engine needs; and one declared here needs nothing else."""

import re
from decimal import Decimal

import pytest
from django.db import connection

from porfse.errors import NotThere
from porfse.flows import columns as c
from porfse.flows import source as registry
from porfse.flows.loop import Loop
from porfse.flows.source import COMMON_CODES, Source, source_of, sources
from porfse.flows.stage import Stage, tables_of
from porfse.models import Flow, FlowRow, User
from tests.factories.flows import acquired, validated

SOURCES = sources()


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.slug)
def test_a_declaration_is_whole(source):
    names = [column.name for column in source.columns]
    assert len(set(names)) == len(names)
    assert source.key in names
    assert source.amount in names
    assert set(source.within) <= set(names)
    assert set(source.after) <= {other.slug for other in SOURCES} - {source.slug}
    assert set(source.personal) <= set(names)
    assert not source.columns[names.index(source.key)].required or source.key
    for column in source.columns:
        assert source.explain(column.code), f"{column.name}: {column.code}"
    for code, words in source.codes.items():
        assert re.fullmatch(r"[EW]\d{3}", code)
        assert words
    if source.table is not None:
        stored = {field.column for field in source.table._meta.concrete_fields}
        assert set(names) <= stored


def test_each_common_code_has_words():
    assert set(COMMON_CODES) == {"E001", "E003", "E004", "E006", "E007", "E011"}


def test_a_source_that_does_not_exist_is_told_with_those_that_do():
    with pytest.raises(NotThere, match=r"«niente» non esiste: scegliere fra .*inps-cigd"):
        source_of("niente")


class Prova(Source):
    slug = "prova"
    nome = "Fonte di prova"
    columns = (
        c.Testo("codice", distinct=True),
        c.Importo("importo"),
        c.Giorno("giorno", required=False),
        c.Intero("persone", required=False),
    )
    key = "codice"
    amount = "importo"
    group = "left(s.codice, 1)"
    codes = {"E021": "numero non intero", "E050": "persone senza giorno", "W050": "tante persone"}

    def checker(self):
        day, people = self.position("giorno"), self.position("persone")

        def check(cells):
            if cells[people] == c.NULL:
                return ()
            if cells[day] == c.NULL:
                return ("E050",)
            return ("W050",) if int(cells[people]) > 100 else ()

        return check

    def late_errors(self, late):
        return late.add("E050", f"SELECT riga FROM {late.stage.table} WHERE codice = 'tardi'")

    def prepare(self, stage):
        stage.execute(f"CREATE TABLE {stage.part('somma')} AS SELECT 1 AS uno")

    def acquire(self, stage, *, by):
        stage.execute(
            f"CREATE TABLE flussi.arrivati AS SELECT codice, importo, giorno, persone"
            f" FROM {stage.table} ORDER BY riga"
        )


@pytest.fixture
def prova(monkeypatch):
    monkeypatch.setitem(registry._SOURCES, "prova", Prova())


def file(*lines: str) -> bytes:
    return "\r\n".join(["Persone;CODICE;iban;Importo;Giorno", *lines, ""]).encode()


@pytest.mark.django_db
def test_a_declaration_is_enough_for_the_whole_way(prova):
    flow = acquired(
        file(
            "1;a1;X;1.000,50;01/02/2021",
            ";b1;X;2,25;",
            "101;a2;X;3,00;2021-02-01",
            "5;a3;X;4,00;",
            "x;a4;X;5,00;",
            ";tardi;X;6,00;",
            ";;;;",
        ),
        source="prova",
    )
    assert flow.stato == "acquisito"
    assert (flow.righe, flow.accettate, flow.scartate, flow.segnalate) == (6, 3, 3, 1)
    assert flow.codici == {"E021": 1, "E050": 2, "W050": 1}
    assert flow.colonne_ignorate == ["iban"]
    assert (flow.importo, flow.importo_scartate) == (Decimal("1005.75"), Decimal("15.00"))
    assert flow.gruppi == [
        {"key": "a", "rows": 2, "amount": "1003.50"},
        {"key": "b", "rows": 1, "amount": "2.25"},
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT codice, importo, giorno::text, persone FROM flussi.arrivati")
        assert cursor.fetchall() == [
            ("a1", Decimal("1000.50"), "2021-02-01", 1),
            ("b1", Decimal("2.25"), None, None),
            ("a2", Decimal("3.00"), "2021-02-01", 101),
        ]
    refused = FlowRow.objects.filter(flusso=flow)
    assert [(row.riga, row.codici, row.campi) for row in refused] == [
        (5, ["E050"], ["a3", "4,00", "", "5"]),
        (6, ["E021"], ["a4", "5,00", "", "x"]),
        (7, ["E050"], ["tardi", "6,00", "", ""]),
    ]
    assert tables_of(flow.pk) == []


@pytest.mark.django_db
def test_an_optional_column_may_be_absent(prova):
    flow = validated(b"codice;importo\nuno;5\ndue;6,5\n", source="prova")
    assert (flow.stato, flow.accettate, flow.importo) == ("validato", 2, Decimal("11.50"))


@pytest.mark.django_db
def test_a_stage_stands_apart_until_it_is_wanted(prova):
    flow = validated(b"codice;importo\nuno;5\n", source="prova")
    assert tables_of(flow.pk) == [
        f"flussi.prova_{flow.pk}",
        f"flussi.prova_{flow.pk}_somma",
    ]
    stage = Stage(Flow.objects.get(pk=flow.pk), source_of("prova"))
    assert stage.rows([2]) == [
        {"riga": 2, "codice": "uno", "importo": Decimal("5.00"), "giorno": None, "persone": None}
    ]


@pytest.mark.django_db
def test_a_failure_of_ours_is_not_the_files_fault(prova, monkeypatch):
    def broken(self, stage):
        raise RuntimeError("difetto")

    monkeypatch.setattr(Prova, "prepare", broken)
    with pytest.raises(RuntimeError):
        validated(b"codice;importo\nuno;5\n", source="prova")
    flow = Flow.objects.get()
    assert flow.stato == "caricato"
    assert "errore del sistema: ripeterla" in flow.messaggio
    assert tables_of(flow.pk) == []
    assert list(Flow.objects.forgotten()) == []  # no worker tries it for ever
    monkeypatch.undo()


@pytest.mark.django_db
def test_what_a_spreadsheet_would_call_a_formula_is_kept_as_it_came(prova):
    flow = validated(b"codice;importo\n=1+1;x\n", source="prova")
    assert FlowRow.objects.get(flusso=flow).campi[0] == "=1+1"
    assert User.objects.sistema() == flow.caricato_da


@pytest.mark.django_db
def test_rows_as_long_as_a_hostile_file_can_make_them_are_held_a_few_at_once(prova, monkeypatch):
    held = []
    store = Loop._store_refused
    monkeypatch.setattr(
        Loop, "_store_refused", lambda self: (held.append(len(self._refused)), store(self))
    )
    long = "x" * 100_000
    flow = validated(file(*(f"{long};a{n};X;1;" for n in range(200))), source="prova")
    assert (flow.righe, flow.scartate) == (200, 200)
    assert sum(held) == 200
    assert max(held) < 100
