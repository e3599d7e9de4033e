"""The worklist of a nucleo, and taking charge of its sites."""

from collections.abc import Collection
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crisi import lavoro as work
from crisi.checks import segnalazioni
from crisi.forms.carico import AnnullaCaricoForm, CaricoForm
from crisi.models import UnitaProduttiva
from crisi.scope import own_provincia, sees_all
from crisi.services import bozze, carico
from crisi.tables.lavoro import (
    CaricoTable,
    NucleiTable,
    NuoveTable,
    PreseTable,
    ScadenzeTable,
    SegnalazioniTable,
    TrimestriTable,
)
from crisi.trimestri import last_quarter
from crisi.views.access import (
    editor,
    procedures_reader,
    record_refusal,
    trail,
    visible_or_404,
)
from porfse.errors import BadInput, NotThere
from porfse.models import Provincia
from porfse.periods import italian
from porfse.tables import respond
from programme.views.access import tells_who_came_first

NAME = "Lavoro del Nucleo"


@require_safe
@procedures_reader
def lavoro(request: HttpRequest) -> HttpResponse:
    """What a nucleo has to do; the Region chooses whose and reads it."""
    asked = request.GET.get("provincia", "").strip().upper()
    own = own_provincia(request.user)
    if not asked and own is None:
        return _choose(request)
    place = Provincia.objects.filter(pk=asked or own).first()
    if place is None:
        raise NotThere("La provincia richiesta non esiste: sceglierla dall'elenco dei Nuclei.")
    if place.pk != own and not sees_all(request.user):
        record_refusal(request.user, oggetto="crisi.lavoro", cercato={"provincia": place.pk})
        raise Http404
    return _page(request, place, CaricoForm(initial={"giorno": timezone.localdate()}))


def _choose(request: HttpRequest) -> HttpResponse:
    if not sees_all(request.user):
        raise NotThere(
            "L'utenza non ha una provincia di competenza: chiedere all'amministratore di sistema"
            " di assegnarla."
        )
    oggi = timezone.localdate()
    counted = work.by_provincia(request.user, oggi)
    rows = [
        {"sigla": each.pk, "nome": each.nome, "carico": waiting, "nuove": new}
        for each in Provincia.objects.all()
        for waiting, new in [counted.get(each.pk, (0, 0))]
    ]
    context = {"nuove_dal": work.new_since(oggi), "briciole": trail((NAME, ""))}
    return respond(request, "crisi/lavoro_scelta.html", context, {"nuclei": NucleiTable(rows)})


def _page(
    request: HttpRequest, place: Provincia, form: CaricoForm, chosen: Collection[int] = ()
) -> HttpResponse:
    user, oggi = request.user, timezone.localdate()
    writes = place.pk == own_provincia(user)
    waiting, taken = work.charge(place.pk, user, oggi)
    since = work.new_since(oggi)
    new = list(work.new_ones(place.pk, user, since))
    in_hand = work.quarters(place.pk, user, oggi)
    days = work.dates(place.pk, user, oggi, in_hand)
    quarter = last_quarter(oggi)
    reported = segnalazioni(user=user, trimestre=quarter, provincia=place.pk)
    context: dict[str, Any] = {
        "provincia": place,
        "scrive": writes,
        "form": form,
        "conteggi": _counts(waiting, new, in_hand, days, reported),
        "nuove_dal": since,
        "controllato": quarter.nome,
        "prese_in_carico": bool(taken),
        "bozze": list(bozze.own(user).filter(aperta=True)) if writes else [],
        "dati_esempio": any(each.procedura.esempio for each in waiting + taken)
        or any(each.esempio for each in [*new, *in_hand, *days, *reported]),
        "briciole": trail((NAME, "")),
    }
    tables = {
        "carico": CaricoTable(waiting, chosen=chosen, writes=writes),
        "prese": PreseTable(taken, writes=writes),
        "nuove": NuoveTable(new),
        "trimestri": TrimestriTable(in_hand),
        "scadenze": ScadenzeTable(days),
        "segnalazioni": SegnalazioniTable(reported),
    }
    response = respond(request, "crisi/lavoro.html", context, tables)
    response.status_code = 400 if form.errors else response.status_code
    return response


def _counts(
    waiting: Collection[Any],
    new: Collection[Any],
    in_hand: list[work.Trimestre],
    days: list[work.Scadenza],
    reported: Collection[Any],
) -> list[tuple[str, int, str]]:
    """What the page says first: of what, how many, and where below."""
    return [
        ("Unità da prendere in carico", len(waiting), "da-prendere"),
        ("Procedure nuove", len(new), "nuove"),
        ("Unità senza dati nei trimestri aperti", sum(q.mancanti for q in in_hand), "trimestri"),
        ("Scadenze superate", sum(day.giorni < 0 for day in days), "date"),
        ("Segnalazioni", len(reported), "segnalazioni"),
    ]


@require_POST
@procedures_reader
@editor
def prendi(request: HttpRequest) -> HttpResponse:
    """Take charge of the sites that were chosen, of one, or of all that were shown."""
    user = request.user
    keys = _keys(request)
    form = CaricoForm(request.POST)
    if form.is_valid():
        try:
            done = carico.take(by=user, unita=keys, giorno=form.cleaned_data["giorno"])
        except ValidationError as error:
            form.add_error("giorno", error)
        except NotThere:
            record_refusal(user, oggetto="crisi.unitaproduttiva", cercato={"pk": sorted(keys)})
            raise
        except BadInput as error:
            form.add_error(None, str(error))
        else:
            _say(request, done)
            return redirect("crisi:lavoro")
    place = Provincia.objects.filter(pk=own_provincia(user)).first()
    if place is None:
        raise Http404
    return _page(request, place, form, keys)


def _keys(request: HttpRequest) -> set[int]:
    if "solo" in request.POST:
        sent = [request.POST["solo"]]
    else:
        sent = request.POST.getlist("mostrate" if "tutte" in request.POST else "unita")
    # Django reads no number of more than 18 digits into a key.
    if not all(each.isascii() and each.isdigit() and len(each) <= 18 for each in sent):
        raise BadInput("L'elenco delle unità scelte non è leggibile: ricaricare la pagina.")
    return set(map(int, sent))


def _say(request: HttpRequest, done: carico.Esito) -> None:
    taken = len(done.prese)
    if taken:
        words = "1 unità presa" if taken == 1 else f"{taken} unità prese"
        messages.success(request, f"{words} in carico.")
    for site in done.gia:
        messages.warning(
            request,
            f"{site}: già in carico dal {italian(site.presa_in_carico_il)}"
            f" ({site.presa_in_carico_da}).",
        )


@require_http_methods(["GET", "HEAD", "POST"])
@procedures_reader
@editor
@tells_who_came_first
def annulla(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back that a site was taken charge of, with the reason."""
    own = UnitaProduttiva.objects.editable_by(request.user)
    site = visible_or_404(
        own.select_related("comune", "procedura__azienda", "presa_in_carico_da"),
        user=request.user,
        pk=pk,
    )
    form = AnnullaCaricoForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        carico.give_back(by=request.user, unita_id=pk, motivo=form.cleaned_data["motivo"])
        messages.success(request, f"{site}: la presa in carico è annullata.")
        return redirect("crisi:lavoro")
    context = {
        "form": form,
        "unita": site,
        "dati_esempio": site.procedura.esempio,
        "titolo": "Annulla la presa in carico",
        "briciole": trail((NAME, "/crisi/lavoro/"), ("Annulla la presa in carico", "")),
    }
    status = 400 if form.errors else 200
    return render(request, "crisi/lavoro_annulla.html", context, status=status)
