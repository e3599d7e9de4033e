"""The tables of the active policies and of the meetings, in the annual report on the crises."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from crisi.figures_pal import LAVORATORI
from crisi.tavoli import PUBBLICATI
from porfse.figures import Figure
from porfse.printed import catalogue
from reports.celle import cella, riga
from reports.documento import Cella, Colonna, Forma, Riga, Tabella
from reports.queries.crisi import Crisi, Row
from reports.queries.crisi_tabelle import ESEMPI
from reports.soppressione import Gruppo, Margini, Soglie, sopprimi

N, P = Forma.NUMERO, Forma.PERCENTO
# Those that stand in one step each, and those that are in none yet.
PASSI = {
    "step1": "STEP 1",
    "step2": "STEP 2",
    "step3": "STEP 3",
    "step4": "STEP 4",
    "no_pal": "NO PAL",
}
ALTRI = "altri"
QUOTE = {"quota4": "step4", "quota_no": "no_pal"}
MARGINI_PAL = Margini(
    tuple(
        Gruppo(lavoratori=(step,), quote=tuple(key for key, of in QUOTE.items() if of == step))
        for step in (*PASSI, ALTRI)
    ),
    totale="sospesi",
    quote=tuple(QUOTE),
    resto=ALTRI,
)


def pal(letto: Crisi) -> Tabella:
    """Return the steps of the region by quarter; a quarter of too few sites is left out."""
    columns = (
        Colonna("trimestre", "Trimestre"),
        Colonna("unita", "Unità con dati", N),
        Colonna("sospesi", LAVORATORI["sospesi"], N),
        *(Colonna(step, words, N) for step, words in PASSI.items()),
        Colonna(ALTRI, "Sospesi non ancora in un passo", N),
        Colonna("quota4", "STEP 4 sui sospesi", P),
        Colonna("quota_no", "Esonerati sui sospesi", P),
    )
    least = Soglie.in_vigore().unita
    rows = [row for row in letto.pal if row["unita"].amount >= least]
    steps = "; ".join(LAVORATORI[step].removeprefix("Lavoratori ") for step in PASSI)
    bases = "Le quote sono sui sospesi delle unità che dichiarano entrambi i numeri."
    notes = [f"I lavoratori sono: {steps}. {bases}"]
    if any(figure.value.missing for row in rows for figure in _figures(row)):
        notes.append("Qualche unità non dichiara tutti i numeri: le somme sono delle altre.")
    if len(rows) < len(letto.pal):
        notes.append(f"Non sono riportati i trimestri con dati di meno di {least} unità.")
    table = Tabella(
        "pal",
        f"Lavoratori per passo di attivazione delle PAL, trimestri del {letto.anno}",
        columns,
        tuple(_step(columns, row) for row in rows),
        ESEMPI if letto.pal_esempio else "Monitoraggio trimestrale dei Nuclei territoriali",
        note=tuple(notes) if rows else tuple(notes[1:]),
        vuota="Nessun dato dei Nuclei nell'anno.",
        esempio=letto.pal_esempio and bool(rows),
    )
    return sopprimi(table, MARGINI_PAL)


def _figures(row: Row) -> Iterable[Figure]:
    return (value for value in row.values() if isinstance(value, Figure))


def _step(columns: tuple[Colonna, ...], row: Row) -> Riga:
    cells = {
        name: _told(value, row["dichiaranti"].get(name))
        for name, value in row.items()
        if isinstance(value, Figure)
    }
    values = cells | {"trimestre": row["nome"], ALTRI: _rest(row, cells)}
    return riga(row["trimestre"], columns, values)


def _told(figure: Figure, sites: int | None) -> Cella:
    """A number, with how many sites tell it: where few do, it is theirs and is hidden."""
    made = replace(cella(figure), nota="")
    return made if made.valore is None else replace(made, dichiaranti=sites)


def _rest(row: Row, cells: Mapping[str, Cella]) -> Cella:
    """Who is in no step; not known unless every site tells all the numbers, n.d. not being zero."""
    names = ("sospesi", *PASSI)
    if any(row[name].value.missing for name in names):
        return Cella(nota="derivata")
    whole, *steps = (cells[name].valore for name in names)
    return Cella(whole - sum(steps), nota="derivata", dichiaranti=cells["unita"].valore)


def tavoli(letto: Crisi) -> Tabella:
    """Return the meetings of each kind: as a document counts them, and as entered here."""
    columns = (
        Colonna("nome", "Tavolo"),
        Colonna("pubblicati", "Convocati, come pubblicato", N),
        Colonna("registrati", "Registrati nel sistema", N),
    )
    printed = [catalogue.figures[code] for code in PUBBLICATI.get(letto.anno, {}).values()]
    titles = dict.fromkeys(catalogue.documents[each.documento] for each in printed)
    return Tabella(
        "tavoli",
        f"Tavoli di coordinamento del {letto.anno}",
        columns,
        tuple(riga(row["tipo"], columns, row) for row in letto.tavoli),
        "; ".join((*titles, "Tavoli registrati nel sistema")),
        note=("Le due colonne contano la stessa cosa da fonti diverse e non si sommano.",)
        if printed
        else (),
        vuota="Nessun tavolo registrato nell'anno.",
    )
