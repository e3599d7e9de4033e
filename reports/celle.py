"""From figures and rows to the cells of a document."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from porfse.figures import Figure, Unit
from programme.progress import Unchanged
from reports.documento import Cella, Colonna, Forma, Riga, Valore

FORME = {
    Unit.EURO: Forma.EURO,
    Unit.PERCENTO: Forma.PERCENTO,
    Unit.PERSONE: Forma.NUMERO,
    Unit.NUMERO: Forma.NUMERO,
    Unit.ORE: Forma.ORE,
    Unit.PUNTI: Forma.PUNTI,
}
_WHOLE = (Unit.PERSONE, Unit.NUMERO)


def cella(value: Any, *, esempio: bool = False) -> Cella:
    """Return the cell of a figure whose board is loaded, or of a plain value.

    Args:
        esempio: the table says that its data are examples: the cell need not.
    """
    match value:
        case Cella():
            return value
        case Unchanged():
            return Cella(stampato=value.words, cifra=str(value.expression))
        case Figure():
            return _of_figure(value, esempio=esempio)
        case None | int() | str() | Decimal():
            return Cella(value)
        case _:  # a date, or an object that says its name
            return Cella(value if isinstance(value, _PLAIN) else str(value))


_PLAIN = Valore.__args__  # type: ignore[attr-defined]


def _of_figure(figure: Figure, *, esempio: bool) -> Cella:
    value = figure.value
    marks = [
        *([value.missing] if value.amount is None and value.missing else []),
        *(["derivata"] if value.derived else []),
        *(["esempio"] if value.example and not esempio else []),
    ]
    amount: Decimal | int | None = value.amount
    if amount is not None and value.unit in _WHOLE:
        amount = int(amount)
    return Cella(amount, nota=", ".join(marks), cifra=str(figure.expression))


def riga(
    chiave: str,
    colonne: Sequence[Colonna],
    valori: Mapping[str, Any],
    *,
    totale: bool = False,
    esempio: bool = False,
) -> Riga:
    """Return a row of the values that the columns name; a value that is not given is not known.

    Args:
        esempio: as `Tabella.esempio`: then the cells don't say it too.
    """
    celle = (cella(valori.get(item.chiave), esempio=esempio) for item in colonne)
    return Riga(chiave, tuple(celle), totale)


def righe(
    colonne: Sequence[Colonna],
    rows: Iterable[Mapping[str, Any]],
    *,
    chiave: Callable[[Mapping[str, Any]], str],
    esempio: bool = False,
) -> tuple[Riga, ...]:
    """Return the rows of a table of figures, as the pages make them (`totale` marks a total)."""
    return tuple(
        riga(chiave(row), colonne, row, totale=bool(row.get("totale")), esempio=esempio)
        for row in rows
    )
