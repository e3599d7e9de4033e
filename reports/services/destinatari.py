"""The addresses that reports are sent to: kept by the Region; deactivated, never deleted."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from porfse import audit, roles
from porfse.errors import NotThere
from porfse.models import Provincia, User
from reports.models import Destinatario

SEND = "reports.send_reports"
FIELDS = ("nome", "email", "attivo")


@transaction.atomic
def aggiungi(*, by: User, provincia: Provincia | None, nome: str, email: str) -> Destinatario:
    """Add an address to which the reports of a provincia, or of the Region (None), are sent.

    Raises:
        ValidationError: by field, in Italian.
    """
    roles.require(by, SEND)
    made = Destinatario(provincia=provincia, nome=_one_line(nome), email=email.strip())
    _save(made)
    audit.record(by=by, action="destinatario.aggiunto", on=made, **_state(made))
    return made


@transaction.atomic
def modifica(*, by: User, pk: int, nome: str, email: str, attivo: bool) -> Destinatario:
    """Change an address, or whether mail goes there; its territory stays what it is.

    What was sent keeps the address that it was sent to.

    Raises:
        NotThere: there is no such address.
        ValidationError: by field, in Italian.
    """
    roles.require(by, SEND)
    found = Destinatario.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if found is None:
        raise NotThere("Il destinatario non c'è: sceglierlo dall'elenco.")
    before = _state(found)
    found.nome, found.email, found.attivo = _one_line(nome), email.strip(), attivo
    after = _state(found)
    changes = {name: [before[name], after[name]] for name in FIELDS if before[name] != after[name]}
    if changes:
        _save(found)
        audit.record(by=by, action="destinatario.modificato", on=found, modifiche=changes)
    return found


def _state(destinatario: Destinatario) -> dict[str, Any]:
    return {
        "provincia": destinatario.provincia_id,
        **{name: getattr(destinatario, name) for name in FIELDS},
    }


def _save(destinatario: Destinatario) -> None:
    destinatario.full_clean(validate_constraints=False)
    if _others(destinatario).exists():
        raise _taken(destinatario)
    try:
        with transaction.atomic():
            destinatario.save()
    except IntegrityError as error:  # somebody added the same at the same moment
        raise _taken(destinatario) from error


def _others(destinatario: Destinatario) -> Any:
    same = Destinatario.objects.filter(
        provincia=destinatario.provincia_id, email__iexact=destinatario.email
    )
    return same.exclude(pk=destinatario.pk)


def _taken(destinatario: Destinatario) -> ValidationError:
    """Say what to do: an address that was deactivated is made active again, not added."""
    other = _others(destinatario).first()
    words = "L'indirizzo c'è già per questo territorio"
    if other is not None and not other.attivo:
        words += f", disattivato («{other.nome}»): riattivarlo dall'elenco"
    return ValidationError({"email": f"{words}."})


def _one_line(text: str) -> str:
    return " ".join(text.split())
