"""The board of the CIGD at a day: what was paid and certified by then, counted anew if need be."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone

from cigd.azioni import azione_sql
from cigd.caps import certified
from cigd.figures import FIELDS, UNITS, conditions
from cigd.models import (
    ControlloAnnullato,
    ControlloFlusso,
    Lotto,
    Pagamento,
    Posizione,
    Spostamento,
)
from cigd.scope import Scope
from cigd.states import run
from porfse.figures import Board, Leaf, Unit, Value, parse
from porfse.models import Flow
from reports.documento import Cella

CERTIFICATA = "cigd_certificata"
_PAID = """
    SELECT p.flusso_id, c.provincia_id, p.mese_competenza, {azione},
        sum(p.importo), sum(CASE p.tipo WHEN 'P' THEN p.ore ELSE -p.ore END),
        count(*) FILTER (WHERE p.tipo = 'P'), count(*) FILTER (WHERE p.tipo = 'R')
    FROM cigd_pagamento p JOIN porfse_comune c ON c.codice_istat = p.comune_istat
    WHERE p.flusso_id = ANY(%s) AND p.data_pagamento <= %s
    GROUP BY 1, 2, 3, 4
"""
_LEVELS = ("flusso", "provincia", "mese", "azione")
_FIELDS = ("importo", "ore", "pagamenti", "recuperi")
Sums = Mapping[frozenset[tuple[str, Any]], Mapping[str, Decimal]]


class Giorno(Board):
    """The figures of a day; those that their sources know of all dates alone are given to it.

    Attributes:
        flussi: those with a payment by then.
        pagati: sums of the payments by then, by all that may narrow them; None if none is later,
            and the figures of all dates are those of the day.
        certificata: what was certified by then, by azione; None if nothing is later.
    """

    def __init__(
        self,
        counted: Scope,
        *,
        flussi: tuple[int, ...],
        pagati: Sums | None,
        certificata: Mapping[str, Decimal] | None,
    ) -> None:
        super().__init__()
        self.flussi, self.pagati, self.certificata = flussi, pagati, certificata
        self._example = counted.esempio

    def load(self) -> None:
        leaves = {leaf for expression in self._figures for leaf in expression.leaves()}
        self._values |= {leaf: self._value(leaf) for leaf in leaves if self._given(leaf)}
        super().load()

    def explained(self, cella: Cella) -> Cella:
        """Return a cell without its address if that opens the rows of all dates."""
        leaves = parse(cella.cifra).leaves() if cella.cifra else ()
        return replace(cella, cifra="") if any(map(self._given, leaves)) else cella

    def _given(self, leaf: Leaf) -> bool:
        if leaf.name == CERTIFICATA:
            return self.certificata is not None
        return leaf.name in FIELDS and self.pagati is not None

    def _value(self, leaf: Leaf) -> Value:
        if leaf.name == CERTIFICATA:
            return self._certified(leaf.get("azione"))
        field = FIELDS[leaf.name][0]
        unit = UNITS.get(field, Unit.NUMERO)
        if not self.flussi:
            return Value(None, unit, missing="nessun pagamento entro questa data")
        sums = (self.pagati or {}).get(frozenset(conditions(leaf).items()), {})
        return Value(Decimal(sums.get(field, 0)), unit, example=self._example)

    def _certified(self, azione: str | None) -> Value:
        sums = self.certificata or {}
        if not sums and not self.flussi:
            return Value(None, Unit.EURO, missing="nessun pagamento e nessun lotto")
        worth = sums.get(azione) if azione else sum(sums.values())
        return Value(Decimal(worth or 0), Unit.EURO, example=self._example)


def giorno(counted: Scope, al: date) -> Giorno:
    """Return the board of a day."""
    payments = Pagamento.objects.filter(flusso__in=counted.flussi)
    # This stops at the first that is later; only if there is one all of them are summed.
    sums = _paid(counted, al) if payments.filter(data_pagamento__gt=al).exists() else None
    flows = counted.flussi if sums is None else _flows(sums)
    return Giorno(
        counted, flussi=flows, pagati=sums, certificata=_certified(counted, al, paid=bool(flows))
    )


def _paid(counted: Scope, al: date) -> Sums:
    """Sum the payments by a day, narrowed in every way."""
    sums: defaultdict[frozenset[tuple[str, Any]], dict[str, Decimal]]
    sums = defaultdict(lambda: dict.fromkeys(_FIELDS, Decimal(0)))
    for row in run(_PAID.format(azione=azione_sql("p.comune_istat")), [list(counted.flussi), al]):
        levels = list(zip(_LEVELS, row, strict=False))
        for size in range(len(levels) + 1):
            for narrowed in combinations(levels, size):
                group = sums[frozenset(narrowed)]
                for field, worth in zip(_FIELDS, row[len(_LEVELS) :], strict=True):
                    group[field] += worth
    return dict(sums)


def _flows(sums: Sums) -> tuple[int, ...]:
    return tuple(sorted({value for group in sums for name, value in group if name == "flusso"}))


def _certified(counted: Scope, al: date, *, paid: bool) -> Mapping[str, Decimal] | None:
    rows = certified(None, example=counted.esempio).order_by().values_list("azione")
    by_then = Q(data__lte=al)
    sums = {"fino": Sum("importo", filter=by_then), "dopo": Count("pk", filter=~by_then)}
    found = list(rows.annotate(**sums))
    known = {azione: worth for azione, worth, _ in found if worth is not None}
    if not any(later for *_, later in found) and (known or paid):
        return None
    return known


def after(al: date) -> datetime:
    """Return the moment at which a day has ended in Rome."""
    return timezone.make_aware(datetime.combine(al + timedelta(days=1), time.min))


def unchanged(board: Giorno, flows: list[Flow], counted: Scope, al: date) -> bool:
    """Say whether the states of the payments are those of a day: no history of them is kept.

    They are if since then nothing was paid, acquired, checked or unchecked, decided, moved or
    certified.
    """
    since, here = after(al), {"flusso__in": counted.flussi}
    changes = [
        ControlloFlusso.objects.filter(controllato_il__gte=since, **here).exists(),
        ControlloAnnullato.objects.filter(annullato_il__gte=since, **here).exists(),
        Posizione.objects.filter(deciso_il__gte=since, **here).exists(),
        Spostamento.objects.filter(eseguito_il__gte=since, esempio=counted.esempio).exists(),
        Lotto.objects.filter(certificato_il__gte=since, esempio=counted.esempio).exists(),
    ]
    acquired = any(flow.fonte is None or flow.fonte.data > al for flow in flows)
    return board.pagati is None and not acquired and not any(changes)
