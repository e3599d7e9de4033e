"""The monthly summary is kept by the database, in the transaction that changes a procedure.

Each statement on sites or procedures adds what its rows bring and takes away what they brought
before. Whoever changes them comes one after the other (an advisory lock), so that none waits in a
circle for the rows of the summary.
"""

from django.db import migrations

LOCK = 2_025_002  # a number of this table's own

# What the sites `units` of the procedures `procedures` bring (sign 1) or take away (-1).
_PART = """
    SELECT {sign} AS segno, p.esempio, c.provincia_id, p.tipo, v.verso, v.mese, u.lavoratori
    FROM {units} u
    JOIN {procedures} p ON p.id = u.procedura_id
    JOIN porfse_comune c ON c.codice_istat = u.comune_id
    CROSS JOIN LATERAL (VALUES
        ('avvio', date_trunc('month', p.data_avvio)::date),
        ('fine', date_trunc('month', p.data_fine)::date)
    ) AS v (verso, mese)
    WHERE p.stato <> 'ritirata' AND v.mese IS NOT NULL
"""
_FUNCTION = """
    CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock({lock});
        MERGE INTO crisi_sintesimese s
        USING (
            SELECT esempio, provincia_id, tipo, verso, mese, sum(segno) AS unita,
                   sum(segno * coalesce(lavoratori, 0)) AS lavoratori,
                   sum(segno * (lavoratori IS NULL)::integer) AS non_noti
            FROM ({parts}) AS parti GROUP BY 1, 2, 3, 4, 5
        ) AS v
        ON s.esempio = v.esempio AND s.provincia_id = v.provincia_id AND s.tipo = v.tipo
            AND s.verso = v.verso AND s.mese = v.mese
        WHEN MATCHED THEN UPDATE SET unita = s.unita + v.unita,
            lavoratori = s.lavoratori + v.lavoratori, non_noti = s.non_noti + v.non_noti
        WHEN NOT MATCHED THEN
            INSERT (esempio, provincia_id, tipo, verso, mese, unita, lavoratori, non_noti)
            VALUES (v.esempio, v.provincia_id, v.tipo, v.verso, v.mese, v.unita, v.lavoratori,
                    v.non_noti);
        RETURN NULL;
    END $$
"""
_TRIGGER = """
    CREATE TRIGGER {name} AFTER {operation} ON {table} REFERENCING {tables}
    FOR EACH STATEMENT EXECUTE FUNCTION {name}()
"""
_NEW, _OLD = (1, "nuove", "NEW TABLE AS nuove"), (-1, "vecchie", "OLD TABLE AS vecchie")
_SITES, _PROCEDURES = "crisi_unitaproduttiva", "crisi_procedura"
# A procedure comes without sites, and goes after them: only its changes count.
_CHANGES = (
    (_SITES, "INSERT", (_NEW,)),
    (_SITES, "UPDATE", (_OLD, _NEW)),
    (_SITES, "DELETE", (_OLD,)),
    (_PROCEDURES, "UPDATE", (_OLD, _NEW)),
)


def _statements() -> list[tuple[str, str]]:
    found = []
    for table, operation, sides in _CHANGES:
        name = f"{table}_sintesi_{operation.lower()}"
        parts = " UNION ALL ".join(
            _PART.format(
                sign=sign,
                units=rows if table == _SITES else _SITES,
                procedures=rows if table == _PROCEDURES else _PROCEDURES,
            )
            for sign, rows, _ in sides
        )
        tables = " ".join(words for *_, words in sides)
        found.append(
            (
                _FUNCTION.format(name=name, lock=LOCK, parts=parts)
                + ";"
                + _TRIGGER.format(name=name, operation=operation, table=table, tables=tables),
                f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}()",
            )
        )
    return found


class Migration(migrations.Migration):
    dependencies = [("crisi", "0001_crisi")]

    operations = [migrations.RunSQL(forward, backward) for forward, backward in _statements()]
