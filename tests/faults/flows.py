"""Files whose figures are known, and what the product holds of them."""

import re
from decimal import Decimal
from functools import cache
from html import unescape

from django.db import connection
from django.db.models import Count, Sum
from django.test import Client

from cigd.models import Pagamento, SintesiAzione, SintesiComune
from porfse.flows.stage import tables_of
from porfse.models import AuditEvent, Flow, FlowRow, FlowWarning
from tests.factories.flows import csv_bytes, payment
from tests.factories.people import make_user

ROWS = 60_000  # more than a block of the engine
REFUSED = WARNED = 60
ACCEPTED = ROWS - REFUSED
AMOUNT = Decimal("17982000.00")  # accepted rows of 300 euro
_TOLD = re.compile(
    r'<strong class="stato">(.*?)</strong>[^<]*</p>\s*(?:<div class="alert [\w-]+">(.*?)</div>)?'
)


@cache
def large_file() -> bytes:
    """A file of `ROWS` payments of 300 euro: one in a thousand is refused, one has a warning."""
    odd = {0: {"ore": "x"}, 1: {"data_decreto": "01/06/2020"}}  # E003; W105: paid before its decree
    return csv_bytes(payment(**odd.get(number % 1000, {})) for number in range(ROWS))


def again(flow: Flow) -> Flow:
    """The flow as it is stored now."""
    return Flow.objects.select_related("fonte").get(pk=flow.pk)


def counts(flow: Flow) -> tuple[object, ...]:
    """What the validation counted."""
    found = again(flow)
    return (
        found.righe,
        found.accettate,
        found.scartate,
        found.segnalate,
        found.importo,
        found.codici,
    )


RIGHT_COUNTS = (ROWS, ACCEPTED, REFUSED, WARNED, AMOUNT, {"E003": REFUSED, "W105": WARNED})


def findings(flow: Flow) -> tuple[int, int, int]:
    """How many refused rows, warnings, and tables that stand alone: what a validation leaves."""
    return (
        FlowRow.objects.filter(flusso=flow).count(),
        FlowWarning.objects.filter(flusso=flow).count(),
        len(tables_of(flow.pk)),
    )


NOTHING = (0, 0, 0)
RIGHT_FINDINGS = (REFUSED, WARNED, 2)


def counted() -> tuple[int, Decimal]:
    """Payments and euro that count, by the payments and by both summaries, which must agree."""
    payments = Pagamento.objects.acquired().aggregate(rows=Count("riga"), amount=Sum("importo"))
    found = [(payments["rows"], payments["amount"] or Decimal(0))]
    for table in (SintesiAzione, SintesiComune):
        total = table.objects.aggregate(
            rows=Sum("pagamenti") + Sum("recuperi"), amount=Sum("importo")
        )
        found.append((total["rows"] or 0, total["amount"] or Decimal(0)))
    assert len(set(found)) == 1, found
    return found[0]


def parts() -> list[str]:
    """The tables that make up the payments."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = 'cigd_pagamento'::regclass ORDER BY 1"
        )
        return [name for (name,) in cursor.fetchall()]


def operator() -> Client:
    """A browser in which somebody who may load flows is logged in."""
    client = Client()
    client.force_login(make_user("operatore"), backend="porfse.accounts.RoleBackend")
    return client


def told(flow: Flow) -> tuple[str, str]:
    """What the flow's page says: its state, and its message or an empty text."""
    response = operator().get(flow.get_absolute_url())
    assert response.status_code == 200
    [(state, message)] = _TOLD.findall(response.content.decode())
    return unescape(state), unescape(message)


def actions(flow: Flow) -> list[str]:
    """What the register says of a flow, first things first, without the common prefix."""
    events = AuditEvent.objects.filter(object_type="porfse.flow", object_id=str(flow.pk))
    return [event.action.removeprefix("flusso.") for event in events.order_by("pk")]
