"""Editions read: the archive, one of them with its data, its files, what changed from another."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse_lazy
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, quote_etag
from django.views.decorators.http import require_safe
from django_tables2 import Table

from crisi.views.access import visible_or_404
from porfse.errors import NotThere
from porfse.models import User
from porfse.tables import respond
from programme.filters import filtered
from reports.differenze import OUTSIDE, Differenza
from reports.differenze import differenze as compared
from reports.documento import SUPPRESSED, Capitolo, Documento, Frontespizio, Tabella
from reports.filters import EdizioniFilter
from reports.forms.edizioni import PubblicaForm
from reports.models import Edizione
from reports.models.edizioni import BUILD, Illeggibile
from reports.progress import advancement
from reports.services.pubblicazione import PUBLISH
from reports.services.rinuncia import AT_REST
from reports.tables.edizioni import (
    ArchivioTable,
    AvvisiTable,
    DifferenzeTable,
    FileTable,
    cella,
    dati,
)
from reports.verifiche import da_decidere
from reports.views.access import found, reader, trail

ARCHIVE = ("Archivio", reverse_lazy("reports:archivio"))
CONTENUTO = "contenuto"  # in the address of a file: what all the files were made from
_XML = "application/vnd.openxmlformats-officedocument"
TIPI = {
    "pdf": "application/pdf",
    "xlsx": f"{_XML}.spreadsheetml.sheet",
    "csv": "application/zip",
    "json": "application/json",
    "pptx": f"{_XML}.presentationml.presentation",
}
Stato = Edizione.Stato
REBUILT = (*AT_REST, Stato.SCARTATA)


@require_safe
@reader
def archivio(request: HttpRequest) -> HttpResponse:
    """The editions that the person may see."""
    user = request.user
    rows = Edizione.objects.visible_to(user)
    narrowed = EdizioniFilter(request.GET, rows, user=user)
    later = Edizione.objects.published().filter(rettifica=OuterRef("pk"))
    shown = (
        filtered(narrowed)
        .select_related("provincia", "pubblicata_da")
        .defer("contenuto")
        .annotate(sostituita=Exists(later))
    )
    context = {
        "titolo": "Archivio dei report",
        "filtro": narrowed,
        "dati_esempio": shown.filter(esempio=True).exists(),
        "briciole": trail(ARCHIVE),
    }
    return respond(request, "reports/archivio.html", context, {"edizioni": ArchivioTable(shown)})


@require_safe
@reader
def edizione(request: HttpRequest, pk: int) -> HttpResponse:
    """One edition: its state, what was checked, its files, its data."""
    shown = found(request, pk, whole=True)
    later = _later(shown, request.user)
    context: dict[str, Any] = {
        "edizione": shown,
        "avanzamento": advancement(shown),
        "precedente": shown.rettifica,
        "successiva": later,
        "dati_esempio": shown.esempio,
        **_allowed(request.user, shown, later),
    }
    tables: dict[str, Table] = {}
    title = str(shown)
    if shown.contenuto:
        tables["file"] = FileTable(shown.file.defer("contenuto"))
        try:
            documento, front = shown.dati()
        except Illeggibile as reason:
            context["illeggibile"] = str(reason)
        else:
            title = _frozen_title(documento) if shown.pubblicata else title
            context |= {"documento": documento, "front": front}
            _show_data(request.user, shown, context, tables)
    context |= {"titolo": title, "briciole": trail(ARCHIVE, (title, ""))}
    return respond(request, "reports/edizione_detail.html", context, tables)


def _allowed(user: User, shown: Edizione, later: Edizione | None) -> dict[str, bool]:
    """What the person may do with an edition that `later` corrects."""
    publishes, sends = user.has_perm(PUBLISH), user.has_perm("reports.send_reports")
    given_up = publishes and shown.stato in AT_REST
    made = not shown.dichiarazione.rifiuto
    return {
        "puo_costruire": made and user.has_perm(BUILD) and shown.stato in REBUILT,
        "puo_rettificare": made and publishes and shown.pubblicata and later is None,
        "puo_abbandonare": given_up and bool(shown.rettifica),
        "puo_scartare": given_up and not shown.rettifica,
        "puo_inviare": sends and _in_force(shown, later),
    }


def _frozen_title(documento: Documento) -> str:
    """What a published edition was called then, whatever its report is called today."""
    names = (documento.titolo, documento.periodo_nome, documento.provincia_nome)
    return ", ".join(name for name in names if name)


def _show_data(
    user: User, shown: Edizione, context: dict[str, Any], tables: dict[str, Table]
) -> None:
    """Add what an edition holds, and to a draft the form that publishes it."""
    documento, front = context["documento"], context["front"]
    parts = _parts(documento, linked=not shown.pubblicata)
    tables |= {f"dati_{each.tabella.nome}": each.dati for part in parts for each in part.tavole}
    tables["segnalazioni"] = AvvisiTable(front.avvisi)
    context |= {"parti": parts, "segno": SUPPRESSED}
    publishes = user.has_perm(PUBLISH) and not shown.dichiarazione.rifiuto
    if publishes and shown.stato == Stato.BOZZA:
        context["form"] = publication_form(shown, front)


@require_safe
@reader
def file(request: HttpRequest, pk: int, formato: str) -> HttpResponseBase:
    """A file of an edition, or what all its files were made from; a draft's name says that it is.

    Raises:
        Http404: there is no such file, or it is not for this person.
    """
    rows = Edizione.objects.visible_to(request.user)
    if formato != CONTENUTO:
        rows = rows.defer("contenuto")
    shown = visible_or_404(rows, user=request.user, pk=pk)
    name, content, digest = _content(shown, formato)
    response = HttpResponse(content, content_type=TIPI.get(formato, TIPI["json"]))
    if not shown.pubblicata:
        name = f"BOZZA_{name}"
    response["Content-Disposition"] = content_disposition_header(True, name)  # noqa: FBT003
    response["Cache-Control"] = "private, no-cache"  # asked for each time: a role may be taken away
    response["X-Content-Type-Options"] = "nosniff"
    response["ETag"] = quote_etag(digest)
    return get_conditional_response(request, etag=response["ETag"], response=response) or response


def _content(shown: Edizione, formato: str) -> tuple[str, bytes, str]:
    """Return name, bytes and digest."""
    if formato == CONTENUTO:
        if not shown.contenuto:
            raise Http404
        beside = shown.file.values_list("nome", flat=True)[0]  # all its files have one name
        name = f"{beside.partition('.')[0]}.contenuto.json"
        return name, shown.contenuto.encode(), shown.contenuto_sha256
    stored = shown.file.filter(formato=formato).first()
    if stored is None:
        raise Http404
    return stored.nome, bytes(stored.contenuto), stored.sha256


@require_safe
@reader
def differenze(request: HttpRequest, pk: int) -> HttpResponse:
    """What an edition changes of the one that it corrects, cell by cell.

    Raises:
        NotThere: it corrects none, is not built yet, or has no table with the name asked for.
    """
    shown = found(request, pk, whole=True)
    old = shown.rettifica
    if old is None or not shown.contenuto:
        raise NotThere(
            "Questa edizione non rettifica un'altra, o non è ancora costruita: non ci sono"
            " differenze da mostrare."
        )
    every = compared(old.dati()[0], shown.dati()[0])
    places = {each.nome: _place(each) for each in every}
    chosen = request.GET.get("tabella", "")
    if chosen and chosen not in places:
        raise NotThere("In questa parte del report non è cambiato nulla: scegliere fra le altre.")
    rows = [each for each in every if chosen in ("", each.nome)]
    context = {
        "titolo": f"Differenze: {shown}",
        "edizione": shown,
        "precedente": old,
        "parti": places,
        "scelta": chosen,
        "totale": len(every),
        "dati_esempio": shown.esempio or old.esempio,
        "briciole": trail(ARCHIVE, (str(shown), shown.get_absolute_url()), ("Differenze", "")),
    }
    tables = {"differenze": DifferenzeTable(rows)}
    return respond(request, "reports/edizione_differenze.html", context, tables)


def _place(each: Differenza) -> str:
    """A part of the report in words: a table, or what stands outside of them."""
    return each.nome if each.nome in OUTSIDE else each.dove


def publication_form(shown: Edizione, front: Frontespizio, *args: Any) -> PubblicaForm:
    """Return the form of a draft, bound to the content that the page shows."""
    return PubblicaForm(
        *args,
        decidere=bool(da_decidere(front.avvisi)),
        initial={"contenuto_sha256": shown.contenuto_sha256},
    )


def _later(shown: Edizione, user: User) -> Edizione | None:
    """The edition that corrects another, if the person may see it."""
    rows = Edizione.objects.visible_to(user).filter(rettifica=shown).defer("contenuto")
    return rows.first()


def _in_force(shown: Edizione, later: Edizione | None) -> bool:
    return shown.pubblicata and not (later and later.pubblicata)


@dataclass(frozen=True)
class Tavola:
    """A table of the document with what the page needs to show it."""

    tabella: Tabella
    dati: Table

    @property
    def soppressa(self) -> bool:
        """Whether some cell is hidden."""
        return any(each.soppressa for row in self.tabella.righe for each in row.celle)


@dataclass(frozen=True)
class Parte:
    """A chapter as the page shows it; `voci` are name, cell and detail of its figures."""

    capitolo: Capitolo
    voci: list[tuple[str, Any, str]]
    tavole: list[Tavola]


def _parts(documento: Documento, *, linked: bool) -> list[Parte]:
    return [
        Parte(
            chapter,
            [
                (each.etichetta, cella(each.cella, each.forma, linked=linked), each.dettaglio)
                for each in chapter.indicatori
            ],
            [Tavola(each, dati(each, linked=linked)) for each in chapter.tabelle],
        )
        for chapter in documento.capitoli
    ]
