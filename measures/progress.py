"""Rows of figures of the measures, asked for together: published, acquired, their difference."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from measures.endowment import NAMES, endowment
from measures.figures import CARICATA, PUBBLICATA, granted, number, paid
from measures.scope import Ambito
from porfse import charts
from porfse.charts import Colour, Voce
from porfse.figures import Board, differenza, rapporto
from porfse.models import Provincia

Row = dict[str, Any]


def voice_row(
    board: Board,
    scope: Ambito,
    nome: object,
    fase: str,
    *,
    part: str = "",
    among: Collection[str] = (),
    **cut: str,
) -> Row:
    """One row: a phase, or a part of it, as published and by the rows.

    Args:
        part: the dimension by which the table is divided: what is not published by it is left out,
            also of the total, which is the row without `cut`.
        among: the phases of the table, if it has several: what is published of one of them is not
            known of those of which it is not.
    """
    published = _published(board, scope, fase, among or (fase,), part, **cut)
    row = {"nome": nome, **published, **_own(board, scope, fase, cut)}
    return row | _differences(board, scope, row)


def _published(
    board: Board, scope: Ambito, fase: str, among: Collection[str], part: str, **cut: str
) -> Row:
    row = {}
    if any(scope.publishes(each, part) for each in among):
        row["pub_numero"] = board(number(scope.misura, fase, fonte=PUBBLICATA, **cut))
    if any(scope.publishes_amount(each, part) for each in among):
        row["pub_concesso"] = board(granted(scope.misura, fase, fonte=PUBBLICATA, **cut))
    return row


def _own(board: Board, scope: Ambito, fase: str, cut: Mapping[str, str]) -> Row:
    if not scope.righe:
        return {}
    asked = {"fonte": scope.righe, **cut}
    return {
        "numero": board(number(scope.misura, fase, **asked)),
        "concesso": board(granted(scope.misura, fase, **asked)),
        "liquidato": board(paid(scope.misura, fase, **asked)),
    }


def _differences(board: Board, scope: Ambito, row: Row) -> Row:
    """Only between the real rows and what is published: an example is compared with nothing."""
    if scope.righe != CARICATA:
        return {}
    return {
        f"diff_{field}": board(differenza(row[field].expression, row[f"pub_{field}"].expression))
        for field in ("numero", "concesso")
        if f"pub_{field}" in row
    }


def funnel_rows(board: Board, scope: Ambito) -> list[Row]:
    """One row for each step of the way, with its share of the first and of the step before."""
    fasi = scope.misura.fasi
    steps = [key for key, fase in fasi.items() if not fase.persa]
    return [
        voice_row(board, scope, fasi[key].nome, key, among=steps)
        | _rates(board, scope, key, among=steps, quota=steps[0], passo=before)
        for before, key in zip([steps[0], *steps], steps, strict=False)
    ]


def loss_rows(board: Board, scope: Ambito) -> list[Row]:
    """One row for each way of being lost, apart, with its share of the phase that it leaves."""
    fasi = scope.misura.fasi
    first = next(iter(fasi))
    lost = [key for key, fase in fasi.items() if fase.persa]
    return [
        voice_row(board, scope, fasi[key].nome, key, among=lost)
        | {"di": fasi[fasi[key].lascia or first].nome}
        | _rates(board, scope, key, among=lost, quota=fasi[key].lascia or first)
        for key in lost
    ]


def _rates(board: Board, scope: Ambito, key: str, *, among: Collection[str], **against: str) -> Row:
    """Shares of a phase, as published and by the rows, each under the name of its column."""
    kinds = [("pub_", PUBBLICATA)] if any(map(scope.publishes, among)) else []
    kinds += [("", scope.righe)] if scope.righe else []
    return {
        f"{prefix}{column}": board(
            rapporto(*(number(scope.misura, name, fonte=kind) for name in (key, phase)))
        )
        for prefix, kind in kinds
        for column, phase in against.items()
    }


def part_rows(board: Board, scope: Ambito, fase: str, dimensione: str) -> list[Row]:
    """One row for each named value of a dimension with its share, then the total."""
    voci = scope.misura.dimensioni[dimensione].voci
    rows = [
        voice_row(board, scope, name, fase, part=dimensione, **{dimensione: value})
        | {"voce": value}
        for value, name in voci.items()
    ]
    total = voice_row(board, scope, "Totale", fase, part=dimensione) | {"totale": True}
    for row in [*rows, total]:
        add_shares(board, row, total)
    return [*rows, total]


def add_shares(board: Board, row: Row, total: Row) -> None:
    """Add to a row its shares of the total, of the kinds of data that both have."""
    for prefix in ("pub_", ""):
        if f"{prefix}numero" in row and f"{prefix}numero" in total:
            parts = row[f"{prefix}numero"].expression, total[f"{prefix}numero"].expression
            row[f"{prefix}quota"] = board(rapporto(*parts))


def provincia_rows(board: Board, scope: Ambito, province: Iterable[Provincia]) -> list[Row]:
    """One row for each provincia with its share, then the total."""
    fase = scope.misura.impegno
    rows = [
        voice_row(board, scope, item, fase, part="provincia", provincia=item.pk)
        | {"sigla": item.pk}
        for item in province
    ]
    total = voice_row(board, scope, "Lombardia", fase, part="provincia") | {"totale": True}
    for row in [*rows, total]:
        add_shares(board, row, total)
    return [*rows, total]


def index_rows(board: Board, found: Sequence[Ambito]) -> list[Row]:
    """One row for each measure and kind of data: how many, for how much, of which endowment."""
    return [
        _index_row(board, scope, kind)
        for scope in found
        for kind in ([PUBBLICATA] if scope.al else []) + ([scope.righe] if scope.righe else [])
        or [""]
    ]


def _index_row(board: Board, scope: Ambito, kind: str) -> Row:
    misura, whole = scope.misura, endowment(scope.misura)
    fonte = kind or CARICATA  # where there is nothing: figures that say why they are not known
    spent = granted(misura, misura.impegno, fonte=fonte)
    return {
        "misura": misura,
        "dati": NAMES.get(kind, "nessun dato"),
        "dotazione": board(whole),
        "prime": board(number(misura, next(iter(misura.fasi)), fonte=fonte)),
        "numero": board(number(misura, misura.impegno, fonte=fonte)),
        "concesso": board(spent),
        "quota": board(rapporto(spent, whole)),
        "pagate": board(number(misura, misura.pagamento, fonte=fonte)),
        "liquidato": board(paid(misura, misura.pagamento, fonte=fonte)),
    }


def number_bars(rows: Sequence[Row], scope: Ambito, *, field: str = "numero") -> charts.Figure:
    """Bars of a table: what is published and, beside it, what the rows give.

    Args:
        rows: as the functions above make them, their board loaded; a total is left out.
        field: `numero` or `concesso`.
    """
    own = Voce(field, NAMES.get(scope.righe, ""), Colour.BLUE)
    published = Voce(f"pub_{field}", NAMES[PUBBLICATA], Colour.GREY)
    shown = [row for row in rows if not row.get("totale")]
    voci = [voce for voce in (published, own) if any(voce.campo in row for row in shown)]
    points = [
        {"nome": str(row["nome"]), **{voce.campo: _amount(row, voce.campo) for voce in voci}}
        for row in shown
    ]
    measure = charts.EURO if field == "concesso" else charts.NUMERO
    return charts.grouped_bars(points, category="nome", voci=voci, measure=measure)


def _amount(row: Row, campo: str) -> Decimal | None:
    return row[campo].amount if campo in row else None
