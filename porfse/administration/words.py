"""The register in words: names of objects and fields, and values of any shape."""

from typing import Any

from django.apps import apps
from django.db.models import Model

from porfse.actions import spelled
from porfse.administration.queries import labels
from porfse.models import AuditEvent
from porfse.roles import BY_SLUG
from porfse.tables import ND

CHANGES = "modifiche"  # {field: [before, after]}


def type_words(object_type: str) -> str:
    """Return the name of a model as pages show it; the bare text once the model is gone."""
    model = _model(object_type)
    return str(model._meta.verbose_name) if model else object_type


def field_words(object_type: str, name: str) -> str:
    """Return the name of a field as pages show it."""
    model = _model(object_type)
    fields = model._meta.fields if model else ()
    names = {field.name: str(field.verbose_name) for field in fields}
    return names.get(name) or spelled(name)


def value_words(value: Any) -> str:
    """Return a value of the details on one line."""
    match value:
        case None | "" | []:
            return ND
        case bool():
            return "sì" if value else "no"
        case list() if all(isinstance(item, str) and item in BY_SLUG for item in value):
            return labels(value)
        case list():
            return "; ".join(value_words(item) for item in value)
        case dict():
            return "; ".join(f"{key}: {value_words(item)}" for key, item in value.items())
        case _:
            return str(value)


def changes_of(event: AuditEvent) -> list[tuple[str, str, str]]:
    """Return field, value before and value after, where the event changed some."""
    changes = event.details.get(CHANGES)
    if not _are_changes(changes):
        return []
    return [
        (field_words(event.object_type, name), value_words(before), value_words(after))
        for name, (before, after) in changes.items()
    ]


def facts_of(event: AuditEvent) -> list[tuple[str, str]]:
    """Return the other details, by name."""
    return [
        (field_words(event.object_type, name), value_words(value))
        for name, value in event.details.items()
        if not (name == CHANGES and _are_changes(value))
    ]


def _are_changes(value: Any) -> bool:
    """The register is never rewritten: a shape that no one foresaw is shown as it is."""
    return isinstance(value, dict) and all(
        isinstance(pair, list) and len(pair) == 2 for pair in value.values()
    )


def one_line(event: AuditEvent) -> str:
    """Return all details in one text, for a cell of a file."""
    facts = [f"{name}: {value}" for name, value in facts_of(event)]
    changes = [f"{name}: {before} → {after}" for name, before, after in changes_of(event)]
    return "; ".join((*facts, *changes))


def _model(object_type: str) -> type[Model] | None:
    try:
        return apps.get_model(object_type)
    except (LookupError, ValueError):
        return None
