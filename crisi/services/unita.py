"""The sites of a procedure, as its own change writes them: each nucleo its own."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from django.core.exceptions import ValidationError

from crisi.models import AvanzamentoPAL, Procedura, UnitaProduttiva
from porfse.errors import NotThere
from porfse.models import Comune, User
from porfse.periods import Periodo

FIELDS = ("codice", "comune", "lavoratori")


@dataclass(frozen=True)
class Sito:
    """A site as a nucleo says it; `lavoratori` None is not known; no `codice`: one is given.

    Attributes:
        id: key of the site that it corrects; None for a new one.
    """

    comune: Comune
    lavoratori: int | None
    codice: str = ""
    id: int | None = None


@dataclass
class Plan:
    """What a change does to the sites.

    Attributes:
        changed: those that are new or not as they stand, by their place in what was sent.
        removed: those that go.
    """

    changed: dict[int, Sito] = field(default_factory=dict)
    removed: list[UnitaProduttiva] = field(default_factory=list)


def plan(procedura: Procedura, *, by: User, siti: Sequence[Sito], tolte: Sequence[int]) -> Plan:
    """Return what has to be done; the procedure is locked.

    Raises:
        NotThere: a site is not one that the person may change.
    """
    own = UnitaProduttiva.objects.editable_by(by).filter(procedura=procedura)
    standing = {each.pk: each for each in own.select_for_update(of=("self",))}
    named = {each.id for each in siti if each.id is not None} | set(tolte)
    if not named <= standing.keys():
        raise NotThere("Un'unità non è di questa procedura e della propria provincia.")
    return Plan(
        changed={
            place: each
            for place, each in enumerate(siti)
            if each.id is None or _differences(standing[each.id], each)
        },
        removed=[standing[key] for key in tolte],
    )


def _differences(standing: UnitaProduttiva, sent: Sito) -> set[str]:
    """Names of the fields that are sent otherwise; a code that was blanked stays as it is."""
    names = FIELDS if sent.codice else FIELDS[1:]
    return {name for name in names if getattr(standing, name) != getattr(sent, name)}


def remove(procedura: Procedura, sites: Iterable[UnitaProduttiva]) -> None:
    """Take sites away, if nobody has reported on them.

    Raises:
        ValidationError: one has PAL numbers, of whatever quarter.
    """
    for site in sites:
        reported = AvanzamentoPAL.objects.filter(unita=site).order_by("trimestre")
        quarters = list(reported.values_list("trimestre", flat=True).distinct())
        if quarters:
            names = ", ".join(Periodo.parse(each).nome for each in quarters)
            raise ValidationError(
                f"L'unità {site} non si può togliere: ha dati PAL ({names}), che andrebbero persi."
                " Se non è più coinvolta, indicare la data di fine della procedura."
            )
        site.delete()


def write(procedura: Procedura, siti: Mapping[int, Sito]) -> None:
    """Write new and corrected sites; who has no code is given the next free one.

    Args:
        siti: by their place in what was sent, which the errors name.

    Raises:
        ValidationError: `1.codice`: another site has the code; or the procedure is left without.
    """
    standing = {each.pk: each for each in UnitaProduttiva.objects.filter(procedura=procedura)}
    owners = {each.codice: each.pk for each in standing.values()}
    for place, sent in siti.items():
        if sent.codice and owners.get(sent.codice, sent.id) != sent.id:
            raise ValidationError(
                {f"{place}.codice": f"L'identificativo {sent.codice} è già di un'altra unità."}
            )
        site = UnitaProduttiva(procedura=procedura) if sent.id is None else standing[sent.id]
        owners.pop(site.codice, None)
        _fill(site, sent, free=_free_code(owners))
        site.save()
        owners[site.codice] = site.pk
    if not owners:
        raise ValidationError(
            "Una procedura ha almeno un'unità produttiva: se è da annullare, ritirarla."
        )


def _fill(site: UnitaProduttiva, sent: Sito, *, free: str) -> None:
    written = _differences(site, sent) if site.pk else _typed(sent)
    site.codice = sent.codice or site.codice or free
    site.comune, site.lavoratori = sent.comune, sent.lavoratori
    site.campi_a_mano = sorted({*site.campi_a_mano, *written})


def _typed(sent: Sito) -> set[str]:
    return {name for name in FIELDS if getattr(sent, name) not in ("", None)}


def _free_code(taken: Collection[str]) -> str:
    return next(code for number in count(1) if (code := f"U{number}") not in taken)
