"""The table of the high-complexity cases."""

from datetime import date
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from crisi.complesse import stale_before
from crisi.models import Procedura
from crisi.tables.lavoro import distance, linked, marked
from porfse import money
from porfse.periods import Periodo, italian
from porfse.tables import LONG, DataColumn, NumeroColumn, Tabella

_STEPS = {
    "sospesi": "Sospesi",
    "step1": "STEP 1",
    "step2": "STEP 2",
    "step3": "STEP 3",
    "step4": "STEP 4",
    "no_pal": "NO PAL",
}
_NOTE_LENGTH = 140


class PassoColumn(NumeroColumn):
    """Workers in a step, of the rows of the quarter; no rows is not known."""

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(accessor=f"pal__{name}", orderable=False, **kwargs)


class ComplesseTable(Tabella):
    """Cases, those of which nothing is heard first.

    Args:
        oggi: the day from which the days are counted.
        trimestre: of the active policies.
    """

    caption = "Casi ad alta complessità"
    empty = "Nessuna procedura aperta ad alta complessità corrisponde alla ricerca."
    azienda = tables.Column(order_by=("azienda__denominazione", "pk"), attrs=LONG)
    pratica = tables.Column(
        accessor="codice_pratica", verbose_name="Pratica", orderable=False, visible=False
    )
    novita = tables.Column(
        accessor="ultimo", verbose_name="Aggiornamento", order_by=("ultimo", "pk"), attrs=LONG
    )
    ultimo = DataColumn(verbose_name="Ultimo il", orderable=False, visible=False)
    tipo = tables.Column(accessor="get_tipo_display", order_by=("tipo", "pk"))
    province = tables.Column(orderable=False)
    unita = NumeroColumn(accessor="siti", verbose_name="Unità", orderable=False)
    lavoratori = NumeroColumn(verbose_name="Lavoratori", orderable=False)
    non_note = NumeroColumn(
        verbose_name="Unità con lavoratori non noti", orderable=False, visible=False
    )
    periodo = tables.Column(
        accessor="pk", verbose_name="Trimestre delle PAL", orderable=False, visible=False
    )
    fatto = tables.Column(
        accessor="nota",
        verbose_name="Ultimo fatto",
        orderable=False,
        default="nessuna nota",
        attrs=LONG,
    )
    prossimo = tables.Column(verbose_name="Prossimo tavolo", orderable=False, default="—")
    seguiti = tables.Column(
        verbose_name="Seguiti da fare", orderable=False, default="—", attrs=LONG
    )

    class Meta:
        order_by = ("novita",)

    def __init__(self, *args: Any, oggi: date, trimestre: Periodo, **kwargs: Any) -> None:
        self.oggi, self.stale = oggi, stale_before(oggi)
        self.trimestre = trimestre
        steps = [(name, PassoColumn(name, verbose_name=label)) for name, label in _STEPS.items()]
        first = ("azienda", "pratica", "novita", "ultimo", "fatto", "prossimo", "seguiti")
        last = ("lavoratori", "non_note", "periodo", *_STEPS)
        super().__init__(*args, extra_columns=steps, sequence=(*first, "...", *last), **kwargs)

    def render_azienda(self, record: Procedura, value: object) -> SafeString:
        return linked(record.get_absolute_url(), value, example=record.esempio)

    def value_azienda(self, record: Procedura, value: object) -> str:
        return marked(value, example=record.esempio)

    def _news(self, value: date) -> str:
        days = (self.oggi - value).days
        ago = {0: "oggi", 1: "1 giorno fa"}.get(days, f"{days} giorni fa")
        return f"senza novità da {days} giorni" if value < self.stale else f"aggiornata {ago}"

    def render_novita(self, value: date) -> SafeString | str:
        words = self._news(value)
        if value >= self.stale:
            return words
        return format_html('<strong class="verdetto--contraddizione">{}</strong>', words)

    def value_novita(self, value: date) -> str:
        return self._news(value)

    def value_periodo(self) -> str:
        return str(self.trimestre)

    def render_province(self, value: list[str]) -> str:
        return ", ".join(value)

    def value_province(self, value: list[str]) -> str:
        return ", ".join(value)

    def render_lavoratori(self, record: Any, value: int) -> str:
        some = f" + n.d. ({record.non_note} unità)" if record.non_note else ""
        return f"{money.number(value)}{some}"

    def value_lavoratori(self, value: int) -> int:
        return value

    def render_fatto(self, value: dict[str, str]) -> str:
        return _note(value, Truncator(value["testo"]).chars(_NOTE_LENGTH))

    def value_fatto(self, value: dict[str, str]) -> str:
        return _note(value, value["testo"])

    def render_prossimo(self, value: dict[str, Any]) -> SafeString:
        day = date.fromisoformat(value["data"])
        return format_html(
            '<a href="{}">{}</a> ({})',
            reverse("crisi:tavolo", args=[value["pk"]]),
            italian(day),
            distance((day - self.oggi).days),
        )

    def value_prossimo(self, value: dict[str, Any]) -> date:
        return date.fromisoformat(value["data"])

    def render_seguiti(self, value: dict[str, Any]) -> str:
        first = date.fromisoformat(value["primo"])
        overdue = value["scaduti"]
        late = f", {overdue} {'scaduto' if overdue == 1 else 'scaduti'}" if overdue else ""
        return f"{value['aperti']}{late}, il primo entro il {italian(first)}"

    def value_seguiti(self, value: dict[str, Any]) -> str:
        return self.render_seguiti(value)


def _note(value: dict[str, str], text: str) -> str:
    author = f"{value['nome']} {value['cognome']}".strip() or value["utente"]
    return f"{italian(date.fromisoformat(value['il']))}, {author}: {text}"
