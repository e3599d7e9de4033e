"""Figures of the payments: amounts, hours and numbers, from the summaries alone."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Sum

from cigd.azioni import AZIONE_ALTRI, AZIONE_COMUNI
from cigd.models import SintesiAzione, SintesiComune
from cigd.querysets import SintesiQuerySet
from cigd.scope import Scope, scope
from cigd.tables import SintesiTable
from porfse.figures import FigureError, Leaf, Rows, Source, Unit, Value, leaf
from porfse.models import Comune, Provincia

# What a name sums, and what it is in words.
UNITS = {"importo": Unit.EURO, "ore": Unit.ORE}
FIELDS = {
    "cigd_pagamenti": ("importo", "Pagamenti INPS della CIGD al netto dei recuperi"),
    "cigd_ore": ("ore", "Ore di CIGD pagate, al netto dei recuperi"),
    "cigd_numero": ("pagamenti", "Numero di pagamenti INPS della CIGD"),
    "cigd_recuperi": ("recuperi", "Numero di recuperi INPS della CIGD"),
}
AZIONI = (AZIONE_COMUNI, AZIONE_ALTRI)
# Parameter: the column of the summaries that it narrows.
COLUMNS = {
    "azione": "azione_id",
    "provincia": "provincia_id",
    "comune": "comune_id",
    "mese": "mese",
    "flusso": "flusso_id",
}
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_FLOW = re.compile(r"[1-9]\d{0,17}")
Sums = dict[str, Decimal]
Group = frozenset[tuple[str, object]]


def amount(**params: object) -> Leaf:
    """The euro paid, less what was recovered; `mese` is the first day of the month."""
    return _leaf("cigd_pagamenti", params)


def hours(**params: object) -> Leaf:
    """The hours paid, less those recovered."""
    return _leaf("cigd_ore", params)


def number(**params: object) -> Leaf:
    """How many payments."""
    return _leaf("cigd_numero", params)


def recoveries(**params: object) -> Leaf:
    """How many recoveries."""
    return _leaf("cigd_recuperi", params)


def _leaf(name: str, params: Mapping[str, object]) -> Leaf:
    month = params.get("mese")
    text = f"{month:%Y-%m}" if isinstance(month, date) else month
    return leaf(name, **{**params, "mese": text})


class Payments(Source):
    names = tuple(FIELDS)
    params = tuple(COLUMNS)
    permission = "cigd.view_cigd"

    def label(self, leaf: Leaf) -> str:
        found = conditions(leaf)
        parts = [FIELDS[leaf.name][1]]
        if "azione" in found:
            parts.append(f"azione {found['azione']}")
        if "provincia" in found:
            parts.append(f"provincia di {_existing(Provincia, found['provincia'])}")
        if "comune" in found:
            parts.append(f"comune di {_existing(Comune, found['comune'])}")
        if "mese" in found:
            parts.append(f"mese di competenza {found['mese']:%m.%Y}")
        if "flusso" in found:
            parts.append(f"flusso {found['flusso']}")
        return ", ".join(parts)

    def evaluate(self, leaves: Collection[Leaf]) -> Mapping[Leaf, Value]:
        counted = scope()
        asked = {leaf: conditions(leaf) for leaf in leaves}
        by_comune = [found for found in asked.values() if "comune" in found]
        others = [found for found in asked.values() if "comune" not in found]
        sums = {
            **_sums("cigd_sintesiazione", others, counted),
            **_sums("cigd_sintesicomune", by_comune, counted),
        }
        return {leaf: _value(leaf, found, sums, counted) for leaf, found in asked.items()}

    def rows(self, leaf: Leaf) -> Rows:
        found, counted = conditions(leaf), scope()
        rows = summary_rows(found, counted).order_by("flusso", "mese", "pk")
        field = FIELDS[leaf.name][0]
        total = rows.aggregate(total=Sum(field))["total"] or 0
        return Rows(
            table=SintesiTable(rows, by_comune="comune" in found),
            total=None if _unknown(found, counted) else Decimal(total),
            note="Somme dei pagamenti accettati di ogni flusso acquisito, scritte insieme a essi."
            " Un recupero sottrae il suo importo e le sue ore.",
        )


def conditions(leaf: Leaf) -> dict[str, Any]:
    """Return what narrows a leaf, by parameter, as the database has it.

    Raises:
        FigureError: a parameter cannot be understood, or two do not go together.
    """
    found: dict[str, Any] = dict(leaf.params)
    if "comune" in found and found.keys() & {"azione", "provincia"}:
        raise FigureError("Il comune dice già l'azione e la provincia: togliere gli altri due.")
    if found.get("azione", AZIONE_COMUNI) not in AZIONI:
        raise FigureError(f"L'azione «{found['azione']}» non è della CIGD: {' o '.join(AZIONI)}.")
    if "mese" in found:
        found["mese"] = month_of(found["mese"])
    if "flusso" in found:
        if not _FLOW.fullmatch(found["flusso"]):
            raise FigureError(f"Il flusso «{found['flusso']}» non è un numero.")
        found["flusso"] = int(found["flusso"])
    return found


def month_of(text: str) -> date:
    """Read `2020-03`.

    Raises:
        FigureError: it is not an eligible month of competence.
    """
    match = _MONTH.fullmatch(text)
    first, last = settings.CIGD_MESI
    month = date(int(match[1]), int(match[2]), 1) if match else None
    if month is None or not first <= month <= last:
        raise FigureError(
            f"Il mese «{text[:20]}» non è di competenza della CIGD: scriverlo come {first:%Y-%m},"
            f" al più tardi {last:%Y-%m}."
        )
    return month


def summary_rows(found: Mapping[str, Any], counted: Scope) -> SintesiQuerySet:
    """Return the rows of the summary that some conditions leave."""
    model, place = (SintesiComune, "comune") if "comune" in found else (SintesiAzione, "provincia")
    rows = model.objects.filter(flusso__in=counted.flussi).select_related(place)
    return rows.filter(**{COLUMNS[name]: value for name, value in found.items()})


def _sums(
    table: str, asked: Sequence[Mapping[str, Any]], counted: Scope
) -> dict[tuple[str, Group], Sums]:
    """Sum a summary in every way that is asked for, in one query."""
    ways = sorted({tuple(sorted(found)) for found in asked})
    if not ways or not counted.flussi:
        return {}
    used = sorted({name for way in ways for name in way})
    columns = [COLUMNS[name] for name in used]
    sets = ", ".join(f"({', '.join(COLUMNS[name] for name in way)})" for way in ways)
    known = "".join(f"{column}, grouping({column}), " for column in columns)
    query = (
        f"SELECT {known}sum(importo), sum(ore), sum(pagamenti), sum(recuperi) FROM {table}"
        f" WHERE flusso_id = ANY(%s) {_narrowed(asked)} GROUP BY GROUPING SETS ({sets})"
    )
    with connection.cursor() as cursor:
        params = [list(counted.flussi), *_listed(asked)]
        cursor.execute(query, params)
        return dict(_read(table, used, row) for row in cursor)


def _listed(asked: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """The comuni that are asked for, if all leaves name one."""
    comuni = sorted({found["comune"] for found in asked if "comune" in found})
    return [comuni] if comuni else []


def _narrowed(asked: Sequence[Mapping[str, Any]]) -> str:
    return "AND comune_id = ANY(%s)" if _listed(asked) else ""


def _read(table: str, used: Iterable[str], row: Sequence[Any]) -> tuple[tuple[str, Group], Sums]:
    *keys, importo, ore, pagamenti, recuperi = row
    grouped = zip(used, keys[::2], keys[1::2], strict=True)
    group = frozenset((name, value) for name, value, absent in grouped if not absent)
    sums = {
        "importo": importo,
        "ore": ore,
        "pagamenti": Decimal(pagamenti or 0),
        "recuperi": Decimal(recuperi or 0),
    }
    return (table, group), sums


def _value(
    leaf: Leaf,
    found: Mapping[str, Any],
    sums: Mapping[tuple[str, Group], Sums],
    counted: Scope,
) -> Value:
    field = FIELDS[leaf.name][0]
    unit = UNITS.get(field, Unit.NUMERO)
    missing = _unknown(found, counted)
    if missing:
        return Value(None, unit, missing=missing)
    table = "cigd_sintesicomune" if "comune" in found else "cigd_sintesiazione"
    # Of what the flows do not name, they say that nothing was paid.
    worth = (sums.get((table, frozenset(found.items()))) or {}).get(field) or Decimal(0)
    return Value(worth, unit, example=counted.esempio)


def _unknown(found: Mapping[str, Any], counted: Scope) -> str:
    """Say why a sum is not known; empty if it is."""
    if not counted.flussi:
        return "nessun flusso acquisito"
    if found.get("flusso", counted.flussi[0]) not in counted.flussi:
        return "il flusso non è fra quelli acquisiti"
    return ""


def _existing(model: type[Provincia] | type[Comune], code: str) -> str:
    found = model.objects.filter(pk=code).first()
    if found is None:
        raise FigureError(f"Non esiste: {model._meta.verbose_name} «{code[:20]}».")
    return str(found)
