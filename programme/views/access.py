"""Who may open the pages of the programme, and what every one of them reads from its address."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest

from porfse.errors import BadInput
from porfse.reference import reference_date
from programme.progress import PERIMETERS, View, latest_day

reader = permission_required("programme.view_programma", raise_exception=True)


def view_of(request: HttpRequest) -> View:
    """Return the date and the perimetro that the reader has chosen.

    Raises:
        BadInput: either cannot be understood.
    """
    perimeter = request.GET.get("perimetro", "")
    if perimeter not in PERIMETERS:
        raise BadInput("Il perimetro richiesto non esiste: scegliere CIGD inclusa o CIGD esclusa.")
    return View(reference_date(request, default=latest_day()), perimeter)
