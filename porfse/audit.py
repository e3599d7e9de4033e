"""The one way to write the register of operations."""

from django.db import models

from porfse.models import AuditEvent, User


def record(*, by: User, action: str, on: models.Model, **details: object) -> AuditEvent:
    """Write one event in the caller's transaction, so that it stands or falls with the change.

    Args:
        by: who acts.
        action: a dotted name, e.g. `movimento.inserito`.
        on: the object acted upon, already saved.
        details: JSON-like facts; dates and amounts are kept as text.
    """
    return AuditEvent.objects.create(
        actor=by,
        action=action,
        object_type=on._meta.label_lower,
        object_id=str(on.pk),
        details={key: _plain(value) for key, value in details.items()},
    )


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return str(value)
