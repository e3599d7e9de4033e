"""The tables of Quadratura."""

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString

from porfse.figures import Figure
from porfse.printed import TOTAL, Reconciled, Verdict
from porfse.tables import LONG, NUMERIC, CifraColumn, NumeroColumn, Tabella

# What a printed figure includes of the Covid wage support, in the catalogue and on the page.
PERIMETRI = {
    "": "—",
    "ordinaria": "CIGD esclusa",
    "cigd": "sola CIGD",
    "ordinaria+cigd": "CIGD inclusa",
    "non dichiarata": "CIGD non dichiarata",
}


class ConteggioColumn(NumeroColumn):
    """How many figures of a document have a verdict, linked to their list."""

    def __init__(self, verdict: str) -> None:
        self.verdict = verdict
        super().__init__(accessor=verdict, verbose_name=verdict.capitalize(), orderable=False)

    def render(self, value: int, record: dict[str, Any]) -> SafeString:  # type: ignore[override]
        asked = {
            "documento": "" if record["documento"] == TOTAL else record["documento"],
            "verdetto": "" if self.verdict == TOTAL else self.verdict,
        }
        return format_html('<a href="?{}#cifre">{}</a>', urlencode(asked), value)


class ConteggioTable(Tabella):
    caption = "Cifre stampate per documento e verdetto"
    documento = tables.Column(orderable=False)
    quadra = ConteggioColumn(Verdict.QUADRA)
    contraddizione = ConteggioColumn(Verdict.CONTRADDIZIONE)
    circolare = ConteggioColumn(Verdict.CIRCOLARE)
    solo_caricata = ConteggioColumn(Verdict.SOLO_CARICATA)
    totale = ConteggioColumn(TOTAL)


class QuadraturaTable(Tabella):
    caption = "Cifre stampate nei documenti e valori calcolati"
    codice = tables.Column(
        accessor="stampata__id",
        verbose_name="Cifra",
        orderable=False,
        linkify=("programme:cifra_stampata", [tables.A("stampata__id")]),
    )
    voce = tables.Column(accessor="stampata__voce", orderable=False, attrs=LONG)
    sezione = tables.Column(accessor="stampata__sezione", orderable=False, visible=False)
    valore = CifraColumn(verbose_name="Stampata")
    perimetro = tables.Column(accessor="stampata__perimetro", orderable=False, default="—")
    calcolata = CifraColumn(verbose_name="Calcolata", default="—")
    differenza = CifraColumn(default="—")
    tolleranza = tables.Column(orderable=False, default="—", attrs=NUMERIC)
    verdetto = tables.Column(orderable=False)

    def render_voce(self, value: str, record: Reconciled) -> SafeString:
        place = f"{record.stampata.documento}, {record.stampata.sezione}"
        return format_html('{}<br><small class="nota">{}</small>', value, place)

    def value_voce(self, value: str) -> str:
        return value

    def render_perimetro(self, value: str) -> str:
        return PERIMETRI[value]

    def render_valore(self, value: Figure, record: Reconciled) -> SafeString:
        return value.linked(record.stampata.stampato)

    def value_valore(self, value: Figure) -> Decimal | int | None:
        return value.exported

    def render_tolleranza(self, value: Decimal, record: Reconciled) -> SafeString:
        return format_html(
            "<span data-tolleranza>{}</span>", record.stampata.unita.tolerance(value)
        )

    def render_verdetto(self, value: Verdict) -> SafeString:
        return format_html(
            '<span class="verdetto verdetto--{}">{}</span>', value.name.lower(), value
        )

    def value_verdetto(self, value: Verdict) -> str:
        return str(value)

    def value_tolleranza(self, value: Any) -> Any:
        return value
