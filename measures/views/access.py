"""Who may open the pages of the measures, where they lie, and what they say of the data."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest
from django.urls import reverse

from measures.listing import PERMISSION
from measures.misura import Misura
from measures.scope import Ambito
from programme.views.access import Crumb
from programme.views.access import trail as programme_trail

reader = permission_required("measures.view_misure", raise_exception=True)
rows_reader = permission_required(PERMISSION, raise_exception=True)


def trail(*steps: Crumb) -> list[Crumb]:
    """The way from the home page through the measures down to a page, which is the last step."""
    return programme_trail(("Misure", reverse("measures:indice")), *steps)


def about(request: HttpRequest, scope: Ambito, *steps: Crumb) -> dict[str, Any]:
    """What every page of a measure says: its data, its other pages, where it lies."""
    misura = scope.misura
    return {
        "misura": misura,
        "ambito": scope,
        "dati_esempio": scope.esempio,
        "sezioni": [
            {"nome": name, "url": url, "attiva": url == request.path}
            for name, url in _sections(request, misura)
        ],
        "briciole": trail((misura.nome, reverse("measures:misura", args=[misura.slug])), *steps),
    }


def _sections(request: HttpRequest, misura: Misura) -> list[Crumb]:
    own = [(name, reverse(f"measures:{address}")) for address, name in misura.sezioni]
    core = [("misura", "Quadro"), ("province", "Province")]
    after = [("tempi", "Tempi")] if misura.tempi else []
    after += [("elenco", f"Elenco: {misura.plurale}")] if request.user.has_perm(PERMISSION) else []
    after += [("movimenti", "Movimenti nel registro")]
    return [
        *((name, reverse(f"measures:{address}", args=[misura.slug])) for address, name in core),
        *own,
        *((name, reverse(f"measures:{address}", args=[misura.slug])) for address, name in after),
    ]
