"""Figures of the table of the crises: units, workers, and units whose workers are not known.

Published, calculated and example figures are three sources, which nothing adds to each other.
"""

from collections.abc import Collection, Mapping
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import Sum
from django.urls import reverse

from crisi import published, summary
from crisi.published import Published
from crisi.selection import (
    ALL,
    ESEMPIO,
    IN_CORSO,
    PARAMS,
    PUBBLICATA,
    TIPI,
    Selection,
    selection,
)
from crisi.tables.righe import PubblicateTable, SintesiTable
from porfse.figures import Leaf, Rows, Source, Unit, Value, leaf
from porfse.models import Provincia

# A name: what it counts, its unit, and what it is in words.
FIELDS = {
    "crisi_unita": ("unita", Unit.NUMERO, "Unità produttive coinvolte"),
    "crisi_lavoratori": ("lavoratori", Unit.PERSONE, "Lavoratori coinvolti"),
    "crisi_non_noti": ("non_noti", Unit.NUMERO, "Unità produttive con lavoratori non noti"),
}
UNKNOWN = "lavoratori non noti"
BLANK = "cella vuota nella fonte"
UNPUBLISHED = "anno senza tabella pubblicata"


def of(what: str, asked: Selection) -> Leaf:
    """Name a figure.

    Args:
        what: `unita`, `lavoratori` or `non_noti`.
        asked: what it counts.
    """
    return leaf(
        f"crisi_{what}",
        periodo=asked.periodo,
        criterio=None if asked.fonte == PUBBLICATA else asked.criterio,
        fonte=asked.fonte,
        provincia=asked.provincia,
        tipo=asked.tipo,
        derivata="si" if asked.derivata else None,
    )


class Crises(Source):
    """`crisi_unita(periodo, criterio, fonte, provincia, tipo)`, and so on for workers."""

    names = tuple(FIELDS)
    params = PARAMS
    permission = "crisi.view_crisi"

    def label(self, leaf: Leaf) -> str:
        asked = selection(leaf)
        parts = [FIELDS[leaf.name][2], TIPI[asked.tipo] if asked.tipo else "tutti i tipi"]
        parts.append(_place(asked))
        parts.append(asked.words)
        if asked.fonte == ESEMPIO:
            parts.append("dati di esempio")
        if asked.derivata:
            parts.append("per differenza dal totale stampato")
        return ", ".join(parts)

    def evaluate(self, leaves: Collection[Leaf]) -> Mapping[Leaf, Value]:
        asked = {leaf: selection(leaf) for leaf in leaves}
        printed = {item.periodo.anno for item in asked.values() if item.fonte == PUBBLICATA}
        tables = Published.of(printed) if printed else Published()
        windows = {summary.Window.of(item) for item in asked.values() if item.fonte != PUBBLICATA}
        counted = summary.counts(windows)
        return {
            leaf: _printed(leaf, item, tables)
            if item.fonte == PUBBLICATA
            else _counted(leaf, item, counted[summary.Window.of(item)])
            for leaf, item in asked.items()
        }

    def rows(self, leaf: Leaf) -> Rows:
        asked = selection(leaf)
        if asked.fonte == PUBBLICATA:
            return _printed_rows(leaf, asked, self.evaluate([leaf])[leaf].amount)
        return _counted_rows(leaf, asked, self.evaluate([leaf])[leaf].amount)


def _place(asked: Selection) -> str:
    if asked.provincia == ALL:
        return "somma delle dodici province"
    if asked.provincia is None:
        return "totale della regione"
    return f"provincia di {Provincia.objects.get(pk=asked.provincia)}"


def _printed(item: Leaf, asked: Selection, tables: Published) -> Value:
    what, unit, _ = FIELDS[item.name]
    found = tables.amount(what, asked)
    if found.amount is None:
        missing = BLANK if tables.has(asked.periodo.anno) else UNPUBLISHED
        return Value(None, unit, missing=missing)
    return Value(Decimal(found.amount), unit, derived=found.derived, circular=found.circular)


def _counted(item: Leaf, asked: Selection, cells: summary.Cells) -> Value:
    what, unit, _ = FIELDS[item.name]
    found = cells.get((asked.provincia, asked.tipo), summary.NOTHING)
    example = asked.fonte == ESEMPIO
    if what == "lavoratori" and found.unita and found.unita == found.non_noti:
        return Value(None, unit, missing=UNKNOWN, example=example)
    return Value(Decimal(getattr(found, what)), unit, example=example)


def _counted_rows(item: Leaf, asked: Selection, amount: Decimal | None) -> Rows:
    rows = summary.rows(asked)
    total = rows.aggregate(total=Sum(f"contati_{FIELDS[item.name][0]}"))["total"] or 0
    note = (
        "Unità produttive e lavoratori delle procedure, per mese, provincia e tipo. Le procedure"
        " ritirate non contano; i lavoratori sono quelli delle unità che li dichiarano."
    )
    if asked.criterio == IN_CORSO:
        note += " Chi era concluso prima del periodo è sottratto."
    return Rows(
        SintesiTable(rows.order_by("mese", "provincia", "tipo", "verso"), asked=asked),
        None if amount is None else Decimal(total),
        note=note,
        link=("Apri la tabella del periodo", f"{reverse('crisi:tavola')}?{_address(asked)}"),
    )


def _address(asked: Selection) -> str:
    chosen = {"periodo": asked.periodo, "criterio": asked.criterio, "fonte": asked.fonte}
    return urlencode(chosen)


def _printed_rows(item: Leaf, asked: Selection, amount: Decimal | None) -> Rows:
    what = FIELDS[item.name][0]
    found = published.rows(what, asked)
    note = f"Fonte: {published.fonti_of(found)}."
    if amount is not None and asked.derivata:
        note += (
            " Se la cella è vuota nella fonte, il valore è il totale stampato meno le altre"
            " province."
        )
    elif amount is not None and any(getattr(row, what) is None for row in found):
        note += " La cella vuota vale il totale meno le altre: la somma torna per costruzione."
    year = asked.periodo.anno
    return Rows(
        PubblicateTable(found),
        amount,
        note=note,
        link=(f"Apri la tabella dell'anno {year}", f"{reverse('crisi:tavola')}?periodo={year}"),
    )
