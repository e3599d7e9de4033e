"""What is to be drawn, from what: a plan, its population, and whether the two go together."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from django.core.exceptions import ValidationError

from cigd import drawing
from cigd.azioni import AZIONE_ALTRI, AZIONE_COMUNI
from cigd.drawing import Drawn, Stratum
from cigd.models import Campione
from cigd.models.estrazioni import Piano
from cigd.population import Extent, Filters, Reading, strata, total
from cigd.scope import scope
from porfse.errors import NotThere
from porfse.money import number as shown

_SEED = re.compile(r"[A-Za-z0-9._-]{1,40}").fullmatch
Metodo = Campione.Metodo
LARGEST = 10_000  # elements: each is verified by a person


@dataclass(frozen=True)
class Plan:
    """What is to be drawn; without flows, from all that count."""

    metodo: str
    numero: int
    seme: str
    filtri: Filters
    ripartizione: str = ""


@dataclass(frozen=True)
class Population:
    """A population before anything is drawn from it: its narrowed flows, its strata. Euro."""

    filtri: Filters
    strati: dict[Stratum, Extent]
    esempio: bool

    @property
    def totale(self) -> Extent:
        return total(self.strati)


def population(filters: Filters) -> Population:
    """Count what a sample would be drawn from, as `narrowed` says.

    With millions of payments this takes a second: a page reads what a task has counted.
    """
    exact, example = narrowed(filters)
    return Population(exact, strata(exact), esempio=example)


def narrowed(filters: Filters) -> tuple[Filters, bool]:
    """Return filters with their flows, all that count if none is named, and whether of examples.

    Raises:
        NotThere: a flow is not among those that count, or none does.
        ValidationError: by field: the azione or the period cannot be.
    """
    counting = scope()
    if not counting.flussi:
        raise NotThere("Nessun flusso è acquisito: non c'è una popolazione da cui estrarre.")
    unknown = set(filters.flussi) - set(counting.flussi)
    if unknown:
        raise NotThere(f"Il flusso {min(unknown)} non è fra quelli acquisiti: sceglierne un altro.")
    if filters.azione not in ("", AZIONE_COMUNI, AZIONE_ALTRI):
        raise ValidationError(
            {"azione": f"L'azione è {AZIONE_COMUNI} o {AZIONE_ALTRI}: «{filters.azione[:20]}» no."}
        )
    if filters.periodo not in Campione.Periodo:
        raise ValidationError({"periodo": "Scegliere la data di pagamento o il mese."})
    if filters.dal and filters.al and filters.dal > filters.al:
        raise ValidationError({"al": "La fine del periodo è prima del suo inizio."})
    flows = tuple(sorted(set(filters.flussi) or set(counting.flussi)))
    return replace(filters, flussi=flows), counting.esempio


def plan_of(stored: Piano) -> Plan:
    """Return the plan of a sample that was drawn, or is to be."""
    filters = Filters(
        flussi=tuple(stored.flussi),
        azione=stored.azione_id or "",
        periodo=stored.periodo,
        dal=stored.dal,
        al=stored.al,
    )
    return Plan(stored.metodo, stored.numero, stored.seme, filters, stored.ripartizione)


def sound(plan: Plan) -> None:
    """Refuse a plan that suits no population.

    Raises:
        ValidationError: by field.
    """
    if plan.metodo not in Metodo:
        raise ValidationError({"metodo": "Il metodo non esiste: semplice, stratificato o mus."})
    if not _SEED(plan.seme):
        raise ValidationError({"seme": "Il seme ha da 1 a 40 lettere, cifre, punti o trattini."})
    if not 1 <= plan.numero <= LARGEST:
        raise ValidationError({"numero": f"Gli elementi sono da 1 a {shown(LARGEST)}."})
    if plan.metodo != Metodo.STRATIFICATO:
        if plan.ripartizione:
            raise ValidationError({"ripartizione": "Vale solo per il campione stratificato."})
    elif plan.ripartizione not in Campione.Ripartizione:
        raise ValidationError({"ripartizione": "Scegliere se in base all'importo o al numero."})


def shares_of(plan: Plan, found: Population) -> dict[Stratum, int]:
    """Check a plan against its population; return what a stratified sample takes from each.

    Raises:
        ValidationError: by field: it does not suit the population, or none.
    """
    sound(plan)
    payments = found.totale.pagamenti
    if not payments.pagamenti:
        raise ValidationError("Nessun pagamento corrisponde ai filtri: allargarli.")
    most = min(payments.pagamenti, LARGEST)
    if plan.numero > most:
        raise ValidationError(
            {
                "numero": f"Gli elementi sono da 1 a {shown(most)}: i pagamenti della popolazione"
                f" sono {shown(payments.pagamenti)} e un campione ne ha al massimo"
                f" {shown(LARGEST)}."
            }
        )
    if plan.metodo != Metodo.STRATIFICATO:
        return {}
    sizes = {
        stratum: extent.pagamenti
        for stratum, extent in found.strati.items()
        if extent.pagamenti.pagamenti
    }
    if plan.numero < len(sizes):
        raise ValidationError(
            {"numero": f"Servono almeno {len(sizes)} elementi: uno per ogni strato."}
        )
    by_amount = plan.ripartizione == Campione.Ripartizione.IMPORTO
    return drawing.allocate(plan.numero, sizes, by_amount=by_amount)


def drawn_by(
    plan: Plan, found: Population, shares: dict[Stratum, int], reading: Reading
) -> list[Drawn]:
    """Read a population to its end and return what a plan draws from it, in order."""
    if plan.metodo == Metodo.SEMPLICE:
        return drawing.simple(reading.items(), plan.numero, plan.seme)
    if plan.metodo == Metodo.STRATIFICATO:
        return drawing.stratified(reading.items(), shares, plan.seme)
    interval = drawing.interval_of(found.totale.pagamenti.importo, plan.numero)
    start = drawing.start_of(plan.seme, interval)
    return list(drawing.monetary(reading.items(), interval, start))


def interval_of(plan: Plan, found: Population) -> Decimal | None:
    """Return the interval of monetary unit sampling in euro; None for the other methods."""
    if plan.metodo != Metodo.MUS:
        return None
    cents = drawing.interval_of(found.totale.pagamenti.importo, plan.numero)
    return Decimal(cents).scaleb(-2)
