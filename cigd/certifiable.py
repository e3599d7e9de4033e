"""The certifiable expenditure as pages show it: rows of figures, asked for together."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils import timezone

from cigd.azioni import AZIONE_ALTRI, AZIONE_COMUNI
from cigd.caps import AZIONI, allocation
from cigd.figures_pool import KEPT, declared, number, pool
from cigd.models import Causale, ControlloFlusso, Lotto, Stato
from porfse.figures import Board, differenza, leaf, somma
from porfse.periods import italian

Row = dict[str, Any]
_APART = (Stato.SOSPESO, Stato.NON_AMMISSIBILE, Stato.RITIRATO)


def cap_rows(board: Board, al: date) -> list[Row]:
    """Each azione at a day: its cap, what is certified and certifiable, what is left over."""
    rows = []
    for azione in AZIONI:
        cap, done = allocation(azione, al), declared(azione, al=al)
        ready = pool(azione=azione, stato=Stato.CERTIFICABILE)
        room = differenza(cap, done)
        rows.append(
            {
                "azione": azione,
                "massimale": board(cap),
                "certificata": board(done),
                "residuo": board(room),
                "certificabile": board(ready),
                "margine": board(differenza(room, ready)),
            }
        )
    return rows


def state_rows(board: Board) -> list[Row]:
    """Each state, by azione, then all."""
    rows = [_state_row(board, stato.label, stato=stato.value) for stato in Stato]
    return [*rows, {**_state_row(board, "Totale"), "riga_totale": True}]


def _state_row(board: Board, name: object, **levels: str) -> Row:
    return {
        "stato": name,
        "numero_861": board(number(azione=AZIONE_COMUNI, **levels)),
        "importo_861": board(pool(azione=AZIONE_COMUNI, **levels)),
        "numero_981": board(number(azione=AZIONE_ALTRI, **levels)),
        "importo_981": board(pool(azione=AZIONE_ALTRI, **levels)),
        "totale": board(pool(**levels)),
    }


def flow_rows(board: Board, flows: Iterable[int]) -> list[Row]:
    """Each flow that counts, with its check."""
    found = ControlloFlusso.objects.select_related("controllato_da").in_bulk(list(flows))
    return [
        {
            "flusso": flow,
            "controllo": _check(found.get(flow)),
            "da_verificare": board(pool(flusso=flow, stato=Stato.DA_VERIFICARE.value)),
            "certificabile": board(pool(flusso=flow, stato=Stato.CERTIFICABILE.value)),
            "certificato": board(pool(flusso=flow, stato=Stato.CERTIFICATO.value)),
            "altro": board(somma(*(pool(flusso=flow, stato=item.value) for item in _APART))),
        }
        for flow in flows
    ]


def _check(check: ControlloFlusso | None) -> str:
    if check is None:
        return "da controllare"
    day = timezone.localdate(check.controllato_il)
    return f"controllato il {italian(day)} da {check.controllato_da}"


def batch_rows(board: Board, batches: Iterable[Lotto]) -> list[Row]:
    """Each batch with its amount."""
    return [{"lotto": batch, "importo": board(_entries(batch))} for batch in batches]


def content_rows(board: Board, batch: Lotto) -> list[Row]:
    """What a batch takes in each azione, by cause, then in all."""
    rows = [
        {
            **_causes(board, batch, azione=azione),
            "azione": azione,
            "massimale": board(_kept(batch, azione, "massimale")),
            "gia_certificato": board(_kept(batch, azione, "gia_certificato")),
            "quota_ue": board(_kept(batch, azione, "quota_ue")),
        }
        for azione in AZIONI
    ]
    share = somma(*(_kept(batch, azione, "quota_ue") for azione in AZIONI))
    total = {**_causes(board, batch), "azione": "Totale", "quota_ue": board(share)}
    return [*rows, {**total, "riga_totale": True}]


def waiting_rows(board: Board, batch: Lotto) -> list[Row]:
    """What stays outside a batch in each azione."""
    names = [name for name in KEPT if name.startswith(("attesa", "successivi"))]
    return [
        {"azione": azione, **{name: board(_kept(batch, azione, name)) for name in names}}
        for azione in AZIONI
    ]


def _causes(board: Board, batch: Lotto, **levels: str) -> Row:
    causes = {item.value: board(_entries(batch, causale=item.value, **levels)) for item in Causale}
    return {**causes, "importo": board(_entries(batch, **levels))}


def _entries(batch: Lotto, **levels: str) -> Any:
    return leaf("cigd_lotto", lotto=batch.pk, **levels)


def _kept(batch: Lotto, azione: str, name: str) -> Any:
    return leaf("cigd_lotto_dato", lotto=batch.pk, azione=azione, dato=name)
