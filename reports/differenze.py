"""What changed from one edition of a report to the next, cell by cell.

Tables are matched by name, rows and columns by key, indicators by name, texts by their place in the
chapter: an order that changed is no difference. How a chart is drawn is none either, since it shows
the cells of its table.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import TypeVar

from reports.documento import Cella, Colonna, Documento, Forma, Indicatore, Riga, Tabella

ABSENT = "—"
# No table has such a name: its letters are small.
OUTSIDE = DOCUMENTO, INDICATORI, TESTI = "Documento", "Indicatori", "Testi"
_AGAIN = "\0"  # between a key and which time it comes
_NOTHING = Cella(stampato=ABSENT)
T = TypeVar("T")
Dove = tuple[str, str, str]  # name, title, row


@dataclass(frozen=True)
class Differenza:
    """One thing that is not as it was.

    Attributes:
        nome: of the table; or one of OUTSIDE, for what stands in no table.
        dove: the title of the table, or where else it stands, in words.
        riga: the row, in the words of its first column; empty if it is of the whole table.
        colonna: the title of the column, or what changed of the table.
        prima: as people read it; ABSENT where there was nothing.
        dopo: the same, now.
        variazione: exact, where both are numbers.
        forma: how the variation is shown.
    """

    nome: str
    dove: str
    riga: str
    colonna: str
    prima: str
    dopo: str
    variazione: Decimal | None = None
    forma: Forma = Forma.TESTO


def differenze(prima: Documento, dopo: Documento) -> list[Differenza]:
    """Return all that differs: of the document first, then indicators, texts and tables.

    Args:
        prima: the document that the other replaces.
        dopo: of the same report, period and provincia.
    """
    return [
        *_of_document(prima, dopo),
        *_of_indicators(_indicators(prima), _indicators(dopo)),
        *_of_texts(_texts(prima), _texts(dopo)),
        *_of_tables(_tables(prima), _tables(dopo)),
    ]


def _of_document(prima: Documento, dopo: Documento) -> Iterator[Differenza]:
    where = (DOCUMENTO, DOCUMENTO, "")
    for what, name in (("Titolo", "titolo"), ("Periodo", "periodo_nome"), ("Territorio", "ambito")):
        yield from _words(where, what, getattr(prima, name), getattr(dopo, name))
    yield from _words(where, "Dati di esempio", _yes(prima.esempio), _yes(dopo.esempio))
    yield from _lines(where, "Fonte", prima.fonti, dopo.fonti)
    yield from _lines(where, "Avvertenza", prima.avvertenze, dopo.avvertenze)
    chapters = ([each.titolo for each in item.capitoli] for item in (prima, dopo))
    yield from _lines(where, "Capitolo", *chapters)


def _lines(
    where: Dove, what: str, before: Iterable[str], after: Iterable[str]
) -> Iterator[Differenza]:
    """Lines that went and lines that came: they have no key by which they could be compared."""
    gone, come = Counter(before), Counter(after)
    for text in (gone - come).elements():
        yield Differenza(*where, what, text, ABSENT)
    for text in (come - gone).elements():
        yield Differenza(*where, what, ABSENT, text)


def _of_indicators(
    before: Mapping[str, Indicatore], after: Mapping[str, Indicatore]
) -> Iterator[Differenza]:
    for old, new in _pairs(before, after):
        shown = new or old
        where = (INDICATORI, INDICATORI, shown.etichetta)
        if old and new:
            yield from _words(where, "Etichetta", old.etichetta, new.etichetta)
            yield from _words(where, "Dettaglio", old.dettaglio, new.dettaglio)
        columns = (each and Colonna("valore", "Valore", each.forma) for each in (old, new))
        cells = (each and each.cella for each in (old, new))
        yield from _of_cell(where, *zip(columns, cells, strict=True))


def _of_texts(
    before: Mapping[str, tuple[str, ...]], after: Mapping[str, tuple[str, ...]]
) -> Iterator[Differenza]:
    for key in _order(before, after):
        where = (TESTI, key.partition(_AGAIN)[0], "")
        both = zip_longest(before.get(key, ()), after.get(key, ()), fillvalue="")
        for place, (old, new) in enumerate(both, start=1):
            yield from _words(where, f"Paragrafo {place}", old, new)


def _of_tables(before: Mapping[str, Tabella], after: Mapping[str, Tabella]) -> Iterator[Differenza]:
    for old, new in _pairs(before, after):
        if old and new:
            yield from _of_table(old, new)
            continue
        shown = new or old
        lines = f"{len(shown.righe)} righe" if len(shown.righe) != 1 else "1 riga"
        sides = (ABSENT, lines) if new else (lines, ABSENT)
        yield Differenza(shown.nome, shown.titolo, "", "Tabella", *sides)


def _of_table(old: Tabella, new: Tabella) -> Iterator[Differenza]:
    where = (new.nome, new.titolo, "")
    yield from _words(where, "Titolo", old.titolo, new.titolo)
    yield from _words(where, "Fonte", old.fonte, new.fonte)
    yield from _words(where, "Note", "\n".join(old.note), "\n".join(new.note))
    yield from _words(where, "Dati di esempio", _yes(old.esempio), _yes(new.esempio))
    columns = list(_pairs(_columns(old), _columns(new)))
    for before, after in columns:
        names = (_heading(each) if each else ABSENT for each in (before, after))
        yield from _words(where, "Colonna", *names)
    for before, after in _pairs(_rows(old), _rows(new)):
        yield from _of_row((old, before), (new, after), columns)


def _of_row(
    before: tuple[Tabella, Riga | None],
    after: tuple[Tabella, Riga | None],
    columns: Iterable[tuple[Colonna | None, Colonna | None]],
) -> Iterator[Differenza]:
    (old_table, old), (table, new) = before, after
    where = (table.nome, table.titolo, _row_name(table, new) if new else _row_name(old_table, old))
    if not new:
        yield Differenza(*where, "Riga", "riga tolta", ABSENT)
    elif not old:
        yield Differenza(*where, "Riga", ABSENT, "riga aggiunta")
    for old_column, column in columns:
        sides = (old_column, _cell(old_table, old, old_column)), (column, _cell(table, new, column))
        yield from _of_cell(where, *sides)


def _of_cell(
    where: Dove,
    before: tuple[Colonna | None, Cella | None],
    after: tuple[Colonna | None, Cella | None],
) -> Iterator[Differenza]:
    (old_column, old), (new_column, new) = before, after
    column = new_column or old_column
    shown = [
        (cell or _NOTHING).show((each or column).forma) or ABSENT for each, cell in (before, after)
    ]
    change = _change(old, new)
    # The values count too: two of them may look the same once they are rounded.
    if shown[0] != shown[1] or change:
        yield Differenza(*where, _heading(column), *shown, change, column.forma)


def _change(old: Cella | None, new: Cella | None) -> Decimal | None:
    values = [each.valore for each in (old, new) if each]
    if len(values) == 2 and all(isinstance(value, int | Decimal) for value in values):
        return Decimal(values[1]) - Decimal(values[0])
    return None


def _words(where: Dove, what: str, before: str, after: str) -> Iterator[Differenza]:
    if before != after:
        yield Differenza(*where, what, before or ABSENT, after or ABSENT)


def _indicators(documento: Documento) -> dict[str, Indicatore]:
    return _keyed((item.nome, item) for each in documento.capitoli for item in each.indicatori)


def _texts(documento: Documento) -> dict[str, tuple[str, ...]]:
    return _keyed((each.titolo, each.testi) for each in documento.capitoli)


def _tables(documento: Documento) -> dict[str, Tabella]:
    return _keyed((each.nome, each) for each in documento.tabelle)


def _columns(table: Tabella) -> dict[str, Colonna]:
    return _keyed((each.chiave, each) for each in table.colonne)


def _rows(table: Tabella) -> dict[str, Riga]:
    return _keyed((each.chiave, each) for each in table.righe)


def _keyed(items: Iterable[tuple[str, T]]) -> dict[str, T]:
    """By key; what has the key of another is told from it by its place among them, never lost."""
    found: dict[str, T] = {}
    times: Counter[str] = Counter()
    for key, item in items:
        times[key] += 1
        found[key if times[key] == 1 else f"{key}{_AGAIN}{times[key]}"] = item
    return found


def _pairs(before: Mapping[str, T], after: Mapping[str, T]) -> Iterator[tuple[T | None, T | None]]:
    for key in _order(before, after):
        yield before.get(key), after.get(key)


def _order(before: Mapping[str, T], after: Mapping[str, T]) -> list[str]:
    """The keys as they stand now, then those that are gone."""
    return [*after, *(key for key in before if key not in after)]


def _cell(table: Tabella, row: Riga | None, column: Colonna | None) -> Cella | None:
    return row.celle[table.posizione(column.chiave)] if row and column else None


def _row_name(table: Tabella, row: Riga) -> str:
    """The row in the words of its first column, or its key where that is blank."""
    first = row.celle[0].show(table.colonne[0].forma) if row.celle else ""
    return first or row.chiave


def _heading(column: Colonna) -> str:
    return f"{column.gruppo}: {column.titolo}" if column.gruppo else column.titolo


def _yes(value: object) -> str:
    return "sì" if value else "no"
