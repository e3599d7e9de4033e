"""From the accepted rows of a flow of movements to the ledger, and what it holds of flows.

The identifier of a movement is stored after the number of its flow, `flusso-12/A-001`: a row of the
ledger is never deleted, and after a cancelled flow the same identifiers may come again.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection

from porfse.flows.errors import NotNow
from porfse.flows.stage import Stage
from porfse.models import Atto, Flow, Fonte, User
from programme.acts import Quoted, quoted
from programme.flow_rows import CERTIFIED, TIPI, closed_until
from programme.models import Movimento
from programme.services import Act

_AGAIN = "Ripetere la validazione, poi acquisire."
_BLOCK = 5_000

PLACED = """
    FROM {stage} s
    JOIN programme_azione a ON a.codice = s.azione
    JOIN programme_obiettivospecifico o ON o.codice = a.obiettivo_id
    LEFT JOIN programme_iniziativa i ON i.codice = s.iniziativa
"""
_COLUMNS = """
    riferimento, natura, asse_id, azione_id, iniziativa_id, data, importo, arrotondamento,
    perimetro, atto_id, fonte_id, descrizione, beneficiario, cup, inserito_da_id, inserito_il
"""
_VALUES = """
    %s || s.id_movimento, 'movimento', o.asse_id, s.azione, s.iniziativa, s.data, s.importo, 0,
    s.perimetro, t.atto_id, %s, '', coalesce(s.beneficiario, ''), upper(coalesce(s.cup, '')), %s,
    now()
"""
_INSERT = """
    INSERT INTO {table} ({columns}) SELECT {values} {placed}
    JOIN {acts} t ON t.testo = s.atto WHERE s.tipo = %s ORDER BY s.riga
"""
_CLAIMS = """
    INSERT INTO programme_domandapagamento (numero, data)
    SELECT DISTINCT domanda_pagamento, data FROM {stage} WHERE tipo = %s
    ON CONFLICT (numero) DO NOTHING
"""
# What has changed since the validation so that a row would be refused now.
_CLOSED = """
    SELECT s.riga {placed} JOIN unnest(%s::text[], %s::text[], %s::date[]) AS l (tipo, asse, al)
    ON l.tipo = s.tipo AND l.asse = o.asse_id AND s.data <= l.al LIMIT 1
"""
_MOVED = """
    SELECT s.riga {placed}
    WHERE i.asse_id <> o.asse_id OR i.azione_id <> s.azione LIMIT 1
"""
_DATED = """
    SELECT s.riga FROM {stage} s JOIN programme_domandapagamento d ON d.numero = s.domanda_pagamento
    WHERE s.tipo = %s AND d.data <> s.data LIMIT 1
"""
_FROM_FLOWS = """
    SELECT substr(m.riferimento, strpos(m.riferimento, '/') + 1) FROM {table} m
    WHERE m.natura = 'movimento' AND m.fonte_id = ANY(%s)
"""
_BY_HAND = """
    SELECT m.riferimento FROM {table} m JOIN porfse_fonte f ON f.id = m.fonte_id
    WHERE m.natura = 'movimento' AND f.genere = %s AND f.ritirata_il IS NULL
"""
_REVERSED = """
    SELECT r.riferimento FROM {table} m JOIN {table} r ON r.storno_di_id = m.id
    JOIN porfse_fonte f ON f.id = r.fonte_id AND f.ritirata_il IS NULL
    WHERE m.fonte_id = %s LIMIT 1
"""


def identifiers(flow: Flow) -> tuple[str, Sequence[Any]]:
    """Return SQL for the identifiers that a flow may not bear again, with its parameters.

    Real flows are held against real flows and what people entered, examples against examples.
    """
    acquired = Flow.objects.acquired(flow.sorgente, example=flow.esempio)
    sources = list(acquired.values_list("fonte", flat=True))
    queries = [(_FROM_FLOWS, sources)]
    if not flow.esempio:
        queries.append((_BY_HAND, Fonte.Genere.INSERITA.value))
    parts, params = [], []
    for model in TIPI.values():
        for query, param in queries:
            parts.append(query.format(table=_table(model)))
            params.append(param)
    return " UNION ALL ".join(parts), params


def write(stage: Stage, *, by: User) -> None:
    """Write the rows of a flow as movements of its source, in the caller's transaction.

    Raises:
        NotNow: since the validation something has changed that would refuse a row.
    """
    _hold_still(stage)
    acts = _acts(stage, by)
    stage.execute(_CLAIMS.format(stage=stage.table), [CERTIFIED])
    if stage.execute(_DATED.format(stage=stage.table), [CERTIFIED]):
        raise NotNow(f"Una domanda di pagamento è stata registrata con un'altra data. {_AGAIN}")
    flow = stage.flow
    for kind, model in TIPI.items():
        columns, values = _COLUMNS, _VALUES
        if kind == CERTIFIED:
            columns, values = f"{columns}, quota_ue, domanda_id", f"{values}, s.quota_ue, "
            values += "s.domanda_pagamento"
        sql = _INSERT.format(
            table=_table(model), columns=columns, values=values, placed=_placed(stage), acts=acts
        )
        stage.execute(sql, [f"flusso-{flow.pk}/", flow.fonte_id, by.pk, kind])


def reversal_of(flow: Flow) -> str:
    """Return a reversal that somebody entered of a movement of a flow; empty if there is none."""
    with connection.cursor() as cursor:
        for model in TIPI.values():
            cursor.execute(_REVERSED.format(table=_table(model)), [flow.fonte_id])
            found = cursor.fetchone()
            if found:
                return str(found[0])
    return ""


def sums(stage: Stage) -> dict[tuple[str, str], Any]:
    """Return what the accepted rows add by quantity and asse, in euro."""
    rows = stage.execute(f"SELECT s.tipo, o.asse_id, sum(s.importo) {_placed(stage)} GROUP BY 1, 2")
    return {(TIPI[kind].grandezza, asse): amount for kind, asse, amount in rows}


def _hold_still(stage: Stage) -> None:
    closed = [(kind, asse, day) for (kind, asse), day in closed_until().items()]
    columns = [list(column) for column in zip(*closed, strict=True)] or [[], [], []]
    if stage.execute(_CLOSED.format(placed=_placed(stage)), columns):
        raise NotNow(f"Un saldo pubblicato comprende ora movimenti del flusso. {_AGAIN}")
    if stage.execute(_MOVED.format(placed=_placed(stage))):
        raise NotNow(f"Un'iniziativa del flusso è stata attribuita a un'altra azione. {_AGAIN}")


def _acts(stage: Stage, by: User) -> str:
    """Store the acts of the rows; return the table of their texts and keys."""
    texts = [text for (text,) in stage.execute(f"SELECT DISTINCT atto FROM {stage.table}")]  # noqa: S608
    acts = {text: _read(text) for text in texts}
    _store(acts.values(), by)
    kinds, numbers, years = zip(*(act.key for act in acts.values()), strict=True)
    return stage.scratch(
        "atti_citati",
        "SELECT q.testo, a.id AS atto_id"
        " FROM unnest(%s::text[], %s::text[], %s::text[], %s::integer[])"
        " AS q (testo, tipo, numero, anno) JOIN porfse_atto a USING (tipo, numero, anno)",
        [list(acts), list(kinds), list(numbers), list(years)],
    )


def _read(text: str) -> Quoted:
    act = quoted(text)
    if act is None:
        raise NotNow(f"L'atto «{text}» non è più leggibile. {_AGAIN}")
    return act


def _store(acts: Iterable[Quoted], by: User) -> None:
    """Make the acts that are new, and give their day to those that were known without it."""
    wanted: dict[tuple[str, str, int], Quoted] = {}
    for act in acts:
        if act.data or act.key not in wanted:
            wanted[act.key] = act
    Atto.objects.bulk_create(
        (
            Atto(tipo=act.tipo, numero=act.numero, anno=act.anno, data=act.data)
            for act in wanted.values()
        ),
        ignore_conflicts=True,
        batch_size=_BLOCK,
    )
    years = {act.anno for act in wanted.values()}
    days = {
        (tipo, numero, anno): day
        for tipo, numero, anno, day in Atto.objects.filter(anno__in=years).values_list(
            "tipo", "numero", "anno", "data"
        )
    }
    for act in wanted.values():
        if act.data and days[act.key] != act.data:
            try:
                Act(act.tipo, act.numero, act.data).stored(by=by)
            except ValidationError as error:
                raise NotNow(f"L'atto «{act}»: {error.messages[0]} {_AGAIN}") from error


def _placed(stage: Stage) -> str:
    return PLACED.format(stage=stage.table)


def _table(model: type[Movimento]) -> str:
    return model._meta.db_table
