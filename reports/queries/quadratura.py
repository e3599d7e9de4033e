"""The figures that documents print for a day, held against those of the report."""

from collections.abc import Iterator
from datetime import date

from porfse.figures import Figure
from porfse.printed import Printed, Reconciled, Verdict, catalogue, count_by_verdict
from reports.documento import Cella, Colonna, Forma
from reports.queries.programma import Lettura
from reports.queries.tavole import Bozza, Row, Tavola

SOURCE = "Documenti pubblicati, cifra per cifra (pagina Quadratura)."
TOTAL = "Totale"
# Not 002: the crises are of another programme, and their small cells are no public figures.
PROGRAMME = ("000", "001", "003", "004")


def printed_at(al: date) -> list[Printed]:
    """Return the figures that the documents of the programme print for a day."""
    return [
        item
        for item in catalogue.figures.values()
        if item.data == al and item.documento in PROGRAMME
    ]


def reconciliation(lettura: Lettura) -> Bozza | None:
    """Return the chapter that compares them; None if no document prints figures of the day."""
    printed = printed_at(lettura.al)
    if not printed:
        return None
    items = [Reconciled(lettura.board, item) for item in printed]
    return Bozza("Quadratura con le cifre pubblicate", (_counts(items), _contradictions(items)))


def _counts(items: list[Reconciled]) -> Tavola:
    verdicts = tuple(Colonna(name, name.capitalize(), Forma.NUMERO, somma=True) for name in Verdict)

    def rows() -> Iterator[Row]:
        for row in count_by_verdict(items):
            code = row["documento"]
            title = catalogue.documents.get(code, "")
            yield row | {"titolo": title, "in_tutto": row[TOTAL], "totale": code == TOTAL}

    return Tavola(
        "quadratura",
        "Cifre stampate alla data del report ed esito del confronto",
        (
            Colonna("documento", "Documento"),
            Colonna("titolo", "Titolo"),
            *verdicts,
            Colonna("in_tutto", "In tutto", Forma.NUMERO),
        ),
        rows,
        lambda row: row["documento"],
        SOURCE,
        somme=(*Verdict, "in_tutto"),
        nota=(
            "«Quadra»: il calcolo dà la cifra stampata, entro gli arrotondamenti. «Circolare»: una"
            " parte è stata ricavata dal totale stampato. «Solo caricata»: nient'altro la calcola."
        ),
        fisse=True,
    )


def _contradictions(items: list[Reconciled]) -> Tavola:
    return Tavola(
        "contraddizioni",
        "Dove la fonte stampa un'altra cifra",
        (
            Colonna("id", "Cifra"),
            Colonna("voce", "Voce"),
            Colonna("stampata", "Stampata"),
            Colonna("calcolata", "Calcolata"),
            Colonna("differenza", "Differenza"),
            Colonna("spiegazione", "Spiegazione"),
        ),
        lambda: [
            {
                "id": item.stampata.id,
                "voce": item.stampata.voce,
                "stampata": item.stampata.stampato,
                "calcolata": _shown(item.calcolata),
                "differenza": _shown(item.differenza),
                "spiegazione": " ".join(
                    each.spiegazione for each in catalogue.explaining(item.stampata)
                )
                or item.stampata.note,
            }
            for item in items
            if item.verdetto is Verdict.CONTRADDIZIONE
        ],
        lambda row: row["id"],
        SOURCE,
        vuota="Nessuna: le cifre stampate che si possono calcolare coincidono.",
        fisse=True,
    )


def _shown(figure: Figure | None) -> Cella:
    """A figure in words: those of one column have several units."""
    if figure is None:
        return Cella("")
    return Cella(figure.text, cifra=str(figure.expression))
