"""What a measure granted and paid day by day, made anew from its rows with every flow.

A row counts from the day it was granted (or paid) to the day it was lost. Where a row bears no
date, the change of state that brought it there has one: the declared one, or that of its flow.
"""

from dataclasses import dataclass

from django.db import connection

from measures.ledger.models import GiornoMisura
from measures.misura import Fase, Misura
from programme.models import Impegno, Liquidazione, Movimento

_INSERT = """
    INSERT INTO {days} (misura, esempio, grandezza, giorno, numero, importo, senza_data,
        importo_senza_data)
    WITH entrate AS (
        SELECT esempio, codice, min(data) AS data FROM measures_passaggio
        WHERE misura = %(misura)s AND a = ANY(%(dentro)s) AND NOT da = ANY(%(dentro)s)
        GROUP BY esempio, codice
    ), uscite AS (
        SELECT esempio, codice, max(data) AS data FROM measures_passaggio
        WHERE misura = %(misura)s AND da = ANY(%(dentro)s) AND a = ANY(%(persi)s)
        GROUP BY esempio, codice
    ), righe AS (
        SELECT t.esempio, t.codice, t.{amount} AS importo,
               coalesce({day}, e.data, o.data) AS giorno, u.data AS persa, {day} IS NULL AS ignota
        FROM {rows} t
        JOIN porfse_flow f ON f.id = t.flusso_id LEFT JOIN porfse_fonte o ON o.id = f.fonte_id
        LEFT JOIN entrate e ON e.esempio = t.esempio AND e.codice = t.codice
        LEFT JOIN uscite u
            ON u.esempio = t.esempio AND u.codice = t.codice AND t.stato = ANY(%(persi)s)
        WHERE t.{amount} IS NOT NULL AND (t.stato = ANY(%(dentro)s) OR u.data IS NOT NULL)
    ), variazioni AS (
        SELECT esempio, giorno, 1 AS numero, importo, ignota FROM righe
        UNION ALL
        SELECT esempio, greatest(persa, giorno), -1, -importo, false FROM righe
        WHERE persa IS NOT NULL
        UNION ALL  -- nothing, so that a measure with rows has its sums whatever they are
        SELECT esempio, min(data_inizio), 0, 0, false FROM {rows} GROUP BY esempio
    )
    SELECT %(misura)s, esempio, %(grandezza)s, giorno, sum(numero), sum(importo),
           count(*) FILTER (WHERE ignota), coalesce(sum(importo) FILTER (WHERE ignota), 0)
    FROM variazioni GROUP BY esempio, giorno
"""


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
        params = {
            "misura": misura.slug,
            "grandezza": grandezza,
            "dentro": list(map(str, voce.fase(misura).stati)),
            "persi": lost,
        }
        with connection.cursor() as cursor:
            cursor.execute(statement, params)
