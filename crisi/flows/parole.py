"""The values of the flows of the crises in words, the same in previews and conflicts."""

from collections.abc import Mapping
from datetime import date

from crisi.flows.noti import DOPPIONE
from crisi.models import Procedura
from crisi.trimestri import quarter
from porfse.codes import masked
from porfse.periods import italian
from porfse.tables import ND

NESSUNO = "—"
_CAMPI = {
    "azienda": "codice fiscale dell'azienda",
    "tipo": "tipo e linea guida",
    "causale": "causale",
    "data_avvio": "data di avvio",
    "data_fine": "data di fine",
    "alta_complessita": "alta complessità",
    "comune": "comune",
    "lavoratori": "lavoratori coinvolti",
    "codice": "identificativo dell'unità",
    "unita": "unità tolta a mano",
}


def field(campo: str) -> str:
    """Return the name of a field that a conflict is about."""
    if campo.startswith(DOPPIONE):
        return "possibile doppione"
    if campo.startswith("20"):  # a quarter of a PAL flow
        return f"PAL, {quarter(campo).nome}"
    return _CAMPI.get(campo, campo)


def told(campo: str, value: str | None, comuni: Mapping[str, str] | None = None) -> str:
    """Return a value as people read it; what is not known is said so.

    Args:
        comuni: their names by ISTAT code, where the value is a code.
    """
    if value is None:
        return ND if campo == "lavoratori" else NESSUNO
    match campo:
        case "comune" | "unita":
            return (comuni or {}).get(value, value)
        case "azienda":
            return masked(value) if len(value) == 16 else value
        case "data_avvio" | "data_fine":
            return italian(date.fromisoformat(value))
        case "alta_complessita":
            return "sì" if value == "S" else "no"
        case "tipo":
            kind, _, guide = value.partition(" ")
            return f"{Procedura.Tipo(kind).label}, linea guida {guide}"
        case _:
            return value


def choices(campo: str) -> list[tuple[str, str]]:
    """Return what may be chosen for a field: value of `Conflitto.Scelta`, and words."""
    if campo.startswith(DOPPIONE):
        return [("archivio", "sono due procedure diverse"), ("flusso", "è la stessa procedura")]
    if campo == "unita":
        return [("archivio", "lasciarla fuori"), ("flusso", "rimetterla")]
    return [("archivio", "tenere il dato inserito"), ("flusso", "prendere il dato del flusso")]
