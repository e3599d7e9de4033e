"""The sums of the two-monthly report on the CIGS: by kind, provincia and comune."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from crisi.figures import of
from crisi.models import Procedura
from crisi.selection import CALCOLATA, ESEMPIO, IN_CORSO, SIGLE, Selection
from porfse.charts import Colour
from porfse.models import Provincia
from porfse.periods import Periodo
from reports.celle import riga
from reports.documento import Cella, Colonna, Forma, Grafico, Riga, Serie, Tabella
from reports.queries.cigs import Bimestre
from reports.queries.cigs_siti import Sito, Somma

FONTE = (
    "Procedure e unità produttive registrate dai Nuclei territoriali e acquisite da Vertenze On"
    " Line"
)
TOTALE = "totale"
BLANK = Cella(stampato="")  # where a total has nothing to say
# Key of the columns, its words, its colour in charts.
TIPI = {
    Procedura.Tipo.CIGS_MIN: ("min", "CIGS ministeriali", Colour.BLUE),
    Procedura.Tipo.CIGS_REG: ("reg", "CIGS regionali", Colour.TEAL),
}
WHAT = {"procedure": "Procedure", "unita": "Unità", "lavoratori": "Lavoratori"}
_DRAWN = 25  # bars that a chart has room for
N = Forma.NUMERO
Values = dict[str, Any]


def cella(found: Somma, what: str, asked: Selection | None = None) -> Cella:
    """Return a number of a sum; workers that no site declares are not known.

    Args:
        what: a field of `Somma`.
        asked: the figure of the pages that this is, if there is one.
    """
    return Cella(getattr(found, what), cifra=str(of(what, asked)) if asked else "")


def confronto(letto: Bimestre) -> Tabella:
    """Procedures, sites and workers of each kind, now and in the two months before."""
    columns = [Colonna("tipo", "Tipo")]
    for what, words in WHAT.items():
        # A change of workers that are not known is not known: those of the rows need not add up.
        exact = what != "lavoratori"
        columns += [
            Colonna(f"{what}_prima", "Prima", N, gruppo=words, somma=True),
            Colonna(f"{what}_ora", "Ora", N, gruppo=words, somma=True),
            Colonna(f"{what}_variazione", "Variazione", N, gruppo=words, somma=exact),
        ]
    columns.append(Colonna("non_noti", "Non noti (unità)", N, gruppo="Lavoratori", somma=True))
    rows = []
    for tipo, (key, name, _) in TIPI.items():
        parts = (_of_kind(letto.prima, tipo), _of_kind(letto.siti, tipo))
        rows.append(riga(key, columns, _compared(letto, name, *parts, tipo=tipo)))
    total = _compared(letto, "Totale", letto.prima, letto.siti)
    rows.append(totale(columns, total))
    title = f"Confronto fra {letto.periodo.precedente.nome} (prima) e {letto.periodo.nome} (ora)"
    return tabella(letto, "confronto", title, columns, rows)


def _compared(
    letto: Bimestre,
    name: str,
    prima: Collection[Sito],
    ora: Collection[Sito],
    tipo: str | None = None,
) -> Values:
    before, now = Somma.of(prima), Somma.of(ora)
    values: Values = {"tipo": name, "non_noti": cella(now, "non_noti")}
    for what in WHAT:
        then, latest = getattr(before, what), getattr(now, what)
        known = then is not None and latest is not None
        earlier = _asked(letto, letto.periodo.precedente, what, tipo)
        values |= {
            f"{what}_prima": cella(before, what, earlier),
            f"{what}_ora": cella(now, what, _asked(letto, letto.periodo, what, tipo)),
            f"{what}_variazione": latest - then if known else None,
        }
    return values


def _asked(
    letto: Bimestre, periodo: Periodo, what: str, tipo: str | None, sigla: str = ""
) -> Selection | None:
    """The figure of the pages: of one kind; they count no procedures."""
    if tipo is None or what == "procedure":
        return None
    fonte = ESEMPIO if letto.esempio else CALCOLATA
    return Selection(periodo, IN_CORSO, fonte, sigla or letto.provincia or None, tipo)


def _of_kind(siti: Iterable[Sito], tipo: str) -> list[Sito]:
    return [sito for sito in siti if sito.tipo == tipo]


def province(letto: Bimestre, known: Mapping[str, Provincia]) -> Tabella:
    """The twelve, in the order of the published tables, and the Region."""
    columns = [
        Colonna("provincia", "Provincia o Città metropolitana"),
        *(
            Colonna(f"{key}_{what}", WHAT[what], N, gruppo=name, somma=True)
            for key, name, _ in TIPI.values()
            for what in ("unita", "lavoratori")
        ),
        *_columns_of_sums(),
    ]
    now, before = _grouped(letto.siti, "sigla"), _grouped(letto.prima, "sigla")
    rows = [
        riga(sigla, columns, _of_place(letto, known[sigla].nome, now[sigla], before[sigla], sigla))
        for sigla in SIGLE
    ]
    total = _of_place(letto, "Lombardia", letto.siti, letto.prima)
    rows.append(totale(columns, total))
    series = tuple(Serie(f"{key}_lavoratori", colour) for key, _, colour in TIPI.values())
    chart = Grafico(
        "Lavoratori coinvolti per provincia", "provincia", series, Grafico.Tipo.SDRAIATE
    )
    return tabella(
        letto, "province", "Procedure in corso per provincia", columns, rows, grafico=chart
    )


def _columns_of_sums() -> list[Colonna]:
    return [
        # A procedure may have sites in two places: the total is not their sum.
        Colonna("procedure", "Procedure", N, gruppo="Totale CIGS"),
        Colonna("unita", "Unità", N, gruppo="Totale CIGS", somma=True),
        Colonna("lavoratori", "Lavoratori", N, gruppo="Totale CIGS", somma=True),
        Colonna("non_noti", "Non noti (unità)", N, gruppo="Totale CIGS", somma=True),
        Colonna("prima_unita", "Unità", N, gruppo="Bimestre precedente", somma=True),
        Colonna("prima_lavoratori", "Lavoratori", N, gruppo="Bimestre precedente", somma=True),
    ]


def _of_place(
    letto: Bimestre, name: str, ora: Collection[Sito], prima: Collection[Sito], sigla: str = ""
) -> Values:
    values = {"provincia": name, **_sums(ora, prima)}
    for tipo, (key, *_) in TIPI.items():
        found = Somma.of(_of_kind(ora, tipo))
        for what in ("unita", "lavoratori"):
            asked = _asked(letto, letto.periodo, what, tipo, sigla)
            values[f"{key}_{what}"] = cella(found, what, asked)
    return values


def _sums(ora: Collection[Sito], prima: Collection[Sito]) -> Values:
    now, before = Somma.of(ora), Somma.of(prima)
    return {
        **{what: cella(now, what) for what in (*WHAT, "non_noti")},
        "prima_unita": cella(before, "unita"),
        "prima_lavoratori": cella(before, "lavoratori"),
    }


def _grouped(siti: Iterable[Sito], name: str) -> defaultdict[str, list[Sito]]:
    found: defaultdict[str, list[Sito]] = defaultdict(list)
    for sito in siti:
        found[getattr(sito, name)].append(sito)
    return found


def comuni(letto: Bimestre) -> Tabella:
    """Every comune with a site now or in the two months before, by provincia."""
    place = [] if letto.provincia else [Colonna("provincia", "Provincia")]
    columns = [Colonna("comune", "Comune"), *place, *_columns_of_sums()]
    now, before = _grouped(letto.siti, "comune"), _grouped(letto.prima, "comune")
    known = {sito.comune: sito for sito in (*letto.siti, *letto.prima)}
    ordered = sorted(known.values(), key=lambda sito: (sito.provincia, sito.comune_nome))
    rows = [
        riga(
            sito.comune,
            columns,
            {"comune": sito.comune_nome, "provincia": sito.sigla}
            | _sums(now[sito.comune], before[sito.comune]),
        )
        for sito in ordered
    ]
    if rows:
        total = {"comune": "Totale", "provincia": "", **_sums(letto.siti, letto.prima)}
        rows.append(totale(columns, total))
    chart = Grafico(
        "Lavoratori coinvolti per comune",
        "comune",
        (Serie("lavoratori", Colour.BLUE),),
        Grafico.Tipo.SDRAIATE,
    )
    drawn = chart if letto.provincia and 0 < len(ordered) <= _DRAWN else None
    return tabella(letto, "comuni", "Procedure in corso per comune", columns, rows, grafico=drawn)


def totale(colonne: Sequence[Colonna], valori: Mapping[str, Any]) -> Riga:
    """Return the last row of a table: what it does not sum stays blank."""
    blank = {item.chiave: BLANK for item in colonne}
    return riga(TOTALE, colonne, blank | dict(valori), totale=True)


def tabella(
    letto: Bimestre,
    nome: str,
    titolo: str,
    colonne: Sequence[Colonna],
    righe: Iterable[Riga],
    **more: Any,
) -> Tabella:
    """Return a table with what all those of the report say."""
    rows = tuple(righe)
    example = letto.esempio and bool(rows)
    return Tabella(nome, titolo, tuple(colonne), rows, FONTE, esempio=example, **more)
