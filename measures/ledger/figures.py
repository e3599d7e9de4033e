"""Figures of what a measure granted and paid up to a day, from its rows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import F, Q, Sum
from django.urls import reverse

from measures.figures import CARICATA, ESEMPIO
from measures.ledger.days import VOCI, Voce
from measures.ledger.models import GiornoMisura
from measures.misura import Misura, misura_of
from measures.tables.movimenti import GiorniTable
from porfse.figures import FigureError, Leaf, Rows, Source, Unit, Value
from porfse.periods import italian, parse_date
from programme.figures.days import day_of

# At the end of the name, for the rows that bear no date alone: their euro; the euro and the number
# of those that may be of before a published balance (`saldo`), though they came after it.
UNDATED, UNSURE, UNSURE_NUMBER = "_senza_data", "_incerto", "_incerte"
_ENDS = ("", UNDATED, UNSURE, UNSURE_NUMBER)
_NAMES = {
    f"{voce.cifra}{end}": (grandezza, end) for grandezza, voce in VOCI.items() for end in _ENDS
}
_WITHOUT_DAY = Q(presto__lt=F("tardi"))


@dataclass(frozen=True)
class _Asked:
    """A leaf as it was read; `saldo` is None where the balances do not matter."""

    misura: Misura
    example: bool
    grandezza: str
    end: str
    al: date
    saldo: date | None

    @property
    def voce(self) -> Voce:
        return VOCI[self.grandezza]

    @property
    def place(self) -> tuple[str, bool, str]:
        return self.misura.slug, self.example, self.grandezza

    @property
    def counts(self) -> bool:
        return self.end == UNSURE_NUMBER

    @property
    def sum(self) -> Sum:
        """What is added up, of all measures and quantities alike."""
        return Sum("numero" if self.counts else "importo", filter=self.rows)

    @property
    def rows(self) -> Q:
        rows = Q(giorno__lte=self.al)
        if self.saldo:
            return rows & Q(presto__lte=self.saldo, tardi__gt=self.saldo)
        return rows & _WITHOUT_DAY if self.end == UNDATED else rows


class ByDay(Source):
    names = tuple(_NAMES)
    params = ("misura", "al", "fonte", "saldo")
    permission = "measures.view_misure"

    def label(self, leaf: Leaf) -> str:
        asked = _read(leaf)
        what = "righe con importi" if asked.counts else "importi"
        kind = "dati di esempio" if asked.example else "dati acquisiti"
        undated = ", righe senza data" if asked.end else ""
        if asked.saldo:
            undated += f" forse già nel saldo al {italian(asked.saldo)}"
        return (
            f"{asked.misura.nome}: {what} {asked.voce.participio} al"
            f" {italian(asked.al)}{undated}, {kind}"
        )

    def evaluate(self, leaves: Collection[Leaf]) -> Mapping[Leaf, Value]:
        asked = {item: _read(item) for item in leaves}
        # One column for each condition, whatever the measure or the quantity.
        columns = {
            (each.rows, each.counts): f"s{index}" for index, each in enumerate(asked.values())
        }
        sums = {columns[each.rows, each.counts]: each.sum for each in asked.values()}
        groups = (
            GiornoMisura.objects.filter(misura__in={each.misura.slug for each in asked.values()})
            .order_by()
            .values("misura", "esempio", "grandezza")
            .annotate(**sums)
        )
        found = {(row["misura"], row["esempio"], row["grandezza"]): row for row in groups}
        return {
            item: _value(each, found.get(each.place), columns[each.rows, each.counts])
            for item, each in asked.items()
        }

    def rows(self, leaf: Leaf) -> Rows:
        asked = _read(leaf)
        slug, example, grandezza = asked.place
        days = (
            GiornoMisura.objects.filter(
                asked.rows, misura=slug, esempio=example, grandezza=grandezza
            )
            .values("giorno")
            .annotate(
                righe=Sum("numero"),
                somma=Sum("importo"),
                senza_data=Sum("numero", filter=_WITHOUT_DAY, default=0),
                importo_senza_data=Sum("importo", filter=_WITHOUT_DAY, default=Decimal(0)),
            )
            .exclude(righe=0, somma=0)
            .order_by("-giorno")
        )
        return Rows(
            GiorniTable(days),
            self.evaluate([leaf])[leaf].amount,
            note="Somme per giorno, scritte insieme a ogni flusso acquisito. Una riga senza data"
            " conta dal giorno del flusso che l'ha portata; quella persa, fino a quel giorno. Un"
            " importo cambiato da un flusso conta dal giorno di quel flusso.",
            link=(asked.misura.nome, reverse("measures:misura", args=[slug])),
        )


def _value(asked: _Asked, group: Mapping[str, Any] | None, column: str) -> Value:
    unit = Unit.NUMERO if asked.counts else Unit.EURO
    if group is None:
        return Value(None, unit, missing="nessun flusso acquisito", example=asked.example)
    return Value(Decimal(group[column] or 0), unit, example=asked.example)


def _read(leaf: Leaf) -> _Asked:
    """Read a leaf.

    Raises:
        FigureError: the kind of rows is unknown, or a balance lacks or does not matter.
        NotThere: the measure is unknown.
    """
    fonte, saldo = leaf.get("fonte") or CARICATA, leaf.get("saldo")
    if fonte not in (CARICATA, ESEMPIO):
        raise FigureError("La fonte è «caricata» o «esempio».")
    grandezza, end = _NAMES[leaf.name]
    if bool(saldo) != (end in (UNSURE, UNSURE_NUMBER)):
        raise FigureError(
            "Il giorno del saldo serve alle sole righe incerte: aprire la cifra dalla sua pagina."
        )
    return _Asked(
        misura=misura_of(leaf.get("misura") or ""),
        example=fonte == ESEMPIO,
        grandezza=grandezza,
        end=end,
        al=day_of(leaf),
        saldo=parse_date(saldo, earliest=settings.EARLIEST_DATE) if saldo else None,
    )
