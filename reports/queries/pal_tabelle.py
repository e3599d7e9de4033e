"""The tables of the quarterly report on the active policies, from what was read of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils import timezone

from crisi.figures_pal import LAVORATORI
from crisi.models import AvanzamentoPAL, Strumento
from crisi.tables.trimestri import instruments
from porfse.charts import Colour
from porfse.periods import italian
from reports.celle import cella, riga
from reports.documento import TRATTINO, Cella, Colonna, Forma, Grafico, Riga, Serie, Tabella
from reports.queries.cigs_siti import pratica
from reports.queries.pal import Nucleo, Row, Sito, Trimestre

FONTE = "Monitoraggio trimestrale delle PAL inserito dai Nuclei territoriali, righe in vigore"
TOTALE = "totale"
SOSPESI = Colour.NIGHT
COLORI = {
    "step1": Colour.GREY,
    "step2": Colour.AZURE,
    "step3": Colour.BLUE,
    "step4": Colour.TEAL,
    "no_pal": Colour.OCHRE,
}
N, D = Forma.NUMERO, Forma.DATA
BLANK = Cella(stampato="")
_NAMES = {"step1": "STEP 1", "step2": "STEP 2", "step3": "STEP 3", "step4": "STEP 4",
          "no_pal": "NO PAL"}  # fmt: skip
_WORKERS = (
    Colonna("sospesi", "Sospesi", N, gruppo="Lavoratori", somma=True),
    *(Colonna(key, name, N, gruppo="Lavoratori", somma=True) for key, name in _NAMES.items()),
)
_SHARES = (
    Colonna("quota4", "STEP 4", Forma.PERCENTO, gruppo="% dei sospesi"),
    Colonna("quota_no", "NO PAL", Forma.PERCENTO, gruppo="% dei sospesi"),
)
_SITES = Colonna("unita", "Unità con dati", N, somma=True)
_CHANGE = (
    Colonna("prima", "Trimestre precedente", N),
    Colonna("ora", "Trimestre", N),
    Colonna("variazione", "Variazione", N),
)
_STEPS = tuple(Serie(key, colour) for key, colour in COLORI.items())


def confronto(letto: Trimestre) -> Tabella:
    """The workers of each step in the quarter before, and now."""
    chart = _comparison("Lavoratori per STEP, nel trimestre e nel precedente")
    return _compared(letto, "confronto", "Lavoratori per STEP", LAVORATORI, chart)


def strumenti(letto: Trimestre) -> Tabella:
    """The sites that use each instrument in the quarter before, and now."""
    words = {"unita": "Unità con dati", **{item.value: str(item.label) for item in Strumento}}
    chart = _comparison("Unità per strumento, nel trimestre e nel precedente")
    return _compared(letto, "strumenti", "Unità produttive per strumento", words, chart)


def _comparison(title: str) -> Grafico:
    series = (Serie("prima", Colour.GREY), Serie("ora", Colour.BLUE))
    return Grafico(title, "voce", series, Grafico.Tipo.SDRAIATE)


def _compared(
    letto: Trimestre, nome: str, titolo: str, words: Mapping[str, str], grafico: Grafico
) -> Tabella:
    columns = (Colonna("voce", "Voce"), *_CHANGE)
    rows, parts = [], (_used(letto.prima), _used(letto.ora))
    for name, label in words.items():
        before, now = (cella(part[name], esempio=letto.esempio) for part in parts)
        known = None not in (before.valore, now.valore)
        change = now.valore - before.valore if known else None
        values = {"voce": label, "prima": before, "ora": now, "variazione": change}
        rows.append(riga(name, columns, values))
    note = _unknown([("", letto.ora), ("trimestre precedente", letto.prima)])
    told = note if words is LAVORATORI else ()
    return _table(letto, nome, titolo, columns, rows, grafico=grafico, note=told)


def _used(row: Row) -> Row:
    """Without a site with data, the instruments are not known, which is not zero.

    Their figures count sites, and have counted none.
    """
    return row if row["unita"].amount else row | dict.fromkeys(Strumento.values)


def storia(letto: Trimestre) -> Tabella:
    """The steps of the territory in the last quarters."""
    columns = (Colonna("trimestre", "Trimestre"), *_not_summed(_SITES, *_WORKERS), *_SHARES)
    rows = [
        riga(
            str(row["periodo"]),
            columns,
            row | {"trimestre": row["periodo"].nome},
            esempio=letto.esempio,
        )
        for row in letto.storia
    ]
    chart = Grafico("Lavoratori per STEP nei trimestri", "trimestre", _STEPS)
    note = _unknown([(row["periodo"].nome, row) for row in letto.storia])
    return _table(
        letto, "trimestri", "Ultimi trimestri con dati", columns, rows, grafico=chart, note=note
    )


def _not_summed(*columns: Colonna) -> tuple[Colonna, ...]:
    return tuple(Colonna(item.chiave, item.titolo, item.forma, item.gruppo) for item in columns)


def province(letto: Trimestre) -> Tabella:
    """The steps of the twelve, and of the Region."""
    columns = (Colonna("nome", "Provincia"), _SITES, *_WORKERS, *_SHARES)
    series = (Serie("sospesi", SOSPESI), Serie("step4", Colour.TEAL))
    chart = Grafico(
        "Lavoratori sospesi e allo STEP 4 per provincia", "nome", series, Grafico.Tipo.SDRAIATE
    )
    note = _unknown([(letto.nomi[row["provincia"]], row) for row in letto.province])
    rows = _by_provincia(letto, columns)
    return _table(letto, "province", "STEP per provincia", columns, rows, grafico=chart, note=note)


def strumenti_province(letto: Trimestre) -> Tabella:
    """The sites that use each instrument in the twelve, and in the Region."""
    used = (
        Colonna(item.value, str(item.label), N, gruppo="Unità che usano", somma=True)
        for item in Strumento
    )
    columns = (Colonna("nome", "Provincia"), _SITES, *used)
    rows = _by_provincia(letto, columns)
    note = ("Un'unità può usare più strumenti.",)
    return _table(letto, "strumenti_province", "Strumenti per provincia", columns, rows, note=note)


def _by_provincia(letto: Trimestre, columns: Sequence[Colonna]) -> Iterable[Riga]:
    for row in letto.province:
        sigla = row["provincia"]
        values = _used(row) | {"nome": letto.nomi[sigla]}
        yield riga(sigla, columns, values, esempio=letto.esempio)
    values = _used(letto.ora) | {"nome": "Lombardia"}
    yield riga(TOTALE, columns, values, totale=True, esempio=letto.esempio)


def _unknown(rows: Sequence[tuple[str, Row]]) -> tuple[str, ...]:
    """Say which sums leave out sites that do not tell the number."""
    found = [
        f"{f'{name}, ' if name else ''}{words[0].lower() + words[1:]}: {figure.value.missing}"
        for name, row in rows
        for key, words in LAVORATORI.items()
        for figure in [row[key]]
        if figure.amount is not None and figure.value.missing
    ]
    return (f"Numeri non noti, che non entrano nelle somme: {'; '.join(found)}.",) if found else ()


def nuclei(letto: Trimestre) -> Tabella:
    """How complete and how timely the nuclei are."""
    columns = (
        Colonna("nome", "Nucleo"),
        Colonna("stato", "Stato"),
        Colonna("entro", "Da trasmettere entro", D),
        Colonna("trasmesso", "Prima trasmissione", D),
        Colonna("ritardo", "Giorni di ritardo", N),
        Colonna("validato", "Validato il", D),
        Colonna("attese", "Attese", N, gruppo="Unità produttive", somma=True),
        Colonna("rese", "Con dati", N, gruppo="Unità produttive", somma=True),
        Colonna("mancanti", "Senza dati", N, gruppo="Unità produttive", somma=True),
    )
    rows = [riga(each.sigla, columns, _nucleo(letto, each)) for each in letto.nuclei]
    if rows and letto.provincia is None:
        asked = sum(each.attese for each in letto.nuclei)
        given = sum(each.rese for each in letto.nuclei)
        blank = {item.chiave: BLANK for item in columns}
        sums = {"attese": asked, "rese": given, "mancanti": asked - given}
        rows.append(riga(TOTALE, columns, {**blank, "nome": "Totale", **sums}, totale=True))
    return _table(
        letto, "nuclei", "Completezza e puntualità dei Nuclei", columns, rows,
        vuota="Il trimestre non è stato aperto.",
    )  # fmt: skip


def _nucleo(letto: Trimestre, each: Nucleo) -> dict[str, Any]:
    quarter = each.monitoraggio
    values: dict[str, Any] = {
        "nome": letto.nomi[each.sigla],
        "stato": "non aperto",
        **dict.fromkeys(("entro", "trasmesso", "ritardo", "validato"), TRATTINO),
        "attese": each.attese,
        "rese": each.rese,
        "mancanti": each.attese - each.rese,
    }
    if quarter is None:
        return values
    values |= {
        "stato": stato(each),
        "entro": quarter.entro,
        "validato": each.validato_il or TRATTINO,
    }
    if sent := quarter.trasmesso_il:
        day = timezone.localdate(sent)
        values |= {"trasmesso": day, "ritardo": max(0, (day - quarter.entro).days)}
    return values


def stato(each: Nucleo) -> str:
    """Return the state of a quarter as the page says it, whatever today is."""
    quarter = each.monitoraggio
    if quarter is None:
        return "non aperto"
    words = quarter.get_stato_display()
    last = quarter.riaperto_fino_al
    return f"{words}, riaperto fino al {italian(last)}" if last else words


def unita(letto: Trimestre) -> Tabella:
    """Every site that the quarter asks for, and those with numbers all the same."""
    place = [] if letto.provincia else [Colonna("provincia", "Provincia")]
    columns = (
        Colonna("unita", "Pratica / unità"),
        Colonna("azienda", "Azienda"),
        Colonna("comune", "Comune"),
        *place,
        Colonna("tipo", "Tipo"),
        *_WORKERS,
        Colonna("step4_prima", "STEP 4 prima", N),
        Colonna("strumenti", "Strumenti"),
        Colonna("note", "Note"),
    )
    rows = [riga(f"{s.unita.procedura_id}/{s.unita.pk}", columns, _site(s)) for s in letto.siti]
    if rows:
        blank = {item.chiave: BLANK for item in columns}
        sums = blank | {name: letto.ora[name] for name in LAVORATORI} | {"unita": "Totale"}
        rows.append(riga(TOTALE, columns, sums, totale=True, esempio=letto.esempio))
    return _table(
        letto, "unita", "Unità produttive", columns, rows,
        vuota="Nessuna unità di CIGS in corso nel trimestre.",
    )  # fmt: skip


def _site(site: Sito) -> dict[str, Any]:
    unita, procedura = site.unita, site.unita.procedura
    numbers = {name: getattr(site.ora, name, None) for name in LAVORATORI}
    return {
        "unita": f"{pratica(procedura.codice_pratica, procedura.pk)} / {unita.codice}",
        "azienda": procedura.azienda.denominazione,
        "comune": unita.comune.nome,
        "provincia": unita.comune.provincia_id,
        "tipo": procedura.get_tipo_display(),
        **numbers,
        "step4_prima": site.prima.step4 if site.prima else None,
        "strumenti": instruments(site.ora) if site.ora else "",
        "note": "; ".join(filter(None, _notes(site, site.ora))),
    }


def _notes(site: Sito, row: AvanzamentoPAL | None) -> Iterable[str]:
    if row is None:
        yield "senza dati"
        return
    if not site.attesa:
        yield "procedura non più in corso nel trimestre"
    if row.motivo_esonero:
        yield f"esonero: {row.motivo_esonero}"


def _table(
    letto: Trimestre,
    nome: str,
    titolo: str,
    colonne: Sequence[Colonna],
    righe: Iterable[Riga],
    *,
    grafico: Grafico | None = None,
    **more: Any,
) -> Tabella:
    """Return a table with what all those of the report say; a chart that has something to draw."""
    rows = tuple(righe)
    example = letto.esempio and bool(rows)
    table = Tabella(nome, titolo, tuple(colonne), rows, FONTE, esempio=example, **more)
    return replace(table, grafico=grafico) if grafico and _drawn(table, grafico) else table


def _drawn(table: Tabella, grafico: Grafico) -> bool:
    places = [table.posizione(serie.colonna) for serie in grafico.serie]
    rows = (row.celle for row in table.righe if not row.totale)
    return any(cells[place].valore for cells in rows for place in places)
