"""Files of more rows than the engine reads at once: what it remembers of those before."""

import io

import pytest
import xlsxwriter

from cigd import checks
from porfse.flows import columns as c
from porfse.flows import files, late, loop, progress, validation
from porfse.flows import source as registry
from porfse.flows.progress import progress_of
from porfse.flows.source import Source
from porfse.flows.stage import tables_of
from porfse.models import Flow, FlowRow, FlowWarning
from tests.factories.flows import acquired, csv_bytes, payment, received, validated

pytestmark = pytest.mark.django_db
WRONG = "RSSMRA80A01F205A"


@pytest.fixture(autouse=True)
def _short_blocks(monkeypatch):
    monkeypatch.setattr(loop, "BLOCK", 100)
    for module in (late, checks):
        monkeypatch.setattr(module, "_BLOCK", 100)


def numbered(*numbers: int) -> list[dict[str, str]]:
    return [payment(id_pagamento=f"{number:06d}") for number in numbers]


def codes(flow: Flow) -> dict[int, list[str]]:
    return dict(FlowRow.objects.filter(flusso=flow).values_list("riga", "codici"))


def test_a_row_repeats_one_of_a_block_before():
    rows = numbered(*range(1, 101), 50, 101, 100, *range(102, 251), 250)
    flow = validated(rows)
    assert codes(flow) == {102: ["E006"], 104: ["E006"], 254: ["E006"]}
    assert (flow.righe, flow.accettate) == (253, 250)


def test_a_row_repeats_a_refused_one_of_a_block_before():
    rows = numbered(*range(1, 151), 7)
    rows[6]["codice_fiscale"] = WRONG
    assert codes(validated(rows)) == {8: ["E002"], 152: ["E006"]}


def test_more_rows_in_no_order_than_are_remembered_are_compared_all():
    rows = numbered(*range(300, 0, -1), 300, 1, 1)
    rows[4]["codice_fiscale"] = WRONG  # 296
    flow = validated([*rows, *numbered(296)])
    assert codes(flow) == {6: ["E002"], **{line: ["E006"] for line in range(302, 306)}}
    assert flow.accettate == 299


def test_more_rows_that_are_refused_late_than_are_held_at_once_are_all_kept():
    rows = numbered(*range(250))
    acquired(rows)
    again = [row | {"importo": "1,00"} for row in rows]
    again[7]["codice_fiscale"] = WRONG
    again[249]["id_pagamento"] = "nuovo"
    flow = validated(again)
    assert (flow.righe, flow.accettate, flow.codici) == (250, 1, {"E002": 1, "E007": 249})
    kept = FlowRow.objects.filter(flusso=flow).order_by("riga").values_list("riga", "campi")
    assert [(line, fields[0]) for line, fields in kept] == [
        (number + 2, f"{number:06d}") for number in range(249)
    ]


def test_more_recoveries_that_exceed_than_are_held_at_once_are_all_refused():
    paid = payment(importo="1,00")
    same = {"tipo": "R", "codice_fiscale": paid["codice_fiscale"], "importo": "-1,00"}
    back = [payment(**same, id_pagamento_origine=paid["id_pagamento"]) for _ in range(251)]
    flow = validated([paid, *back])
    assert (flow.accettate, flow.codici, flow.importo) == (2, {"E010": 250}, 0)


def broken_csv() -> bytes:
    rows = [payment(codice_fiscale=WRONG), payment(data_decreto="16/05/2020")]
    rows += [payment() for _ in range(200)]
    return csv_bytes(rows) + b'P9;P;;"senza fine\r\n'


def broken_book() -> bytes:
    rows = [payment(codice_fiscale=WRONG), payment(data_decreto="16/05/2020")]
    rows += [payment() for _ in range(201)]
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate([list(rows[0]), *(list(row.values()) for row in rows)]):
            sheet.write_row(place, 0, row)
        sheet.write_formula(203, 11, "=1+1", value=2)
    return content.getvalue()


@pytest.mark.parametrize(
    ("made", "words"),
    [(broken_csv, "La riga 204 non si può leggere"), (broken_book, "La cella L204 contiene una")],
)
def test_a_file_that_turns_out_broken_after_two_blocks_leaves_nothing(made, words):
    flow = received(made())
    path = files.path_of(flow)
    assert path.exists()
    flow = validation.validate(flow.pk, by=flow.caricato_da)
    assert (flow.stato, flow.righe, flow.percorso) == ("rifiutato", None, "")
    assert flow.messaggio.startswith(words)
    assert tables_of(flow.pk) == []
    assert not FlowRow.objects.filter(flusso=flow).exists()
    assert not FlowWarning.objects.filter(flusso=flow).exists()
    assert not path.exists()


class Osservata(Source):
    """A source that looks, while it is asked about rows, at what the engine tells of them."""

    slug = "osservata"
    nome = "Fonte osservata"
    columns = (c.Testo("codice", distinct=True), c.Importo("importo"))
    key = "codice"
    amount = "importo"
    group = "left(s.codice, 1)"

    def __init__(self) -> None:
        self.flow = 0
        self.seen: list[tuple[str, int, int]] = []

    def look(self) -> None:
        told = progress_of(self.flow)
        now = (told.fase, told.righe, told.attese)
        if now not in self.seen:
            self.seen.append(now)

    def checker(self):
        def check(_cells):
            self.look()
            return ()

        return check

    def late_errors(self, late):
        self.look()
        return 0

    def prepare(self, stage):
        self.look()


def test_the_progress_is_told_block_by_block_and_phase_by_phase(monkeypatch):
    source = Osservata()
    monkeypatch.setitem(registry._SOURCES, "osservata", source)
    told = []
    tell = progress.Reporter.phase
    monkeypatch.setattr(
        progress.Reporter, "phase", lambda self, name: (told.append(name), tell(self, name))
    )
    lines = "".join(f"A{number:04d};1\n" for number in range(250))
    flow = received(b"codice;importo\n" + lines.encode(), source="osservata")
    source.flow = flow.pk
    assert validation.validate(flow.pk, by=flow.caricato_da).stato == "validato"
    assert source.seen == [
        ("lettura", 0, 250),
        ("lettura", 100, 250),
        ("lettura", 200, 250),
        ("controlli", 250, 250),
        ("riepiloghi", 250, 250),
    ]
    assert told == ["indici", "controlli", "riepiloghi"]
    assert progress_of(flow.pk) is None
