"""The tables of the annual report on the crises, with their small cells hidden."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from crisi.confronti import MISURE, column
from crisi.models import Procedura
from crisi.selection import (
    AVVIATE,
    CALCOLATA,
    ESEMPIO,
    IN_CORSO,
    PUBBLICATA,
    Selection,
    inside,
)
from crisi.tables.tavola import MEASURES
from crisi.tavola import GROUPS, PLACE_HEADER, SHARE_HEADER, TOT, TOTAL_HEADER, Cell, Group, Tavola
from crisi.tavola import Riga as Luogo
from porfse.charts import Colour
from porfse.figures import Figure, Leaf
from reports.celle import cella, riga
from reports.documento import Cella, Colonna, Forma, Grafico, Riga, Serie, Tabella
from reports.queries.cigs_tabelle import FONTE as PROCEDURE
from reports.queries.crisi import Crisi, Row
from reports.soppressione import (
    Gruppo,
    Margini,
    Soglie,
    cifre_nascoste,
    copri,
    sopprimi_insieme,
)

N, P = Forma.NUMERO, Forma.PERCENTO
ESEMPI = "Procedure di esempio, inventate per la dimostrazione"
UNA = {AVVIATE: "avviata", IN_CORSO: "in corso"}
COLORI = {
    Procedura.Tipo.CIGS_MIN: Colour.BLUE,
    Procedura.Tipo.CIGS_REG: Colour.TEAL,
    Procedura.Tipo.LIC: Colour.OCHRE,
}


def chiave(what: str, tipo: str) -> str:
    """Return the key of a column: `unita_cigs_min`."""
    return f"{what}_{tipo.lower()}"


def _columns(group: Group) -> tuple[Colonna, ...]:
    above = f"{group.titolo}, {group.linee_guida}"
    return (
        Colonna(chiave("unita", group.tipo), "Unità", N, above, somma=True),
        Colonna(chiave("peso_unita", group.tipo), SHARE_HEADER, P, above),
        Colonna(chiave("lavoratori", group.tipo), "Lavoratori", N, above, somma=True),
        Colonna(chiave("peso_lavoratori", group.tipo), SHARE_HEADER, P, above),
    )


COLONNE = (
    Colonna("provincia", PLACE_HEADER),
    *(each for group in GROUPS for each in _columns(group)),
    Colonna("lavoratori", TOTAL_HEADER, N, somma=True),
)
MARGINI = Margini(
    tuple(
        Gruppo(unita.chiave, (lavoratori.chiave,), (peso_unita.chiave, peso_lavoratori.chiave))
        for unita, peso_unita, lavoratori, peso_lavoratori in map(_columns, GROUPS)
    ),
    totale="lavoratori",
)


@dataclass(frozen=True)
class Tavole:
    """The tables of a year as the public may have them.

    Attributes:
        anno: by name: `pubblicata`, `avviate`, `in_corso`.
        nascoste: the figures that no other table may show.
    """

    anno: Mapping[str, Tabella]
    nascoste: set[Leaf]


def tavole(letto: Crisi) -> Tavole:
    """Return the tables of the year; those of the year before are hidden alike, to compare with."""
    now, before = _hidden(letto, letto.tavole), _hidden(letto, letto.prima)
    hidden = {
        figure for table in (*now.values(), *before.values()) for figure in cifre_nascoste(table)
    }
    return Tavole(now, hidden)


def _hidden(letto: Crisi, tavole_: Mapping[str, Tavola]) -> dict[str, Tabella]:
    """Hide the same cells in all tables of a year that are about the same sites."""
    found = {name: _whole(letto, name, each) for name, each in tavole_.items()}
    made_up = [name for name, each in tavole_.items() if each.base.fonte == ESEMPIO]
    for names in ([name for name in found if name not in made_up], made_up):
        pairs = [("avviate", "in_corso")] if {"avviate", "in_corso"} <= set(names) else []
        places = [(names.index(inner), names.index(outer)) for inner, outer in pairs]
        tables = sopprimi_insieme([found[name] for name in names], MARGINI, places)
        found |= dict(zip(names, tables, strict=True))
    return found


def _whole(letto: Crisi, nome: str, tavola: Tavola) -> Tabella:
    """Return a table as the page has it, with nothing hidden."""
    rows, unknown = [] if tavola.vuota else tavola.righe, _not_declared(tavola)
    return Tabella(
        nome,
        titolo(tavola),
        COLONNE,
        tuple(
            Riga(row.sigla, (Cella(row.nome), *_cells(row, unknown)), row.totale) for row in rows
        ),
        fonte(letto, tavola.base),
        note=tuple(_notes(tavola)) if rows else (),
        grafico=_chart("Lavoratori coinvolti per provincia e tipo di procedura") if rows else None,
        vuota=f"Nessuna procedura {UNA[tavola.base.criterio]} {inside(tavola.base.periodo)}.",
        esempio=bool(rows) and tavola.base.fonte == ESEMPIO,
    )


def titolo(tavola: Tavola) -> str:
    """Return the title of a table; that it is of examples is said beside it."""
    if tavola.pubblicata:
        return tavola.titolo
    return tavola.base.words[0].upper() + tavola.base.words[1:]


def fonte(letto: Crisi, base: Selection) -> str:
    """Return where the data of a table come from."""
    if base.fonte == PUBBLICATA:
        return str(letto.fonti[base.periodo.anno])
    return PROCEDURE if base.fonte == CALCOLATA else ESEMPI


def _not_declared(tavola: Tavola) -> Counter[tuple[str, str]] | None:
    """How many sites do not declare their workers, by row and kind; no source prints it."""
    if tavola.pubblicata:
        return None
    found: Counter[tuple[str, str]] = Counter()
    for note in tavola.non_dichiarate:
        leaf = note.figura.expression
        sigla, tipo = leaf.get("provincia"), leaf.get("tipo")
        if sigla and tipo:
            found[sigla, tipo] += int(note.figura.amount)
            found[TOT, tipo] += int(note.figura.amount)
    return found


def _cells(row: Luogo, unknown: Counter[tuple[str, str]] | None) -> Iterator[Cella]:
    """The numbers of a row; those of workers say how many sites declare them, if it is known."""
    made, told = list(map(_cella, row.cells)), []
    if unknown is None:
        yield from made
        return
    for place, group in enumerate(GROUPS):
        sites, _, workers, _ = range(4 * place, 4 * place + 4)
        told.append((made[sites].valore or 0) - unknown[row.sigla, group.tipo])
        made[workers] = replace(made[workers], dichiaranti=told[-1])
    yield from made[:-1]
    yield replace(made[-1], dichiaranti=sum(told))


def _cella(cell: Cell) -> Cella:
    """A number of the page; what a source prints blank stays so."""
    made = cella(cell.figure)
    blank = made.valore is None and "fonte=pubblicata" in made.cifra
    return Cella(made.valore, cifra=made.cifra, stampato="" if blank else None)


def _chart(title: str) -> Grafico:
    series = tuple(Serie(chiave("lavoratori", tipo), colour) for tipo, colour in COLORI.items())
    return Grafico(title, "provincia", series, Grafico.Tipo.SDRAIATE)


def _notes(tavola: Tavola) -> Iterator[str]:
    """What is not known. How many units there are of that, a single cell does not tell."""
    if tavola.pubblicata:
        yield "La fonte non dice se conta le procedure avviate nell'anno o quelle in corso."
        if blanks := [_blank(note.luogo, note.figura) for note in tavola.celle_vuote]:
            yield f"Celle vuote nella fonte, che non valgono zero: {'; '.join(blanks)}."
        return
    if tavola.non_noti:
        number = int(tavola.non_noti[0].figura.amount or 0)
        many = number >= Soglie.in_vigore().unita
        said = f"{number} unità produttive non dichiarano" if many else "Qualche unità non dichiara"
        yield (
            f"{said} i lavoratori: quelli della tabella sono delle altre; dove nessuna li dichiara"
            " la cifra è «n.d.», che non vale zero."
        )


def _blank(where: str, by_difference: Figure) -> str:
    """A blank, and what it is by the total of its column, unless that would tell of somebody."""
    return f"{where} (0 per differenza dal totale)" if by_difference.amount == 0 else where


def differenze(letto: Crisi, nascoste: set[Leaf]) -> Tabella:
    """Return calculated less published, where both can be shown."""
    measures = {column(code): MEASURES[column(code)] for code in MISURE if code != "unita"}
    columns = (
        Colonna("provincia", PLACE_HEADER),
        *(Colonna(key, words, N) for key, words in measures.items()),
    )
    rows = (
        riga(
            row["nome"],
            columns,
            {key: replace(cella(row[key]), nota="") for key in measures}
            | {"provincia": row["nome"]},
            totale=row["totale"],
        )
        for row in letto.differenze
    )
    table = Tabella(
        "differenze",
        "Differenze: procedure avviate, calcolate meno pubblicate",
        columns,
        tuple(rows),
        f"{PROCEDURE}; {letto.fonti[letto.anno]}",
        note=("«n.d.» dove una delle due non è nota.",),
    )
    return copri(table, nascoste)


def confronti(letto: Crisi, nome: str, nascoste: set[Leaf]) -> list[Tabella]:
    """Return a table of the year beside that of the year before: by measure, and by provincia."""
    found, base = letto.confronti[nome], letto.tavole[nome].base
    source = {fonte(letto, found.prima): None, fonte(letto, base): None}
    words = "tabelle pubblicate" if nome == "pubblicata" else "procedure avviate"
    parts = (
        ("regione", "La regione", "misura", "Misura", found.regione, None),
        (
            "province",
            "Totale lavoratori per provincia",
            "provincia",
            PLACE_HEADER,
            found.province,
            Grafico(
                "Totale lavoratori coinvolti per provincia nei due anni",
                "provincia",
                (Serie("prima", Colour.GREY), Serie("ora", Colour.BLUE)),
                Grafico.Tipo.SDRAIATE,
            ),
        ),
    )
    told = not (letto.tavole[nome].vuota and letto.prima[nome].vuota)
    return [
        copri(
            Tabella(
                f"{name}_{nome}",
                f"{title}: {letto.anno - 1} e {letto.anno}, {words}",
                _compared(letto, Colonna(key, header)),
                tuple(_change(letto, row, key) for row in rows) if told else (),
                "; ".join(source),
                grafico=chart if told else None,
                vuota="Nessuna procedura nei due anni.",
                esempio=told and base.fonte == ESEMPIO,
            ),
            nascoste,
        )
        for name, title, key, header, rows, chart in parts
    ]


def _compared(letto: Crisi, first: Colonna) -> tuple[Colonna, ...]:
    adds_up = first.chiave == "provincia"
    return (
        first,
        Colonna("prima", f"Anno {letto.anno - 1}", N, somma=adds_up),
        Colonna("ora", f"Anno {letto.anno}", N, somma=adds_up),
        Colonna("variazione", "Variazione", N),
        Colonna("percento", "Variazione %", P),
    )


def _change(letto: Crisi, row: Row, key: str) -> Riga:
    columns = _compared(letto, Colonna(key, ""))
    values = {
        name: replace(cella(row[name]), nota="")
        for name in ("prima", "ora", "variazione", "percento")
    }
    code = row["misura"] if key == "misura" else row["sigla"]
    return riga(code, columns, values | {key: row["nome"]}, totale=bool(row.get("totale")))
