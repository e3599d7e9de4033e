"""What is checked in the rows of every measure against what is stored."""

from collections.abc import Mapping, Sequence

from measures.endowment import endowments
from measures.flows.confronto import Confronto
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
_OTHER_HANDS = """
    SELECT p.riga FROM {part} p JOIN {rows} t ON t.codice = p.codice AND t.esempio = {esempio}
    WHERE p.da = %s AND p.stato = %s AND ({now}) IS DISTINCT FROM ({then})
"""
# Rows that are paid, of the flow and of what it leaves as it is, beside those that are alike.
_SAME_PAYMENT = """
    WITH pagate AS (
        SELECT riga, cambia, codice_fiscale, {fields} FROM {part}
        WHERE stato = %s AND liquidato > 0
        UNION ALL
        SELECT NULL, false, a.codice_fiscale, {stored}
        FROM {rows} t JOIN porfse_azienda a ON a.id = t.azienda_id
        WHERE t.esempio = {esempio} AND t.stato = %s
            AND a.codice_fiscale IN (SELECT codice_fiscale FROM {part})
            AND NOT EXISTS (SELECT FROM {part} p WHERE p.codice = t.codice)
    )
    SELECT riga FROM (
        SELECT riga, cambia, count(*) OVER (PARTITION BY codice_fiscale, {fields}) AS uguali
        FROM pagate
    ) contate WHERE cambia AND uguali > 1
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
    endowment = endowments([misura.slug]).last()
    if endowment is not None:
        states = list(map(str, misura.fasi[misura.impegno].stati))
        limits = [states, states, endowment.importo]
        comparison.stage.warn("W401", comparison.sql(_BEYOND), limits)


def odd_payments(
    comparison: Confronto, *, pagato: str, titolari: Sequence[str], uguali: Sequence[str]
) -> None:
    """Warn of paid rows that pass to others (W405) and of payments that are alike (W406).

    Args:
        pagato: the state of what is paid.
        titolari: fields that say who is paid, beside the company.
        uguali: fields that make two payments to a company the same one, the amount among them.
    """
    others = comparison.sql(
        _OTHER_HANDS,
        now=", ".join(["p.codice_fiscale", *(f"p.{name}" for name in titolari)]),
        then=", ".join(["p.ex_codice_fiscale", *(f"t.{name}" for name in titolari)]),
    )
    comparison.stage.warn("W405", others, [pagato, pagato])
    alike = comparison.sql(
        _SAME_PAYMENT,
        fields=", ".join(uguali),
        stored=", ".join(f"t.{name}" for name in uguali),
    )
    comparison.stage.warn("W406", alike, [pagato, pagato])
