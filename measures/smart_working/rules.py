"""What the call asks of an application: looked at row by row, and between those of a company."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from measures import avvisi
from measures.flows.confronto import Confronto
from measures.smart_working.classi import class_sql
from measures.smart_working.models import Domanda
from porfse.flows import columns as c

MISURA = "smart-working"
_STATO = Domanda.Stato
# From admission on: what is admitted has an amount, also when it is lost afterwards.
AMMESSE = frozenset(
    map(str, (_STATO.AMMESSA, _STATO.RINUNCIATA, _STATO.DECADUTA, _STATO.LIQUIDATA))
)
PASSI = {
    "presentata": ("ammessa", "non_ammessa", "rinunciata", "decaduta", "liquidata"),
    "ammessa": ("rinunciata", "decaduta", "liquidata"),
}
_CLASS_CHANGED = """
    WITH classi AS (
        SELECT codice_fiscale, {of_flow} AS classe FROM {part}
        UNION
        SELECT a.codice_fiscale, {of_stored} FROM {rows} t
        JOIN porfse_azienda a ON a.id = t.azienda_id
        WHERE t.esempio = {esempio} AND a.codice_fiscale IN (SELECT codice_fiscale FROM {part})
    )
    SELECT riga FROM {part} WHERE codice_fiscale IN (
        SELECT codice_fiscale FROM classi GROUP BY 1 HAVING count(*) > 1
    )
"""


class RowCheck:
    """Looks at one row; cells are COPY text, None where the value is wrong.

    The rules are those of the call when the file is read.
    """

    def __init__(self, position: Callable[[str], int]) -> None:
        names = ("stato", "azione_a", "dipendenti", "importo_ammesso", "importo_liquidato")
        self._places = [position(name) for name in names]
        self._needs_a = avvisi.demands(MISURA, "azione_a_obbligatoria")
        self._grid = avvisi.grid(MISURA)

    def codes(self, cells: Sequence[str | None]) -> list[str]:
        """Return the codes of a row: E001, E003, E040, E041, W402, W404, each once."""
        stato, azione_a, dipendenti, granted, paid = (cells[place] for place in self._places)
        wrong = [*_missing(stato, granted, paid), *_unsound(stato, granted, paid)]
        if wrong or granted is None or paid is None:
            return wrong
        due = Decimal(paid) if paid != c.NULL else Decimal(0)
        whole = Decimal(granted) if granted != c.NULL else Decimal(0)
        if due > whole:
            wrong.append("E040")
        if due and azione_a == "N" and self._needs_a:
            wrong.append("E041")
        if wrong or stato is None or dipendenti is None:
            return wrong
        if stato in AMMESSE and self._grid and whole != self._by_grid(dipendenti):
            wrong.append("W402")
        if due and stato != _STATO.LIQUIDATA:
            wrong.append("W404")
        return wrong

    def _by_grid(self, dipendenti: str) -> Decimal | None:
        return avvisi.by_grid(self._grid, int(dipendenti))

    def errors(self, cells: Sequence[str | None]) -> list[str]:
        """Return the errors of a row that is refused already for other values."""
        return [code for code in self.codes(cells) if code.startswith("E")]


def _missing(stato: str | None, granted: str | None, paid: str | None) -> list[str]:
    """What is not known of an admitted or paid application cannot be taken for zero."""
    lacks = (stato in AMMESSE and granted == c.NULL) or (
        stato == _STATO.LIQUIDATA and paid == c.NULL
    )
    return ["E001"] if lacks else []


def _unsound(stato: str | None, granted: str | None, paid: str | None) -> list[str]:
    """An amount below zero, or nothing granted to an application that is admitted."""
    known = [Decimal(amount) for amount in (granted, paid) if amount not in (None, c.NULL)]
    below = any(amount < 0 for amount in known)
    nothing = stato in AMMESSE and granted not in (None, c.NULL) and not Decimal(granted or 0)
    return ["E003"] if below or nothing else []


def class_changed(comparison: Confronto) -> None:
    """Warn of the rows of a company whose size class is not the same in all it has told (W403)."""
    lines = comparison.sql(
        _CLASS_CHANGED, of_flow=class_sql("dipendenti"), of_stored=class_sql("t.dipendenti")
    )
    comparison.stage.warn("W403", lines)
