"""The data of a report for other programs: an archive of CSV files, and JSON."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from porfse.exports import as_csv
from reports.builders import parole
from reports.builders.archive import pack
from reports.codifica import encode, sha256
from reports.documento import (
    Avviso,
    Capitolo,
    Cella,
    Colonna,
    Documento,
    Forma,
    Frontespizio,
    Indicatore,
    Riga,
    Tabella,
    Valore,
)

SCHEMA = 1  # raised when a program that reads the JSON would have to change
INDICATORI = "indicatori"
LEGGIMI = "LEGGIMI.txt"
_BOM = b"\xef\xbb\xbf"
_UNITS = {
    Forma.TESTO: "testo",
    Forma.NUMERO: "numero intero",
    Forma.EURO: "euro",
    Forma.ORE: "ore",
    Forma.PERCENTO: "percentuale (12,5 è 12,5%)",
    Forma.PUNTI: "punti percentuali",
    Forma.DATA: "data (gg.mm.aaaa)",
}


def build_csv(documento: Documento, frontespizio: Frontespizio) -> bytes:
    """Return an archive: what to read first, the figures that stand alone, a file for each table.

    The files are as Italian spreadsheets open them: semicolons, decimal comma, UTF-8 with a mark;
    a blank is not known, `*` is hidden. Where a table has totals or notes of cells, a last column
    says so.
    """
    names = parole.Nomi(INDICATORI, LEGGIMI)
    tables = [
        (names.nuovo(table.nome) + _ending(esempio=table.esempio), table)
        for table in documento.tabelle
    ]
    readme = "\r\n".join(_readme(documento, frontespizio, tables)) + "\r\n"
    members = [(LEGGIMI, _BOM + readme.encode())]
    figures = [item for chapter in documento.capitoli for item in parole.indicatori(chapter)]
    if figures:
        ending = _ending(esempio=any(item.esempio for item in figures))
        members.append((INDICATORI + ending, as_csv(_figures(figures))))
    members += [(name, as_csv(_rows(table))) for name, table in tables]
    return pack(members, documento.al)


def _ending(*, esempio: bool) -> str:
    """Example data say so in the name too: a file leaves its archive."""
    return "_ESEMPIO.csv" if esempio else ".csv"


def _figures(figures: list[Indicatore]) -> Iterator[list[Valore]]:
    yield ["Codice", "Indicatore", "Valore", "Unità", "Note", "Dettaglio"]
    for item in figures:
        notes = ", ".join(parole.note(item.cella, item.forma))
        value = _italian(item.cella, item.forma)
        yield [item.nome, item.etichetta, value, _UNITS[item.forma], notes, item.dettaglio]


def _rows(table: Tabella) -> Iterator[list[Valore]]:
    notes = parole.annotazioni(table)
    totals = any(riga.totale for riga in table.righe)
    header: list[Valore] = [parole.intestazione(colonna) for colonna in table.colonne]
    yield header + ["Totale"] * totals + ["Note"] * bool(notes)
    for place, riga in enumerate(table.righe):
        cells = zip(riga.celle, table.colonne, strict=True)
        values = [_italian(cella, colonna.forma) for cella, colonna in cells]
        mark: list[Valore] = ["sì" if riga.totale else ""] * totals
        yield values + mark + [*notes[place : place + 1]]


def _italian(cella: Cella, forma: Forma) -> Valore:
    """Return a value so that its column reads alike: cents with amounts, none with counts."""
    value = parole.valore(cella)
    if not isinstance(value, Decimal | int) or not forma.numerica:
        return value
    if forma is Forma.NUMERO and value == int(value):
        return int(value)
    return Decimal(value)


def _readme(
    documento: Documento, frontespizio: Frontespizio, tables: list[tuple[str, Tabella]]
) -> Iterator[str]:
    yield documento.titolo
    yield from (f"{label}: {words}" for label, words in parole.fronte(documento, frontespizio))
    yield f"SHA-256 dei dati: {_digest(documento, frontespizio)}"
    if documento.vuoto:
        yield "Nessun dato nel periodo."
    for title, texts in (
        ("FONTI", documento.fonti),
        ("AVVERTENZE", documento.avvertenze),
        ("SEGNALAZIONI", tuple(map(_warning, parole.avvisi(frontespizio)))),
        ("COME LEGGERE I FILE", (*_READING, parole.VUOTA, parole.SOPPRESSA)),
    ):
        if texts:
            yield from ("", title, *(f"- {text}" for text in texts))
    for chapter in documento.capitoli:
        if chapter.testi:
            yield from ("", chapter.titolo, *chapter.testi)
    for name, table in tables:
        yield from ("", *_about(name, table))


_READING = (
    "Colonne separate da punto e virgola; decimali con la virgola, al più quattro; UTF-8.",
    f"{INDICATORI}.csv: le cifre singole del report; poi un file per ogni tabella.",
    "La colonna «Totale» distingue le righe dei totali: sommando una colonna vanno escluse.",
    "La colonna «Note» dice che cosa va saputo delle celle della riga.",
    "Un apostrofo all'inizio di un testo ne impedisce la lettura come formula.",
)


def _warning(avviso: Avviso) -> str:
    place = f" ({avviso.dove})" if avviso.dove else ""
    return f"{avviso.gravita} {avviso.codice}: {avviso.testo}{place}"


def _about(name: str, table: Tabella) -> Iterator[str]:
    yield f"{name} – {table.titolo}{f' – {parole.ESEMPIO}' if table.esempio else ''}"
    yield f"Fonte: {table.fonte}"
    yield from (f"Nota: {note}" for note in table.note)
    if not table.righe:
        yield table.vuota
    for colonna in table.colonne:
        yield f"  {parole.intestazione(colonna)}: {_UNITS[colonna.forma]}"


def build_json(documento: Documento, frontespizio: Frontespizio) -> bytes:
    """Return the data for programs: UTF-8, indented, keys in a fixed order.

    The object has these members; texts may be empty, lists too.

    - `schema`: 1.
    - `report`: `slug`, `titolo`, `periodo` (`2025-B5`), `periodo_nome`, `al` (the last day of the
      data), `provincia` (a sigla, empty for the Region), `ambito`, `esempio` (true: it has some),
      `pubblico` (true: small cells are hidden).
    - `edizione`: `stato` (`estratto`, `bozza`, `consolidato`), `numero` (`12/2026`), `edizione`,
      `pubblicato_il` (ISO 8601 with offset, or null), `pubblicato_da`, `rettifica`, `errata`,
      `decisione`, `avvisi` (each `codice`, `gravita`, `testo`, `dove`).
    - `contenuto_sha256`: of the text that the files are made from.
    - `fonti`, `avvertenze`: texts.
    - `capitoli`: each `titolo`, `testi`, `indicatori`, `tabelle`.
    - An indicatore: `nome`, `etichetta`, `dettaglio`, `forma`, `esempio` and those of a cell.
    - A table: `nome`, `titolo`, `fonte`, `note`, `esempio`, `vuota`, `colonne` (each `chiave`,
      `titolo`, `gruppo`, `forma`), `righe` (each `chiave`, `totale`, `celle` by key of the column).
    - A cell: `valore`: null where it is not known; a whole number for counts; a text for all else:
      dates as `2025-10-31`, decimals exact, with at least two places (`"1234.50"`; a percentage is
      12.50 for 12,5%). Only where there is one: `nota`, `soppressa` (true: the value is hidden),
      `cifra` (the expression that the value answers to), `stampato` (what its source prints,
      or what is said in place of a value).
    """
    content = {
        "schema": SCHEMA,
        "report": _report(documento),
        "edizione": _edition(frontespizio),
        "contenuto_sha256": _digest(documento, frontespizio),
        "fonti": documento.fonti,
        "avvertenze": documento.avvertenze,
        "capitoli": [_chapter(chapter) for chapter in documento.capitoli],
    }
    return f"{json.dumps(content, ensure_ascii=False, indent=1)}\n".encode()


def _digest(documento: Documento, frontespizio: Frontespizio) -> str:
    return sha256(encode(documento, frontespizio))


def _report(documento: Documento) -> dict[str, Any]:
    return {
        "slug": documento.slug,
        "titolo": documento.titolo,
        "periodo": documento.periodo,
        "periodo_nome": documento.periodo_nome,
        "al": documento.al.isoformat(),
        "provincia": documento.provincia,
        "ambito": documento.ambito,
        "esempio": documento.esempio,
        "pubblico": documento.pubblico,
    }


def _edition(front: Frontespizio) -> dict[str, Any]:
    moment = front.pubblicato_il
    return {
        "stato": front.stato.value,
        "numero": front.numero,
        "edizione": front.edizione,
        "pubblicato_il": moment.isoformat() if moment else None,
        "pubblicato_da": front.pubblicato_da,
        "rettifica": front.rettifica,
        "errata": front.errata,
        "decisione": front.decisione,
        "avvisi": [asdict(item) for item in parole.avvisi(front)],
    }


def _chapter(chapter: Capitolo) -> dict[str, Any]:
    return {
        "titolo": chapter.titolo,
        "testi": chapter.testi,
        "indicatori": [
            {
                "nome": item.nome,
                "etichetta": item.etichetta,
                "dettaglio": item.dettaglio,
                "forma": item.forma.value,
                "esempio": item.esempio,
                **_cell(item.cella, item.forma),
            }
            for item in parole.indicatori(chapter)
        ],
        "tabelle": [_table(table) for table in chapter.tabelle],
    }


def _table(table: Tabella) -> dict[str, Any]:
    return {
        "nome": table.nome,
        "titolo": table.titolo,
        "fonte": table.fonte,
        "note": table.note,
        "esempio": table.esempio,
        "vuota": table.vuota,
        "colonne": [
            {
                "chiave": colonna.chiave,
                "titolo": colonna.titolo,
                "gruppo": colonna.gruppo,
                "forma": colonna.forma.value,
            }
            for colonna in table.colonne
        ],
        "righe": [_row(table.colonne, riga) for riga in table.righe],
    }


def _row(colonne: tuple[Colonna, ...], riga: Riga) -> dict[str, Any]:
    cells = zip(riga.celle, colonne, strict=True)
    return {
        "chiave": riga.chiave,
        "totale": riga.totale,
        "celle": {colonna.chiave: _cell(cella, colonna.forma) for cella, colonna in cells},
    }


def _cell(cella: Cella, forma: Forma) -> dict[str, Any]:
    if cella.soppressa:
        return {"valore": None, "soppressa": True}
    content: dict[str, Any] = {"valore": _plain(cella.valore, forma)}
    if cella.nota:
        content["nota"] = cella.nota
    if cella.cifra:
        content["cifra"] = cella.cifra
    if cella.stampato is not None:
        content["stampato"] = cella.stampato
    return content


def _plain(value: Valore, forma: Forma) -> str | int | None:
    match value:
        case None | str():
            return value
        case date():
            return value.isoformat()
    if forma is Forma.NUMERO and value == int(value):
        return int(value)
    exact = Decimal(value)
    places = -int(exact.as_tuple().exponent)
    return format(exact, f".{max(places, 2)}f")
