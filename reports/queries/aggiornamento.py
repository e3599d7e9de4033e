"""How old what is known of the programme is, at a day: in titles, beside figures, as a warning."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from porfse.periods import italian
from programme.figures.ledger import LABELS
from programme.freshness import last_days, latest, ledger_rows, older
from programme.models import GRANDEZZE, Destinatari, ValoreIndicatore

REGISTRO, DESTINATARI, INDICATORI = "registro", "destinatari", "indicatori"
_LAST = {  # what there is a last one of, and that there is none
    REGISTRO: ("L'ultimo importo registrato", "nessun importo è registrato"),
    DESTINATARI: ("L'ultimo dato sui destinatari", "nessun dato sui destinatari è pubblicato"),
    INDICATORI: ("L'ultimo valore degli indicatori", "nessun indicatore ha un valore pubblicato"),
}


@dataclass(frozen=True)
class Aggiornamento:
    """The last day that data are of, up to that of a report.

    Attributes:
        ultimi: of each quantity of the ledger, of the whole REGISTRO, of DESTINATARI and of
            INDICATORI; None if there are none.
    """

    al: date
    ultimi: Mapping[str, date | None]

    @classmethod
    def at(cls, al: date) -> "Aggiornamento":
        """Read the last days of all kinds of data, with one query."""
        others = {
            DESTINATARI: Destinatari.objects.filter(data__lte=al),
            INDICATORI: ValoreIndicatore.objects.filter(data__lte=al),
        }
        found = last_days(ledger_rows(al) | others)
        last = latest({name: found[name] for name in GRANDEZZE})
        return cls(al, found | {REGISTRO: last})

    def detto(self, tipo: str) -> str:
        """Return `ultimo dato al 31.12.2020` of data that are older than the report; else empty."""
        return older(self.ultimi.get(tipo), self.al)

    def titolo(self, words: str, tipo: str = REGISTRO) -> str:
        """Return a title, with the day of its data if they are older than the report."""
        said = self.detto(tipo)
        return f"{words} ({said})" if said else words

    def avvertenze(self, *tipi: str) -> Iterator[str]:
        """Yield which data are older than the report, or not there at all."""
        for tipo in tipi:
            (subject, none), last = _LAST[tipo], self.ultimi[tipo]
            if last is None:
                yield f"Al {italian(self.al)} {none}."
                continue
            behind = "; ".join(self._behind(last)) if tipo == REGISTRO else ""
            if last < self.al or behind:
                yield (
                    f"{subject} entro il {italian(self.al)} è del {italian(last)}"
                    f"{f' ({behind})' if behind else ''}: le cifre sono quelle di allora."
                )

    def _behind(self, last: date) -> Iterator[str]:
        """The quantities whose last amount is older than that of another."""
        for name in GRANDEZZE:
            day = self.ultimi[name]
            if day and day < last:
                yield f"{LABELS[name].lower()}: {italian(day)}"
