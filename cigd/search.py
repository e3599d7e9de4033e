"""Single payments, found and read by who may; each search of a person is recorded."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from cigd.models import Pagamento
from cigd.persons import PERMISSION
from cigd.querysets import PagamentoQuerySet
from cigd.scope import Scope, scope
from porfse import audit, roles
from porfse.codes import masked
from porfse.errors import NotThere
from porfse.flows.source import source_of
from porfse.models import FlowWarning, User

LIMIT = 1_000


@dataclass(frozen=True)
class Found:
    """Payments in the order of their flows, and whether there are more than the limit."""

    payments: list[Pagamento]
    more: bool


def find(rows: PagamentoQuerySet, *, exact: bool) -> Found:
    """Return at most LIMIT payments; how many there are is not counted, which would read them all.

    Args:
        rows: what is asked for.
        exact: whether an index finds them: then the order is made here, so that the database is
            not led to read a flow in its order until it comes across them.
    """
    ordered = rows.order_by() if exact else rows.order_by("flusso_id", "riga")
    # The comuni apart: joined, the server reads all of them for each payment of a large flow.
    found = list(ordered.prefetch_related("comune")[: LIMIT + 1])
    found.sort(key=lambda payment: (payment.flusso_id, payment.riga))
    return Found(found[:LIMIT], more=len(found) > LIMIT)


@transaction.atomic
def search_person(*, by: User, codice_fiscale: str) -> Found:
    """Return the payments of a person; that they were looked for is recorded.

    Raises:
        PermissionDenied: the person who asks may not see persons.
    """
    roles.require(by, PERMISSION)
    rows = Pagamento.objects.filter(flusso__in=scope().flussi, codice_fiscale=codice_fiscale)
    found = find(rows, exact=True)
    audit.record(
        by=by,
        action="pagamenti.ricerca_persona",
        on=by,
        codice_fiscale=masked(codice_fiscale),
        trovati=len(found.payments),
    )
    return found


def payment_in(counted: Scope, flusso: int, id_pagamento: str) -> Pagamento:
    """Return a payment of a flow that counts, with its places.

    Raises:
        NotThere: there is none.
    """
    rows = Pagamento.objects.filter(flusso=flusso, id_pagamento=id_pagamento).with_places()
    found = rows.first() if flusso in counted.flussi else None
    if found is None:
        raise NotThere("Il pagamento richiesto non è nei flussi acquisiti: cercarlo dall'elenco.")
    return found


def related(counted: Scope, payment: Pagamento) -> list[Pagamento]:
    """Return the recoveries of a payment, or the payment that a recovery takes back."""
    rows = Pagamento.objects.filter(flusso__in=counted.flussi).select_related("comune")
    if payment.tipo == Pagamento.Tipo.RECUPERO:
        own = rows.filter(id_pagamento=payment.id_pagamento_origine, tipo="P")
    else:
        own = rows.filter(id_pagamento_origine=payment.id_pagamento, tipo="R")
    return sorted(own, key=lambda found: (found.flusso_id, found.riga))


def warnings_of(payment: Pagamento) -> Iterable[tuple[str, str]]:
    """Return the warnings on a payment: code and words."""
    source = source_of(payment.flusso.sorgente)
    codes = FlowWarning.objects.filter(flusso=payment.flusso, riga=payment.riga)
    return [(code, source.explain(code)) for code in codes.values_list("codice", flat=True)]
