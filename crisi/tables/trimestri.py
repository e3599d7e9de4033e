"""The tables of the quarters: rows of active policies, completeness of the nuclei, steps."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import django_tables2 as tables
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from crisi.griglia import Voce
from crisi.models import MonitoraggioTrimestrale, PassaggioTrimestre, Strumento
from crisi.services.trimestri import RIAPERTO, RICHIUSO
from crisi.tables.lavoro import marked
from crisi.trimestri import Copertura, days_late, open_until, stato_words
from porfse.figures import Figure
from porfse.models import Provincia
from porfse.periods import Periodo, italian, moment
from porfse.tables import LONG, CifraColumn, DataColumn, NumeroColumn, Tabella

Stato = MonitoraggioTrimestrale.Stato
PASSAGGI = {
    **dict(Stato.choices),
    RIAPERTO: "riaperto",
    RICHIUSO: "chiuso prima del termine della riapertura",
    "corretto": "corretto nel periodo di riapertura",
    "scadenza": "scadenza cambiata",
}


def _of_row(name: str, **kwargs: Any) -> NumeroColumn:
    return NumeroColumn(accessor=f"in_vigore__{name}", order_by=(f"in_vigore__{name}",), **kwargs)


class RigheTable(Tabella):
    """The rows of a quarter as they are stored, for who does not write them."""

    caption = "Lavoratori per unità produttiva"
    empty = "Nessuna unità di CIGS in corso nel trimestre."
    azienda = tables.Column(accessor="unita__procedura__azienda__denominazione", attrs=LONG)
    unita = tables.Column(verbose_name="Unità", order_by=("unita__codice",), attrs=LONG)
    lavoratori = NumeroColumn(accessor="unita__lavoratori", verbose_name="Lavoratori")
    sospesi = _of_row("sospesi")
    step1 = _of_row("step1", verbose_name="STEP 1")
    step2 = _of_row("step2", verbose_name="STEP 2")
    step3 = _of_row("step3", verbose_name="STEP 3")
    step4 = _of_row("step4", verbose_name="STEP 4")
    no_pal = _of_row("no_pal", verbose_name="NO PAL")
    motivo = tables.Column(
        accessor="in_vigore__motivo_esonero", verbose_name="Motivo dell'esonero", default="—"
    )
    strumenti = tables.Column(accessor="in_vigore", orderable=False, default="—")
    segnalazioni = tables.Column(orderable=False, default="—")
    autore = tables.Column(
        accessor="in_vigore__autore", verbose_name="Inserito da", orderable=False, default="—"
    )
    versioni = tables.Column(accessor="storia", verbose_name="Versioni precedenti", orderable=False)

    class Meta:
        order_by = ("azienda",)

    def render_unita(self, record: Voce) -> SafeString:
        url = record.unita.procedura.get_absolute_url()
        mark = " (esempio)" if self.is_example(record) else ""
        return format_html('<a href="{}">{}</a>{}', url, record.unita, mark)

    def value_unita(self, record: Voce) -> str:
        return marked(record.unita, example=self.is_example(record))

    def is_example(self, record: Voce) -> bool:
        return record.unita.procedura.esempio

    def render_strumenti(self, record: Voce) -> str:
        return instruments(record.in_vigore)

    def render_segnalazioni(self, value: Sequence[Any]) -> SafeString | str:
        return format_html_join(" ", "<p>{}: {}</p>", ((s.codice, s.testo) for s in value)) or "—"

    def value_segnalazioni(self, value: Sequence[Any]) -> str:
        return "; ".join(f"{item.codice}: {item.testo}" for item in value)

    def render_autore(self, record: Voce) -> str:
        row = record.in_vigore
        return f"{row.autore}, {moment(row.inserito_il)}"

    def render_versioni(self, value: Sequence[Any]) -> SafeString | str:
        return format_html_join(" ", "<p>{}</p>", ((version(row),) for row in value)) or "—"

    def value_versioni(self, value: Sequence[Any]) -> str:
        return "; ".join(version(row) for row in value)


def instruments(row: Any) -> str:
    """Return the instruments of a row in words."""
    names = [Strumento(name).label for name in row.strumenti if name != Strumento.ALTRO]
    if Strumento.ALTRO in row.strumenti:
        names.append(f"Altro ({row.altro_strumento})" if row.altro_strumento else "Altro")
    return ", ".join(names) or "—"


def numbers(row: Any) -> str:
    """Return the numbers of a row in words: `sospesi 10; STEP 1 2; …; NO PAL n.d.`."""
    labels = ("sospesi", "STEP 1", "STEP 2", "STEP 3", "STEP 4", "NO PAL")
    values = (row.sospesi, row.step1, row.step2, row.step3, row.step4, row.no_pal)
    pairs = zip(labels, values, strict=True)
    words = [f"{label} {'n.d.' if value is None else value}" for label, value in pairs]
    words += [f"esonero: {row.motivo_esonero}"] if row.motivo_esonero else []
    words += [instruments(row)] if row.strumenti else []
    return "; ".join(words)


def version(row: Any) -> str:
    """Return a replaced row in words, with who wrote it and until when it stood."""
    return f"{moment(row.inserito_il)}, {row.autore}: {numbers(row)}"


class PassaggiTable(Tabella):
    """What happened to a quarter."""

    caption = "Passaggi del trimestre"
    il = tables.DateTimeColumn(verbose_name="Quando", format="d.m.Y H:i", orderable=False)
    a = tables.Column(verbose_name="Che cosa", orderable=False)
    autore = tables.Column(verbose_name="Chi", orderable=False)
    motivo = tables.Column(verbose_name="Perché", default="—", orderable=False, attrs=LONG)

    def render_a(self, record: PassaggioTrimestre) -> str:
        return PASSAGGI[record.a] if record.da else "aperto dall'Autorità di Gestione"

    def value_il(self, value: Any) -> Any:
        return value


class NucleiTable(Tabella):
    """How complete and how timely the nuclei are in a quarter."""

    caption = "Completezza e puntualità"
    empty = "Nessun trimestre è aperto."
    nucleo = tables.Column(accessor="monitoraggio__provincia")
    unita = tables.Column(accessor="copertura", verbose_name="Unità con dati", orderable=False)
    stato = tables.Column(accessor="monitoraggio__stato")
    entro = DataColumn(accessor="monitoraggio__entro", verbose_name="Da trasmettere entro")
    trasmesso = DataColumn(accessor="monitoraggio__trasmesso_il", default="—")
    ritardo = NumeroColumn(accessor="monitoraggio", verbose_name="Giorni di ritardo")
    riaperto = DataColumn(accessor="monitoraggio", verbose_name="Riaperto fino al", default="—")
    azioni = tables.Column(
        accessor="monitoraggio",
        orderable=False,
        exclude_from_export=True,
        attrs={"td": {"class": "azione"}},
    )

    def __init__(self, *args: Any, oggi: Any, gestore: bool, **kwargs: Any) -> None:
        self.oggi, self.gestore = oggi, gestore
        super().__init__(*args, exclude=() if gestore else ("azioni",), **kwargs)
        for name in ("ritardo", "riaperto"):
            self.columns[name].column.orderable = False

    def render_nucleo(self, record: Mapping[str, Any]) -> SafeString:
        each = record["monitoraggio"]
        return format_html('<a href="{}">{}</a>', each.get_absolute_url(), each.provincia)

    def value_nucleo(self, value: Provincia) -> str:
        return str(value)

    def render_stato(self, record: Mapping[str, Any]) -> str:
        return stato_words(record["monitoraggio"], self.oggi)

    def render_trasmesso(self, value: Any) -> str:
        return italian(timezone.localdate(value))

    def value_trasmesso(self, value: Any) -> Any:
        return value and timezone.localdate(value)

    def render_ritardo(self, value: MonitoraggioTrimestrale) -> str:
        return str(days_late(value, self.oggi))

    def value_ritardo(self, value: MonitoraggioTrimestrale) -> int:
        return days_late(value, self.oggi)

    def render_riaperto(self, value: MonitoraggioTrimestrale) -> str:
        last = open_until(value, self.oggi)
        return italian(last) if last else "—"

    def value_riaperto(self, value: MonitoraggioTrimestrale) -> Any:
        return open_until(value, self.oggi)

    def render_azioni(self, value: MonitoraggioTrimestrale) -> SafeString:
        links = (
            (reverse("crisi:trimestre_azione", args=[value.trimestre, value.provincia_id, slug]),
             words, value.provincia)
            for slug, words in actions(value, self.oggi)
        )  # fmt: skip
        link = '<a href="{}">{}<span class="visually-hidden"> {}</span></a>'
        return format_html_join(" · ", link, links) or format_html("—")


def actions(monitoraggio: MonitoraggioTrimestrale, oggi: Any) -> list[tuple[str, str]]:
    """Return what the Region may do with a quarter now: the name of the step, and its words."""
    found = []
    if monitoraggio.stato == Stato.TRASMESSO:
        found += [("valida", "Valida"), ("restituisci", "Restituisci")]
    if monitoraggio.stato == Stato.VALIDATO:
        found += [("riapri", "Riapri")]
    if open_until(monitoraggio, oggi):
        found += [("richiudi", "Chiudi ora")]
    if monitoraggio.trasmesso_il is None:
        found += [("scadenza", "Cambia scadenza")]
    return found


class MatriceTable(Tabella):
    """The nuclei by quarter: state, and how many sites have their row."""

    caption = "I nuclei e gli ultimi trimestri"
    of_period = False
    nucleo = tables.Column(orderable=False)

    def __init__(self, rows: Any, *, quarters: Sequence[Periodo], **kwargs: Any) -> None:
        columns = [
            (str(each), _CellaColumn(verbose_name=each.nome, orderable=False)) for each in quarters
        ]
        super().__init__(rows, extra_columns=columns, **kwargs)


class _CellaColumn(tables.Column):
    """State and coverage of a nucleo in a quarter."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default="non aperto", **kwargs)

    def render(self, value: tuple[MonitoraggioTrimestrale, Copertura, str]) -> SafeString:
        each, cover, words = value
        link = '<a href="{}">{}</a><br><small>{} unità</small>'
        return format_html(link, each.get_absolute_url(), words, cover)

    def value(self, value: Any) -> str:
        return f"{value[2]}, {value[1]} unità" if isinstance(value, tuple) else "non aperto"


class _CifraPal(CifraColumn):
    """A sum; beside it, for how many sites it is not known."""

    def render(self, value: Figure) -> SafeString:  # type: ignore[override]
        return value.short if value.amount is None else value.full


class PassiTable(Tabella):
    """Suspended workers by step, and the shares of the suspended."""

    caption = "Lavoratori per passo"
    nome = tables.Column(verbose_name="Provincia", orderable=False)
    stato = tables.Column(orderable=False)
    unita = _CifraPal(verbose_name="Unità")
    sospesi = _CifraPal()
    step1 = _CifraPal(verbose_name="STEP 1")
    step2 = _CifraPal(verbose_name="STEP 2")
    step3 = _CifraPal(verbose_name="STEP 3")
    step4 = _CifraPal(verbose_name="STEP 4")
    no_pal = _CifraPal(verbose_name="NO PAL")
    quota4 = _CifraPal(verbose_name="STEP 4 sui sospesi")
    quota_no = _CifraPal(verbose_name="NO PAL sui sospesi")

    class Meta:
        row_attrs: ClassVar = {"class": lambda record: "totale" if record.get("totale") else None}


class StoriaTable(PassiTable):
    """The region, quarter by quarter."""

    caption = "Lavoratori per passo e trimestre"
    of_period = False
    stato = None  # each row is of twelve quarters
    nome = tables.Column(verbose_name="Trimestre", orderable=False)


class StrumentiTable(Tabella):
    """In how many sites each instrument is used."""

    caption = "Unità per strumento"
    nome = tables.Column(verbose_name="Provincia", orderable=False)
    dul = _CifraPal(verbose_name=Strumento.DUL.label)
    fc = _CifraPal(verbose_name=Strumento.FC.label)
    gol = _CifraPal(verbose_name=Strumento.GOL.label)
    altro = _CifraPal(verbose_name=Strumento.ALTRO.label)

    class Meta:
        row_attrs: ClassVar = {"class": lambda record: "totale" if record.get("totale") else None}


class AggregatiTable(Tabella):
    """The rows behind a figure of the active policies: sums by quarter and provincia."""

    caption = "Somme per trimestre e provincia"
    trimestre = tables.Column(orderable=False)
    provincia = tables.Column(orderable=False)
    unita = NumeroColumn(verbose_name="Unità con dati", orderable=False)
    non_noti = NumeroColumn(verbose_name="di cui con numero non noto", orderable=False)
    valore = NumeroColumn(verbose_name="Somma", orderable=False)
