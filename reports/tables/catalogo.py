"""Tables of the catalogue: the reports, the editions of one, the calendar."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from porfse.administration.tables import MomentoColumn
from porfse.tables import LONG, NUMERIC, Tabella
from reports.calendario import Scadenza
from reports.models import Edizione
from reports.parametri import Parametri
from reports.report import FORMATI, Report

REGION = "Regione"


class CatalogoTable(Tabella):
    """The reports; rows are dictionaries, with the last editions that the person may see."""

    caption = "Catalogo"
    empty = "Nessun report è destinato al ruolo dell'utenza."
    report = tables.Column(verbose_name="Report", orderable=False, attrs=LONG)
    descrizione = tables.Column(verbose_name="Contenuto", orderable=False, attrs=LONG)
    destinatari = tables.Column(verbose_name="Per chi", orderable=False)
    cadenza = tables.Column(verbose_name="Periodo", orderable=False)
    pubblicata = tables.Column(
        verbose_name="Ultimo pubblicato", orderable=False, default="nessuno", attrs=LONG
    )
    bozza = tables.Column(verbose_name="Ultima bozza", orderable=False, default="nessuna")

    def __init__(self, *args: Any, builds: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not builds:
            self.columns.hide("bozza")

    def render_report(self, value: Report) -> SafeString:
        url = reverse("reports:report", args=[value.slug])
        return format_html('<a href="{}">{}</a>', url, value.titolo)

    def value_report(self, value: Report) -> str:
        return value.titolo

    def render_pubblicata(self, value: Edizione) -> SafeString:
        return format_html("{}<br>{}", _linked(value), files(value))

    def value_pubblicata(self, value: Edizione) -> str:
        return _words(value)

    def render_bozza(self, value: Edizione) -> SafeString:
        return _linked(value)

    def value_bozza(self, value: Edizione) -> str:
        return _words(value)


class EdizioniReportTable(Tabella):
    """The editions of one report, in the order of the model: the last period, the Region first."""

    caption = "Edizioni"
    empty = "Nessuna edizione da consultare."
    al = tables.Column(verbose_name="Periodo", order_by=("al", "provincia_id", "edizione"))
    provincia = tables.Column(verbose_name="Territorio", empty_values=(), order_by="provincia_id")
    edizione = tables.Column(verbose_name="Edizione", attrs=NUMERIC)
    stato = tables.Column(verbose_name="Stato")
    numero_completo = tables.Column(verbose_name="Numero", default="—", order_by=("anno", "numero"))
    costruita_il = MomentoColumn(verbose_name="Costruita il", default="—")
    file = tables.Column(
        verbose_name="File",
        accessor="pk",
        orderable=False,
        exclude_from_export=True,
        attrs={"td": {"class": "azione"}},
    )

    def render_al(self, record: Edizione) -> SafeString:
        name = capfirst(record.periodo_nome)
        return format_html(
            '<a href="{}" aria-label="{}, {}, edizione {}">{}</a>',
            record.get_absolute_url(),
            name,
            record.provincia or REGION,
            record.edizione,
            name,
        )

    def value_al(self, record: Edizione) -> str:
        return record.periodo

    def render_provincia(self, record: Edizione) -> str:
        return str(record.provincia or REGION)

    def render_stato(self, record: Edizione) -> SafeString | str:
        return state_of(record)

    def value_stato(self, record: Edizione) -> str:
        return record.get_stato_display()

    def render_file(self, record: Edizione) -> SafeString | str:
        return files(record) or "—"


class CalendarioTable(Tabella):
    """Where each report of the calendar stands."""

    caption = "Costruzione dei report alla scadenza"
    empty = "Nessun report ha una scadenza."
    report = tables.Column(verbose_name="Report", orderable=False, attrs=LONG)
    ultimo = tables.Column(verbose_name="Ultimo periodo dovuto", orderable=False)
    dovuto_il = MomentoColumn(verbose_name="Dovuto dal", orderable=False)
    edizioni = tables.Column(verbose_name="Stato", orderable=False, empty_values=(None,))
    mancanti = tables.Column(verbose_name="Mancano", orderable=False, empty_values=(None,))
    prossimo = tables.Column(verbose_name="Prossimo periodo", orderable=False)
    prossimo_il = MomentoColumn(verbose_name="Prossima costruzione", orderable=False)

    def render_report(self, value: Report) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("reports:report", args=[value.slug]), value.titolo
        )

    def value_report(self, value: Report) -> str:
        return value.titolo

    def render_ultimo(self, value: Parametri) -> str:
        return value.nome

    def render_prossimo(self, value: Parametri) -> str:
        return value.nome

    def render_edizioni(self, value: Sequence[Edizione]) -> str:
        counted = Counter(item.stato for item in value)
        words = [f"{state.label}: {counted[state]}" for state in Edizione.Stato if counted[state]]
        return ", ".join(words) or "—"

    def render_mancanti(self, value: Sequence[Parametri], record: Scadenza) -> str:
        return "; ".join(_lacking(value, record.report)) or "nulla"


def files(edizione: Edizione) -> SafeString:
    """Return links to the files of an edition, which are best prefetched without content."""
    links = (
        (reverse("reports:file", args=[edizione.pk, item.formato]), kind, _words(edizione), kind)
        for item in edizione.file.all()
        for kind in [FORMATI[item.formato].partition(" (")[0]]
    )
    return format_html_join(" ", '<a href="{}" download aria-label="{}: {}">{}</a>', links)


def state_of(edizione: Edizione) -> SafeString | str:
    """Return the state of an edition, and whether its data are examples."""
    words = edizione.get_stato_display()
    if not edizione.esempio:
        return words
    return format_html('{} <span class="cifra-nota">esempio</span>', words)


def _words(edizione: Edizione) -> str:
    place = f", {edizione.provincia}" if edizione.provincia_id else ""
    number = f" (n. {edizione.numero_completo})" if edizione.numero else ""
    return f"{edizione.periodo_nome}{place}{number}"


def _linked(edizione: Edizione) -> SafeString:
    return format_html('<a href="{}">{}</a>', edizione.get_absolute_url(), _words(edizione))


def _lacking(missing: Iterable[Parametri], report: Report) -> list[str]:
    """Each period that is missing, and where: `3° trimestre 2025: Regione, BG`."""
    by_period: dict[str, list[str]] = {}
    for item in missing:
        by_period.setdefault(item.nome, []).append(item.provincia or REGION)
    if not report.provinciale:
        return list(by_period)
    return [f"{period}: {', '.join(where)}" for period, where in by_period.items()]
