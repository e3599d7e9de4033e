"""The flow `progetti-giudiziaria`: the projects with their functions and the state of each."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from django.utils.text import slugify

from measures.autorita_giudiziaria.example import ROWS, projects
from measures.autorita_giudiziaria.models import ADDRESS, LONGEST, Progetto
from measures.flows.source import CODES, MisuraSource, comuni
from porfse.flows import columns as c
from porfse.flows.source import Checker, PartialChecker

SEPARATOR = "|"
# Small letters, single spaces, each once: the same function is always written alike.
_FUNZIONI = r"""
    ARRAY(
        SELECT DISTINCT lower(regexp_replace(btrim(f), '\s+', ' ', 'g'))
        FROM unnest(string_to_array(coalesce(s.funzioni, ''), '|')) AS f
        WHERE btrim(f) <> '' ORDER BY 1
    )::varchar[]
"""


class ProgettiGiudiziaria(MisuraSource):
    slug = "progetti-giudiziaria"
    nome = "Progetti per persone sottoposte a provvedimenti dell'autorità giudiziaria"
    misura = "autorita-giudiziaria"
    columns = (
        c.Testo("id_progetto", longest=40, distinct=True, aliases=("identificativo",)),
        c.CodiceAzienda("codice_fiscale_azienda", aliases=("codice_fiscale_ente", "cf_ente")),
        c.Testo("ente", aliases=("denominazione_ente",)),
        c.Testo("titolo"),
        c.Noto("comune_istat", comuni, code="E005", aliases=("codice_istat_comune",)),
        c.Testo("funzioni", longest=600, required=False),
        c.Intero("destinatari", required=False),
        c.Scelta("stato", Progetto.Stato.values),
        c.Giorno("data_finanziamento"),
        c.Importo("importo_finanziato"),
        c.Importo("importo_liquidato", zero=True, required=False),
        c.Giorno("data_liquidazione", required=False),
    )
    key = "id_progetto"
    amount = "importo_finanziato"
    amount_label = "Importo finanziato"
    group = "(SELECT provincia_id FROM porfse_comune WHERE codice_istat = s.comune_istat)"
    group_label = "Provincia"
    example_rows = ROWS
    codes = CODES | {
        "E001": "manca un valore obbligatorio, o il valore non è fra quelli ammessi; di un progetto"
        " liquidato serve l'importo liquidato; una funzione ha un nome di lettere o cifre, al"
        f" massimo {LONGEST} caratteri, e le funzioni si separano con «{SEPARATOR}»",
        "E003": "importo non leggibile o negativo, o importo finanziato uguale a zero",
        "E004": "data non leggibile, impossibile o nel futuro, o liquidazione prima del"
        " finanziamento",
        "E021": "numero di destinatari che non è un intero",
        "E040": "importo liquidato maggiore di quello finanziato",
        "W406": "possibile doppio pagamento: un altro identificativo ha già lo stesso liquidato per"
        " lo stesso ente e lo stesso titolo",
    }
    campi = {
        "comune_id": "s.comune_istat",
        "stato": "s.stato",
        "data_inizio": "s.data_finanziamento",
        "data_ammissione": "s.data_finanziamento",  # a project begins as granted
        # What is optional and comes empty is not known here: what was known stays.
        "data_liquidazione": "coalesce(s.data_liquidazione, t.data_liquidazione)",
        "concesso": "s.importo_finanziato",
        "liquidato": "s.importo_liquidato",
        "ente": "s.ente",
        "titolo": "s.titolo",
        "destinatari": "coalesce(s.destinatari, t.destinatari)",
        "funzioni": _FUNZIONI,
    }
    passi = {
        "finanziato": ("avviato", "concluso", "liquidato", "revocato"),
        "avviato": ("concluso", "liquidato", "revocato"),
        "concluso": ("liquidato", "revocato"),
    }
    pagato = Progetto.Stato.LIQUIDATO.value
    uguali = ("titolo", "liquidato")
    giorni = {"finanziato": "data_inizio", "liquidato": "data_liquidazione"}
    nome_azienda = "s.ente"

    def checker(self) -> Checker:
        return _RowCheck(self.position).codes

    def refused_checker(self) -> PartialChecker:
        return _RowCheck(self.position).codes

    def example(self, *, rows: int, seed: int, defects: Decimal) -> Iterable[Sequence[str]]:
        return projects(rows=rows, seed=seed, defects=defects)


class _RowCheck:
    """Looks at one row; cells are COPY text, None where the value is wrong."""

    def __init__(self, position: Callable[[str], int]) -> None:
        names = ("stato", "funzioni", "importo_finanziato", "importo_liquidato")
        self._places = [position(name) for name in names]

    def codes(self, cells: Sequence[str | None]) -> list[str]:
        """Return the codes of a row: E001, E003, E040, each once."""
        stato, functions, granted, paid = (cells[place] for place in self._places)
        unpaid = stato == Progetto.Stato.LIQUIDATO and paid == c.NULL
        named = map(str.strip, (functions or "").split(SEPARATOR)) if functions != c.NULL else ()
        wrong = ["E001"] if unpaid or not all(map(_good, filter(None, named))) else []
        whole, part = _amount(granted), _amount(paid)
        if any(amount is not None and amount < 0 for amount in (whole, part)):
            wrong.append("E003")
        elif whole is not None and part is not None and part > whole:
            wrong.append("E040")
        return wrong


def _good(function: str) -> bool:
    """Whether a function can be stored and has an address of its own."""
    return len(function) <= LONGEST and 0 < len(slugify(function)) <= ADDRESS


def _amount(cell: str | None) -> Decimal | None:
    return None if cell in (None, c.NULL) else Decimal(cell)  # type: ignore[arg-type]
