"""Payments as pages show them: rows of figures, asked for together."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Case, Exists, F, OuterRef, QuerySet, Subquery, Sum, Value, When

from cigd.azioni import AZIONE_ALTRI, AZIONE_COMUNI
from cigd.figures import amount, hours, number, recoveries
from cigd.models import SintesiComune
from cigd.scope import Scope
from porfse.figures import Board, Leaf, differenza, leaf, rapporto
from porfse.models import Comune, Flow, Provincia
from porfse.periods import italian
from programme.models import Azione, Perimetro, Programmazione
from programme.querysets import MovimentoQuerySet

BEYOND = "oltre il massimale: non certificabile senza decisione"
Row = dict[str, Any]


def cap(al: date, azione: str | None = None) -> Leaf:
    """The resources that acts allot to the CIGD, up to a day, in one azione or in both."""
    return leaf("programmate", al=al, azione=azione, perimetro=Perimetro.CIGD)


def azione_rows(board: Board, al: date, azioni: Iterable[Azione]) -> list[Row]:
    """One row for each azione, then the total: allocation at a day, payments, what is left."""
    rows = [_azione_row(board, al, azione, azione.pk) for azione in azioni]
    return [*rows, {**_azione_row(board, al, "Totale CIGD", None), "totale": True}]


def _azione_row(board: Board, al: date, name: object, azione: str | None) -> Row:
    allotted, paid = cap(al, azione), amount(azione=azione)
    return {
        "nome": name,
        "massimale": board(allotted),
        "pagamenti": board(paid),
        "numero": board(number(azione=azione)),
        "recuperi": board(recoveries(azione=azione)),
        "quota": board(rapporto(paid, allotted)),
        "margine": board(differenza(allotted, paid)),
    }


def judged(rows: Sequence[Row]) -> Sequence[Row]:
    """Say which azione has more payments than its allocation; the board must be loaded."""
    for row in rows:
        left = row["margine"].amount
        row["esito"] = BEYOND if left is not None and left < 0 else ""
    return rows


def moves(al: date) -> MovimentoQuerySet:
    """Return the movements of the CIGD's allocation up to a day, oldest first."""
    rows = Programmazione.objects.in_force().up_to(al).filter(perimetro=Perimetro.CIGD)
    return rows.exclude(importo=0).select_related("atto", "fonte").order_by("data", "pk")


def cap_rows(board: Board, movements: Iterable[Any]) -> list[Row]:
    """One row for each day on which the allocation changed: what it was from then on."""
    acts: dict[date, dict[str, None]] = {}
    for movement in movements:
        acts.setdefault(movement.data, {})[str(movement.atto or movement.fonte)] = None
    return [
        {
            "data": day,
            "comuni": board(cap(day, AZIONE_COMUNI)),
            "altri": board(cap(day, AZIONE_ALTRI)),
            "totale": board(cap(day)),
            "atti": "; ".join(names),
        }
        for day, names in acts.items()
    ]


def months() -> list[date]:
    """Return the first day of every eligible month of competence."""
    first, last = settings.CIGD_MESI
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    ahead = [first.month - 1 + step for step in range(count)]
    return [date(first.year + place // 12, place % 12 + 1, 1) for place in ahead]


def month_rows(board: Board, **params: object) -> list[Row]:
    """One row for each month, then the total, narrowed by `provincia`."""
    rows = [_month_row(board, month, mese=month, **params) for month in months()]
    return [*rows, {**_month_row(board, "Totale", **params), "totale": True}]


def _month_row(board: Board, name: object, **params: object) -> Row:
    return {
        "mese": name,
        **_by_azione(board, **params),
        "pagamenti": board(amount(**params)),
        "numero": board(number(**params)),
        "recuperi": board(recoveries(**params)),
        "ore": board(hours(**params)),
    }


def _by_azione(board: Board, **params: object) -> Row:
    return {
        "comuni": board(amount(azione=AZIONE_COMUNI, **params)),
        "altri": board(amount(azione=AZIONE_ALTRI, **params)),
    }


def from_first_to_last(rows: Sequence[Row]) -> list[Row]:
    """Leave out the months before the first payment and after the last; the board is loaded."""
    paid = [place for place, row in enumerate(rows) if _has_any(row) and not row.get("totale")]
    kept = rows[paid[0] : paid[-1] + 1] if paid else []
    return [*kept, *(row for row in rows if row.get("totale"))]


def _has_any(row: Row) -> bool:
    return bool(row["numero"].amount or row["recuperi"].amount)


def provincia_rows(board: Board, province: Iterable[Provincia]) -> list[Row]:
    """One row for each provincia, with its share, then the total."""
    rows: list[Row] = [{"nome": item, "sigla": item.pk} for item in province]
    for row in [*rows, total := {"nome": "Lombardia", "totale": True}]:
        paid = amount(provincia=row.get("sigla"))
        row |= {
            "pagamenti": board(paid),
            "quota": board(rapporto(paid, amount())),
            "numero": board(number(provincia=row.get("sigla"))),
        }
    return [*rows, total]


def flow_rows(board: Board, flows: Iterable[Flow]) -> list[Row]:
    """One row for each acquired flow, then the total."""
    rows = [_flow_row(board, flow, _note(flow), flusso=flow.pk) for flow in flows]
    return [*rows, {**_flow_row(board, "Totale", ""), "totale": True}]


def _flow_row(board: Board, name: object, note: str, **params: object) -> Row:
    return {
        "nome": name,
        "protocollo": note,
        "pagamenti": board(amount(**params)),
        **_by_azione(board, **params),
        "numero": board(number(**params)),
        "recuperi": board(recoveries(**params)),
    }


def _note(flow: Flow) -> str:
    day = f" del {italian(flow.protocollo_data)}" if flow.protocollo_data else ""
    return f"{flow.protocollo}{day}" if flow.protocollo else ""


def comuni_paid(counted: Scope, provincia: str = "") -> QuerySet[Comune]:
    """Return the comuni with payments: `azione`, `importo` (euro), `pagamenti`, `recuperi`.

    The sums are asked for one comune at a time, so that a page costs what it shows.
    """
    own = SintesiComune.objects.filter(flusso__in=counted.flussi, comune=OuterRef("pk"))
    one = own.order_by().values("comune")
    rows = Comune.objects.filter(Exists(own))
    rows = rows.filter(provincia=provincia) if provincia else rows
    return rows.annotate(
        azione=Case(
            When(pk__in=settings.CIGD_COMUNI_861, then=Value(AZIONE_COMUNI)),
            default=Value(AZIONE_ALTRI),
        ),
        **{
            name: Subquery(one.annotate(total=Sum(name)).values("total"))
            for name in ("importo", "pagamenti", "recuperi")
        },
    ).order_by(F("nome"), "pk")


def known(rows: Iterable[Row]) -> dict[str, Decimal | None]:
    """Return the amount of each provincia by sigla; the board must be loaded."""
    return {row["sigla"]: row["pagamenti"].amount for row in rows if "sigla" in row}
