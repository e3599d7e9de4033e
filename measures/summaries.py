"""The sums of a measure, made anew from its rows in the transaction that changes them.

Flows of a source come one after the other, so that nobody else writes them meanwhile.
"""

from django.db import connection

from measures.misura import Misura
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
    cuts = misura.cuts()
    values = ", ".join(
        f"coalesce({misura.dimensioni[name].sql}, 'n.d.') AS {_COLUMN[name]}"
        if name in misura.dimensioni
        else f"NULL::text AS {_COLUMN[name]}"
        for name in DIMENSIONI
    )
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT.format(
                table=SintesiMisura._meta.db_table,
                rows=misura.model._meta.db_table,
                columns=", ".join(_COLUMN.values()),
                shown=", ".join(
                    column if name == "provincia" else f"coalesce({column}, '')"
                    for name, column in _COLUMN.items()
                ),
                values=values,
                cut=_cut(cuts),
                sets=", ".join(
                    f"({', '.join(['esempio', 'stato', *(_COLUMN[name] for name in cut)])})"
                    for cut in cuts
                ),
            ),
            [misura.slug],
        )


def _cut(cuts: list[tuple[str, ...]]) -> str:
    """SQL for the name of the set that a row is of: which dimensions it is grouped by."""
    flags = ", ".join(_COLUMN.values())
    choices = []
    for cut in cuts:
        bits = "".join("0" if name in cut else "1" for name in DIMENSIONI)
        choices.append(f"WHEN {int(bits, 2)} THEN '{'+'.join(cut)}'")
    return f"CASE GROUPING({flags}) {' '.join(choices)} END"
