"""The ceilings of the vouchers: how near to them companies and workers are.

Workers are only counted, never named. The ceilings are parameters of the call.
"""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.db import connection

from measures import avvisi
from measures.figures import CARICATA, ESEMPIO, is_example
from measures.formazione_continua.models import ConcessoAzienda, FasciaMassimale, Voucher
from measures.formazione_continua.tables import FasceTable
from measures.scope import Ambito
from porfse.figures import (
    Board,
    Figure,
    FigureError,
    Leaf,
    Rows,
    Source,
    Unit,
    Value,
    leaf,
    rapporto,
)

SLUG = "formazione-continua"
Soggetto = FasciaMassimale.Soggetto
PARAMETRI = {
    Soggetto.IMPRESA: "massimale_impresa",
    Soggetto.LAVORATORE: "massimale_lavoratore",
}
Fascia = FasciaMassimale.Fascia
VICINANZA = Decimal("0.8")  # the part of a ceiling at which those bands begin

_COMPANIES = """
    INSERT INTO {companies} (esempio, azienda_id, voucher, lavoratori, concesso)
    SELECT esempio, azienda_id, count(*), count(DISTINCT codice_fiscale_lavoratore), sum(concesso)
    FROM {vouchers} WHERE stato <> %s AND azienda_id IS NOT NULL
    GROUP BY esempio, azienda_id
"""
_BANDS = """
    INSERT INTO {bands} (esempio, soggetto, fascia, numero, concesso, massimale)
    SELECT esempio, %(soggetto)s, fascia, count(*), sum(concesso), %(massimale)s
    FROM (
        SELECT esempio, concesso,
               CASE WHEN concesso > %(massimale)s THEN 5
                    ELSE least(floor(concesso * 5 / %(massimale)s), 4) END AS fascia
        FROM ({holders}) AS soggetti
    ) AS fasce
    GROUP BY esempio, fascia
"""
_HOLDERS = {
    Soggetto.IMPRESA: "SELECT esempio, concesso FROM {companies}",
    Soggetto.LAVORATORE: "SELECT esempio, sum(concesso) AS concesso FROM {vouchers}"
    " WHERE stato <> %(revocato)s GROUP BY esempio, codice_fiscale_lavoratore",
}


def rebuild() -> None:
    """Write what companies and workers hold as the vouchers stand now."""
    names = {
        "companies": ConcessoAzienda._meta.db_table,
        "vouchers": Voucher._meta.db_table,
        "bands": FasciaMassimale._meta.db_table,
    }
    revoked = str(Voucher.Stato.REVOCATO)
    ConcessoAzienda.objects.all().delete()
    FasciaMassimale.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(_COMPANIES.format(**names), [revoked])
        for holder, sql in _HOLDERS.items():
            ceiling = avvisi.value(SLUG, PARAMETRI[holder])
            if ceiling:
                params = {"soggetto": str(holder), "massimale": ceiling, "revocato": revoked}
                statement = _BANDS.format(holders=sql.format(**names), **names)
                cursor.execute(statement, params)


def band(holder: str, fascia: int | None, *, fonte: str) -> Leaf:
    """How many companies or workers are in a band of their ceiling; None: in all."""
    return leaf("fc_massimale", soggetto=holder, fascia=fascia, fonte=fonte)


class Bands(Source):
    """`fascia` left out is all of them."""

    names = ("fc_massimale",)
    params = ("soggetto", "fascia", "fonte")
    permission = "measures.view_misure"

    def label(self, leaf: Leaf) -> str:
        _, holder, fascia = _place(leaf)
        where = f", {Fascia(fascia).label} del massimale" if fascia is not None else ""
        kind = "dati di esempio" if _example(leaf) else "dati acquisiti"
        return f"Formazione Continua: {Soggetto(holder).label.lower()}{where}, {kind}"

    def evaluate(self, leaves: Collection[Leaf]) -> Mapping[Leaf, Value]:
        rows = list(FasciaMassimale.objects.all())
        return {item: _value(item, rows) for item in leaves}

    def rows(self, leaf: Leaf) -> Rows:
        example, holder, fascia = _place(leaf)
        rows = FasciaMassimale.objects.filter(esempio=example, soggetto=holder)
        value = _value(leaf, list(rows))
        if fascia is not None:
            rows = rows.filter(fascia=fascia)
        return Rows(
            FasceTable(rows),
            value.amount,
            note="Somme dei voucher non revocati di ciascuno, confrontate con il massimale e"
            " scritte insieme a ogni flusso acquisito. I lavoratori sono soltanto contati.",
        )


def _value(leaf: Leaf, rows: Collection[FasciaMassimale]) -> Value:
    example, holder, fascia = _place(leaf)
    own = [row for row in rows if (row.esempio, row.soggetto) == (example, holder)]
    if not own:
        return Value(None, Unit.NUMERO, missing="nessun flusso acquisito", example=example)
    number = sum(row.numero for row in own if fascia in (None, row.fascia))
    return Value(Decimal(number), Unit.NUMERO, example=example)


def _example(leaf: Leaf) -> bool:
    if (leaf.get("fonte") or CARICATA) not in (CARICATA, ESEMPIO):
        raise FigureError("La fonte è «caricata» o «esempio».")
    return is_example(leaf)


def _place(leaf: Leaf) -> tuple[bool, str, int | None]:
    holder, text = leaf.get("soggetto") or "", leaf.get("fascia")
    if holder not in Soggetto.values:
        raise FigureError("Il soggetto è «impresa» o «lavoratore».")
    if text is not None and text not in map(str, Fascia.values):
        raise FigureError(f"La fascia «{text[:20]}» non esiste: sono da 0 a {max(Fascia.values)}.")
    return _example(leaf), holder, None if text is None else int(text)


def distribution(board: Board, scope: Ambito) -> list[dict[str, Any]]:
    """One row for each band of the ceiling, then the total; none without vouchers."""
    if not scope.righe:
        return []
    rows = [
        {"nome": part.label[0].upper() + part.label[1:], **_shares(board, scope, int(part))}
        for part in Fascia
    ]
    return [*rows, {"nome": "Totale", **_shares(board, scope, None), "totale": True}]


def _shares(board: Board, scope: Ambito, fascia: int | None) -> dict[str, Figure]:
    found = {}
    for name, holder in (("imprese", Soggetto.IMPRESA), ("lavoratori", Soggetto.LAVORATORE)):
        own, whole = (band(holder, part, fonte=scope.righe) for part in (fascia, None))
        found |= {name: board(own), f"quota_{name}": board(rapporto(own, whole))}
    return found
