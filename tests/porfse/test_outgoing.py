"""What a table says as a file: no markup, examples labelled, its date, what is not known."""

import csv
import io
import re
from collections import Counter, deque
from collections.abc import Iterator
from decimal import Decimal
from html import unescape
from urllib.parse import urljoin, urlsplit

import django_tables2
import pytest
from django.test import RequestFactory
from django.urls import get_resolver
from django.utils.html import format_html
from python_calamine import CalamineWorkbook

from cigd.models import Lotto
from porfse.exports import as_csv, as_xlsx, plain
from porfse.figures import Unit, Value, leaf
from porfse.figures.board import Figure
from porfse.outgoing import distinct, outgoing
from porfse.tables import CifraColumn, Tabella
from tests.factories.crisi import make_pal, make_unita
from tests.factories.flows import payment
from tests.factories.pool import LODI, MILANO, cap, certified, checked, in_pool, rate

# The addresses import every module with tables.
get_resolver().url_patterns  # noqa: B018


def lines_of(answer) -> list[list[str]]:
    content = b"".join(answer) if answer.streaming else answer.content
    text = content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def file_of(answer) -> str:
    return answer["Content-Disposition"].partition('filename="')[2].rstrip('"')


# --- No markup ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (format_html('<a href="{}">Flusso {}</a>', "/x/", 11), "Flusso 11"),
        (format_html("{}<br><small>{}</small>", "L'Aquila & C.", "A1"), "L'Aquila & C. A1"),
        ("a < b & <c>", "a < b & <c>"),  # not markup: what somebody wrote
    ],
)
def test_markup_becomes_words(cell, expected):
    assert plain(cell) == expected
    assert as_csv([["h"], [cell]]).decode("utf-8-sig") == f"h\r\n{expected}\r\n"
    assert as_xlsx("prova", [["h"], [cell]]) == as_xlsx("prova", [["h"], [expected]])


def every_table(base: type[Tabella] = Tabella) -> Iterator[type[Tabella]]:
    for table in base.__subclasses__():
        if not table.__module__.startswith("tests"):
            yield table
        yield from every_table(table)


def test_what_a_page_marks_up_has_words_of_its_own_for_files():
    marked = [
        f"{table.__name__}.{name}"
        for table in every_table()
        for name in table.base_columns
        if (shown := getattr(table, f"render_{name}", None)) is not None
        and "SafeString" in str(shown.__annotations__.get("return"))
        and not table.base_columns[name].exclude_from_export
        and not hasattr(table, f"value_{name}")
    ]
    assert marked == []


def exports_of(client) -> Iterator[str]:
    """Walk the pages from the first, two of each kind; yield each link to a file of a table."""
    waiting, seen, kinds = deque(["/", "/cigd/certificabile/", "/crisi/pal/"]), set(), Counter()
    while waiting:
        url = waiting.popleft()
        parts = urlsplit(url)
        names = ",".join(sorted(one.partition("=")[0] for one in parts.query.split("&")))
        kind = f"{re.sub(r'[0-9]+', 'N', parts.path)}?{names}"
        kinds[kind] += 1
        if url in seen or kinds[kind] > 1 or "/accesso/" in url or "/static/" in url:
            continue
        seen.add(url)
        if "formato=csv" in url:
            yield url
            continue
        if parts.path.count("/") > 4 or "formato=" in url or "esporta" in url or "-sort" in url:
            continue
        answer = client.get(url)
        if "text/html" not in answer.get("Content-Type", ""):
            continue
        page = answer.content.decode()
        found = (unescape(one) for one in re.findall(r'href="([^"#]+)"', page))
        waiting += [urljoin(url, one) for one in found if not re.match(r"[a-z]+:", one)]


def filled(*, example: bool) -> None:
    """Payments that are certified and that wait, a batch, rows of active policies."""
    cap("8.6.1", "250.00")
    rows = [payment(comune_istat=MILANO, importo="200,00"), payment(comune_istat=LODI)]
    if example:
        in_pool(*rows, example=True)
    else:
        rate()
        checked(*rows)
        certified("DP1")
    make_pal(make_unita("BG"), sospesi=10, step1=2, step4=5)
    make_pal(make_unita("BG", esempio=True), sospesi=1000, step4=900)


@pytest.mark.django_db
def test_no_file_of_any_page_has_markup(gestore):
    filled(example=False)
    seen = 0
    for url in exports_of(gestore):
        answer = gestore.get(url)
        assert answer.status_code == 200, url
        cells = [cell for row in lines_of(answer) for cell in row]
        assert [cell for cell in cells if "<" in cell or "&#" in cell] == [], url
        seen += 1
    assert seen > 60


@pytest.mark.django_db
def test_links_leave_as_the_words_that_they_show(gestore):
    filled(example=False)
    names = [row[0] for row in lines_of(gestore.get("/misure/?misure-formato=csv"))]
    assert "Piani aziendali di Smart Working" in names
    flows = lines_of(gestore.get("/cigd/certificabile/?flussi-formato=csv"))
    assert re.fullmatch(r"Flusso [0-9]+", flows[-1][0])
    (_, lot) = lines_of(gestore.get("/cigd/certificazioni/?lotti-formato=csv"))
    assert lot[0] == str(Lotto.objects.get())


# --- Examples -----------------------------------------------------------------------------------
FIRST = "DATI DI ESEMPIO: sono inventati e non vanno citati."
SOME = f"CONTIENE {FIRST}"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("url", "first"),
    [
        ("/cigd/?azioni-formato=csv", SOME),  # the caps are real
        ("/cigd/?mesi-formato=csv", FIRST),
        ("/cigd/?province-formato=csv", FIRST),
        ("/cigd/comuni/?comuni-formato=csv", FIRST),
        ("/cigd/certificabile/?stati-formato=csv", FIRST),
        ("/cigd/certificabile/?massimali-formato=csv", SOME),
        ("/crisi/pal/?passi_esempio-formato=csv", FIRST),
    ],
)
def test_a_file_of_examples_says_so_first_and_in_its_name(gestore, url, first):
    filled(example=True)
    answer = gestore.get(url)
    assert lines_of(answer)[0] == [first]
    assert file_of(answer).endswith("_ESEMPIO.csv")
    book = gestore.get(url.replace("=csv", "=xlsx"))
    assert file_of(book).endswith("_ESEMPIO.xlsx")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url", ["/cigd/?massimali-formato=csv", "/crisi/pal/?passi-formato=csv", "/?assi-formato=csv"]
)
def test_what_is_real_beside_examples_bears_no_label(gestore, url):
    filled(example=True)
    answer = gestore.get(url)
    assert "ESEMPIO" not in answer.content.decode()
    assert "ESEMPIO" not in file_of(answer)


@pytest.mark.django_db
def test_a_mixed_file_says_which_figures_are_examples(gestore):
    filled(example=True)
    rows = lines_of(gestore.get("/cigd/?azioni-formato=csv"))
    header = next(row for row in rows if row and row[0] == "Azione")
    assert header[-1] == "Note alle cifre"
    notes = rows[rows.index(header) + 1][-1]
    assert "esempio: Pagamenti netti" in notes
    assert "Massimale" not in notes


# --- What makes a figure readable ---------------------------------------------------------------
@pytest.mark.django_db
def test_a_file_says_its_date_and_its_perimetro(lettore):
    answer = lettore.get("/?assi-formato=csv&data=2020-12-31&perimetro=ordinaria")
    rows = lines_of(answer)
    assert rows[:3] == [
        ["Data di riferimento: 31.12.2020"],
        ["Data di confronto: 31.12.2019"],
        ["Perimetro scelto: CIGD esclusa"],
    ]
    assert file_of(answer) == "assi_2020-12-31_ordinaria.csv"
    rows = lines_of(lettore.get("/?assi-formato=csv&data=2021-09-30"))
    assert rows[2] == ["Perimetro scelto: CIGD inclusa"]


@pytest.mark.django_db
def test_every_header_of_a_file_is_its_own(lettore):
    rows = lines_of(lettore.get("/?assi-formato=csv&data=2021-09-30"))
    header = rows[rows.index([]) + 1]
    assert header[:5] == [
        *("Livello", "Dotazione", "Programmate", "% dot. (Programmate)", "Impegnate")
    ]
    assert len(set(header)) == len(header)


def test_headers_that_come_again_are_told_apart():
    assert distinct(["A", "q", "B", "q"]) == ["A", "q (A)", "B", "q (B)"]
    assert distinct(["q", "q"]) == ["q", "q 2"]
    assert distinct(["A", "q", "q"]) == ["A", "q (A)", "q (A) 2"]


@pytest.mark.django_db
def test_a_file_says_what_is_derived_and_what_is_not_known(lettore):
    rows = lines_of(lettore.get("/?assi-formato=csv&data=2021-09-30"))
    asse = next(row for row in rows if row and row[0].startswith("Asse V"))
    assert asse[8] == ""  # not published: a number column keeps its blank
    assert "n.d. (ultimo dato al 31.12.2020): Certificata" in asse[-1]
    assert "derivata: Programmate" in asse[-1]


class Misto(Tabella):
    nome = django_tables2.Column()
    atto = django_tables2.Column(default="—")
    cifra = CifraColumn()


def told(*rows):
    return outgoing(Misto(rows), RequestFactory().get("/"), {})


def figure(amount: int | None, **said: object) -> Figure:
    found = Figure(leaf("prova"))
    found.value = Value(None if amount is None else Decimal(amount), Unit.EURO, **said)
    return found


def test_blanks_of_words_say_what_the_page_says_and_blanks_of_numbers_stay_blank():
    file = told({"nome": None, "atto": None, "cifra": None}, {"nome": "x", "cifra": figure(None)})
    assert file.rows == [
        ["Nome", "Atto", "Cifra", "Note alle cifre"],
        ["n.d.", None, None, ""],
        ["x", None, None, "n.d.: Cifra"],
    ]


def test_the_last_column_is_there_only_with_something_to_say():
    assert told({"nome": "x", "cifra": figure(1)}).rows[0] == ["Nome", "Atto", "Cifra"]
    assert told().rows == [["Nome", "Atto", "Cifra"]]


def test_rows_of_examples_are_told_by_their_own_mark():
    example = {"nome": "x", "esempio": True}
    assert told(example).about == (FIRST,)
    assert told(example, {"nome": "y", "esempio": False}).about == (SOME,)
    assert told({"nome": "y", "esempio": False}).about == ()


def test_the_lines_above_leave_the_header_in_sight():
    content = as_xlsx("prova", [["h"], [1]], ["Data di riferimento: 30.09.2021"])
    book = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    assert book.to_python() == [["Data di riferimento: 30.09.2021"], [""], ["h"], [1.0]]


# --- Links that may be opened -------------------------------------------------------------------
@pytest.mark.django_db
def test_a_flow_is_linked_only_for_who_may_open_it(gestore, lettore):
    filled(example=False)
    for client, opens in ((gestore, True), (lettore, False)):
        page = client.get("/cigd/certificabile/").content.decode()
        links = re.findall(r'href="(/cigd/[^"]*/flussi/[0-9]+/)"', page)
        assert bool(links) is opens
        assert re.search(r"Flusso [0-9]+", page)
        assert all(client.get(link).status_code == 200 for link in links)
