"""Who may open the pages of the reports, where they lie, and what is not there for whom."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest
from django.urls import reverse, reverse_lazy

from crisi.views.access import record_refusal, visible_or_404
from porfse.errors import NotThere
from porfse.models import User
from reports.models import Edizione
from reports.models.edizioni import BUILD, READ
from reports.report import Report, report_of

Crumb = tuple[str, Any]  # a name and its address; that of the page itself is not used

reader = permission_required(READ, raise_exception=True)
builder = permission_required(BUILD, raise_exception=True)
CATALOGUE: Crumb = ("Report", reverse_lazy("reports:catalogo"))


def trail(*steps: Crumb) -> list[Crumb]:
    """The way from the catalogue of the reports down to a page, which is the last step."""
    return [CATALOGUE, *steps]


def page_of(report: Report) -> Crumb:
    """The step of a report's own page."""
    return (report.titolo, reverse("reports:report", args=[report.slug]))


def found(request: HttpRequest, pk: int, *, whole: bool = False) -> Edizione:
    """Return an edition that the person may see, or answer 404 and keep that it was asked for.

    Args:
        whole: whether what it holds is read too; that of the edition it corrects never is.
    """
    rows = Edizione.objects.visible_to(request.user).select_related(
        "provincia", "richiesta_da", "pubblicata_da", "rettifica"
    )
    rows = rows.defer("rettifica__contenuto", *(() if whole else ("contenuto",)))
    return visible_or_404(rows, user=request.user, pk=pk)


def readable(request: HttpRequest, slug: str) -> Report:
    """Return a report that the person may read somewhere, or answer 404."""
    try:
        report = report_of(slug)
    except NotThere as error:
        raise Http404 from error
    if not reads(request.user, report):
        record_refusal(request.user, oggetto="reports.report", cercato={"slug": slug})
        raise Http404
    return report


def reads(user: User, report: Report) -> bool:
    """Say whether a person may read a report: that of the Region, or of his own provincia."""
    return report.readable_by(user, user.provincia_id or "")
