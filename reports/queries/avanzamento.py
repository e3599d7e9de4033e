"""The financial progress by asse: amounts, ratios, changes, perimetri, and N+3."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from porfse.figures import Figure
from porfse.periods import italian
from programme.models import GRANDEZZE, Asse, Perimetro, TargetN3
from programme.n3 import Deadline
from programme.progress import Change, View, asse_rows
from reports.documento import Colonna, Forma, Grafico, Serie
from reports.queries.aggiornamento import REGISTRO
from reports.queries.programma import ASSE, COLOURS, NAMES, Lettura, by_asse, named
from reports.queries.tavole import ORDINARY, Row, Tavola

FIVE = ("dotazione", *GRANDEZZE)
BASES = (
    "I target hanno basi diverse (spesa totale, quota UE) e non si confrontano tra loro. Dopo la"
    " scadenza conta quanto era certificato quel giorno; dove la data del report non ha il dato,"
    " vale l'ultimo noto, con il suo giorno."
)


def amounts_and_ratios(lettura: Lettura) -> tuple[Tavola, Tavola]:
    """Return the five quantities of each asse, and their ratios to its endowment."""
    *assi, unsplit, whole = asse_rows(lettura.board, lettura.view, lettura.assi)
    rows = [named(row) for row in (*assi, whole)]
    amounts = tuple(Colonna(name, NAMES[name], Forma.EURO) for name in FIVE)
    ratios = tuple(Colonna(f"quota_{name}", NAMES[name], Forma.PERCENTO) for name in GRANDEZZE)
    series = tuple(Serie(name, COLOURS[name]) for name in FIVE)
    return (
        Tavola(
            "assi",
            lettura.dati.titolo(f"Le grandezze finanziarie per asse al {lettura.giorno}"),
            (*ASSE, *amounts),
            lambda: rows,
            by_asse,
            lettura.fonti.registro,
            somme=FIVE,
            note=lambda: _not_split(unsplit),
            grafico=Grafico("Le cinque grandezze per asse", "asse", series),
            perimetri=True,
        ),
        Tavola(
            "quote",
            lettura.dati.titolo(f"Rapporti alla dotazione per asse al {lettura.giorno}"),
            (*ASSE, *ratios),
            lambda: rows,
            by_asse,
            lettura.fonti.registro,
            nota=(
                "La dotazione comprende la CIGD: i rapporti sono degli importi CIGD inclusa. Un"
                " rapporto oltre il 100% è sovraprogrammazione, ammessa."
            ),
        ),
    )


def _not_split(row: Row) -> Iterator[str]:
    """Say what the total holds beside the assi; the board must be loaded."""
    for name in GRANDEZZE:
        figure: Figure = row[name]
        if figure.amount:
            yield f"{NAMES[name]}: il totale comprende {figure.text} non ripartiti tra gli assi."


def warnings(lettura: Lettura, found: Iterable[Change]) -> Iterator[str]:
    """Yield where the two days do not compare like with like; the board must be loaded."""
    last, since = lettura.dati.ultimi[REGISTRO], italian(lettura.since)
    if last and last <= lettura.since:
        yield f"Dopo il {since} nessun importo è stato registrato: non ci sono variazioni."
        return
    for change in found:
        row = named(change.row())
        if row["avvertenza"]:
            yield f"{row['asse']}, variazioni dal {since}. {row['avvertenza']}"


def variations(lettura: Lettura, found: Sequence[Change]) -> Tavola:
    """Return what has changed since the end of the year before, and where it is not alike."""
    columns = tuple(Colonna(name, NAMES[name], Forma.EURO) for name in GRANDEZZE)
    return Tavola(
        "variazioni",
        lettura.dati.titolo(f"Variazioni dal {italian(lettura.since)} al {lettura.giorno}"),
        (ASSE[0], *columns, Colonna("avvertenza", "Confronto")),
        lambda: [named(change.row()) for change in found],
        by_asse,
        lettura.fonti.registro,
        somme=tuple(GRANDEZZE),
    )


def _basis(target: TargetN3) -> str:
    """The basis of a target, and whether its source says it."""
    said = "" if target.base_dichiarata else " (non dichiarata dalla fonte: dedotta)"
    return f"{target.get_base_display()}{said}"


class _Place(NamedTuple):
    """One quantity of a node: whole, its wage support alone, and without it."""

    nodo: Asse | str
    grandezza: str
    intero: Figure
    cigd: Figure
    senza: Figure

    @property
    def particular(self) -> bool:
        """Whether it is not simply without wage support; the board must be loaded."""
        return self.intero.amount is not None and self.intero.scope != ORDINARY


def perimeters(lettura: Lettura) -> Tavola:
    """Return what the amounts include of the Covid wage support, where they include any."""
    places = [
        _Place(
            node,
            name,
            *(
                lettura.board(view.amount(name, asse=code))
                for view in (
                    lettura.view,
                    lettura.within(Perimetro.CIGD),
                    lettura.within(Perimetro.ORDINARIA),
                )
            ),
        )
        for node, code in lettura.nodes()
        for name in GRANDEZZE
    ]
    return Tavola(
        "perimetri",
        lettura.dati.titolo(f"Perimetri: che cosa comprendono gli importi al {lettura.giorno}"),
        (
            ASSE[0],
            Colonna("grandezza", "Grandezza"),
            Colonna("importo", "Importo", Forma.EURO),
            Colonna("cigd", "di cui CIGD", Forma.EURO),
            Colonna("senza", "CIGD esclusa", Forma.EURO),
            Colonna("perimetro", "Perimetro"),
        ),
        lambda: [_told(place) for place in places if place.particular],
        lambda row: f"{row['asse']}, {row['grandezza']}",
        lettura.fonti.registro,
        nota=(
            "Gli importi non elencati non comprendono la Cassa integrazione guadagni in deroga"
            " (CIGD)."
        ),
        vuota="Nessun importo comprende la CIGD.",
    )


def _told(place: _Place) -> Row:
    row = named({"nome": place.nodo})
    return {
        "asse": row["asse"],
        "grandezza": NAMES[place.grandezza],
        "importo": place.intero,
        "cigd": place.cigd,
        "senza": place.senza,
        "perimetro": place.intero.scope,
    }


def n3(lettura: Lettura) -> Tavola:
    """Return the N+3 targets that can be held against what is certified, each on its basis."""
    deadline = Deadline(lettura.board, View(lettura.al))

    def rows() -> Iterator[Row]:
        deadline.fall_back(lettura.board)
        last = lettura.dati.ultimi["certificata"] or lettura.al
        for item in deadline.target:
            if item.certificata.amount is not None:
                yield {
                    "anno": str(item.modello.anno),
                    "base": _basis(item.modello),
                    "target": item.target,
                    "certificata": item.certificata,
                    "al": min(item.al, last),
                    "margine": item.margine,
                    "raggiungimento": item.raggiungimento,
                    "esito": item.esito,
                }

    return Tavola(
        "n3",
        "Target di spesa N+3",
        (
            Colonna("anno", "Entro il 31.12"),
            Colonna("base", "Base"),
            Colonna("target", "Target", Forma.EURO),
            Colonna("certificata", "Spesa certificata", Forma.EURO),
            Colonna("al", "Certificata al", Forma.DATA),
            Colonna("margine", "Margine", Forma.EURO),
            Colonna("raggiungimento", "Raggiungimento", Forma.PERCENTO),
            Colonna("esito", "Esito"),
        ),
        rows,
        lambda row: row["anno"],
        lettura.fonti.target,
        nota=BASES,
        vuota="Nessun target N+3 è valutabile a questa data.",
    )
