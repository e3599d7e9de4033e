"""What is checked in the rows of every measure against what is stored."""

from collections.abc import Mapping, Sequence

from measures.flows.confronto import Confronto
from measures.models import DotazioneMisura
from porfse.flows.late import Late

_DATES = """
    SELECT riga FROM {part} WHERE data_ammissione < data_inizio
        OR data_liquidazione < coalesce(data_ammissione, data_inizio)
"""
_BACKWARDS = """
    SELECT riga FROM {part} WHERE da <> stato AND (da, stato) NOT IN (VALUES {steps})
"""
# What is paid is paid once: the amount, or a known day, cannot become another.
_PAID_AGAIN = """
    SELECT riga FROM {part} WHERE da = %s AND stato = %s AND (
        liquidato IS DISTINCT FROM ex_liquidato
        OR data_liquidazione <> ex_liquidazione
    )
"""
# The rows of the flow come after what is stored, in order of date and identifier.
_BEYOND = """
    WITH fermi AS (
        SELECT coalesce(sum(t.concesso), 0) AS importo FROM {rows} t
        WHERE t.esempio = {esempio} AND t.stato = ANY(%s)
            AND NOT EXISTS (SELECT FROM {part} p WHERE p.codice = t.codice)
    )
    SELECT riga FROM (
        SELECT riga, fermi.importo + sum(concesso) OVER (
            ORDER BY data_inizio, codice COLLATE "C"
        ) AS progressivo
        FROM {part}, fermi WHERE stato = ANY(%s)
    ) righe WHERE progressivo > %s
"""


def against_stored(
    comparison: Confronto, late: Late, *, passi: Mapping[str, Sequence[str]], pagato: str
) -> int:
    """Refuse rows whose dates, state or payment contradict what is stored; return how many.

    Args:
        passi: by state, those that may come after it.
        pagato: the state of what is paid.
    """
    steps = ", ".join(f"('{one}', '{next_}')" for one, all_ in passi.items() for next_ in all_)
    return (
        late.add("E004", comparison.sql(_DATES))
        + late.add("E044", comparison.sql(_BACKWARDS, steps=steps))
        + late.add("E045", comparison.sql(_PAID_AGAIN), [pagato, pagato])
    )


def beyond_endowment(comparison: Confronto) -> None:
    """Warn of the rows whose amount goes beyond what the endowment leaves free (W401)."""
    misura = comparison.misura
    endowment = (
        DotazioneMisura.objects.filter(misura=misura.slug)
        .order_by("-ordine")
        .values_list("importo", flat=True)
        .first()
    )
    if endowment is not None:
        states = list(map(str, misura.fasi[misura.impegno].stati))
        comparison.stage.warn("W401", comparison.sql(_BEYOND), [states, states, endowment])
