"""What a nucleo may do to a procedure: enter it, correct it, add its sites to another's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from crisi import duplicates, stato
from crisi.models import Procedura, UnitaProduttiva
from crisi.scope import EDIT, own_provincia
from crisi.services import bozze, history, unita
from crisi.services.chiusi import quarters_kept
from crisi.services.locks import locked, unchanged_since
from crisi.services.unita import Sito
from porfse import audit, aziende, roles
from porfse.errors import NotThere
from porfse.models import Azienda, User
from porfse.periods import italian

COMPARED = {"azienda", "tipo", "data_avvio", "data_fine"}  # what makes two procedures look alike


@dataclass(frozen=True)
class Testata:
    """What a nucleo says of a procedure; `codice_fiscale` as `aziende.read_code` returns it."""

    codice_fiscale: str
    denominazione: str
    tipo: str
    linea_guida: str
    causale: str
    data_avvio: date
    data_fine: date | None = None
    codice_pratica: str = ""
    alta_complessita: bool = False
    obbligo_pal: bool | None = None

    def fields(self) -> dict[str, Any]:
        """The fields of the model, all but the company."""
        company = {"codice_fiscale", "denominazione"}
        return {name: value for name, value in vars(self).items() if name not in company}


@transaction.atomic
def create(
    *,
    by: User,
    testata: Testata,
    siti: Sequence[Sito],
    distinta: str = "",
    bozza: int | None = None,
) -> Procedura:
    """Enter a procedure with the sites of the person's own provincia.

    Args:
        distinta: why it is not the one that it looks like; empty if nobody has been asked.
        bozza: key of the draft that it comes from, which goes.

    Raises:
        Duplicate: it looks like one that is there, and no reason was given.
        ValidationError: by field; that of the second site as `1.codice`.
    """
    roles.require(by, EDIT)
    _check(by, testata, siti)
    # The company first: who enters the same one waits here, and then sees this procedure.
    company = _company(testata)
    similar = _refuse_duplicates(by, company, testata, distinta)
    duplicates.refuse_sent_twice(similar, by=by, **testata.fields())
    written = {name for name, value in testata.fields().items() if value not in ("", None)}
    made = Procedura(
        **testata.fields(),
        azienda=company,
        stato=stato.for_end(testata.data_fine, timezone.localdate()),
        inserita_da=by,
        campi_a_mano=sorted({"azienda", *written}),
    )
    with quarters_kept([], by=by) as touched:
        _save(made, by)
        unita.write(made, dict(enumerate(siti)))
        touched.add(made.pk)
    history.record_version(made, by=by)
    audit.record(
        by=by,
        action="procedura.inserita",
        on=made,
        versione=1,
        unita=len(siti),
        **_confirmed(similar, distinta),
    )
    bozze.drop(by=by, pk=bozza)
    return made


@transaction.atomic
def update(
    *,
    by: User,
    pk: int,
    versione: int,
    testata: Testata,
    siti: Sequence[Sito],
    tolte: Sequence[int] = (),
    distinta: str = "",
    bozza: int | None = None,
) -> Procedura:
    """Correct a procedure and its own sites; sites that are not named stay as they are.

    Args:
        versione: the one that the person read.
        siti: own sites to correct (with `id`) or to add.
        tolte: keys of own sites to remove.

    Raises:
        Conflict: somebody has changed what the person sees of it since; `current` is what stands.
        Duplicate: it now looks like another one, and no reason was given.
        NotThere: it, or a site, is not the person's to change.
        ValidationError: by field; or a closed quarter would change.
    """
    roles.require(by, EDIT)
    _check(by, testata, siti)
    before = locked(pk, by=by)
    unchanged_since(before, versione, by=by)
    _refuse_withdrawn(before)
    company = _company(testata, esempio=before.esempio)
    changed = _header_changes(before, company, testata)
    similar: list[Procedura] = []
    if COMPARED & changed.keys():
        similar = _refuse_duplicates(by, company, testata, distinta, but=pk)
    sites = unita.plan(before, by=by, siti=siti, tolte=tolte)
    if changed or sites.changed or sites.removed:
        _correct(before, by, changed, sites, **_confirmed(similar, distinta))
    bozze.drop(by=by, pk=bozza)
    return before


def _correct(
    before: Procedura,
    by: User,
    changed: Mapping[str, tuple[Any, Any]],
    sites: unita.Plan,
    **confirmed: Any,
) -> None:
    before.versione += 1
    with quarters_kept([before.pk], by=by):
        _write_header(before, by, changed)
        unita.remove(before, sites.removed)
        unita.write(before, sites.changed)
    history.record_version(before, by=by)
    audit.record(
        by=by,
        action="procedura.modificata",
        on=before,
        versione=before.versione,
        modifiche={name: [_plain(old), _plain(new)] for name, (old, new) in changed.items()},
        unita_scritte=len(sites.changed),
        unita_tolte=[each.codice for each in sites.removed],
        **confirmed,
    )


@transaction.atomic
def add_sites(
    *, by: User, pk: int, testata: Testata, siti: Sequence[Sito], bozza: int | None = None
) -> Procedura:
    """Add own sites to the procedure that the one being entered turned out to be.

    The nucleo has no site in it yet: what it was entering says that it knows of it.

    Raises:
        NotThere: it is not one that looks like what the person was entering.
        ValidationError: by field; or the nucleo has a site in it, perhaps since a moment ago.
    """
    roles.require(by, EDIT)
    _check(by, testata, siti)
    company = aziende.find(testata.codice_fiscale)
    alike = duplicates.overlapping(**_alike(company, testata)) if company else []
    if pk not in {each.pk for each in alike}:
        raise NotThere("La procedura non è tra quelle simili a quella che si sta inserendo.")
    found = Procedura.objects.select_for_update().get(pk=pk)
    _refuse_withdrawn(found)
    if UnitaProduttiva.objects.editable_by(by).filter(procedura=found).exists():
        raise ValidationError(
            f"In {found} ci sono già unità della propria provincia: per aggiungerne altre, o"
            " correggerle, aprire la procedura dall'elenco e usare «Modifica»."
        )
    found.versione += 1
    with quarters_kept([found.pk], by=by):
        found.save(update_fields=["versione", "aggiornata_il"])
        unita.write(found, {place: replace(each, id=None) for place, each in enumerate(siti)})
    history.record_version(found, by=by)
    audit.record(
        by=by,
        action="procedura.unita_aggiunte",
        on=found,
        versione=found.versione,
        unita=len(siti),
    )
    bozze.drop(by=by, pk=bozza)
    return found


def _check(by: User, testata: Testata, siti: Sequence[Sito]) -> None:
    """Hold what is sent to the rules that no constraint of the database can say."""
    today = timezone.localdate()
    if testata.data_avvio > today:
        raise ValidationError(
            {"data_avvio": f"La data di avvio è futura: al più tardi {italian(today)}."}
        )
    own = own_provincia(by)
    wrong = {
        f"{number}.comune": f"{each.comune} non è nella propria provincia."
        for number, each in enumerate(siti)
        if each.comune.provincia_id != own
    }
    if wrong:
        raise ValidationError(wrong)


def _company(testata: Testata, *, esempio: bool = False) -> Azienda:
    made = aziende.found_or_made(testata.codice_fiscale, testata.denominazione, esempio=esempio)
    return Azienda.objects.select_for_update(no_key=True).get(pk=made.pk)


def _alike(company: Azienda, testata: Testata) -> dict[str, Any]:
    names = ("tipo", "data_avvio", "data_fine")
    return {"azienda": company, **{name: getattr(testata, name) for name in names}}


def _refuse_duplicates(
    by: User, company: Azienda, testata: Testata, reason: str, *, but: int | None = None
) -> list[Procedura]:
    """Return the procedures that this one looks like, once a reason says that it is another."""
    found = duplicates.overlapping(**_alike(company, testata), but=but)
    if found and not reason:
        raise duplicates.Duplicate(duplicates.described(found, user=by))
    return found


def _confirmed(similar: Sequence[Procedura], reason: str) -> dict[str, Any]:
    """What the register keeps of a procedure that looked like another, and is not."""
    return {"doppione_di": [each.pk for each in similar], "motivo": reason} if similar else {}


def _refuse_withdrawn(procedura: Procedura) -> None:
    if procedura.stato == Procedura.Stato.RITIRATA:
        raise ValidationError("La procedura è ritirata: per correggerla va prima riaperta.")


def _header_changes(
    before: Procedura, company: Azienda, testata: Testata
) -> dict[str, tuple[Any, Any]]:
    wanted = {**testata.fields(), "azienda": company}
    if testata.data_fine != before.data_fine:
        wanted["stato"] = stato.for_end(testata.data_fine, timezone.localdate())
    return {
        name: (getattr(before, name), value)
        for name, value in wanted.items()
        if getattr(before, name) != value
    }


def _write_header(procedura: Procedura, by: User, changed: Mapping[str, tuple[Any, Any]]) -> None:
    for name, (_, value) in changed.items():
        setattr(procedura, name, value)
    procedura.campi_a_mano = sorted({*procedura.campi_a_mano, *changed})
    _save(procedura, by)


def _save(procedura: Procedura, by: User) -> None:
    """Write the header; a number that another procedure has is refused, also at the same moment."""
    _refuse_taken_number(procedura, by)
    procedura.validate_constraints()
    try:
        with transaction.atomic():
            procedura.save()
    except IntegrityError:
        _refuse_taken_number(procedura, by)
        raise


def _refuse_taken_number(procedura: Procedura, by: User) -> None:
    number = procedura.codice_pratica
    same = Procedura.objects.filter(codice_pratica=number, esempio=procedura.esempio)
    taken = same.exclude(pk=procedura.pk).select_related("azienda").first() if number else None
    if taken is None:
        return
    if Procedura.objects.visible_to(by).filter(pk=taken.pk).exists():
        whose = f"della procedura di {taken.azienda}, avviata il {italian(taken.data_avvio)}"
    else:
        whose = "di una procedura di un'altra provincia"
    raise ValidationError({"codice_pratica": f"Il numero {number} è già {whose}: controllarlo."})


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, Azienda) else value
