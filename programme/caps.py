"""What acts allot to the Covid wage support binds what is certified of it, azione by azione."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Sum

from porfse import money
from porfse.locks import Busy, patient
from porfse.models import FlowSource, Fonte
from porfse.periods import italian
from programme.models import Azione, Movimento, Perimetro, Programmazione, SpesaCertificata

# Whoever certifies payments of the CIGD holds the row of their flow (`cigd.turns`), whose name
# stands here too because the programme knows nothing of the app above it.
CIGD_FLOW = "inps-cigd"
PATIENCE = "5s"  # how long a page waits for it
ZERO = Decimal(0)
BUSY = (
    "È in corso una certificazione o l'acquisizione di un flusso della CIGD: nulla è stato"
    " registrato, riprovare fra qualche minuto."
)
REMEDY = (
    "Prima serve un lotto che ritiri o recuperi la spesa, o lo storno di quella inserita a mano; se"
    " un atto ne sostituisce un altro, registrare prima quello giusto."
)

Days = Mapping[date, Decimal]  # what is added on each day, in euro


class Breach(NamedTuple):
    """The last day on which too much is certified, its cap, and how much that is; euro."""

    giorno: date
    massimale: Decimal
    importo: Decimal


def azioni_of_the_wage_support() -> list[str]:
    """Return the azioni on which the documents place the Covid wage support.

    Of retired sources too: that their balances do not count any more does not move the support.
    """
    rows = Programmazione.objects.filter(
        perimetro=Perimetro.CIGD, azione__isnull=False, fonte__genere=Fonte.Genere.PUBBLICATA
    )
    return sorted(rows.order_by().values_list("azione", flat=True).distinct())


def on_its_azioni(perimetro: str, azione: Azione | None) -> None:
    """Refuse the Covid wage support where the documents do not place it (E034 of the flows)."""
    if perimetro != Perimetro.CIGD:
        return
    allowed = azioni_of_the_wage_support()
    if allowed and (azione is None or azione.pk not in allowed):
        raise ValidationError(
            {
                "azione": f"La CIGD sta solo sulle azioni {' e '.join(allowed)}: scegliere una di "
                f"queste, oppure il perimetro «{Perimetro.ORDINARIA.label}»."
            }
        )


def within_cap(
    model: type[Movimento], riferimento: str, azione: Azione | None, data: date, importo: Decimal
) -> None:
    """Refuse a movement of the CIGD that leaves more certified than acts allot, to the cent.

    What is allotted on a day is the least of that day and of all after it: a reduction binds who
    certifies for a day before it, too. From here to the end of the transaction no batch is
    certified. What lowers the expenditure, or raises what is allotted, is never refused.
    """
    certifies = model is SpesaCertificata and importo > 0
    if not certifies and not (model is Programmazione and importo < 0):
        return
    if azione is None:
        raise ValidationError(
            {"azione": "Indicare l'azione: la spesa della CIGD ha un massimale per azione."}
        )
    alone_on_certification()
    if model.objects.filter(riferimento=riferimento).exists():
        return  # the same form, sent twice: it is already in what is stored
    if certifies:
        _not_above(azione, data, importo)
    else:
        _not_below(azione, data, importo)


def _not_above(azione: Azione, data: date, importo: Decimal) -> None:
    """Held against what is certified at any date, as batches do."""
    cap = least_from(stored(Programmazione, azione.pk), data)
    room = cap - sum(stored(SpesaCertificata, azione.pk).values(), ZERO)
    if importo > room:
        raise ValidationError(
            {
                "importo": f"Il massimale della CIGD per l'azione {azione.pk} dal {italian(data)}"
                f" in poi è di {money.euro(cap)} e restano {money.euro(max(room, ZERO))}: ridurre"
                " l'importo, o registrare prima l'atto che aumenta le risorse programmate."
            }
        )


def _not_below(azione: Azione, data: date, importo: Decimal) -> None:
    caps = together(stored(Programmazione, azione.pk), {data: importo})
    breach = lowered_below(caps, stored(SpesaCertificata, azione.pk), {data: importo})
    if breach:
        raise ValidationError(
            {
                "importo": f"Il massimale della CIGD per l'azione {azione.pk} scenderebbe al"
                f" {italian(breach.giorno)} a {money.euro(breach.massimale)} e sono già certificati"
                f" {money.euro(breach.importo)}. {REMEDY}"
            }
        )


def stored(model: type[Movimento], azione: str, **only: object) -> dict[date, Decimal]:
    """Return what counts of the CIGD in an azione by day, in euro; of some movements `only`."""
    levels = {"azione": azione, "perimetro": str(Perimetro.CIGD)}
    rows = model.objects.in_force().filter(**only).within(levels)
    return dict(rows.order_by().values_list("data").annotate(Sum("importo")))


def together(*parts: Days) -> dict[date, Decimal]:
    """Return by day what several parts add."""
    days = {day for part in parts for day in part}
    return {day: sum((part.get(day, ZERO) for part in parts), ZERO) for day in days}


def raised_above(caps: Days, certified: Days, coming: Days) -> Breach | None:
    """Say whether what comes is certified above the cap from its day on, and how much by then.

    As if it were entered by hand in the order of its days, on each what lowers first: on top of
    what is certified at any date.
    """
    days, held, found = sorted({*caps, *coming}), sum(certified.values(), ZERO), None
    for day, cap, more in zip(days, _least(caps, days), _running(coming, days), strict=True):
        if coming.get(day, ZERO) > 0 and held + more > cap:
            found = Breach(day, cap, more)
    return found


def lowered_below(caps: Days, certified: Days, change: Days) -> Breach | None:
    """Say whether caps that a change lowers are less than what is certified, and how much that is.

    Args:
        caps: with the change in them.
        certified: what was taken back later counts on no day, whatever day the act has that lowers
            the cap: withdrawals have the day of their batch, which comes after it.
    """
    days, found = sorted({*caps, *certified, *change}), None
    held, lowered = _least(certified, days), _running(change, days)
    for day, cap, less, amount in zip(days, _running(caps, days), lowered, held, strict=True):
        if less < 0 and cap < amount:
            found = Breach(day, cap, amount)
    return found


def _running(added: Days, days: Iterable[date]) -> list[Decimal]:
    return list(accumulate(added.get(day, ZERO) for day in days))


def _least(added: Days, days: Iterable[date]) -> list[Decimal]:
    """Return for each day the least that there is from it on."""
    return list(accumulate(reversed(_running(added, days)), min))[::-1]


def least_from(added: Days, day: date) -> Decimal:
    """Return the least that there is from a day on, in euro."""
    days = sorted({*added, day})
    return _least(added, days)[days.index(day)]


def alone_on_certification() -> None:
    """Wait for one's turn to certify the CIGD, for the rest of the transaction.

    To be called before acts and payment applications are written: who certifies writes them too,
    and two who have each what the other wants would wait for ever.

    Raises:
        ValidationError: somebody else takes longer than a page may wait.
    """
    try:
        with patient(PATIENCE):
            wait_for_certification()
    except Busy as busy:
        raise ValidationError(BUSY) from busy


def wait_for_certification() -> None:
    """The same for a task, which may wait as long as it takes."""
    FlowSource.objects.get_or_create(pk=CIGD_FLOW)
    FlowSource.objects.select_for_update().get(pk=CIGD_FLOW)
