"""The indicators at a day: values, targets for 2023, attainment that is never capped."""

from collections.abc import Iterable, Iterator
from datetime import date

from porfse.charts import Colour
from programme.facts import indicator_rows
from programme.models import Asse, Indicatore, ValoreIndicatore
from reports.documento import TRATTINO, Cella, Colonna, Forma, Grafico, Serie
from reports.queries.programma import Lettura
from reports.queries.tavole import Row, Tavola

Tipo = Indicatore.Tipo
DATED = Colonna("dati_al", "Dato al", Forma.DATA)
UNCAPPED = "Il raggiungimento non è mai limitato al 100%."


class Indicatori:
    """All indicators, read once; each table shows some of them."""

    def __init__(self, lettura: Lettura) -> None:
        self.lettura = lettura
        self.rows = indicator_rows(
            lettura.board, lettura.view, Indicatore.objects.select_related("asse")
        )
        values = ValoreIndicatore.objects.filter(data__lte=lettura.al).order_by("data")
        self._values = {value.indicatore_id: value for value in values}  # the latest of each

    def of(self, tipo: str, asse: str | None = None) -> list[Row]:
        """Return the rows of a kind, of an asse if it is given."""
        return [
            row
            for row in self.rows
            if row["indicatore"].tipo == tipo and asse in (None, row["asse"])
        ]

    def output(self, asse: Asse) -> Tavola:
        """Return the output indicators of an asse."""
        return self._tavola(
            f"output_{asse.ordine}",
            f"Indicatori di output dell'{asse}",
            self.of(Tipo.OUTPUT, asse.pk),
            Forma.NUMERO,
        )

    def risultato(self, asse: Asse) -> Tavola:
        """Return the result indicators of an asse."""
        return self._tavola(
            f"risultato_{asse.ordine}",
            f"Indicatori di risultato dell'{asse}",
            self.of(Tipo.RISULTATO, asse.pk),
            Forma.PERCENTO,
        )

    def finanziari(self) -> Tavola:
        """Return the financial indicators of all assi: certified expenditure against targets."""
        return self._tavola(
            "spesa_e_target",
            "Indicatori finanziari: spesa certificata e target 2023",
            self.of(Tipo.FINANZIARIO),
            Forma.EURO,
        )

    def quadro(self) -> Tavola:
        """Return the performance framework: how far each of its indicators has come."""
        found = [row for row in self.rows if row["indicatore"].quadro_efficacia]
        title = "Quadro di riferimento dell'efficacia: raggiungimento dei target 2023"
        return Tavola(
            "quadro_efficacia",
            title,
            (
                Colonna("indicatore", "Indicatore"),
                Colonna("tipo", "Tipo"),
                Colonna("raggiungimento", "Raggiungimento", Forma.PERCENTO),
                DATED,
            ),
            lambda: [
                {
                    "codice": row["indicatore"].pk,
                    "indicatore": f"Asse {row['asse']} · {row['nome']}",
                    "tipo": row["tipo"],
                    "raggiungimento": row["raggiungimento"],
                    "dati_al": self._day(row),
                }
                for row in found
            ],
            lambda row: row["codice"],
            self.lettura.fonti.indicatori,
            nota=f"{UNCAPPED} L'Asse V non ha quadro di riferimento dell'efficacia.",
            grafico=Grafico(
                title, "indicatore", (Serie("raggiungimento", Colour.BLUE),), Grafico.Tipo.SDRAIATE
            ),
        )

    def _tavola(self, nome: str, titolo: str, rows: list[Row], forma: Forma) -> Tavola:
        priority = any(row["priorita"] for row in rows)
        framework = forma is Forma.NUMERO  # the others are all in it, or none is
        return Tavola(
            nome,
            titolo,
            (
                Colonna("indicatore", "Indicatore"),
                *((Colonna("priorita", "Priorità"),) if priority else ()),
                *((Colonna("quadro", "Nel quadro di efficacia"),) if framework else ()),
                Colonna("valore", "Valore", forma),
                DATED,
                Colonna("target", "Target 2023", forma),
                Colonna("raggiungimento", "Raggiungimento", Forma.PERCENTO),
            ),
            lambda: self._known(rows),
            lambda row: row["codice"],
            self.lettura.fonti.indicatori,
            note=lambda: self._said(rows),
            vuota="Nessun indicatore pubblicato a questa data.",
        )

    def _said(self, rows: Iterable[Row]) -> Iterator[str]:
        """What the source says beside a value."""
        for row in rows:
            value = self._values.get(row["indicatore"].pk)
            if value and value.nota:
                yield f"{row['nome']}: {value.nota}."

    def _known(self, rows: Iterable[Row]) -> list[Row]:
        """What is shown; nothing where no value is known yet: a target alone is no datum."""
        found = list(rows)
        known = any(map(_valued, found))
        return [_told(row) | {"dati_al": self._day(row)} for row in found] if known else []

    def _day(self, row: Row) -> date | Cella:
        """The day that a value is of."""
        item: Indicatore = row["indicatore"]
        if not _valued(row):
            return TRATTINO
        if item.tipo == Tipo.FINANZIARIO:
            return self.lettura.dati.ultimi["certificata"] or TRATTINO
        return self._values[item.pk].data


def _valued(row: Row) -> bool:
    return row["valore"].amount is not None


def _told(row: Row) -> Row:
    item: Indicatore = row["indicatore"]
    of_asse = f", Asse {item.asse_id}" if item.tipo == Tipo.FINANZIARIO else ""
    shown = {
        "codice": item.pk,
        "indicatore": f"{item.nome}{of_asse}",
        "priorita": item.priorita_id or "",
        "quadro": "sì" if item.quadro_efficacia else "no",
        "valore": row["valore"],
        "target": row["target"],
        "raggiungimento": row["raggiungimento"],
    }
    if item.target_2023 is None:
        shown |= {"target": TRATTINO, "raggiungimento": TRATTINO}
    return shown
