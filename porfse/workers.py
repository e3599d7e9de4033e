"""What a page gives to the workers."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest
from kombu.exceptions import OperationalError


def start(request: HttpRequest, queue: Callable[[], None]) -> None:
    """Give work that is stored to a worker; if none can be told, say that it will be found.

    Args:
        queue: gives out its task; the calendar does so again for what nobody was told of.
    """
    try:
        queue()
    except OperationalError:
        messages.warning(
            request,
            "Il servizio di elaborazione non risponde: il lavoro è registrato e inizierà da solo"
            " entro pochi minuti dal suo ripristino.",
        )
