"""What may be written in the programme: authorised, in one transaction, recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from porfse import audit, roles
from porfse.models import Atto, Fonte, User
from porfse.periods import italian
from programme.caps import on_its_azioni, within_cap
from programme.models import (
    Asse,
    Azione,
    DomandaPagamento,
    Iniziativa,
    Movimento,
    Perimetro,
    SpesaCertificata,
)
from programme.refusals import not_reversible, not_within_balance, same_branch
from programme.sources import balances, dependent_sources

# What the register keeps of a movement.
RECORDED = (
    *("asse_id", "azione_id", "iniziativa_id", "data", "importo", "perimetro", "atto"),
    *("descrizione", "quota_ue", "domanda"),
)


class Conflict(Exception):
    """Someone else wrote first; `current` is what stands now."""

    def __init__(self, message: str, current: Any) -> None:
        super().__init__(message)
        self.current = current


@dataclass(frozen=True)
class Act:
    """An act as a person enters it."""

    tipo: str
    numero: str
    data: date

    def stored(self, *, by: User) -> Atto:
        """Return the act, made if it is new; a known act without its day is given it."""
        atto, _ = Atto.objects.get_or_create(
            tipo=self.tipo, numero=self.numero, anno=self.data.year, defaults={"data": self.data}
        )
        if atto.data is None:
            atto.data = self.data
            atto.save(update_fields=["data"])
            audit.record(by=by, action="atto.datato", on=atto, data=self.data)
        elif atto.data != self.data:
            raise ValidationError(
                {"atto_data": f"L'atto è già registrato con la data {italian(atto.data)}."}
            )
        return atto


def writer_permission(model: type[Movimento]) -> str:
    """Return who may write a quantity: certified expenditure has an authority of its own."""
    certified = model is SpesaCertificata
    return "programme.add_certificazioni" if certified else "programme.add_movimenti"


@transaction.atomic
def insert_movement(
    model: type[Movimento],
    *,
    by: User,
    riferimento: str,
    atto: Act,
    asse: Asse,
    data: date,
    importo: Decimal,
    azione: Azione | None = None,
    iniziativa: Iniziativa | None = None,
    perimetro: str = Perimetro.ORDINARIA,
    descrizione: str = "",
    fonte: Fonte | None = None,
    **certified: Any,
) -> Movimento:
    """Write a movement with its act; the same `riferimento` twice is one movement.

    Args:
        importo: euro, signed, not zero.
        fonte: where it comes from, if it is not a person who types it in.
        certified: for SpesaCertificata alone, `quota_ue` (euro), `domanda_numero`, `domanda_data`.

    Raises:
        ValidationError: by field, in Italian: levels that do not belong together, a date within a
            published balance still in force, an EU share out of bounds, the CIGD on an azione that
            is not its own, or more of it certified than acts allot.
    """
    # long: a field a line, here and above
    roles.require(by, writer_permission(model))
    same_branch(asse, azione, iniziativa)
    placed = azione or (iniziativa and iniziativa.azione)
    on_its_azioni(perimetro, placed)
    not_within_balance(model, asse, data)
    # A batch holds its own sum to the caps, and comes with its source.
    if fonte is None and perimetro == Perimetro.CIGD:
        within_cap(model, riferimento, placed, data, importo)
    movement = model(
        riferimento=riferimento,
        atto=atto.stored(by=by),
        asse=asse,
        azione=placed,
        iniziativa=iniziativa,
        data=data,
        importo=importo,
        perimetro=perimetro,
        descrizione=descrizione,
        fonte=fonte or _entered(data),
        inserito_da=by,
        **(_certified(**certified) if model is SpesaCertificata else {}),
    )
    movement.validate_constraints()
    try:
        with transaction.atomic():
            movement.save()
    except IntegrityError:  # the same form, sent twice: the first one stands
        return model.objects.get(riferimento=riferimento)
    _record(by, "movimento.inserito", movement)
    return movement


@transaction.atomic
def reverse_movement(
    movement: Movimento, *, by: User, atto: Act, data: date, descrizione: str
) -> Movimento:
    """Write the opposite of an entered movement, with its own act and reason.

    Raises:
        Conflict: it is already reversed; `current` is the reversing movement.
        ValidationError: it does not count, or is corrected in another way, or comes after the day,
            or leaves more of the CIGD certified than acts allot.
    """
    model = type(movement)
    roles.require(by, writer_permission(model))
    original = model.objects.select_for_update().get(pk=movement.pk)
    done = model.objects.filter(storno_di=original).first()
    if done:
        raise Conflict("Il movimento è già stato stornato.", done)
    # Under the lock that cancelling a flow takes too. Not of its key: other movements may refer to
    # the same source meanwhile, and those of two reversals cross.
    original.fonte = Fonte.objects.select_for_update(no_key=True).get(pk=original.fonte_id)
    if refusal := not_reversible(original):
        raise ValidationError(refusal)
    if data < original.data:
        raise ValidationError(
            {"data": f"Lo storno non può precedere il movimento, del {italian(original.data)}."}
        )
    placed = original.azione or (original.iniziativa and original.iniziativa.azione)
    riferimento = f"s-{original.riferimento}"
    if original.perimetro == Perimetro.CIGD and placed:
        within_cap(model, riferimento, placed, data, -original.importo)
    # long: a field a line
    copied = ("asse", "azione", "iniziativa", "perimetro", "beneficiario", "cup")
    certified = ("domanda",) if model is SpesaCertificata else ()
    reversal = model(
        **{name: getattr(original, name) for name in (*copied, *certified)},
        riferimento=riferimento,
        atto=atto.stored(by=by),
        data=data,
        importo=-original.importo,
        descrizione=descrizione,
        fonte=_entered(data),
        storno_di=original,
        inserito_da=by,
    )
    if isinstance(reversal, SpesaCertificata) and isinstance(original, SpesaCertificata):
        reversal.quota_ue = None if original.quota_ue is None else -original.quota_ue
    reversal.save()
    _record(by, "movimento.stornato", reversal, storno_di=original.riferimento)
    return reversal


@transaction.atomic
def update_initiative(
    code: str, *, by: User, version: int, changes: Mapping[str, Any]
) -> Iniziativa:
    """Change an initiative if nobody has since the version that the person read.

    Raises:
        Conflict: somebody has; `current` is the initiative as it stands.
    """
    roles.require(by, "programme.change_iniziativa")
    before = Iniziativa.objects.select_for_update().get(pk=code)
    if before.versione != version:
        raise Conflict("Un'altra persona ha modificato l'iniziativa nel frattempo.", before)
    changed = {
        name: [str(getattr(before, name)), str(value)]
        for name, value in changes.items()
        if getattr(before, name) != value
    }
    if not changed:
        return before
    Iniziativa.objects.filter(pk=code).update(**changes, versione=F("versione") + 1)
    after = Iniziativa.objects.get(pk=code)
    audit.record(by=by, action="iniziativa.modificata", on=after, modifiche=changed)
    return after


@transaction.atomic
def retire_source(fonte: Fonte, *, by: User, motivo: str) -> list[Fonte]:
    """Take published balances out of force, with all that depends on them; rows stay readable.

    Raises:
        Conflict: the source is already retired.
        ValidationError: it is not a published source.
    """
    roles.require(by, "programme.retire_fonte")
    # All of them, in one order: two retirements that share a source wait for each other.
    published = Fonte.objects.filter(genere=Fonte.Genere.PUBBLICATA).order_by("pk")
    list(published.select_for_update())
    fonte = Fonte.objects.get(pk=fonte.pk)
    if fonte.ritirata_il:
        raise Conflict("La fonte è già stata ritirata.", fonte)
    if fonte.genere != Fonte.Genere.PUBBLICATA:
        raise ValidationError("Si ritirano solo le fonti pubblicate.")
    if not any(item.fonte == fonte.pk for item in balances()):
        raise ValidationError("La fonte non ha saldi nel registro: non c'è nulla da ritirare.")
    retired = dependent_sources(fonte)
    now = timezone.now()
    for item in retired:
        item.ritirata_il, item.ritirata_da, item.motivo_ritiro = now, by, motivo
        item.save(update_fields=["ritirata_il", "ritirata_da", "motivo_ritiro"])
        audit.record(by=by, action="fonte.ritirata", on=item, motivo=motivo, insieme_a=fonte.pk)
    return retired


def _entered(day: date) -> Fonte:
    return Fonte.objects.get_or_create(
        documento="inserimento",
        data=day,
        sezione="",
        defaults={"genere": Fonte.Genere.INSERITA, "titolo": "Movimento inserito"},
    )[0]


def _certified(*, quota_ue: Decimal, domanda_numero: str, domanda_data: date) -> dict[str, Any]:
    claim, _ = DomandaPagamento.objects.get_or_create(
        numero=domanda_numero, defaults={"data": domanda_data}
    )
    if claim.data != domanda_data:
        raise ValidationError(
            {"domanda_data": f"La domanda è già registrata con la data {italian(claim.data)}."}
        )
    return {"quota_ue": quota_ue, "domanda": claim}


def _record(by: User, action: str, movement: Movimento, **more: object) -> None:
    audit.record(
        by=by,
        action=action,
        on=movement,
        riferimento=movement.riferimento,
        **{name: getattr(movement, name) for name in RECORDED if hasattr(movement, name)},
        **more,
    )
