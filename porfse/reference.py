"""The reference date: chosen once in the header, kept in the address (`?data=2021-09-30`)."""

from datetime import date
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest

from porfse.periods import PeriodError, parse_date


def reference_date(request: HttpRequest, *, default: date) -> date:
    """Return the date asked for, or the default, and show it in the header's picker.

    Raises:
        PeriodError: unreadable, before the programme or in the future.
    """
    day = chosen_date(request, "data") or default
    request.data_riferimento = day  # type: ignore[attr-defined]
    return day


def chosen_date(request: HttpRequest, name: str) -> date | None:
    """Return the date in a parameter of the address, None if it is not there.

    Raises:
        PeriodError: unreadable, before the programme or in the future.
    """
    text = request.GET.get(name, "").strip()
    return parse_date(text, earliest=settings.EARLIEST_DATE) if text else None


def carried(request: HttpRequest) -> str:
    """Return what the reader has chosen, to be put at the end of a link: `?data=2020-12-31`.

    Only what a page has understood goes along: what its view found good and left in
    `request.scelte`, and on a page that has no choice of its own the reference date, if it is one.
    """
    chosen = getattr(request, "scelte", None)
    if chosen is None:
        chosen = _given_date(request)
    return f"?{urlencode(chosen)}" if chosen else ""


def _given_date(request: HttpRequest) -> dict[str, str]:
    try:
        found = chosen_date(request, "data")
    except PeriodError:  # of no use to this page, nor to the one that a link opens
        found = None
    return {"data": request.GET["data"]} if found else {}
