"""Two tables of the crises against each other, and one measure of them by provincia."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from crisi.figures import of
from crisi.selection import SIGLE, TIPI, Selection
from crisi.tavola import REGIONE, TOT
from porfse.figures import Board, Expression, differenza, rapporto

WHAT = {"unita": "Unità produttive", "lavoratori": "Lavoratori"}


@dataclass(frozen=True)
class Misura:
    """One of the numbers of the table: units or workers, of a kind or of all."""

    what: str
    tipo: str | None

    @property
    def code(self) -> str:
        return f"{self.what}-{self.tipo}" if self.tipo else self.what

    @property
    def nome(self) -> str:
        return f"{WHAT[self.what]}, {TIPI[self.tipo] if self.tipo else 'tutti i tipi'}"

    def of(self, place: Selection) -> Expression:
        """Name the measure of a place."""
        return of(self.what, replace(place, tipo=self.tipo))


MISURE = {
    misura.code: misura
    for tipo in (None, *TIPI)
    for misura in (Misura("lavoratori", tipo), Misura("unita", tipo))
}
Row = dict[str, Any]


def places(base: Selection, names: Mapping[str, str]) -> Iterable[tuple[str, str, Selection]]:
    """Yield sigla, name and selection of the twelve, and of the region."""
    for sigla in SIGLE:
        yield sigla, names[sigla], replace(base, provincia=sigla)
    yield TOT, REGIONE, replace(base, provincia=None)


def by_provincia(
    board: Board, base: Selection, misura: Misura, names: Mapping[str, str]
) -> list[Row]:
    """Return a row for each provincia with a measure and its share, and that of the region."""
    whole = misura.of(replace(base, provincia=None))
    return [
        {
            "sigla": sigla,
            "nome": name,
            "valore": board(misura.of(place)),
            "peso": board(rapporto(misura.of(place), whole)),
            "totale": sigla == TOT,
        }
        for sigla, name, place in places(base, names)
    ]


def changes(
    board: Board, base: Selection, before: Selection, misura: Misura, names: Mapping[str, str]
) -> list[Row]:
    """Return a row for each provincia: a measure in an earlier period, and now."""
    rows = []
    for sigla, name, place in places(base, names):
        earlier = misura.of(replace(before, provincia=place.provincia))
        change = _change(board, name, earlier, misura.of(place))
        rows.append(change | {"totale": sigla == TOT})
    return rows


def changes_by_kind(board: Board, base: Selection, before: Selection) -> list[Row]:
    """Return a row for each measure of the region: in an earlier period, and now."""
    return [
        _change(board, misura.nome, misura.of(before), misura.of(base))
        for misura in MISURE.values()
    ]


def _change(board: Board, name: str, before: Expression, now: Expression) -> Row:
    return {
        "nome": name,
        "prima": board(before),
        "ora": board(now),
        "variazione": board(differenza(now, before)),
        "percento": board(rapporto(differenza(now, before), before)),
    }


def differences(
    board: Board, calculated: Selection, printed: Selection, names: Mapping[str, str]
) -> list[Row]:
    """Return what is calculated less what is printed, for each provincia and measure."""
    rows = []
    for sigla, name, place in places(calculated, names):
        other = replace(printed, provincia=place.provincia)
        row: Row = {"nome": name, "totale": sigla == TOT}
        for code, misura in MISURE.items():
            if code != "unita":  # the source prints no total of units
                row[column(code)] = board(differenza(misura.of(place), misura.of(other)))
        rows.append(row)
    return rows


def column(code: str) -> str:
    """Return the name of a measure's column."""
    return code.replace("-", "_").lower()


def years_of(board: Board, sigla: str, bases: Iterable[Selection]) -> list[Row]:
    """Return the row of a provincia in some selections: every measure, and which it is."""
    return [
        {
            "periodo": base.periodo.anno,
            "fonte": base,
            **{
                column(code): board(misura.of(replace(base, provincia=sigla)))
                for code, misura in MISURE.items()
            },
        }
        for base in bases
    ]
