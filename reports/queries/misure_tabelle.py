"""The tables that both measures have: what is published beside what was acquired."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from measures.endowment import NAMES
from measures.figures import ESEMPIO, PUBBLICATA
from measures.scope import Ambito
from porfse.charts import Colour
from porfse.periods import italian
from reports.celle import riga
from reports.documento import TRATTINO, Colonna, Forma, Grafico, Riga, Serie, Tabella
from reports.queries.misure import Quadro, Row

N, E, P = Forma.NUMERO, Forma.EURO, Forma.PERCENTO
PUB, DIFF = NAMES[PUBBLICATA], "Differenza"


def voices(scope: Ambito, quota: str, passo: str = "") -> tuple[Colonna, ...]:
    """The columns of a phase or a part of it; those that no row has are left out afterwards.

    Args:
        quota: what the share is a share of, as its column says.
    """
    own = NAMES.get(scope.righe, "")
    steps = [(quota, "quota"), (passo, "passo")] if passo else [(quota, "quota")]
    return (
        Colonna("nome", "Voce"),
        Colonna("pub_numero", "Numero", N, PUB, somma=True),
        *(Colonna(f"pub_{key}", title, P, PUB) for title, key in steps),
        Colonna("pub_concesso", "Importo", E, PUB, somma=True),
        Colonna("pub_media", "Media", E, PUB),
        Colonna("numero", "Numero", N, own, somma=True),
        *(Colonna(key, title, P, own) for title, key in steps),
        Colonna("concesso", "Ammesso", E, own, somma=True),
        Colonna("media", "Media", E, own),
        Colonna("liquidato", "Liquidato", E, own, somma=True),
        Colonna("di", "Quota di"),
        Colonna("diff_numero", "Numero", N, DIFF),
        Colonna("diff_concesso", "Importo", E, DIFF),
    )


def table(
    quadro: Quadro,
    nome: str,
    titolo: str,
    colonne: Sequence[Colonna],
    rows: Sequence[Row],
    *,
    dati: Collection[str] = (),
    fonte: str = "",
    note: Sequence[str] = (),
    grafico: str = "",
    serie: str = "numero",
    **more: Any,
) -> Tabella:
    """Make a table of the columns that some row has; rows that only have a name are none.

    Args:
        dati: the kinds of data in it, as NAMES calls them; those of its groups of columns if they
            are not given. Its source, its notes and whether it is an example follow from them.
        grafico: the title of a chart of `serie`, as published and by the rows.
    """
    names = set().union(*rows) if rows else set()
    total = any(row.get("totale") is True for row in rows)
    columns = tuple(
        replace(column, somma=column.somma and total)
        for column in colonne
        if column.chiave in names
    )
    known = len([column for column in columns if column.forma is not Forma.TESTO])
    shown = _rows(columns, rows) if known else ()
    kinds = {column.gruppo for column in columns} | {*dati} if shown else set()
    return Tabella(
        nome,
        titolo,
        columns if known else tuple(colonne[:1]),
        shown,
        fonte or source(quadro, kinds),
        note=(*_days(quadro, kinds), *note) if shown else (),
        grafico=_chart(grafico, serie, names) if grafico and shown else None,
        # What is published is no example: beside it, the examples are named by their columns.
        esempio=NAMES[ESEMPIO] in kinds and PUB not in kinds,
        **more,
    )


def _rows(colonne: Sequence[Colonna], rows: Sequence[Row]) -> tuple[Riga, ...]:
    return tuple(
        riga(
            str(row["nome"]),
            colonne,
            {column.chiave: row.get(column.chiave, TRATTINO) for column in colonne},
            totale=row.get("totale") is True,
            esempio=True,  # said by the table, by the group of columns or by the row
        )
        for row in rows
    )


def _chart(titolo: str, serie: str, names: set[str]) -> Grafico | None:
    colours = {f"pub_{serie}": Colour.GREY, serie: Colour.BLUE}
    found = tuple(Serie(name, colour) for name, colour in colours.items() if name in names)
    return Grafico(titolo, "nome", found, Grafico.Tipo.SDRAIATE) if found else None


def source(quadro: Quadro, kinds: Collection[str]) -> str:
    """Return what some kinds of data come from, in words."""
    told = []
    if PUB in kinds and quadro.fonti_pubblicate:
        told.append(f"{PUB}: {'; '.join(quadro.fonti_pubblicate)}")
    if quadro.flussi and NAMES[quadro.ambito.righe] in kinds:
        told.append(f"{NAMES[quadro.ambito.righe]}: {quadro.flussi}")
    return ". ".join(told) or "nessuna a questa data"


def _days(quadro: Quadro, kinds: Collection[str]) -> Iterator[str]:
    """The notes that say of what day each kind of data is."""
    scope = quadro.ambito
    if PUB in kinds and scope.al:
        yield f"I dati pubblicati sono al {italian(scope.al)}."
    if quadro.righe_al and NAMES[scope.righe] in kinds:
        yield (
            f"I {NAMES[scope.righe].lower()} sono quelli dell'ultimo flusso, al"
            f" {italian(quadro.righe_al)}."
        )


def apart(quadro: Quadro, what: str) -> str:
    """Return what an empty table says."""
    rows = quadro.ambito.misura.plurale
    why = (
        f"di {rows} non si conosce lo stato"
        if quadro.taciute
        else (f"nessun flusso di {rows} è acquisito")
    )
    return f"A questa data le fonti pubblicate non danno {what} e {why}."


def fasi(quadro: Quadro, prefisso: str) -> Tabella:
    """The way from application to payment."""
    scope = quadro.ambito
    first = next(iter(scope.misura.fasi.values())).nome.lower()
    columns = voices(scope, f"% di {first}", "% della fase precedente")
    return table(
        quadro, f"{prefisso}_fasi", f"{scope.misura.nome}: fasi", columns, quadro.fasi,
        grafico="Quanti arrivano a ciascuna fase",
        vuota=apart(quadro, "le fasi"),
    )  # fmt: skip


def perdite(quadro: Quadro, prefisso: str) -> Tabella:
    """What is lost on the way."""
    scope = quadro.ambito
    return table(
        quadro, f"{prefisso}_perdite", f"{scope.misura.nome}: perdite",
        voices(scope, "%"), quadro.perdite, vuota=apart(quadro, "le perdite"),
    )  # fmt: skip


def province(quadro: Quadro, prefisso: str) -> Tabella:
    """Those in force by provincia."""
    scope = quadro.ambito
    phase = scope.misura.fasi[scope.misura.impegno].nome.lower()
    title = f"{scope.misura.nome} per provincia: {phase}"
    return table(
        quadro, f"{prefisso}_province", title, voices(scope, "%"), quadro.province,
        grafico=title, vuota=apart(quadro, "numeri per provincia"),
    )  # fmt: skip


def usi(quadro: Quadro, prefisso: str) -> Tabella:
    """How much of the endowment in force each kind of data uses."""
    columns = (
        Colonna("nome", "Dati"),
        Colonna("concesso", "Ammesso", E),
        Colonna("quota", "% della dotazione", P),
        Colonna("margine", "Ancora disponibile", E),
        Colonna("liquidato", "Liquidato", E),
        Colonna("residuo", "Da liquidare", E),
    )
    rows = [
        {name: TRATTINO if value is None else value for name, value in row.items()}
        for row in quadro.usi
    ]
    kinds = {row["nome"] for row in quadro.usi}
    endowments = "; ".join(quadro.fonti_dotazioni) or "nessuna fonte"
    return table(
        quadro, f"{prefisso}_dotazione", f"{quadro.ambito.misura.nome}: uso della dotazione",
        columns, rows, dati=kinds,
        fonte=f"{source(quadro, kinds)}. Dotazione: {endowments}", vuota=apart(quadro, "importi"),
    )  # fmt: skip


def dotazioni(quadro: Quadro, prefisso: str) -> Tabella:
    """The endowments of the acts, the oldest first."""
    columns = (
        Colonna("nome", "Dati al"),
        Colonna("importo", "Dotazione", E),
        Colonna("atto", "Atto"),
        Colonna("parole", "Come lo dice la fonte"),
        Colonna("fonte", "Fonte"),
    )
    rows = [riga(str(place), columns, row) for place, row in enumerate(quadro.dotazioni, start=1)]
    note = "L'ultima è quella in vigore a questa data; da quando valga, le fonti non lo dicono."
    return Tabella(
        f"{prefisso}_storia",
        f"{quadro.ambito.misura.nome}: storia della dotazione",
        columns,
        tuple(rows),
        "; ".join(quadro.fonti_dotazioni) or "nessuna fonte la indica",
        note=(note,) if rows else (),
        vuota=f"Nessuna fonte indica la dotazione fino al {italian(quadro.al)}.",
    )
