"""A sample on its way: asked for, counted by a task, decided on by a person, drawn by a task.

As a batch (`cigd.certification`), and for the same reason: with millions of payments counting takes
a second and drawing a dozen, and nobody decides on what nobody has seen. A task locks no row while
it reads: who acquires a flow removes what was tried on the examples, and would wait for it.
"""

from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from cigd import sampling
from cigd.drawing import Size, Stratum
from cigd.models import Estrazione
from cigd.plans import Plan, Population, narrowed, plan_of, population, shares_of, sound
from cigd.population import Extent
from cigd.sampling import PERMISSION
from cigd.turns import PATIENCE, Work, only_here
from porfse import audit, roles
from porfse.errors import NotThere
from porfse.flows.errors import NotNow
from porfse.locks import Busy, patient
from porfse.models import User

Stato = Estrazione.Stato
_AGAINST = {
    Stato.IN_PREPARAZIONE: "La popolazione non è ancora contata: attendere, poi decidere.",
    Stato.PRONTA: "L'estrazione attende una decisione: aprirne la pagina.",
    Stato.IN_ESTRAZIONE: "Il campione è già in estrazione: attendere che finisca.",
    Stato.ESTRATTA: "Il campione è già estratto: aprirlo dall'elenco.",
    Stato.FALLITA: "L'estrazione non è riuscita: chiederne un'altra con «Ripeti con altre scelte».",
    Stato.SCARTATA: "L'estrazione è stata scartata: chiederne un'altra con «Ripeti con altre"
    " scelte».",
}
DISCARDABLE = (Stato.IN_PREPARAZIONE, Stato.PRONTA, Stato.FALLITA)


@transaction.atomic
def prepare(*, by: User, plan: Plan) -> Estrazione:
    """Ask for a sample; the caller queues `count`.

    Raises:
        ValidationError: by field: the plan cannot be.
        NotThere: a flow is not among those that count, or none does.
    """
    roles.require(by, PERMISSION)
    sound(plan)
    filters, example = narrowed(plan.filtri)
    made = Estrazione.objects.create(
        metodo=plan.metodo,
        numero=plan.numero,
        seme=plan.seme,
        ripartizione=plan.ripartizione,
        flussi=list(filters.flussi),
        azione_id=filters.azione or None,
        periodo=filters.periodo,
        dal=filters.dal,
        al=filters.al,
        esempio=example,
        chiesta_da=by,
    )
    audit.record(
        by=by, action="estrazione.preparata", on=made, metodo=plan.metodo, numero=plan.numero,
        seme=plan.seme, ripartizione=plan.ripartizione, flussi=made.flussi, azione=filters.azione,
        periodo=filters.periodo, dal=filters.dal, al=filters.al,
    )  # fmt: skip
    return made


@transaction.atomic
def count(pk: int) -> None:
    """Count the population of a sample that was asked for; may run twice."""
    made = _taken(pk, Stato.IN_PREPARAZIONE)
    if made is None:
        return
    try:
        found = population(plan_of(made).filtri)
        shares_of(plan_of(made), found)
    except (ValidationError, NotThere) as refusal:
        _failed(made, refusal)
    else:
        if _moved(made, stato=Stato.PRONTA, popolazione=_kept(found)):
            by, seen = made.chiesta_da, _told(found)
            audit.record(by=by, action="estrazione.contata", on=made, **seen)


@transaction.atomic
def decide(pk: int, *, by: User) -> Estrazione:
    """Decide that a sample is drawn from the population that was shown; the caller queues `draw`.

    Raises:
        NotNow: it is not waiting for a decision.
    """
    roles.require(by, PERMISSION)
    made = _locked(pk)
    _expect(made, Stato.PRONTA)
    made.stato, made.decisa_da, made.decisa_il = Stato.IN_ESTRAZIONE, by, timezone.now()
    made.save()
    audit.record(by=by, action="estrazione.decisa", on=made, **_told(population_of(made)))
    return made


@transaction.atomic
def draw(pk: int) -> None:
    """Draw a sample that was decided on, wholly or not at all; may run twice.

    What has changed since it was counted ends it with a message: another one can be asked for.
    """
    made = _taken(pk, Stato.IN_ESTRAZIONE)
    if made is None or made.decisa_da is None:
        return
    try:
        with transaction.atomic():
            sample = sampling.draw(
                by=made.decisa_da, plan=plan_of(made), seen=population_of(made).totale
            )
            _moved(made, stato=Stato.ESTRATTA, campione=sample)
    except (ValidationError, NotThere, NotNow) as refusal:
        _failed(made, refusal)
    except PermissionDenied:
        words = "Chi ha deciso non ha più il ruolo per estrarre campioni: lo chieda chi lo ha."
        _failed(made, NotNow(words))


@transaction.atomic
def discard(pk: int, *, by: User) -> Estrazione:
    """Give up a sample that is not drawn.

    Raises:
        NotNow: it is being drawn, drawn, or gone already.
    """
    roles.require(by, PERMISSION)
    made = _locked(pk)
    _expect(made, *DISCARDABLE)
    made.stato = Stato.SCARTATA
    made.save()
    audit.record(by=by, action="estrazione.scartata", on=made)
    return made


def population_of(made: Estrazione) -> Population:
    """Return the population that was counted, none if it was not yet."""
    strata: dict[Stratum, Extent] = {
        (azione, provincia): Extent(
            Size(number, Decimal(amount)), Size(recoveries, Decimal(recovered))
        )
        for azione, provincia, number, amount, recoveries, recovered in made.popolazione or ()
    }
    return Population(plan_of(made).filtri, strata, esempio=made.esempio)


def _kept(found: Population) -> list[tuple[str, str, int, str, int, str]]:
    """A population as it is stored: amounts are text, so that no cent is lost."""
    rows = []
    for stratum, extent in found.strati.items():
        paid, back = extent.pagamenti, extent.recuperi
        rows.append(
            (*stratum, paid.pagamenti, str(paid.importo), back.pagamenti, str(back.importo))
        )
    return rows


def _told(found: Population) -> dict[str, object]:
    whole = found.totale.pagamenti
    return {"pagamenti": whole.pagamenti, "importo": whole.importo}


def _taken(pk: int, state: str) -> Estrazione | None:
    """Take one in a state; None if another process has it or is done."""
    work = Work.DRAW if state == Stato.IN_ESTRAZIONE else Work.COUNT_POPULATION
    if not only_here(work, pk):
        return None
    people = ("chiesta_da", "decisa_da")
    return Estrazione.objects.filter(pk=pk, stato=state).select_related(*people).first()


def _moved(made: Estrazione, **fields: Any) -> bool:
    """Give one that a task has another state, unless it was discarded meanwhile."""
    return bool(Estrazione.objects.filter(pk=made.pk, stato=made.stato).update(**fields))


def _failed(made: Estrazione, refusal: Exception) -> None:
    messages = refusal.messages if isinstance(refusal, ValidationError) else [str(refusal)]
    words = " ".join(messages)[:500]
    if _moved(made, stato=Stato.FALLITA, messaggio=words):
        by = made.decisa_da or made.chiesta_da
        audit.record(by=by, action="estrazione.fallita", on=made, messaggio=words)


def _locked(pk: int) -> Estrazione:
    """Take one for a person; those from examples go when real payments come."""
    try:
        with patient(PATIENCE):
            made = Estrazione.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    except Busy as busy:
        raise NotNow(
            "È in corso l'acquisizione o l'annullamento di un flusso: non è stato cambiato nulla,"
            " riprovare fra qualche minuto."
        ) from busy
    if made is None:
        raise NotThere("L'estrazione richiesta non c'è, o non c'è più: chiederne un'altra.")
    return made


def _expect(made: Estrazione, *states: str) -> None:
    if made.stato not in states:
        raise NotNow(_AGAINST[made.stato])
