"""Figures of the samples: population, what was drawn, what was found, the projected error."""

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any

from cigd.models import Campione, ElementoCampione
from cigd.projection import FORMULE
from cigd.results import CONCLUSI, Results, results
from cigd.tables_verifiche import ElementiTable, StratiTable, TerminiTable
from porfse.errors import NotThere
from porfse.figures import FigureError, Leaf, Rows, Source, Unit, Value, leaf

# What is asked of a sample: its words, its unit, and how it is read.
VOCI: dict[str, tuple[str, Unit, Callable[[Results], Decimal | int | None]]] = {
    "popolazione": (
        "Importo dei pagamenti della popolazione", Unit.EURO, lambda found: found.campione.importo
    ),
    "pagamenti": (
        "Pagamenti della popolazione", Unit.NUMERO, lambda found: found.campione.pagamenti
    ),
    "recuperato": (
        "Importo dei recuperi, non estratti", Unit.EURO,
        lambda found: found.campione.importo_recuperi,
    ),
    "recuperi": ("Recuperi, non estratti", Unit.NUMERO, lambda found: found.campione.recuperi),
    "estratto": ("Importo estratto", Unit.EURO, lambda found: found.estratto),
    "elementi": ("Elementi estratti", Unit.NUMERO, lambda found: found.elementi),
    "controllato": (
        "Importo controllato, a verifiche concluse", Unit.EURO, lambda found: found.controllato
    ),
    "conclusi": ("Elementi con verifiche concluse", Unit.NUMERO, lambda found: found.conclusi),
    "irregolare": (
        "Importo irregolare, a verifiche concluse", Unit.EURO, lambda found: found.irregolare
    ),
    "errore": (
        "Errore proiettato sulla popolazione", Unit.EURO, lambda found: found.errore
    ),
}  # fmt: skip
# Those that are read from the strata, with the column; the others are read from the elements.
_OF_STRATA = {
    "popolazione": "importo",
    "pagamenti": "pagamenti",
    "recuperato": "importo_recuperi",
    "recuperi": "recuperi",
}


def sample(number: int, voce: str) -> Leaf:
    """A figure of a sample; `voce` is one of VOCI."""
    return leaf("cigd_campione", campione=number, voce=voce)


class Samples(Source):
    names = ("cigd_campione",)
    params = ("campione", "voce")
    permission = "cigd.view_pagamenti"

    def label(self, leaf: Leaf) -> str:
        number, voce = _asked(leaf)
        return f"{VOCI[voce][0]}, campione n. {number}"

    def evaluate(self, leaves: Collection[Leaf]) -> Mapping[Leaf, Value]:
        asked = {leaf: _asked(leaf) for leaf in leaves}
        known = results(number for number, _ in asked.values())
        return {
            leaf: _value(_existing(known, number), voce) for leaf, (number, voce) in asked.items()
        }

    def rows(self, leaf: Leaf) -> Rows:
        number, voce = _asked(leaf)
        found = _existing(results([number]), number)
        total = _amount(found, voce)
        link = (str(found.campione), found.campione.get_absolute_url())
        if voce == "errore":
            note = FORMULE[found.campione.metodo]
            if found.provvisorio:
                note += f" Provvisorio: verifiche concluse {found.conclusi} su {found.elementi}."
            return Rows(TerminiTable(found.termini), total, note, link)
        if voce in _OF_STRATA:
            note = "La popolazione com'era all'estrazione, per azione e provincia."
            return Rows(StratiTable(found.campione.strati.all()), total, note, link)
        return Rows(ElementiTable(_elements(found.campione, voce)), total, "", link)


def _asked(leaf: Leaf) -> tuple[int, str]:
    """Return the number of the sample and what is asked of it.

    Raises:
        FigureError: either cannot be understood.
    """
    number, voce = leaf.get("campione") or "", leaf.get("voce") or ""
    if not (number.isascii() and number.isdigit()) or len(number) > 18:
        raise FigureError(f"Il campione «{number[:20]}» non è un numero.")
    if voce not in VOCI:
        raise FigureError(f"La voce «{voce[:20]}» non esiste: {', '.join(VOCI)}.")
    return int(number), voce


def _existing(known: Mapping[int, Results], number: int) -> Results:
    if number not in known:
        raise NotThere(f"Il campione n. {number} non esiste: sceglierlo dall'elenco.")
    return known[number]


def _amount(found: Results, voce: str) -> Decimal | None:
    amount = VOCI[voce][2](found)
    return None if amount is None else Decimal(amount)


def _value(found: Results, voce: str) -> Value:
    amount = _amount(found, voce)
    return Value(
        amount,
        VOCI[voce][1],
        missing="" if amount is not None else "mancano verifiche concluse",
        derived=voce == "errore",
        example=found.campione.esempio,
    )


def _elements(sample: Campione, voce: str) -> Any:
    rows = ElementoCampione.objects.filter(campione=sample).select_related("strato")
    if voce in ("estratto", "elementi"):
        return rows
    concluded = rows.filter(CONCLUSI)
    return concluded.filter(irregolare__gt=0) if voce == "irregolare" else concluded
