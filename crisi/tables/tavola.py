"""The tables beside that of the crises: by provincia, differences, changes, years."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString

from crisi.selection import Selection
from porfse.tables import LONG, CifraColumn, Tabella


def told(selection: Selection) -> str:
    """Return what figures count, as a line above a header."""
    return f"{selection.words[0].upper()}{selection.words[1:]}"


TOTAL = {"class": lambda record: "totale" if record.get("totale") else None}


class ProvinceTable(Tabella):
    """One measure by provincia: what the map shows."""

    caption = "Valori della mappa"
    nome = tables.Column(verbose_name="Provincia", orderable=False, attrs=LONG)
    valore = CifraColumn(style="short")
    peso = CifraColumn(verbose_name="Peso %", style="short")

    class Meta:
        row_attrs: ClassVar = TOTAL

    def about(self, context: Mapping[str, Any]) -> Iterable[str]:
        return [told(context["scelta"].base)]

    def __init__(self, *args: Any, measure: str, **kwargs: Any) -> None:
        named = [("valore", CifraColumn(verbose_name=measure, style="short"))]
        super().__init__(*args, extra_columns=named, **kwargs)

    def render_nome(self, value: str, record: dict[str, Any]) -> SafeString | str:
        if "url" not in record:
            return value
        return format_html('<a href="{}">{}</a>', record["url"], value)

    def value_nome(self, value: str) -> str:
        return value


class VariazioniTable(Tabella):
    """A measure in two periods; the headers of both, and its name, come from the page."""

    nome = tables.Column(verbose_name="Provincia", orderable=False, attrs=LONG)
    prima = CifraColumn(style="short")
    ora = CifraColumn(style="short")
    variazione = CifraColumn(style="delta")
    percento = CifraColumn(verbose_name="Variazione %", style="delta")

    class Meta:
        row_attrs: ClassVar = TOTAL

    def __init__(self, *args: Any, first: str, before: str, now: str, **kwargs: Any) -> None:
        named = [
            ("nome", tables.Column(verbose_name=first, orderable=False, attrs=LONG)),
            ("prima", CifraColumn(verbose_name=before, style="short")),
            ("ora", CifraColumn(verbose_name=now, style="short")),
        ]
        super().__init__(*args, extra_columns=named, **kwargs)


MEASURES = {
    "unita_cigs_min": "CIGS min.: unità",
    "lavoratori_cigs_min": "CIGS min.: lavoratori",
    "unita_cigs_reg": "CIGS reg.: unità",
    "lavoratori_cigs_reg": "CIGS reg.: lavoratori",
    "unita_lic": "Licenz.: unità",
    "lavoratori_lic": "Licenz.: lavoratori",
    "lavoratori": "Totale lavoratori",
}


class MisureTable(Tabella):
    """Each measure in a column of its own, after those that the table declares."""

    style: ClassVar[str] = "short"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        measures = [
            (name, CifraColumn(verbose_name=words, style=self.style))
            for name, words in MEASURES.items()
        ]
        super().__init__(*args, extra_columns=measures, **kwargs)


class DifferenzeTable(MisureTable):
    """What is calculated less what is printed."""

    caption = "Differenze: calcolata meno pubblicata"
    style = "delta"
    nome = tables.Column(verbose_name="Provincia", orderable=False, attrs=LONG)

    class Meta:
        row_attrs: ClassVar = TOTAL

    def about(self, context: Mapping[str, Any]) -> Iterable[str]:
        chosen = context["scelta"]
        return [told(chosen.base), f"Accanto: {told(chosen.affianca)}"]


class AnniTable(MisureTable):
    """The row of a provincia, year by year, each with its source."""

    caption = "La provincia anno per anno"
    periodo = tables.Column(verbose_name="Anno", orderable=False)
    fonte = tables.Column(orderable=False)

    def render_fonte(self, value: Selection) -> str:
        return value.fonte

    def value_fonte(self, value: Selection) -> str:
        return value.fonte
