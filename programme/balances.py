"""From printed balances to movements: a balance is what it adds to the one before it.

For each date and quantity: one movement for each initiative whose amount is printed, then for each
asse one that makes its movements add up to the printed balance. What a source implies without
printing it (an asse by difference from the total) is marked by the nature of the movement.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby

from porfse.models import Fonte, User
from porfse.seeding import read_csv
from programme.models import GRANDEZZE, Iniziativa, Movimento, Perimetro, SpesaCertificata

Natura = Movimento.Natura


@dataclass
class _Book:
    """What has been written so far for one quantity."""

    by_initiative: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    # (asse, perimetro) -> euro; the asse is "" for what is not split.
    by_asse: defaultdict[tuple[str, str], Decimal] = field(
        default_factory=lambda: defaultdict(Decimal)
    )

    # Of each asse, the rounding of its latest printed balance.
    rounding: dict[str, Decimal] = field(default_factory=dict)

    def of(self, asse: str, perimeters: set[str]) -> Decimal:
        return sum((self.by_asse[asse, name] for name in perimeters), Decimal(0))

    def everything(self) -> Decimal:
        return sum(self.by_asse.values(), Decimal(0))

    def rounding_of(self, row: Mapping[str, str]) -> Decimal:
        """Of a printed balance its own; of one by difference, all that the difference adds up."""
        own = Decimal(row["arrotondamento"] or 0)
        if row["asse"] and row["importo"]:
            self.rounding[row["asse"]] = own
            return own
        others = (value for asse, value in self.rounding.items() if asse != row["asse"])
        return own + sum(others, Decimal(0))


def load_balances(sources: Mapping[str, Fonte], *, by: User) -> None:
    """Write the movements of all printed balances; those already written are left alone."""
    movements = [
        *_movements(sources, list(Iniziativa.objects.values_list("codice", "asse", "azione"))),
        _eu_share(sources),
    ]
    for model in GRANDEZZE.values():
        rows = [movement for movement in movements if isinstance(movement, model)]
        for movement in rows:
            movement.inserito_da = by
        model.objects.bulk_create(rows, ignore_conflicts=True)


def _movements(
    sources: Mapping[str, Fonte], initiatives: list[tuple[str, str, str | None]]
) -> list[Movimento]:
    where = {code: (asse, azione) for code, asse, azione in initiatives}
    printed = sorted(read_csv("programme/importi_iniziative.csv"), key=lambda row: row["data"])
    balances = sorted(read_csv("programme/saldi.csv"), key=lambda row: row["data"])
    books: defaultdict[str, _Book] = defaultdict(_Book)
    made: list[Movimento] = []
    if {row["data"] for row in printed} - {row["data"] for row in balances}:
        raise ValueError("importi_iniziative.csv: una data senza saldi per asse")
    for day, rows in groupby(balances, key=lambda row: row["data"]):
        of_day = list(rows)
        for row in (row for row in printed if row["data"] == day):
            made += _initiative(row, where[row["iniziativa"]], books[row["grandezza"]], sources)
        for row in of_day:
            if row["grandezza"] in GRANDEZZE:
                made += _balance(row, of_day, made, books[row["grandezza"]], sources)
    return made


def _initiative(
    row: dict[str, str],
    where: tuple[str, str | None],
    book: _Book,
    sources: Mapping[str, Fonte],
) -> list[Movimento]:
    code = row["iniziativa"]
    amount = Decimal(row["importo"]) - book.by_initiative[code]
    if amount == 0:  # printed again, unchanged
        return []
    asse, azione = where
    perimeter = row["perimetro"]
    book.by_initiative[code] += amount
    book.by_asse[asse, perimeter] += amount
    return [
        GRANDEZZE[row["grandezza"]](
            riferimento=f"{row['fonte']}/{row['grandezza']}/{row['data']}/{code}",
            natura=row["natura"],
            asse_id=asse,
            azione_id=azione,
            iniziativa_id=code,
            data=date.fromisoformat(row["data"]),
            importo=amount,
            arrotondamento=Decimal(row["arrotondamento"] or 0),
            perimetro=perimeter,
            fonte=sources[row["fonte"]],
            descrizione=row["parole"],
        )
    ]


def _balance(
    row: dict[str, str],
    of_day: list[dict[str, str]],
    made: list[Movimento],
    book: _Book,
    sources: Mapping[str, Fonte],
) -> list[Movimento]:
    asse, perimeters = row["asse"], set(row["perimetro"].split("+"))
    same = [other for other in of_day if other["grandezza"] == row["grandezza"]]
    if not asse:
        if any(other["asse"] for other in same):
            return []  # a total beside its assi is not a movement: it is their sum
        amount = Decimal(row["importo"]) - book.everything()
        nature = Natura.DIFFERENZA
    else:
        printed = Decimal(row["importo"]) if row["importo"] else _by_difference(same)
        amount = printed - book.of(asse, perimeters)
        nature = _nature(row, made)
    rounding = book.rounding_of(row)
    if amount == 0:
        return []
    perimeter = row["perimetro"] if row["perimetro"] in Perimetro.values else Perimetro.ORDINARIA
    book.by_asse[asse, perimeter] += amount
    place = f"{row['fonte']}/{row['grandezza']}/{row['data']}"
    return [
        GRANDEZZE[row["grandezza"]](
            riferimento=f"{place}/{asse or 'non-ripartito'}",
            natura=nature,
            asse_id=asse or None,
            data=date.fromisoformat(row["data"]),
            importo=amount,
            arrotondamento=rounding,
            perimetro=perimeter,
            fonte=sources[row["fonte"]],
            descrizione=row["parole"],
        )
    ]


def _by_difference(same: list[dict[str, str]]) -> Decimal:
    """The only asse that is not printed: the printed total less the printed assi."""
    total = next(Decimal(row["importo"]) for row in same if not row["asse"])
    return total - sum(Decimal(row["importo"]) for row in same if row["asse"] and row["importo"])


def _nature(row: dict[str, str], made: list[Movimento]) -> str:
    if not row["importo"]:
        return Natura.DIFFERENZA
    if "+" in row["perimetro"]:
        return Natura.SCORPORO
    split = any(
        movement.asse_id == row["asse"]
        and movement.grandezza == row["grandezza"]
        and movement.iniziativa_id
        and movement.data.isoformat() == row["data"]
        for movement in made
    )
    return Natura.RESTO if split else Natura.SALDO


def _eu_share(sources: Mapping[str, Fonte]) -> SpesaCertificata:
    """The EU share is printed for the programme alone: it has no asse and no total of its own."""
    row = next(
        row for row in read_csv("programme/saldi.csv") if row["grandezza"] == "certificata_ue"
    )
    return SpesaCertificata(
        riferimento=f"{row['fonte']}/quota-ue/{row['data']}",
        natura=Natura.SALDO,
        data=date.fromisoformat(row["data"]),
        importo=Decimal(0),
        arrotondamento=Decimal(row["arrotondamento"]),
        quota_ue=Decimal(row["importo"]),
        perimetro=row["perimetro"],
        fonte=sources[row["fonte"]],
        descrizione=row["parole"],
    )
