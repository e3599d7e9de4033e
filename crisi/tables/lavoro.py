"""The tables of the worklist."""

from collections.abc import Collection
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from crisi.checks import Segnalazione
from crisi.lavoro import Scadenza, Trimestre
from crisi.models import Procedura, UnitaProduttiva
from porfse.periods import italian
from porfse.tables import LONG, DataColumn, NumeroColumn, Tabella

EXAMPLE = format_html(' <span class="badge bg-secondary">{}</span>', "esempio")


def labelled(text: object, *, example: bool) -> SafeString:
    """Return a text, with the label of the examples if it is of one."""
    return format_html("{}{}", text, EXAMPLE if example else "")


def linked(url: str, text: object, *, example: bool) -> SafeString:
    """Return a link, labelled like that."""
    return labelled(format_html('<a href="{}">{}</a>', url, text), example=example)


def marked(text: object, *, example: bool) -> str:
    """The same for files."""
    return f"{text} (esempio)" if example else str(text)


class SitiTable(Tabella):
    """Sites with their procedure."""

    azienda = tables.Column(accessor="procedura__azienda", orderable=False, attrs=LONG)
    unita = tables.Column(accessor="codice", verbose_name="Unità produttiva", orderable=False)
    comune = tables.Column(orderable=False)
    tipo = tables.Column(accessor="procedura__get_tipo_display", orderable=False, attrs=LONG)
    avvio = DataColumn(accessor="procedura__data_avvio", verbose_name="Avvio", orderable=False)
    lavoratori = NumeroColumn(verbose_name="Lavoratori", orderable=False)

    def is_example(self, record: UnitaProduttiva) -> bool:
        return record.procedura.esempio

    def render_azienda(self, record: UnitaProduttiva, value: object) -> SafeString:
        procedure = record.procedura
        return linked(procedure.get_absolute_url(), value, example=procedure.esempio)

    def value_azienda(self, record: UnitaProduttiva, value: object) -> str:
        return marked(value, example=record.procedura.esempio)


class CaricoTable(SitiTable):
    """Sites to take charge of; the controls belong to the form `carico` of the page.

    Args:
        chosen: keys that were chosen before, when the page comes back with an error.
        writes: whether the person may take charge of them.
    """

    caption = "Unità da prendere in carico"
    empty = "Nessuna unità da prendere in carico: tutte quelle delle procedure aperte lo sono già."
    scegli = tables.Column(
        accessor="pk", verbose_name="Scegli", orderable=False, exclude_from_export=True
    )
    azione = tables.Column(
        accessor="pk",
        verbose_name="Azione",
        orderable=False,
        exclude_from_export=True,
        attrs={"td": {"class": "azione"}},
    )

    class Meta:
        sequence = ("scegli", "...", "azione")

    def __init__(
        self, *args: Any, chosen: Collection[int] = (), writes: bool, **kwargs: Any
    ) -> None:
        self.chosen = chosen
        super().__init__(*args, exclude=() if writes else ("scegli", "azione"), **kwargs)

    def render_scegli(self, record: UnitaProduttiva) -> SafeString:
        return format_html(
            '<input type="checkbox" form="carico" name="unita" value="{}"'
            ' aria-label="Scegli {}, {}" {}>'
            '<input type="hidden" form="carico" name="mostrate" value="{}">',
            record.pk,
            record.procedura.azienda,
            record,
            "checked" if record.pk in self.chosen else "",
            record.pk,
        )

    def render_azione(self, record: UnitaProduttiva) -> SafeString:
        return format_html(
            '<button type="submit" form="carico" name="solo" value="{}"'
            ' class="btn btn-outline-primary btn-xs">Prendi in carico'
            '<span class="visually-hidden"> {}, {}</span></button>',
            record.pk,
            record.procedura.azienda,
            record,
        )


class PreseTable(SitiTable):
    """Sites taken charge of of late: a slip is taken back with its reason."""

    caption = "Prese in carico negli ultimi 30 giorni"
    il = DataColumn(accessor="presa_in_carico_il", verbose_name="Presa in carico", orderable=False)
    chi = tables.Column(accessor="presa_in_carico_da", verbose_name="Da", orderable=False)
    azione = tables.Column(
        accessor="pk", verbose_name="Azione", orderable=False, exclude_from_export=True
    )

    class Meta:
        exclude = ("avvio", "lavoratori")

    def __init__(self, *args: Any, writes: bool, **kwargs: Any) -> None:
        super().__init__(*args, exclude=() if writes else ("azione",), **kwargs)

    def render_azione(self, record: UnitaProduttiva) -> SafeString:
        return format_html(
            '<a href="{}">Annulla<span class="visually-hidden"> la presa in carico di {}, {}'
            "</span></a>",
            reverse("crisi:carico_annulla", args=[record.pk]),
            record.procedura.azienda,
            record,
        )


class NuoveTable(Tabella):
    """Procedures begun or entered since the two months before these began."""

    caption = "Procedure nuove"
    empty = "Nessuna procedura avviata o inserita dall'inizio del bimestre precedente."
    azienda = tables.Column(orderable=False, attrs=LONG)
    pratica = tables.Column(accessor="codice_pratica", orderable=False)
    tipo = tables.Column(accessor="get_tipo_display", orderable=False, attrs=LONG)
    avvio = DataColumn(accessor="data_avvio", orderable=False)
    inserita = tables.Column(accessor="inserita_il", verbose_name="Inserita il", orderable=False)
    siti = NumeroColumn(verbose_name="Unità nella provincia", orderable=False)
    lavoratori = NumeroColumn(verbose_name="Lavoratori noti", orderable=False)
    non_noti = NumeroColumn(
        accessor="pk", verbose_name="Unità con lavoratori non noti", orderable=False
    )

    def render_azienda(self, record: Procedura, value: object) -> SafeString:
        return linked(record.get_absolute_url(), value, example=record.esempio)

    def value_azienda(self, record: Procedura, value: object) -> str:
        return marked(value, example=record.esempio)

    def render_inserita(self, record: Procedura) -> str:
        return italian(timezone.localdate(record.inserita_il))

    def render_non_noti(self, record: Any) -> int:
        return record.siti - record.noti

    def value_non_noti(self, record: Any) -> int:
        return record.siti - record.noti


class TrimestriTable(Tabella):
    """The quarters that the nucleo has in hand."""

    caption = "Trimestri da compilare"
    empty = "Nessun trimestre aperto: il prossimo si apre alla fine del trimestre in corso."
    trimestre = tables.Column(accessor="monitoraggio__periodo__nome", orderable=False)
    stato = tables.Column(accessor="monitoraggio__get_stato_display", orderable=False, attrs=LONG)
    entro = DataColumn(accessor="monitoraggio__entro", verbose_name="Entro il", orderable=False)
    attese = NumeroColumn(verbose_name="Unità attese", orderable=False)
    mancanti = NumeroColumn(verbose_name="Senza dati", orderable=False)
    motivo = tables.Column(verbose_name="Note", orderable=False, attrs=LONG, empty_values=())

    def render_trimestre(self, record: Trimestre, value: str) -> SafeString:
        return format_html('<a href="{}">{}</a>', record.monitoraggio.get_absolute_url(), value)

    def value_trimestre(self, value: str) -> str:
        return value

    def render_motivo(self, record: Trimestre) -> str:
        return record.note


class ScadenzeTable(Tabella):
    """The next dates, and those gone by with work left."""

    caption = "Prossime date"
    empty = "Nessuna scadenza, nessun tavolo e nessuna procedura in chiusura."
    data = DataColumn(orderable=False)
    quando = tables.Column(accessor="giorni", verbose_name="Quando", orderable=False)
    tipo = tables.Column(orderable=False)
    cosa = tables.Column(verbose_name="Che cosa", orderable=False, attrs=LONG)

    def render_quando(self, value: int) -> str:
        return distance(value)

    def render_cosa(self, record: Scadenza, value: str) -> SafeString:
        return linked(record.url, value, example=record.esempio)

    def value_cosa(self, record: Scadenza, value: str) -> str:
        return marked(value, example=record.esempio)


def distance(days: int) -> str:
    """Say how far a day is: `oggi`, `fra 3 giorni`, `scaduto da 1 giorno`."""
    if days == 0:
        return "oggi"
    words = "1 giorno" if abs(days) == 1 else f"{abs(days)} giorni"
    return f"fra {words}" if days > 0 else f"scaduto da {words}"


class SegnalazioniTable(Tabella):
    """What the checks of a quarter have found."""

    caption = "Segnalazioni"
    empty = "Nessuna segnalazione: i controlli sul trimestre non hanno trovato nulla."
    gravita = tables.Column(verbose_name="Gravità", orderable=False)
    codice = tables.Column(orderable=False)
    testo = tables.Column(verbose_name="Che cosa", orderable=False, attrs=LONG)

    def render_testo(self, record: Segnalazione, value: str) -> SafeString:
        return linked(record.url, value, example=record.esempio)

    def value_testo(self, record: Segnalazione, value: str) -> str:
        return marked(value, example=record.esempio)


class NucleiTable(Tabella):
    """The twelve, for the Region to choose from."""

    caption = "Nuclei territoriali"
    nome = tables.Column(verbose_name="Nucleo", orderable=False)
    carico = NumeroColumn(verbose_name="Unità da prendere in carico", orderable=False)
    nuove = NumeroColumn(verbose_name="Procedure nuove", orderable=False)

    def render_nome(self, record: dict[str, Any], value: str) -> SafeString:
        return format_html(
            '<a href="{}?provincia={}">{}</a>', reverse("crisi:lavoro"), record["sigla"], value
        )

    def value_nome(self, value: str) -> str:
        return value
