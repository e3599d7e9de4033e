"""Taking charge of sites: by the nucleo of their provincia, on a day, and back with a reason."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from crisi.models import Procedura, UnitaProduttiva
from crisi.scope import EDIT
from crisi.services import history
from porfse import audit, roles
from porfse.errors import BadInput, NotThere
from porfse.models import User
from porfse.periods import italian
from programme.services import Conflict

_NOT_OWN = "Una delle unità non è tra quelle della propria provincia: aggiornare l'elenco."
SHORTEST_REASON = 5


@dataclass(frozen=True)
class Esito:
    """What came of it.

    Attributes:
        prese: sites that were taken charge of now.
        gia: sites that somebody had taken charge of before; they stay as they are.
    """

    prese: list[UnitaProduttiva]
    gia: list[UnitaProduttiva]


@transaction.atomic
def take(*, by: User, unita: Collection[int], giorno: date) -> Esito:
    """Take charge of some sites of open procedures, all or none; twice is once.

    Args:
        unita: their keys.
        giorno: today or earlier, not before the procedure began.

    Raises:
        BadInput: no site is named, or one is of a procedure that is not open.
        NotThere: a site is not of the person's provincia.
        ValidationError: the day is not one on which it can have been.
    """
    roles.require(by, EDIT)
    if not unita:
        raise BadInput("Nessuna unità scelta: selezionarne almeno una e ripetere.")
    if giorno > timezone.localdate():
        raise ValidationError(
            f"La presa in carico non può essere futura: al più tardi il"
            f" {italian(timezone.localdate())}."
        )
    sites = _locked(unita, by=by)
    free = [site for site in sites if site.presa_in_carico_il is None]
    for site in free:
        _may_be_taken(site, giorno)
    for site in free:
        site.presa_in_carico_il, site.presa_in_carico_da = giorno, by
    _write(free, by=by)
    for site in free:
        audit.record(
            by=by,
            action="unita.presa_in_carico",
            on=site,
            procedura=site.procedura_id,
            giorno=giorno,
        )
    return Esito(free, [site for site in sites if site not in free])


@transaction.atomic
def give_back(*, by: User, unita_id: int, motivo: str) -> UnitaProduttiva:
    """Take back that a site was taken charge of; who and when stay in the register.

    Raises:
        NotThere: the site is not of the person's provincia.
        Conflict: somebody else took it back before; `current` is its procedure.
        ValidationError: no reason is given.
    """
    roles.require(by, EDIT)
    reason = motivo.strip()
    if len(reason) < SHORTEST_REASON:
        raise ValidationError("Indicare il motivo dell'annullamento, in poche parole.")
    (site,) = _locked([unita_id], by=by)
    if site.presa_in_carico_il is None:
        raise Conflict("La presa in carico è già stata annullata.", site.procedura)
    before, whose = site.presa_in_carico_il, site.presa_in_carico_da
    site.presa_in_carico_il = site.presa_in_carico_da = None
    _write([site], by=by)
    audit.record(
        by=by,
        action="unita.presa_in_carico_annullata",
        on=site,
        procedura=site.procedura_id,
        giorno=before,
        di=whose,
        motivo=reason,
    )
    return site


def _locked(keys: Collection[int], *, by: User) -> list[UnitaProduttiva]:
    """Hold the procedures of some own sites, then read the sites as they now stand."""
    own = UnitaProduttiva.objects.editable_by(by).filter(pk__in=keys)
    wanted = sorted(own.values_list("procedura", flat=True))
    # The procedures first, in one order: the forms lock them before their sites.
    held = Procedura.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
    procedures = {each.pk: each for each in held}
    sites = list(own.select_related("comune", "presa_in_carico_da").order_by("procedura", "codice"))
    if len(sites) != len(set(keys)):
        raise NotThere(_NOT_OWN)
    for site in sites:
        # One object for all the sites of a procedure, so that its version is raised once.
        site.procedura = procedures[site.procedura_id]
    return sites


def _may_be_taken(site: UnitaProduttiva, giorno: date) -> None:
    procedure = site.procedura
    if procedure.stato != Procedura.Stato.APERTA:
        raise BadInput(
            f"{procedure} è {procedure.get_stato_display()}: le sue unità non si prendono più in"
            " carico. Aggiornare l'elenco."
        )
    if giorno < procedure.data_avvio:
        raise ValidationError(
            f"Unità {site}: la presa in carico non può precedere l'avvio della procedura, il"
            f" {italian(procedure.data_avvio)}."
        )


def _write(sites: Iterable[UnitaProduttiva], *, by: User) -> None:
    changed = list(sites)
    UnitaProduttiva.objects.bulk_update(changed, ["presa_in_carico_il", "presa_in_carico_da"])
    procedures = list({site.procedura_id: site.procedura for site in changed}.values())
    for each in procedures:
        each.versione += 1
        each.aggiornata_il = timezone.now()
    Procedura.objects.bulk_update(procedures, ["versione", "aggiornata_il"])
    history.record_versions(procedures, by=by)
