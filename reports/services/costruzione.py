"""Who asks for an edition, who stops it: its building is `reports.services.cantiere`."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from kombu.exceptions import OperationalError

from porfse import audit, roles
from porfse.flows.errors import NotNow
from porfse.models import Provincia, User
from porfse.models.people import SYSTEM_USERNAME
from reports.locks import working_on
from reports.models import Edizione
from reports.models.edizioni import BUILD
from reports.parametri import Parametri
from reports.report import Report
from reports.services.cantiere import componi, costruisci, ferma

__all__ = [
    "Richieste",
    "accoda",
    "componi",
    "costruisci",
    "in_catalogo",
    "interrompi",
    "prepara",
    "richiedi",
    "richiedi_tutte",
    "ricostruisci",
]

log = logging.getLogger(__name__)
Stato = Edizione.Stato


@dataclass(frozen=True)
class Richieste:
    """What came of asking for all: what is, or was already, in progress; what is published."""

    edizioni: Sequence[Edizione]
    pubblicate: Sequence[Edizione]


def richiedi(*, by: User, report: Report, parametri: Parametri) -> Edizione:
    """Ask for a report of a period; what is in progress already is returned as it is.

    A draft is built anew, and so is one whose building failed or was stopped.

    Raises:
        NotNow: it is published: it can only be corrected.
    """
    with transaction.atomic():
        edizione, asked = _ask(by, report, parametri)
        _not_published(edizione)
        if asked:
            accoda(edizione)
    return edizione


def ricostruisci(*, by: User, edizione: Edizione) -> Edizione:
    """Ask for a draft anew, or for one that was not made or was discarded.

    Raises:
        NotNow: it is published: it can only be corrected; or its report is not made any more.
    """
    _not_published(edizione)
    in_catalogo(edizione)
    report = edizione.dichiarazione
    parametri = report.riletti(edizione.periodo, edizione.provincia_id)
    return richiedi(by=by, report=report, parametri=parametri)


def richiedi_tutte(*, by: User, report: Report, parametri: Parametri) -> Richieste:
    """Ask for the report of the Region and of each provincia; the published ones stay.

    Args:
        parametri: the period; its provincia does not count.
    """
    sigle = Provincia.objects.order_by("pk").values_list("pk", flat=True)
    with transaction.atomic():
        found = [_ask(by, report, Parametri(parametri.periodo, sigla)) for sigla in ("", *sigle)]
        accoda(*(edizione for edizione, asked in found if asked))
    return Richieste(
        edizioni=[edizione for edizione, _ in found if not edizione.pubblicata],
        pubblicate=[edizione for edizione, _ in found if edizione.pubblicata],
    )


@transaction.atomic
def prepara(*, by: User, report: Report, parametri: Parametri) -> Edizione | None:
    """Ask for what the calendar wants; None if it was asked for ever, whatever became of it."""
    _require(by, report, parametri)
    edizione, new = _first(by, report, parametri, dal_calendario=True)
    if not new:
        return None
    accoda(edizione)
    return edizione


def interrompi(*, by: User, edizione: Edizione) -> Edizione:
    """Stop the building of an edition: at once if no worker has it, else when its phase ends.

    Raises:
        NotNow: it is not being built.
    """
    roles.require(by, BUILD)
    with transaction.atomic():
        found = Edizione.objects.select_for_update(of=("self",)).get(pk=edizione.pk)
        if found.stato not in (Stato.IN_CODA, Stato.IN_COSTRUZIONE):
            raise NotNow(
                f"Il report è «{found.get_stato_display()}»: non c'è una costruzione da"
                " interrompere."
            )
        if found.interrotta_da is None:
            found.interrotta_da = by
            found.save(update_fields=["interrotta_da"])
            audit.record(by=by, action="report.interruzione_chiesta", on=found)
    with working_on(edizione.pk) as mine:
        if mine:
            ferma(edizione.pk)
    return Edizione.objects.get(pk=edizione.pk)


def in_catalogo(edizione: Edizione) -> None:
    """Check that editions of a report are still made.

    Raises:
        NotNow: it is not in the catalogue any more.
    """
    if reason := edizione.dichiarazione.rifiuto:
        raise NotNow(reason)


def accoda(*edizioni: Edizione) -> None:
    """Give editions that wait to the workers, once the transaction has ended.

    If the workers cannot be told, the editions wait: they are found within minutes of their return.
    """
    keys = [item.pk for item in edizioni]
    if keys:
        transaction.on_commit(lambda: _tell(keys))


def _tell(keys: Sequence[int]) -> None:
    from reports.tasks.costruzione import build  # it imports what builds: this module

    try:
        for key in keys:
            build.delay(key)
    except OperationalError as error:
        log.warning("edizioni %s: in attesa, la coda non risponde (%s)", keys, error)


def _ask(by: User, report: Report, parametri: Parametri) -> tuple[Edizione, bool]:
    """Make or find the last edition; it waits for a worker, or was in progress or published.

    Returns:
        it, and whether it was put to wait now: the caller tells the workers.
    """
    _require(by, report, parametri)
    edizione, new = _first(by, report, parametri)
    if new:
        return edizione, True
    edizione = _editions(report, parametri).select_for_update(of=("self",)).latest("edizione")
    if edizione.stato in (Stato.IN_CODA, Stato.IN_COSTRUZIONE, Stato.PUBBLICATA):
        return edizione, False
    now = timezone.now()
    again = {
        "stato": Stato.IN_CODA,
        "messaggio": "",
        "richiesta_da": by,
        "richiesta_il": now,
        "in_coda_dal": now,
        "tentativi": 0,
        "interrotta_da": None,
    }
    for name, value in again.items():
        setattr(edizione, name, value)
    edizione.save(update_fields=list(again))
    _asked(edizione)
    return edizione, True


def _first(by: User, report: Report, parametri: Parametri, **fields: bool) -> tuple[Edizione, bool]:
    """Make the first edition; False beside it if it was there. Two at once make one."""
    edizione, new = _editions(report, parametri).get_or_create(
        edizione=1,
        defaults={
            "report": report.slug,
            "periodo": parametri.testo,
            "provincia_id": parametri.provincia or None,
            "al": parametri.al,
            "richiesta_da": by,
            "richiesta_il": timezone.now(),
            **fields,
        },
    )
    if new:
        _asked(edizione)
    return edizione, new


def _asked(edizione: Edizione) -> None:
    audit.record(
        by=edizione.richiesta_da, action="report.richiesto", on=edizione, report=edizione.report,
        periodo=edizione.periodo, provincia=edizione.provincia_id,
    )  # fmt: skip


def _editions(report: Report, parametri: Parametri) -> QuerySet[Edizione]:
    return Edizione.objects.filter(
        report=report.slug, periodo=parametri.testo, provincia=parametri.provincia or None
    )


def _not_published(edizione: Edizione) -> None:
    if edizione.pubblicata:
        raise NotNow(
            f"«{edizione}» è già pubblicato con il n. {edizione.numero_completo} e non cambia"
            " più: per correggerlo aprire la sua pagina e scegliere «Rettifica»."
        )


def _require(by: User, report: Report, parametri: Parametri) -> None:
    roles.require(by, BUILD)
    if by.username != SYSTEM_USERNAME and not report.readable_by(by, parametri.provincia):
        raise PermissionDenied
