"""What a flow of a measure will change, shown before anybody decides."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from measures.flows.confronto import Confronto
from measures.models import SintesiMisura
from porfse import money
from porfse.flows.source import Change, Elenco

SHOWN = 50  # rows of a list
_EFFECT = """
    SELECT coalesce(sum({field}) FILTER (WHERE stato = ANY(%s)), 0)
        - coalesce(sum(ex_{field}) FILTER (WHERE da = ANY(%s)), 0)
    FROM {part} WHERE cambia
"""
_CHANGED = """
    SELECT codice, da, stato, ex_concesso, concesso, ex_liquidato, liquidato, count(*) OVER ()
    FROM {part} WHERE cambia AND da IS NOT NULL ORDER BY codice LIMIT %s
"""
_SAME = """
    SELECT codice, stato, count(*) OVER () FROM {part} WHERE NOT cambia ORDER BY codice LIMIT %s
"""


def amounts(comparison: Confronto) -> list[Change]:
    """Return euro granted and paid: now, what the flow adds or takes, and as they will be."""
    misura = comparison.misura
    return [
        _amount(comparison, misura.impegno, "concesso", "Importo ammesso"),
        _amount(comparison, misura.pagamento, "liquidato", "Importo liquidato"),
    ]


def _amount(comparison: Confronto, phase: str, field: str, name: str) -> Change:
    fase = comparison.misura.fasi[phase]
    states = list(map(str, fase.stati))
    rows = SintesiMisura.objects.filter(
        misura=comparison.misura.slug,
        esempio=comparison.stage.flow.esempio,
        taglio="",
        stato__in=states,
    )
    now = sum(rows.values_list(field, flat=True), Decimal(0))
    [(effect,)] = comparison.run(_EFFECT, [states, states], field=field)
    return {
        "voce": f"{name}, {comparison.misura.plurale}: {fase.nome.lower()}",
        "oggi": now,
        "flusso": effect,
        "dopo": now + effect,
    }


def lists(comparison: Confronto) -> list[Elenco]:
    """Return which stored rows change and which stay as they are; empty lists are left out."""
    plural = comparison.misura.plurale.capitalize()
    name = comparison.misura.singolare.capitalize()
    changed = comparison.run(_CHANGED, [SHOWN])
    same = comparison.run(_SAME, [SHOWN])
    found = [
        Elenco(
            f"{plural}: aggiornamenti",
            "Righe già presenti con altri valori: acquisendo il flusso prendono quelli nuovi, e i"
            " precedenti restano nella storia.",
            (name, "Stato oggi", "Stato dopo", "Ammesso oggi", "Ammesso dopo", "Liquidato oggi",
             "Liquidato dopo"),
            [_shown(row) for row in changed],
            changed[0][-1] if changed else 0,
        ),
        Elenco(
            f"{plural}: righe che non cambiano nulla",
            "Dati già presenti, con gli stessi valori.",
            (name, "Stato"),
            [(code, _words(state)) for code, state, _ in same],
            same[0][-1] if same else 0,
        ),
    ]  # fmt: skip
    return [item for item in found if item.totale]


def _shown(row: Sequence[Any]) -> Sequence[str]:
    code, before, after, *amounts, _ = row
    return (
        str(code),
        _words(before),
        _words(after),
        *("n.d." if amount is None else money.euro(amount) for amount in amounts),
    )


def _words(state: object) -> str:
    return str(state).replace("_", " ")
