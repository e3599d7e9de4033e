"""Native tables on slides: split by rows when they are long, by columns when they are wide."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from pptx.enum.text import MSO_ANCHOR
from pptx.slide import Slide
from pptx.table import Table, _Cell
from pptx.util import Inches, Pt

from porfse.charts import Colour
from reports.builders.pptx.base import CORPO, MARGINE, PIENA, SOPRA
from reports.builders.pptx.diapositive import Diapositiva, descrivi
from reports.builders.pptx.testi import ALTO, LARGO, Stile, a_righe, breve, rgb, scrivi
from reports.documento import Colonna, Forma, Riga, Tabella

_SIZES = (14, 12, 11, 10)
_SIDE, _ABOVE = Inches(0.06), Inches(0.03)  # margins inside a cell
_TEXT = 34  # characters of a column of words that need not break
_LEAST = 14
_WHOLE = 80
_LONGEST = 300  # characters of a cell; the other files have all of it
_HEADER = Colour.NIGHT
_TOTAL = "#e6ecf2"


Page = tuple[int, list[tuple[Riga, int]]]  # the place of the first row; rows with their heights


@dataclass(frozen=True)
class _Need:
    """Characters of a column: with which it makes do, which it wants, which its rows then lack."""

    least: int
    wanted: int
    lacking: int


@dataclass(frozen=True)
class _Pezzo:
    """The columns of a table that stand on a slide, how wide, and the size of their letters."""

    colonne: tuple[int, ...]
    larghezze: tuple[int, ...]
    punti: int


def di_tabella(tabella: Tabella, fonte: str, *, esempio: bool) -> Iterator[Diapositiva]:
    """Yield the slides of a table."""
    if not tabella.righe:
        yield Diapositiva(tabella.titolo, _empty(tabella), fonte, esempio)
        return
    needs = [_need(tabella, place) for place in range(len(tabella.colonne))]
    for columns in _parts(needs):
        pezzo, pages = _chosen(tabella, _fitted(columns, needs))
        for first, rows in pages:
            draw = _table(tabella, pezzo, first, rows)
            yield Diapositiva(tabella.titolo, draw, fonte, esempio)


def _empty(tabella: Tabella) -> Callable[[Slide], None]:
    def draw(slide: Slide) -> None:
        box = slide.shapes.add_textbox(MARGINE, SOPRA, PIENA, Inches(1))
        box.name = "Testo"
        scrivi(box.text_frame, [(tabella.vuota, Stile(18))])

    return draw


def _shown(tabella: Tabella, riga: Riga, place: int) -> str:
    return breve(riga.celle[place].show(tabella.colonne[place].forma), _LONGEST)


def _need(tabella: Tabella, place: int) -> _Need:
    colonna = tabella.colonne[place]
    texts = [_shown(tabella, riga, place) for riga in tabella.righe]
    # Bold is wider: headers, and the rows of totals. The words of a header do not break, nor do
    # numbers (a hard space binds them to their unit).
    header = min(max(len(word) for word in colonna.titolo.split(" ")) + 1, _LEAST)
    word = max(len(word) for text in texts for word in text.split(" ")) + 1
    longest = max(map(len, texts)) + 1
    words = colonna.forma is Forma.TESTO
    least = max(header, min(word, _LEAST) if words else word)
    wanted = max(least, min(longest, _TEXT) if words else longest)
    lacking = sum(max(0, min(len(text) + 1, _WHOLE) - least) for text in texts)
    return _Need(least, wanted, lacking)


def _parts(needs: Sequence[_Need]) -> list[list[int]]:
    """Return all columns if a slide is wide enough; else parts of them, each with the first."""
    parts: list[list[int]] = [[0]]
    for place in range(1, len(needs)):
        if len(parts[-1]) > 1 and _width([needs[at].least for at in (*parts[-1], place)]) > PIENA:
            parts.append([0])
        parts[-1].append(place)
    return parts


def _chosen(tabella: Tabella, pezzi: Iterable[_Pezzo]) -> tuple[_Pezzo, list[Page]]:
    """Return the letters that take the fewest slides, and of those the largest; and the slides."""
    heights = [(pezzo, _row_heights(tabella, pezzo)) for pezzo in pezzi]
    pezzo, rows = min(heights, key=lambda each: len(_pages(each[1], _room(tabella, each[0]))))
    return pezzo, _evenly(rows, _room(tabella, pezzo))


def _fitted(columns: Sequence[int], needs: Sequence[_Need]) -> Iterator[_Pezzo]:
    """Yield columns in letters with which they stand on a slide, the largest first."""
    wanted = [needs[place].wanted for place in columns]
    for points in _SIZES:
        if _width(wanted, points) <= PIENA:
            stretch = min(PIENA, 2 * _width(wanted, points))
            yield _Pezzo(tuple(columns), _shared(wanted, stretch), points)
    least = [needs[place].least for place in columns]
    room = max(0, PIENA - _width(least))
    more = [needs[place].lacking for place in columns]
    widths = [
        _width([few]) + room * extra // max(1, sum(more))
        for few, extra in zip(least, more, strict=True)
    ]
    yield _Pezzo(tuple(columns), tuple(widths), _SIZES[-1])


def _width(characters: Sequence[int], points: int = _SIZES[-1]) -> int:
    return sum(int(Pt(count * points * LARGO)) + 2 * _SIDE for count in characters)


def _shared(characters: Sequence[int], width: int) -> tuple[int, ...]:
    return tuple(width * count // sum(characters) for count in characters)


def _room(tabella: Tabella, pezzo: _Pezzo) -> int:
    return CORPO - sum(_head(tabella, pezzo))


def _row_heights(tabella: Tabella, pezzo: _Pezzo) -> list[tuple[Riga, int]]:
    return [
        (riga, _height([_shown(tabella, riga, at) for at in pezzo.colonne], pezzo))
        for riga in tabella.righe
    ]


def _evenly(rows: Sequence[tuple[Riga, int]], room: int) -> list[Page]:
    """Return as few slides as there must be, none with hardly a row."""
    pages = _pages(rows, room)
    least = sum(height for _, height in rows) // len(pages)
    for tenths in range(10):
        found = _pages(rows, least + (room - least) * tenths // 10)
        if len(found) == len(pages):
            return found
    return pages


def _pages(rows: Sequence[tuple[Riga, int]], room: int) -> list[Page]:
    """Return the rows that stand on each slide, and the place of the first."""
    pages: list[Page] = []
    left = 0
    for place, (riga, height) in enumerate(rows):
        if not pages or height > left:
            pages.append((place, []))
            left = room
        pages[-1][1].append((riga, height))
        left -= height
    return pages


def _height(texts: Sequence[str], pezzo: _Pezzo) -> int:
    lines = max(
        len(a_righe(text, width - 2 * _SIDE, pezzo.punti))
        for text, width in zip(texts, pezzo.larghezze, strict=True)
    )
    return Pt(lines * pezzo.punti * ALTO) + 2 * _ABOVE


def _head(tabella: Tabella, pezzo: _Pezzo) -> list[int]:
    """Return the heights of the header: one line, or two where columns have a group."""
    columns = [tabella.colonne[place] for place in pezzo.colonne]
    titles = _height([breve(colonna.titolo, _LONGEST) for colonna in columns], pezzo)
    grouped = any(colonna.gruppo for colonna in columns)
    return [Pt(pezzo.punti * ALTO) + 2 * _ABOVE, titles] if grouped else [titles]


def _table(
    tabella: Tabella, pezzo: _Pezzo, first: int, rows: Sequence[tuple[Riga, int]]
) -> Callable[[Slide], None]:
    heights = [*_head(tabella, pezzo), *(height for _, height in rows)]
    head = len(heights) - len(rows)

    def draw(slide: Slide) -> None:
        shape = slide.shapes.add_table(
            len(heights), len(pezzo.colonne), MARGINE, SOPRA, sum(pezzo.larghezze), sum(heights)
        )
        lines = f"righe {first + 1}–{first + len(rows)} di {len(tabella.righe)}"
        descrivi(shape, f"Tabella: {tabella.titolo}", f"{tabella.titolo}, {lines}.")
        table = shape.table
        for place, width in enumerate(pezzo.larghezze):
            table.columns[place].width = width
        for place, height in enumerate(heights):
            table.rows[place].height = height
        columns = [tabella.colonne[place] for place in pezzo.colonne]
        _header(table, columns, pezzo.punti, head)
        for line, (riga, _) in enumerate(rows, start=head):
            for place, at in enumerate(pezzo.colonne):
                _fill(
                    table.cell(line, place), riga, _shown(tabella, riga, at), columns[place], pezzo
                )

    return draw


def _header(table: Table, columns: Sequence[Colonna], points: int, head: int) -> None:
    for place, colonna in enumerate(columns):
        cell = table.cell(head - 1, place)
        style = Stile(points, "#ffffff", grassetto=True, destra=colonna.forma.numerica)
        _write(cell, breve(colonna.titolo, _LONGEST), style, _HEADER)
    if head == 1:
        return
    for group, members in groupby(enumerate(columns), key=lambda item: item[1].gruppo):
        places = [place for place, _ in members]
        cell = table.cell(0, places[0])
        if len(places) > 1:
            cell.merge(table.cell(0, places[-1]))
        room = sum(table.columns[place].width.pt for place in places)
        text = breve(group, max(1, int(room / (points * LARGO)) - 1))
        _write(cell, text, Stile(points, "#ffffff", grassetto=True), _HEADER)


def _fill(cell: _Cell, riga: Riga, text: str, colonna: Colonna, pezzo: _Pezzo) -> None:
    style = Stile(pezzo.punti, grassetto=riga.totale, destra=colonna.forma.numerica)
    _write(cell, text, style, _TOTAL if riga.totale else None)


def _write(cell: _Cell, text: str, style: Stile, fill: str | None) -> None:
    cell.margin_left = cell.margin_right = _SIDE
    cell.margin_top = cell.margin_bottom = _ABOVE
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    scrivi(cell.text_frame, [(text, style)])
    if fill:
        cell.fill.solid()
        cell.fill.fore_color.rgb = rgb(fill)
