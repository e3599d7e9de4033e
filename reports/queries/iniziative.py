"""The initiatives of each asse with their resources and acts, at a day."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from porfse.figures import Figure, differenza, somma
from porfse.models import Atto
from porfse.periods import italian
from programme.models import Asse, Iniziativa
from programme.progress import Unchanged, node_rows, progress_row, rest_row
from reports.documento import TRATTINO, Cella, Colonna, Forma
from reports.queries.programma import NAMES, Lettura
from reports.queries.tavole import Row, Tavola, known

READING = (
    "Un importo n.d. non è pubblicato per l'iniziativa: è compreso in quanto non attribuito a"
    " iniziative. Lo stato di un'iniziativa è quello registrato quando il report è costruito."
)
SHOWN = ("programmate", "impegnate", "liquidate")


class Iniziative:
    """All initiatives of the programme: a table for each asse, and one of the acts they share.

    Args:
        variazioni: the tables show what has changed since the end of the year before.
    """

    def __init__(self, lettura: Lettura, *, variazioni: bool = True) -> None:
        self.lettura = lettura
        self.variazioni = variazioni
        self.iniziative = list(Iniziativa.objects.select_related("asse").prefetch_related("atti"))
        self._rows = {
            row["nome"].pk: {**row, "variazione": self._change(row["nome"])}
            for row in node_rows(lettura.board, lettura.view, self.iniziative, "iniziativa")
        }

    def _change(self, node: Iniziativa) -> Figure:
        view, since = self.lettura.view, self.lettura.since
        now = view.amount("programmate", iniziativa=node.pk)
        before = view.amount("programmate", since, iniziativa=node.pk)
        self.lettura.board(before)
        return self.lettura.board(differenza(now, before))

    def tavola(self, asse: Asse) -> Tavola:
        """Return the initiatives of an asse, what none of them accounts for, and their sum."""
        board, view = self.lettura.board, self.lettura.view
        own = [self._rows[item.pk] for item in self.iniziative if item.asse_id == asse.pk]
        rest = rest_row(board, view, asse.pk)
        whole = {**progress_row(board, view, f"Asse {asse.pk}", asse=asse.pk), "totale": True}
        since = italian(self.lettura.since)
        change = Colonna("variazione", f"Programmate, variazione dal {since}", Forma.EURO)
        return Tavola(
            f"iniziative_{asse.ordine}",
            self.lettura.dati.titolo(f"Iniziative dell'{asse} al {self.lettura.giorno}"),
            (
                Colonna("iniziativa", "Iniziativa"),
                Colonna("stato", "Stato"),
                Colonna("atti", "Atti"),
                *(Colonna(name, NAMES[name], Forma.EURO) for name in SHOWN),
                *((change,) if self.variazioni else ()),
            ),
            lambda: self._told(own, [rest, whole]),
            lambda row: row["chiave"],
            self.lettura.fonti.registro,
            somme=SHOWN,
            vuota="Nessuna iniziativa dell'asse ha importi pubblicati a questa data.",
            perimetri=True,
        )

    def _told(self, own: list[Row], beside: list[Row]) -> Iterator[Row]:
        """The initiatives with a known amount; if there are any, what is beside them too."""
        shown = list(filter(_has_amount, own))
        for row in (*shown, *filter(_has_amount, beside if shown else [])):
            node = row["nome"]
            if isinstance(node, Iniziativa):
                words = "; ".join(map(str, _acts(node, self.lettura.al)))
                words = {"chiave": node.pk, "stato": node.get_stato_display(), "atti": words}
                yield row | words | {"iniziativa": str(node), "variazione": self._or_words(row)}
            else:
                total = row.get("totale") is True
                key = "totale" if total else "resto"
                yield row | {"chiave": key, "iniziativa": str(node), "variazione": TRATTINO}

    def _or_words(self, row: Row) -> Figure | Cella:
        """The change of an initiative, or why there is none: no datum before, or none since."""
        change: Figure = row["variazione"]
        if change.amount is None and row["programmate"].amount is not None:
            return Cella(None, nota="primo dato")
        still = self.lettura.view.still("programmate", self.lettura.since)
        return Unchanged(change) if still and change.amount == 0 else change

    def atti_comuni(self) -> Tavola:
        """Return what each act that concerns several initiatives gives them together."""
        sharing: defaultdict[Atto, list[Iniziativa]] = defaultdict(list)
        for node in self.iniziative:
            for act in _acts(node, self.lettura.al):
                sharing[act].append(node)
        view, board = self.lettura.view, self.lettura.board
        rows = [
            {
                "atto": str(act),
                "iniziative": "; ".join(map(str, nodes)),
                "programmate": board(
                    somma(*(view.amount("programmate", iniziativa=node.pk) for node in nodes))
                ),
            }
            for act, nodes in sorted(sharing.items(), key=lambda item: (item[0].anno, str(item[0])))
            if len(nodes) > 1
        ]
        return Tavola(
            "atti_comuni",
            self.lettura.dati.titolo("Atti comuni a più iniziative"),
            (
                Colonna("atto", "Atto"),
                Colonna("iniziative", "Iniziative"),
                Colonna("programmate", "Risorse programmate, in tutto", Forma.EURO),
            ),
            lambda: [row for row in rows if known(row)],
            lambda row: row["atto"],
            self.lettura.fonti.registro,
            perimetri=True,
            vuota="Nessun atto riguarda più iniziative.",
        )


def _has_amount(row: Row) -> bool:
    return any(row[name].amount is not None for name in SHOWN)


def _acts(node: Iniziativa, al: date) -> list[Atto]:
    """The acts of an initiative up to a day; of an act without its day, those up to its year."""
    return [act for act in node.atti.all() if (act.data <= al if act.data else act.anno <= al.year)]
