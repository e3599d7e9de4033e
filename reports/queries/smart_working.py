"""What documents publish of Smart Working: the box of the report on the programme.

Only published figures, each on its own day; never the rows of flows, nor examples.
"""

from collections.abc import Iterator
from dataclasses import replace

from measures.endowment import endowment, endowments
from measures.figures import PUBBLICATA, granted, number, printed
from measures.misura import Misura, misura_of
from measures.models import StatisticaPubblicata
from porfse.figures import differenza, rapporto, somma
from porfse.models import Fonte
from porfse.periods import italian
from reports.celle import cella
from reports.documento import Colonna, Forma, Grafico, Serie
from reports.queries.fonti import listed
from reports.queries.programma import COLOURS, Lettura
from reports.queries.tavole import Bozza, Row, Tavola

MISURA = "smart-working"
TITLES = {
    "classe": ("Dimensione delle imprese beneficiarie", "Dimensione (per n. dipendenti)"),
    "gruppo": ("Imprese beneficiarie per disposizioni seguite", "Disposizioni"),
    "settore": ("Principali settori di attività delle imprese beneficiarie", "Settore"),
}


class SmartWorking:
    """The published figures of the measure, as the document of the day prints them."""

    def __init__(self, lettura: Lettura) -> None:
        self.lettura = lettura
        self.misura: Misura = misura_of(MISURA)
        # A document of the day may print figures of some days later: they bear their own day.
        known = Fonte.objects.in_force().filter(data__lte=lettura.al).values("documento")
        rows = printed([MISURA]).filter(fonte__documento__in=known)
        self.statistiche = list(rows.order_by("data", "pk"))
        self.dotazioni = [
            row
            for row in (endowments([MISURA]) if self.statistiche else ())
            if row.fonte.data <= lettura.al
        ]

    def bozza(self) -> Bozza | None:
        """Return the chapter; None if nothing is published."""
        if not self.statistiche:
            return None
        parts = [name for name in TITLES if any(row.dimensione == name for row in self.statistiche)]
        tables = (self._steps(), *(self._parts(name) for name in parts), self._endowments())
        return Bozza("Smart Working: l'avviso per l'adozione di piani aziendali", tables)

    @property
    def fonti(self) -> set[Fonte]:
        """The sections of documents that print them."""
        return {row.fonte for row in (*self.statistiche, *self.dotazioni)}

    def _source(self) -> str:
        return " ".join(listed({row.fonte for row in self.statistiche}))

    def _figures(self, row: StatisticaPubblicata) -> Row:
        cut = {row.dimensione: row.voce} if row.dimensione else {}
        asked = {"fonte": PUBBLICATA, "al": row.data, **cut}
        board = self.lettura.board
        return {
            "chiave": f"{row.fase}-{row.voce or row.data.isoformat()}",
            "data": row.data,
            "parole": row.parole,
            "numero": board(number(self.misura, row.fase, **asked)),
            "importo": board(granted(self.misura, row.fase, **asked)),
        }

    def _steps(self) -> Tavola:
        order = list(self.misura.fasi)
        whole = [row for row in self.statistiche if not row.dimensione]
        whole.sort(key=lambda row: (row.data, order.index(row.fase)))
        rows = [{**self._figures(row), "fase": self.misura.fasi[row.fase].nome} for row in whole]
        return Tavola(
            "sw_domande",
            "Monitoraggio delle domande",
            (
                Colonna("fase", "Domande"),
                Colonna("data", "Dati al", Forma.DATA),
                Colonna("numero", "Numero", Forma.NUMERO),
                Colonna("importo", "Importo ammesso", Forma.EURO),
                Colonna("parole", "Parole della fonte"),
            ),
            lambda: rows,
            lambda row: row["chiave"],
            self._source(),
            nota="Ogni dato è alla sua data: quelli di date diverse non si confrontano.",
        )

    def _parts(self, dimensione: str) -> Tavola:
        """Those that are granted the money, by a dimension."""
        title, column = TITLES[dimensione]
        found = [row for row in self.statistiche if row.dimensione == dimensione]
        last = max(row.data for row in found)
        voci = self.misura.dimensioni[dimensione].voci
        rows = [
            {**self._figures(row), "voce": voci.get(row.voce, row.voce)}
            for row in found
            if row.data == last
        ]
        series = (Serie("numero", COLOURS["impegnate"]),)
        chart = Grafico(title, "voce", series, Grafico.Tipo.SDRAIATE)
        amounts = any(row.importo is not None for row in found)
        return Tavola(
            f"sw_{dimensione}",
            f"{title}, dati al {italian(last)}",
            (
                Colonna("voce", column),
                Colonna("numero", "Imprese", Forma.NUMERO),
                Colonna("quota", "Sul totale", Forma.PERCENTO),
                *((Colonna("importo", "Importo ammesso", Forma.EURO),) if amounts else ()),
            ),
            self._with_total(found[0], rows),
            lambda row: row["chiave"],
            self._source(),
            somme=("numero", "importo"),
            grafico=chart if len(rows) > 2 else None,
        )

    def _with_total(self, part: StatisticaPubblicata, rows: list[Row]):
        """Rows of the parts, of what they leave over if anything, and of the whole."""
        board = self.lettura.board
        whole = StatisticaPubblicata(misura=MISURA, fase=part.fase, data=rows[0]["data"])
        total = {**self._figures(whole), "voce": "Totale", "totale": True}
        rest = differenza(
            total["numero"].expression, somma(*(row["numero"].expression for row in rows))
        )
        others = {"chiave": "altri", "voce": "Altri", "numero": board(rest)}
        for row in (*rows, others, total):
            share = rapporto(row["numero"].expression, total["numero"].expression)
            row["quota"] = board(share)

        def told() -> Iterator[Row]:
            yield from rows
            if others["numero"].amount:
                yield others | {"numero": replace(cella(others["numero"]), nota="per differenza")}
            yield total

        return told

    def _endowments(self) -> Tavola:
        board, misura = self.lettura.board, self.misura
        rows = [
            {
                "ordine": str(row.ordine),
                "importo": board(endowment(misura, row.ordine)),
                "atto": str(row.atto or ""),
                "parole": row.parole,
                "fonte": str(row.fonte),
            }
            for row in self.dotazioni
        ]
        return Tavola(
            "sw_dotazioni",
            "Dotazione finanziaria e suoi incrementi",
            (
                Colonna("ordine", "N."),
                Colonna("importo", "Dotazione", Forma.EURO),
                Colonna("atto", "Atto"),
                Colonna("parole", "Parole della fonte"),
                Colonna("fonte", "Fonte"),
            ),
            lambda: rows,
            lambda row: row["ordine"],
            " ".join(listed({row.fonte for row in self.dotazioni})),
        )
