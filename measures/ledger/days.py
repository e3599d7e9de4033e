"""What a measure granted and paid day by day, made anew from its rows with every flow.

A row counts from the day it was granted (or paid) to the day it was lost. Where a row bears no
date, the change of state that brought it there has one: the declared one, or that of its flow. An
amount that a flow changes counts as it was until the day of that flow.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from measures.ledger.models import GiornoMisura
from measures.misura import Fase, Misura
from programme.models import Impegno, Liquidazione, Movimento

_INSERT = """
    INSERT INTO {days} (misura, esempio, grandezza, giorno, presto, tardi, numero, importo)
    WITH passi AS (  -- with the amount as it stood before each
        SELECT p.id, p.esempio, p.codice, p.da = ANY(%(dentro)s) AS da_dentro,
               p.a = ANY(%(dentro)s) AS a_dentro, p.a = ANY(%(persi)s) AS a_persi, p.data,
               o.data AS acquisito, (p.prima ->> '{amount}')::numeric AS importo
        FROM measures_passaggio p
        JOIN porfse_flow f ON f.id = p.flusso_id LEFT JOIN porfse_fonte o ON o.id = f.fonte_id
        WHERE p.misura = %(misura)s
    ), entrate AS (
        SELECT esempio, codice, min(data) AS data FROM passi
        WHERE a_dentro AND NOT da_dentro GROUP BY esempio, codice
    ), dentro AS (
        SELECT *, lead(importo) OVER storia AS poi, first_value(importo) OVER storia AS primo
        FROM passi WHERE da_dentro AND importo IS NOT NULL
        WINDOW storia AS (PARTITION BY esempio, codice ORDER BY id)
    ), primi AS (
        SELECT DISTINCT esempio, codice, primo AS importo FROM dentro
    ), uscite AS (
        SELECT esempio, codice, max(data) AS data,
               (array_agg(importo ORDER BY id DESC))[1] AS importo
        FROM passi WHERE da_dentro AND a_persi GROUP BY esempio, codice
    ), righe AS (
        SELECT t.esempio, t.codice, t.{amount} AS ora, coalesce(i.importo, t.{amount}) AS importo,
               -- what was paid was granted by then
               coalesce({day}, least(coalesce(e.data, o.data), t.data_liquidazione)) AS giorno,
               coalesce(t.data_ammissione, t.data_inizio) AS presto,
               u.data AS persa, coalesce(u.importo, t.{amount}) AS perso, {day} IS NULL AS ignota
        FROM {rows} t
        JOIN porfse_flow f ON f.id = t.flusso_id LEFT JOIN porfse_fonte o ON o.id = f.fonte_id
        LEFT JOIN entrate e ON e.esempio = t.esempio AND e.codice = t.codice
        LEFT JOIN primi i ON i.esempio = t.esempio AND i.codice = t.codice
        LEFT JOIN uscite u
            ON u.esempio = t.esempio AND u.codice = t.codice AND t.stato = ANY(%(persi)s)
        WHERE t.{amount} IS NOT NULL AND (t.stato = ANY(%(dentro)s) OR u.data IS NOT NULL)
    ), variazioni AS (
        SELECT righe.*, giorno AS quando, 1 AS numero, importo AS variazione FROM righe
        UNION ALL
        SELECT r.*, greatest(coalesce(d.acquisito, d.data), r.giorno), 0,
               coalesce(d.poi, r.ora) - d.importo
        FROM righe r JOIN dentro d ON d.esempio = r.esempio AND d.codice = r.codice AND d.a_dentro
        WHERE coalesce(d.poi, r.ora) <> d.importo
        UNION ALL
        SELECT righe.*, greatest(persa, giorno), -1, -perso FROM righe WHERE persa IS NOT NULL
    )
    SELECT %(misura)s, esempio, %(grandezza)s, quando,
           CASE WHEN ignota THEN least(presto, giorno) ELSE quando END AS primo,
           CASE WHEN ignota THEN giorno ELSE quando END AS ultimo, sum(numero), sum(variazione)
    FROM variazioni GROUP BY esempio, quando, primo, ultimo
    UNION ALL  -- nothing, so that a measure with rows has its sums whatever they are
    SELECT %(misura)s, t.esempio, %(grandezza)s, %(origine)s, %(origine)s, %(origine)s, 0, 0
    FROM {rows} t GROUP BY t.esempio
"""
_ORIGIN = date(1900, 1, 1)  # before any row


@dataclass(frozen=True)
class Voce:
    """A quantity of the ledger, as a measure makes it.

    Attributes:
        model: its table in the programme.
        cifra: the name of the figure that sums the rows of the measure up to a day.
        nome, participio: as pages call it.
        importo: the column of a row that is summed.
    """

    model: type[Movimento]
    cifra: str
    nome: str
    participio: str
    importo: str

    def fase(self, misura: Misura) -> Fase:
        """Return the phase of a measure whose rows count."""
        return misura.fasi[misura.impegno if self.importo == "concesso" else misura.pagamento]

    def giorno(self, misura: Misura) -> str:
        """Return SQL for the day from which a row counts, as far as the row itself bears it."""
        if self.importo == "liquidato":
            return "t.data_liquidazione"
        # A row that begins as granted, a voucher say, was granted on its first day.
        born = misura.model.Stato.values[0] in misura.fasi[misura.impegno].stati  # type: ignore[attr-defined]
        return "coalesce(t.data_ammissione, t.data_inizio)" if born else "t.data_ammissione"


VOCI = {
    Impegno.grandezza: Voce(Impegno, "misura_impegnato", "Impegni", "concessi", "concesso"),
    Liquidazione.grandezza: Voce(
        Liquidazione, "misura_pagato", "Liquidazioni", "liquidati", "liquidato"
    ),
}


def rebuild(misura: Misura) -> None:
    """Write what a measure granted and paid by day as its rows stand now."""
    GiornoMisura.objects.filter(misura=misura.slug).delete()
    lost = sorted({state for fase in misura.fasi.values() if fase.persa for state in fase.stati})
    for grandezza, voce in VOCI.items():
        statement = _INSERT.format(
            days=GiornoMisura._meta.db_table,
            rows=misura.model._meta.db_table,
            amount=voce.importo,
            day=voce.giorno(misura),
        )
        params: dict[str, Any] = {
            "misura": misura.slug,
            "grandezza": grandezza,
            "dentro": list(map(str, voce.fase(misura).stati)),
            "persi": lost,
            "origine": _ORIGIN,
        }
        with connection.cursor() as cursor:
            cursor.execute(statement, params)
