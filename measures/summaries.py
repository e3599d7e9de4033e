"""The sums of a measure, made anew from its rows in the transaction that changes them.

Flows of a source come one after the other, so that nobody else writes them meanwhile.
"""

from django.db import connection

from measures import times
from measures.ledger import days
from measures.misura import UNKNOWN, Misura
from measures.models import DIMENSIONI, SintesiMisura

_INSERT = """
    INSERT INTO {table} (misura, esempio, taglio, stato, {columns}, numero, concesso, liquidato)
    SELECT %s, esempio, {cut}, stato, {shown}, count(*), coalesce(sum(concesso), 0),
           coalesce(sum(liquidato), 0)
    FROM (
        SELECT t.esempio, t.stato, t.concesso, t.liquidato, {values}
        FROM {rows} t JOIN porfse_comune c ON c.codice_istat = t.comune_id
    ) AS righe
    GROUP BY GROUPING SETS ({sets})
"""
_COLUMN = {name: f"{name}_id" if name == "provincia" else name for name in DIMENSIONI}


def rebuild(misura: Misura) -> None:
    """Write the sums of a measure as its rows stand now."""
    SintesiMisura.objects.filter(misura=misura.slug).delete()
    values = (
        f"coalesce({dimension.sql}, '{UNKNOWN}') AS {_COLUMN[name]}"
        for name, dimension in misura.dimensioni.items()
    )
    statement = _INSERT.format(
        table=SintesiMisura._meta.db_table,
        rows=misura.model._meta.db_table,
        columns=", ".join(_COLUMN.values()),
        shown=", ".join(_shown(misura, name) for name in DIMENSIONI),
        values=", ".join(values),
        cut=_cut(misura),
        sets=", ".join(
            f"({', '.join(['esempio', 'stato', *(_COLUMN[name] for name in cut)])})"
            for cut in misura.cuts()
        ),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [misura.slug])
    days.rebuild(misura)
    times.rebuild(misura)
    misura.summarize()


def _shown(misura: Misura, name: str) -> str:
    """SQL for a column of the sums: empty where the row is not cut by it."""
    if name == "provincia":
        return _COLUMN[name] if name in misura.dimensioni else "NULL"
    return f"coalesce({_COLUMN[name]}, '')" if name in misura.dimensioni else "''"


def _cut(misura: Misura) -> str:
    """SQL for the name of the set that a row is of: which dimensions it is grouped by."""
    flags = ", ".join(_COLUMN[name] for name in misura.dimensioni)
    choices = []
    for cut in misura.cuts():
        bits = "".join("0" if name in cut else "1" for name in misura.dimensioni)
        choices.append(f"WHEN {int(bits, 2)} THEN '{'+'.join(cut)}'")
    return f"CASE GROUPING({flags}) {' '.join(choices)} END"
