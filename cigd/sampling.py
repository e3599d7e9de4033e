"""Samples of payments for the verifications of first level: drawn once, drawn again the same.

A sample keeps its filters, number, seed and the hash of its population: whoever has the flows can
draw it again and find the same elements.
"""

from django.core.exceptions import ValidationError
from django.db import transaction

from cigd.drawing import Drawn, Stratum, counted
from cigd.models import Campione, ElementoCampione, Estrazione, StratoCampione
from cigd.plans import Plan, Population, drawn_by, interval_of, plan_of, population, shares_of
from cigd.population import Extent, Reading, strata
from cigd.scope import scope
from cigd.turns import wait_for_turn
from porfse import audit, roles
from porfse.flows.errors import NotNow
from porfse.models import Flow, User

PERMISSION = "cigd.verify"


@transaction.atomic
def draw(*, by: User, plan: Plan, seen: Extent | None = None) -> Campione:
    """Draw a sample and freeze its population.

    Args:
        by: who draws.
        plan: what is to be drawn.
        seen: the population that the person was shown; another one is not drawn from.

    Raises:
        ValidationError: by field: the plan does not suit the population, or was drawn before.
        NotNow: the population has changed since it was shown, or while it was read.
        NotThere: a flow is not among those that count.
    """
    roles.require(by, PERMISSION)
    found = population(plan.filtri)
    if seen is not None and seen != found.totale:
        raise NotNow("La popolazione è cambiata dopo l'anteprima: chiedere un'altra estrazione.")
    shares = shares_of(plan, found)
    reading = Reading(found.filtri)
    drawn = drawn_by(plan, found, shares, reading)
    wait_for_turn()  # for a task or a command: no page waits for this
    if not set(found.filtri.flussi) <= set(scope().flussi):
        raise NotNow("Un flusso della popolazione è stato annullato: ripetere l'estrazione.")
    made = _stored(plan, found, drawn, reading.sha256, by)
    audit.record(
        by=by, action="campione.estratto", on=made, metodo=plan.metodo, numero=plan.numero,
        seme=plan.seme, elementi=len(drawn), pagamenti=made.pagamenti, importo=made.importo,
        sha256=made.sha256,
    )  # fmt: skip
    return made


def _stored(plan: Plan, found: Population, drawn: list[Drawn], sha256: str, by: User) -> Campione:
    key = {
        "sha256": sha256, "metodo": plan.metodo, "numero": plan.numero, "seme": plan.seme,
        "ripartizione": plan.ripartizione,
    }  # fmt: skip
    before = Campione.objects.filter(**key).first()
    if before:
        raise ValidationError(
            f"Lo stesso campione è già stato estratto: è il n. {before.pk}. Per estrarne un altro,"
            " cambiare il seme."
        )
    filters, whole = found.filtri, found.totale
    made = Campione.objects.create(
        **key,
        flussi=list(filters.flussi),
        azione_id=filters.azione or None,
        periodo=filters.periodo,
        dal=filters.dal,
        al=filters.al,
        pagamenti=whole.pagamenti.pagamenti,
        importo=whole.pagamenti.importo,
        recuperi=whole.recuperi.pagamenti,
        importo_recuperi=whole.recuperi.importo,
        intervallo=interval_of(plan, found),
        esempio=found.esempio,
        estratto_da=by,
    )
    strati = _stored_strata(made, found.strati, drawn)
    ElementoCampione.objects.bulk_create(
        (
            ElementoCampione(
                campione=made, strato=strati[item.strato], flusso_id=item.flusso, riga=item.riga,
                id_pagamento=item.id_pagamento, importo=item.importo, certo=certain,
            )
            for item, certain in drawn
        ),
        batch_size=1_000,
    )  # fmt: skip
    return made


def _stored_strata(
    made: Campione, extents: dict[Stratum, Extent], drawn: list[Drawn]
) -> dict[Stratum, StratoCampione]:
    numbers = counted(drawn)
    rows = {
        (azione, provincia): StratoCampione(
            campione=made,
            azione_id=azione,
            provincia_id=provincia,
            pagamenti=extent.pagamenti.pagamenti,
            importo=extent.pagamenti.importo,
            recuperi=extent.recuperi.pagamenti,
            importo_recuperi=extent.recuperi.importo,
            estratti=numbers.get((azione, provincia), 0),
        )
        for (azione, provincia), extent in extents.items()
    }
    StratoCampione.objects.bulk_create(rows.values())
    return rows


@transaction.atomic
def differences(sample: Campione) -> list[str]:
    """Draw a sample again from what is stored; say what is not as it was, empty if all is."""
    plan = plan_of(sample)
    found = Population(plan.filtri, strata(plan.filtri), esempio=sample.esempio)
    whole = found.totale
    if not whole.pagamenti.pagamenti:
        return ["I pagamenti della popolazione non ci sono più: i flussi sono stati annullati."]
    try:
        shares = shares_of(plan, found)
    except ValidationError as error:
        return ["La popolazione non consente più il campione.", *error.messages]
    reading = Reading(found.filtri)
    drawn = drawn_by(plan, found, shares, reading)
    return [
        *_changed("Pagamenti della popolazione", sample.pagamenti, whole.pagamenti.pagamenti),
        *_changed("Importo della popolazione", sample.importo, whole.pagamenti.importo),
        *_changed("Recuperi", sample.recuperi, whole.recuperi.pagamenti),
        *_changed("Importo dei recuperi", sample.importo_recuperi, whole.recuperi.importo),
        *_changed("Impronta SHA-256", sample.sha256, reading.sha256),
        *_changed("Intervallo", sample.intervallo, interval_of(plan, found)),
        *_changed_elements(sample, drawn),
    ]


def _changed(name: str, before: object, now: object) -> list[str]:
    return [] if before == now else [f"{name}: era {before}, ora è {now}."]


def _changed_elements(sample: Campione, drawn: list[Drawn]) -> list[str]:
    fields = ("flusso_id", "riga", "id_pagamento", "importo", "certo")
    before = set(sample.elementi.values_list(*fields))
    now = {(*item[:4], certain) for item, certain in drawn}
    gone, new = sorted(before - now), sorted(now - before)
    return [
        *(f"Non è più estratto, o è cambiato: flusso {row[0]}, {row[2]}." for row in gone[:20]),
        *(f"È estratto ora, o è cambiato: flusso {row[0]}, {row[2]}." for row in new[:20]),
        *([f"In tutto {len(gone)} elementi in meno e {len(new)} in più."] if gone or new else []),
    ]


def why_not_cancel(flow: Flow) -> str:
    """Say why a flow cannot be cancelled, as far as samples go; empty if it can.

    It stays also if nothing of it was drawn: the error found is projected on it.
    """
    samples = Campione.objects.filter(flussi__contains=[flow.pk]).order_by("pk")
    numbers = ", ".join(f"n. {pk}" for pk in samples.values_list("pk", flat=True))
    if not numbers:
        return ""
    return (
        f"Il flusso è nella popolazione di un campione per le verifiche ({numbers}): non si annulla"
        " più. Gli errori si correggono con i recuperi di un flusso successivo."
    )


def forget_example(flow: Flow, *, by: User) -> None:
    """Remove the samples that were tried on an example flow, with their verifications."""
    tried = Estrazione.objects.filter(esempio=True, flussi__contains=[flow.pk])
    for made in tried:
        audit.record(
            by=by, action="estrazione.eliminata", on=made, motivo="Sono arrivati i dati reali."
        )
    tried.delete()
    samples = Campione.objects.filter(esempio=True, flussi__contains=[flow.pk])
    for sample in samples:
        audit.record(
            by=by, action="campione.eliminato", on=sample, motivo="Sono arrivati i dati reali."
        )
    samples.delete()
