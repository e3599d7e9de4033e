"""How a procedure ends: concluded, withdrawn, or taken back."""

from collections.abc import Callable
from functools import partial

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from crisi.duplicates import Duplicate, dal_al
from crisi.forms.procedure import ConclusioneForm, MotivoForm, RiaperturaForm
from crisi.models import Procedura
from crisi.services import stati
from crisi.views.access import editor, trail, visible_or_404
from crisi.views.procedure_modulo import LIST
from porfse.forms import show
from programme.views.access import tells_who_came_first


def _change(
    request: HttpRequest,
    pk: int,
    form_class: type[forms.Form],
    write: Callable[..., Procedura],
    words: dict[str, str],
) -> HttpResponse:
    user = request.user
    rows = Procedura.objects.editable_by(user).select_related("azienda")
    procedura = visible_or_404(rows, user=user, pk=pk)
    initial = {"versione": procedura.versione, "data_fine": procedura.data_fine}
    form = form_class(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            write(by=user, pk=pk, **form.cleaned_data)
        except ValidationError as error:
            show(form, error)
        except Duplicate as duplicate:
            form.add_error("distinta", _alike(duplicate))
        else:
            messages.success(request, words["fatto"])
            return redirect(procedura)
    context = {
        **words,
        "form": form,
        "procedura": procedura,
        "dati_esempio": procedura.esempio,
        "briciole": trail(
            LIST, (str(procedura), procedura.get_absolute_url()), (words["titolo"], "")
        ),
    }
    status = 400 if form.errors else 200
    return render(request, "crisi/procedura_stato.html", context, status=status)


def _alike(duplicate: Duplicate) -> str:
    """Say which procedures it looks like, as far as the person may know them."""
    alike = [
        f"{each.procedura if each.visibile else each.procedura.get_tipo_display()}, "
        f"{dal_al(each.procedura)}, {', '.join(each.nuclei)}"
        for each in duplicate.found
    ]
    return (
        f"La stessa azienda ha già, con date che si sovrappongono: {'; '.join(alike)}. Se quella"
        " riaperta è un'altra, scrivere perché; altrimenti lasciarla com'è."
    )


def _page(
    form_class: type[forms.Form], write: Callable[..., Procedura], **words: str
) -> Callable[..., HttpResponse]:
    answer = partial(_change, form_class=form_class, write=write, words=words)
    view = editor(tells_who_came_first(answer))
    return never_cache(require_http_methods(["GET", "HEAD", "POST"])(view))


concludi = _page(
    ConclusioneForm,
    stati.conclude,
    titolo="Concludi la procedura",
    testo="La procedura resta nei dati fino alla data di fine; si può riaprire con un motivo.",
    bottone="Concludi",
    fatto="Procedura conclusa.",
)
ritira = _page(
    MotivoForm,
    stati.withdraw,
    titolo="Ritira la procedura",
    testo="Si ritira una procedura inserita per errore o a cui si è rinunciato: esce da tutti i"
    " conteggi, di ogni periodo, e resta consultabile. Si può riaprire con un motivo.",
    bottone="Ritira",
    fatto="Procedura ritirata: non entra più nei conteggi.",
)
riapri = _page(
    RiaperturaForm,
    stati.reopen,
    titolo="Riapri la procedura",
    testo="La data di fine di una procedura conclusa si toglie: se se ne prevede un'altra,"
    " scriverla dopo con «Modifica». Una procedura ritirata torna com'era.",
    bottone="Riapri",
    fatto="Procedura riaperta.",
)
