"""The outbox, its addresses, and who an edition would be sent to."""

from collections.abc import Iterable, Iterator
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from porfse.administration.tables import MomentoColumn
from porfse.periods import moment
from porfse.tables import LONG, NumeroColumn, Tabella
from reports.models import Destinatario, Edizione, Invio
from reports.services.consegna import smarrito
from reports.services.invii import Anteprima, Voce

REGIONE = "Regione"


def state_words(invio: Invio) -> str:
    """Return the state of a mail as pages say it."""
    return "esito non noto" if smarrito(invio) else str(invio.get_stato_display())


def place(row: Edizione | Destinatario) -> str:
    """Return the territory of a report or of an address."""
    return str(row.provincia or REGIONE)


class InviiTable(Tabella):
    """Mails, the last asked for first."""

    caption = "Messaggi"
    empty = "Nessun messaggio corrisponde alla ricerca."
    richiesto_il = MomentoColumn(verbose_name="Richiesto il", order_by=("richiesto_il", "pk"))
    edizione = tables.Column(verbose_name="Report", orderable=False, attrs=LONG)
    numero = tables.Column("Numero", accessor="edizione__numero_completo", orderable=False)
    territorio = tables.Column(
        "Territorio",
        accessor="edizione__provincia",
        empty_values=(),
        order_by=("edizione__provincia", "pk"),
    )
    nome = tables.Column(verbose_name="Destinatario", order_by=("nome", "pk"), attrs=LONG)
    email = tables.Column(verbose_name="Indirizzo", order_by=("email", "pk"))
    stato = tables.Column(order_by=("stato", "pk"))
    inviato_il = MomentoColumn(verbose_name="Inviato il", default="—")
    tentativi = NumeroColumn(order_by=("tentativi", "pk"))
    errore = tables.Column(verbose_name="Ultimo errore", orderable=False, default="—", attrs=LONG)
    richiesto_da = tables.Column(verbose_name="Richiesto da", orderable=False)
    azioni = tables.Column(
        accessor="pk", verbose_name="Azioni", orderable=False, exclude_from_export=True
    )

    class Meta:
        order_by = ("-richiesto_il",)

    def render_edizione(self, record: Invio) -> SafeString:
        edition = record.edizione
        return format_html('<a href="{}">{}</a>', edition.get_absolute_url(), _title(record))

    def value_edizione(self, record: Invio) -> str:
        return _title(record)

    def render_territorio(self, record: Invio) -> str:
        return place(record.edizione)

    def render_stato(self, record: Invio) -> str:
        return state_words(record)

    def render_azioni(self, record: Invio) -> SafeString | str:
        if record.stato != Invio.Stato.FALLITO and not smarrito(record):
            return "—"
        url = reverse("reports:invio_ripeti", args=[record.pk])
        words = '<a href="{}">Invia di nuovo<span class="visually-hidden"> a {}</span></a>'
        return format_html(words, url, record.email)


def _title(invio: Invio) -> str:
    mark = " (esempio)" if invio.edizione.esempio else ""
    return f"{invio.edizione.dichiarazione.titolo}, {invio.edizione.periodo_nome}{mark}"


class DestinatariTable(Tabella):
    """Addresses by territory."""

    caption = "Destinatari"
    empty = "Nessun destinatario: aggiungere gli indirizzi a cui inviare i report."
    territorio = tables.Column(
        "Territorio",
        accessor="provincia",
        empty_values=(),
        order_by=("provincia", "nome", "pk"),
    )
    nome = tables.Column(verbose_name="Persona o ufficio", order_by=("nome", "pk"), attrs=LONG)
    email = tables.Column(verbose_name="Indirizzo", order_by=("email", "pk"))
    attivo = tables.Column(verbose_name="Riceve i report", order_by=("-attivo", "nome", "pk"))
    azioni = tables.Column(
        accessor="pk", verbose_name="Azioni", orderable=False, exclude_from_export=True
    )

    def render_territorio(self, record: Destinatario) -> str:
        return place(record)

    def render_attivo(self, *, value: bool) -> str:
        return "sì" if value else "no"

    def render_azioni(self, record: Destinatario) -> SafeString:
        url = reverse("reports:destinatario_modifica", args=[record.pk])
        words = '<a href="{}">Modifica<span class="visually-hidden"> {}</span></a>'
        return format_html(words, url, record.nome)


class AnteprimaTable(Tabella):
    """Who an edition would be sent to, and who has been sent it."""

    caption = "Destinatari"
    empty = "Nessun destinatario attivo per questo territorio: aggiungerne dall'elenco."
    nome = tables.Column(accessor="destinatario__nome", orderable=False, attrs=LONG)
    email = tables.Column("Indirizzo", accessor="destinatario__email", orderable=False)
    esito = tables.Column("Che cosa accade", accessor="motivo", orderable=False, empty_values=())

    def render_esito(self, record: Voce) -> str:
        return what_happens(record)

    def value_esito(self, record: Voce, **_: Any) -> str:
        return what_happens(record)


def what_happens(voce: Voce) -> str:
    """Return what confirming would do for an address."""
    if voce.invio is None:
        return voce.motivo or "sarà inviato"
    if voce.invio.inviato_il:
        return f"già inviato il {moment(voce.invio.inviato_il)}"
    return f"già richiesto: {state_words(voce.invio)}"


class InsiemeTable(Tabella):
    """Who several editions would be sent to, one address in a row."""

    caption = "Destinatari di ciascuna edizione"
    edizione = tables.Column("Territorio", orderable=False)
    numero = tables.Column(
        "Numero", accessor="edizione__numero_completo", orderable=False, default="—"
    )
    nome = tables.Column("Destinatario", orderable=False, default="—", attrs=LONG)
    email = tables.Column("Indirizzo", orderable=False, default="—")
    esito = tables.Column("Che cosa accade", orderable=False)

    def render_edizione(self, value: Edizione) -> SafeString:
        url = reverse("reports:invia", args=[value.pk])
        return format_html('<a href="{}">{}</a>', url, place(value))

    def value_edizione(self, value: Edizione) -> str:
        return place(value)


def each_address(seen: Iterable[Anteprima]) -> Iterator[dict[str, Any]]:
    """Yield the rows of such a table; an edition that goes to nobody says so."""
    for item in seen:
        for voce in item.voci:
            yield {
                "edizione": item.edizione,
                "nome": voce.destinatario.nome,
                "email": voce.destinatario.email,
                "esito": what_happens(voce),
            }
        if not item.voci:
            yield {"edizione": item.edizione, "esito": "nessun destinatario: aggiungerne"}
