"""Figures of what a measure granted and paid up to a day, from its rows."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Q, Sum
from django.urls import reverse

from measures.figures import CARICATA, ESEMPIO
from measures.ledger.days import VOCI, Voce
from measures.ledger.models import GiornoMisura
from measures.misura import Misura, misura_of
from measures.tables.movimenti import GiorniTable
from porfse.figures import FigureError, Leaf, Rows, Source, Unit, Value
from porfse.periods import italian
from programme.figures.days import day_of

UNDATED = "_senza_data"  # at the end of the name: of the rows that bear no date alone
_GRANDEZZA = {
    f"{voce.cifra}{end}": grandezza for grandezza, voce in VOCI.items() for end in ("", UNDATED)
}
Sums = Mapping[tuple[str, bool, str], Mapping[str, Decimal]]


class ByDay(Source):
    names = tuple(_GRANDEZZA)
    params = ("misura", "al", "fonte")
    permission = "measures.view_misure"

    def label(self, leaf: Leaf) -> str:
        misura, voce = _asked(leaf)
        kind = "dati di esempio" if _example(leaf) else "dati acquisiti"
        undated = ", righe senza data" if _undated(leaf) else ""
        day = italian(day_of(leaf))
        return f"{misura.nome}: importi {voce.participio} al {day}{undated}, {kind}"

    def evaluate(self, leaves: Collection[Leaf]) -> Mapping[Leaf, Value]:
        slugs = {_asked(item)[0].slug for item in leaves}
        days = sorted({day_of(item) for item in leaves})
        sums = _sums(slugs, days)
        return {item: _value(item, sums, days.index(day_of(item))) for item in leaves}

    def rows(self, leaf: Leaf) -> Rows:
        misura, voce = _asked(leaf)
        value = self.evaluate([leaf])[leaf]
        slug, example, grandezza = _place(leaf)
        days = GiornoMisura.objects.filter(
            misura=slug, esempio=example, grandezza=grandezza, giorno__lte=day_of(leaf)
        )
        days = days.exclude(senza_data=0) if _undated(leaf) else days.exclude(numero=0, importo=0)
        phase = misura.impegno if voce.importo == "concesso" else misura.pagamento
        return Rows(
            GiorniTable(days.order_by("-giorno")),
            value.amount,
            note="Somme per giorno, scritte insieme a ogni flusso acquisito. Una riga senza data"
            " conta dal giorno del flusso che l'ha portata; quella persa, fino a quel giorno.",
            link=(
                f"Elenco: {misura.plurale}",
                f"{reverse('measures:elenco', args=[slug])}?fase={phase}",
            ),
        )


def _sums(slugs: Collection[str], days: Sequence[date]) -> Sums:
    """Sums by measure, kind of row and quantity at several days, in one query."""
    totals = {}
    for index, day in enumerate(days):
        until = Q(giorno__lte=day)
        totals[f"importo_{index}"] = Sum("importo", filter=until)
        totals[f"importo{UNDATED}_{index}"] = Sum("importo_senza_data", filter=until)
    groups = (
        GiornoMisura.objects.filter(misura__in=slugs)
        .order_by()
        .values("misura", "esempio", "grandezza")
        .annotate(**totals)
    )
    return {
        (group.pop("misura"), group.pop("esempio"), group.pop("grandezza")): group
        for group in groups
    }


def _value(leaf: Leaf, sums: Sums, index: int) -> Value:
    group = sums.get(_place(leaf))
    if group is None:
        return Value(None, Unit.EURO, missing="nessun flusso acquisito", example=_example(leaf))
    end = UNDATED if _undated(leaf) else ""
    amount = group[f"importo{end}_{index}"] or Decimal(0)
    return Value(amount, Unit.EURO, example=_example(leaf))


def _asked(leaf: Leaf) -> tuple[Misura, Voce]:
    if (leaf.get("fonte") or CARICATA) not in (CARICATA, ESEMPIO):
        raise FigureError("La fonte è «caricata» o «esempio».")
    return misura_of(leaf.get("misura") or ""), VOCI[_GRANDEZZA[leaf.name]]


def _example(leaf: Leaf) -> bool:
    return leaf.get("fonte") == ESEMPIO


def _undated(leaf: Leaf) -> bool:
    return leaf.name.endswith(UNDATED)


def _place(leaf: Leaf) -> tuple[str, bool, str]:
    return leaf.get("misura") or "", _example(leaf), _GRANDEZZA[leaf.name]
