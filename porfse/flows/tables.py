"""Tables of flows, of what is expected, and of what was counted in a flow."""

from decimal import Decimal
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from porfse import money
from porfse.administration.queries import named
from porfse.administration.tables import MomentoColumn
from porfse.flows.presenters import action_words, source_name
from porfse.flows.source import Source, sources
from porfse.models import ExpectedFlow, Flow, User
from porfse.tables import LONG, DataColumn, ImportoColumn, NumeroColumn, Tabella


class FonteColumn(tables.Column):
    """The name of a source."""

    def render(self, value: str) -> str:
        return source_name(value)


class FlussiTable(Tabella):
    """Flows, what waits for a decision first."""

    caption = "Flussi"
    empty = "Nessun flusso corrisponde alla scelta."
    pk = tables.Column(
        verbose_name="Flusso", linkify=("flussi:flusso", {"pk": tables.A("pk")}), order_by="pk"
    )
    sorgente = FonteColumn(verbose_name="Fonte")
    nome_file = tables.Column(verbose_name="File", attrs=LONG)
    stato = tables.Column(verbose_name="Stato")
    righe = NumeroColumn(verbose_name="Righe")
    accettate = NumeroColumn(verbose_name="Accettate")
    scartate = NumeroColumn(verbose_name="Scartate")
    importo = ImportoColumn(verbose_name="Totale accettato")
    protocollo = tables.Column(verbose_name="Protocollo", default="—")
    caricato_da = tables.Column(verbose_name="Caricato da", order_by="caricato_da__username")
    caricato_il = MomentoColumn(verbose_name="Caricato il")

    def render_importo(self, value: Decimal, record: Flow) -> str:
        source = next((item for item in sources() if item.slug == record.sorgente), None)
        if source is None or source.euro:
            return money.euro(value)
        label = source.amount_label
        return f"{money.number(value)} ({label[0].lower()}{label[1:]})"

    def render_nome_file(self, value: str, record: Flow) -> SafeString | str:
        if not record.esempio:
            return value
        return format_html('{} <span class="cifra-nota">esempio</span>', value)

    def value_nome_file(self, value: str, record: Flow) -> str:
        return f"{value} (esempio)" if record.esempio else value

    def render_caricato_da(self, value: User) -> str:
        return named(value)


class AttesiTable(Tabella):
    """Expected flows; `condizione` is where each stands."""

    caption = "Calendario"
    empty = "Nessun altro flusso atteso."
    periodo = tables.Column(verbose_name="Periodo")
    sorgente = FonteColumn(verbose_name="Fonte")
    entro = DataColumn(verbose_name="Atteso entro il")
    condizione = tables.Column(verbose_name="Stato")
    flusso = tables.Column(verbose_name="Flusso", default="—", order_by="flusso_id")
    nota = tables.Column(verbose_name="Nota", attrs=LONG, default="—")
    azione = tables.Column(
        verbose_name="Azioni",
        accessor="pk",
        orderable=False,
        exclude_from_export=True,
        attrs={"td": {"class": "azione"}},
    )

    def __init__(self, *args: Any, plans: bool = False, loads: bool = False, **kwargs: Any) -> None:
        self.plans, self.loads = plans, loads
        super().__init__(*args, **kwargs)
        if not (plans or loads):
            self.columns.hide("azione")

    def render_flusso(self, value: Flow) -> SafeString:
        return format_html('<a href="{}">{}</a>', value.get_absolute_url(), value.pk)

    def value_flusso(self, value: Flow) -> int:
        return value.pk

    def render_azione(self, record: ExpectedFlow) -> SafeString | str:
        if record.flusso_id:
            return "—"
        links = []
        if self.loads:
            load = f"{reverse('flussi:carica')}?fonte={record.sorgente}&atteso={record.pk}"
            links.append(("Carica", load))
        if self.plans:
            links.append(("Togli", reverse("flussi:atteso_rimozione", args=[record.pk])))
        return _links(links, f" {source_name(record.sorgente)} {record.periodo}")


def _links(links: list[tuple[str, str]], what: str) -> SafeString:
    pieces = [
        format_html('<a href="{}">{}<span class="visually-hidden">{}</span></a>', url, name, what)
        for name, url in links
    ]
    return SafeString(" ".join(pieces))


class RitardiTable(AttesiTable):
    """Expected flows whose day has passed."""

    caption = "In ritardo"
    empty = "Nessun flusso in ritardo."


def _amount_column(source: Source) -> type[ImportoColumn]:
    return ImportoColumn if source.euro else NumeroColumn


class GruppiTable(Tabella):
    """What was accepted, by group; the last row adds up.

    Args:
        totals: what stands below rows and amounts.
        source: names the group and the amount, and knows its unit.
    """

    caption = "Righe accettate per gruppo"
    empty = "Nessuna riga accettata."
    gruppo = tables.Column(orderable=False)
    righe = NumeroColumn(orderable=False)
    importo = ImportoColumn(orderable=False)

    def __init__(
        self,
        *args: Any,
        totals: tuple[str, str] = ("0", ""),
        source: Source,
        **kwargs: Any,
    ) -> None:
        rows_total, amount_total = totals
        kwargs["extra_columns"] = [
            (
                "gruppo",
                tables.Column(verbose_name=source.group_label, orderable=False, footer="Totale"),
            ),
            ("righe", NumeroColumn(orderable=False, footer=rows_total)),
            (
                "importo",
                _amount_column(source)(
                    verbose_name=source.amount_label, orderable=False, footer=amount_total
                ),
            ),
        ]
        super().__init__(*args, **kwargs)


class CodiciTable(Tabella):
    """How many rows bear each code; a row may bear several."""

    caption = "Righe per codice"
    empty = "Nessuna riga porta un codice."
    codice = tables.Column(orderable=False)
    righe = NumeroColumn(orderable=False)
    spiegazione = tables.Column(orderable=False, attrs=LONG)
    esito = tables.Column(orderable=False)


class SignificatiTable(CodiciTable):
    """What the codes of a source mean."""

    caption = "Codici"

    class Meta:
        exclude = ("righe",)


class CambiamentiTable(Tabella):
    """What is stored, what the flow brings, and what will be.

    Args:
        source: knows the unit of its amounts.
    """

    caption = "Che cosa cambia rispetto a quanto è già acquisito"
    voce = tables.Column(orderable=False)
    oggi = ImportoColumn(orderable=False)
    flusso = ImportoColumn(orderable=False)
    dopo = ImportoColumn(orderable=False)

    def __init__(self, *args: Any, source: Source, **kwargs: Any) -> None:
        column = _amount_column(source)
        kwargs["extra_columns"] = [
            ("oggi", column(orderable=False)),
            ("flusso", column(verbose_name="Questo flusso", orderable=False)),
            ("dopo", column(orderable=False)),
        ]
        super().__init__(*args, **kwargs)


class StoriaTable(Tabella):
    """The states of a flow, the first things first."""

    caption = "Storia"
    at = MomentoColumn(verbose_name="Quando", orderable=False)
    actor = tables.Column(verbose_name="Chi", orderable=False)
    action = tables.Column(verbose_name="Che cosa", orderable=False)
    details = tables.Column(verbose_name="Motivo o messaggio", orderable=False, attrs=LONG)

    def render_actor(self, value: User) -> str:
        return named(value)

    def render_action(self, value: str) -> str:
        return action_words(value)

    def render_details(self, value: dict[str, Any]) -> str:
        found = (value.get(name) for name in ("motivo", "decisione", "messaggio"))
        return next(filter(None, found), "—")


class ColonneTable(Tabella):
    """The layout of a source."""

    caption = "Colonne"
    nome = tables.Column(verbose_name="Colonna", orderable=False)
    obbligatoria = tables.Column(orderable=False)
    contenuto = tables.Column(orderable=False, attrs=LONG)
    altri_nomi = tables.Column(verbose_name="Altri nomi accettati", orderable=False, default="—")
    errore = tables.Column(verbose_name="Codice se errata", orderable=False)
