"""Reference data kept in the repository (`fixtures/`) and loaded by `manage.py seed`."""

import csv
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models

from porfse.models import Atto, Fonte

ROOT: Path = settings.BASE_DIR / "fixtures"
_ACT = re.compile(
    r"(?P<tipo>\S+) (?P<numero>.+?)(?: del (?P<data>\d{4}-\d\d-\d\d)|/(?P<anno>\d{4}))"
)


def read_csv(name: str, *, delimiter: str = ";") -> Iterator[dict[str, str]]:
    """Yield the rows of a file below `fixtures/`, by the names in its header."""
    with (ROOT / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter=delimiter, strict=True)


def read_toml(name: str) -> dict[str, Any]:
    """Return a file below `fixtures/`."""
    return tomllib.loads((ROOT / name).read_text(encoding="utf-8"))


def upsert(model: type[models.Model], objects: list[Any], *, key: str) -> None:
    """Write reference rows in one statement; those in the database then equal those in the file."""
    fields = [
        field.name
        for field in model._meta.concrete_fields
        if field.name != key and not field.auto_created
    ]
    model._default_manager.bulk_create(
        objects, update_conflicts=True, unique_fields=[key], update_fields=fields
    )


def act(text: str) -> Atto:
    """Return the act written as `DGR 5112/2021` or `decreto 3516 del 2020-03-18`.

    Raises:
        ValueError: the text has neither form.
    """
    found = _ACT.fullmatch(text)
    if not found:
        raise ValueError(f"atto non leggibile: {text}")
    day = date.fromisoformat(found["data"]) if found["data"] else None
    year = day.year if day else int(found["anno"])
    return Atto.objects.get_or_create(
        tipo=found["tipo"], numero=found["numero"], anno=year, defaults={"data": day}
    )[0]


def published_sources(name: str) -> dict[str, Fonte]:
    """Load a file of published sources; return them by its column `chiave`."""
    return {
        row["chiave"]: Fonte.objects.get_or_create(
            documento=row["documento"],
            data=date.fromisoformat(row["data"]),
            sezione=row["sezione"],
            defaults={"genere": Fonte.Genere.PUBBLICATA, "titolo": row["titolo"]},
        )[0]
        for row in read_csv(name)
    }
