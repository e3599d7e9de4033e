"""Amounts on slides: in millions of euro, as the regional presentations write them."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from porfse import money
from reports.documento import Cella, Forma, Indicatore, Riga, Tabella

_LEAST = Decimal(100_000)  # below it, two decimals of a million say too little


def in_milioni(tabella: Tabella) -> Tabella:
    """Return a table with its amounts in millions, if one reaches a million.

    A column with an amount that millions would not tell keeps all of its own in euro.
    """
    euro = [at for at, colonna in enumerate(tabella.colonne) if colonna.forma is Forma.EURO]
    found = {at: _amounts(riga.celle[at] for riga in tabella.righe) for at in euro}
    if not any(amount >= money.MILLION for amounts in found.values() for amount in amounts):
        return tabella
    places = {at for at, amounts in found.items() if all(item >= _LEAST for item in amounts)}
    return replace(tabella, righe=tuple(_row(riga, places) for riga in tabella.righe))


def cifra_in_milioni(voce: Indicatore) -> Indicatore:
    """Return a figure that stands alone, in millions if it reaches one."""
    large = voce.forma is Forma.EURO and any(
        amount >= money.MILLION for amount in _amounts([voce.cella])
    )
    return replace(voce, cella=_shown(voce.cella)) if large else voce


def _amounts(celle: Iterable[Cella]) -> list[Decimal]:
    """What is not zero, without its sign."""
    return [abs(Decimal(cella.valore)) for cella in celle if cella.valore]


def _row(riga: Riga, places: set[int]) -> Riga:
    cells = (_shown(cella) if at in places else cella for at, cella in enumerate(riga.celle))
    return replace(riga, celle=tuple(cells))


def _shown(cella: Cella) -> Cella:
    """What its source prints otherwise stays as it is printed."""
    if cella.valore is None or cella.stampato is not None or cella.soppressa:
        return cella
    return replace(cella, stampato=money.mln(Decimal(cella.valore)))
