"""The tables of the payments of the CIGD: by azione, month, provincia and flow."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.utils import dateformat

from cigd.charts import VOCI
from cigd.progress import from_first_to_last
from porfse.charts import Colour
from porfse.models import Flow
from porfse.periods import italian
from reports import celle
from reports.documento import TRATTINO, Cella, Colonna, Forma, Grafico, Riga, Serie, Tabella
from reports.queries.cigd import Lettura, Row

PAGAMENTI = "Pagamenti INPS dei flussi acquisiti"
MASSIMALI = "Atti di programmazione registrati per la CIGD"
TOTALE = "totale"
BLANK = Cella(stampato="")
N, E, D, P = Forma.NUMERO, Forma.EURO, Forma.DATA, Forma.PERCENTO
# As everywhere: allocated, paid.
MASSIMALE, PAGATO = Colour.AZURE, Colour.NIGHT
COMUNI, ALTRI = "8.6.1 (Asse I)", "9.8.1 (Asse II)"
_BY_AZIONE = tuple(Serie(voce.campo, voce.colore) for voce in VOCI)
_AMOUNTS = (
    Colonna("comuni", COMUNI, E, gruppo="Pagamenti netti", somma=True),
    Colonna("altri", ALTRI, E, gruppo="Pagamenti netti", somma=True),
    Colonna("pagamenti", "Totale", E, gruppo="Pagamenti netti", somma=True),
)
_NUMBERS = (
    Colonna("numero", "Pagamenti", N, gruppo="Numero", somma=True),
    Colonna("recuperi", "Recuperi", N, gruppo="Numero", somma=True),
)


def azioni(letto: Lettura) -> Tabella:
    """Each azione: its allocation at the day, what was paid, what is left."""
    columns = (
        Colonna("nome", "Azione"),
        Colonna("massimale", "Massimale", E, somma=True),
        Colonna("pagamenti", "Pagamenti netti", E, somma=True),
        *_NUMBERS,
        Colonna("quota", "% del massimale", P),
        Colonna("margine", "Margine", E, somma=True),
        Colonna("esito", "Esito"),
    )
    rows = [
        riga(letto, _code(row["nome"]), columns, {**row, "nome": str(row["nome"])},
             totale=_is_total(row), misti=True)
        for row in letto.azioni
        if any(row[name].amount is not None for name in ("massimale", "pagamenti"))
    ]  # fmt: skip
    series = (Serie("massimale", MASSIMALE), Serie("pagamenti", PAGATO))
    mark = esempi(letto, "pagamenti")
    return tabella(
        letto, "azioni", f"Massimali al {italian(letto.al)} e pagamenti per azione{mark}", columns,
        rows, fonte=f"{MASSIMALI}; {PAGAMENTI}", misti=True,
        grafico=drawn(rows, f"Massimali e pagamenti per azione{mark}", "nome", series),
        vuota="A questa data non sono noti né massimali né pagamenti.",
    )  # fmt: skip


def _code(name: Any) -> str:
    return TOTALE if isinstance(name, str) else str(name.pk)


def _is_total(row: Mapping[str, Any]) -> bool:
    return row.get("totale") is True


def massimali(letto: Lettura) -> Tabella:
    """The allocation of each azione from each day on which an act changed it."""
    columns = (
        Colonna("data", "Dal", D),
        Colonna("comuni", COMUNI, E),
        Colonna("altri", ALTRI, E),
        Colonna("totale", "Totale CIGD", E),
        Colonna("atti", "Atto o fonte"),
    )
    # `totale` is a figure here, not a mark.
    rows = [riga(letto, row["data"].isoformat(), columns, row) for row in letto.massimali]
    # What acts say is no example, whatever the payments are.
    return tabella(
        letto, "massimali", "Massimali per data", columns, rows, fonte=MASSIMALI, misti=True,
        vuota="A questa data nessun atto fissa un massimale.",
    )  # fmt: skip


def mesi(letto: Lettura) -> Tabella:
    """The payments of each month of competence, from the first to the last that has any."""
    columns = (
        Colonna("mese", "Mese di competenza"),
        *_AMOUNTS,
        *_NUMBERS,
        Colonna("ore", "Ore", Forma.ORE, somma=True),
    )
    kept = from_first_to_last(letto.mesi) if letto.flussi else ()
    rows = [
        riga(letto, _month_key(row["mese"]), columns, {**row, "mese": _month(row["mese"])},
             totale=_is_total(row))
        for row in kept
    ]  # fmt: skip
    return tabella(
        letto, "mesi", "Pagamenti per mese di competenza", columns, rows, fonte=PAGAMENTI,
        grafico=drawn(rows, "Pagamenti per mese di competenza e azione", "mese", _BY_AZIONE),
    )  # fmt: skip


def _month_key(month: date | str) -> str:
    return f"{month:%Y-%m}" if isinstance(month, date) else TOTALE


def _month(month: date | str) -> str:
    return dateformat.format(month, "F Y").lower() if isinstance(month, date) else month


def province(letto: Lettura) -> Tabella:
    """The payments of each provincia by azione, with its share."""
    columns = (
        Colonna("nome", "Provincia"),
        *_AMOUNTS,
        Colonna("quota", "% del totale", P),
        Colonna("numero", "Pagamenti", N, somma=True),
    )
    rows = [
        riga(letto, row.get("sigla", TOTALE), columns, {**row, "nome": str(row["nome"])},
             totale=_is_total(row))
        for row in (letto.province if letto.flussi else ())
    ]  # fmt: skip
    chart = drawn(
        rows, "Pagamenti per provincia e azione", "nome", _BY_AZIONE, Grafico.Tipo.SDRAIATE
    )
    return tabella(
        letto, "province", "Pagamenti per provincia dell'unità produttiva", columns, rows,
        fonte=PAGAMENTI, grafico=chart,
    )  # fmt: skip


def flussi(letto: Lettura) -> Tabella:
    """The acquired flows: the note of INPS, what came in and what it is worth."""
    columns = (
        Colonna("flusso", "Flusso"),
        Colonna("protocollo", "Protocollo INPS"),
        Colonna("acquisito", "Acquisito il", D),
        Colonna("controllo", "Controllato il", D),
        Colonna("accettate", "Righe accettate", N, somma=True),
        Colonna("scartate", "Righe scartate", N, somma=True),
        *_NUMBERS,
        *_AMOUNTS,
    )
    rows = []
    for row in letto.per_flusso if letto.flussi else ():
        flow = row["nome"] if isinstance(row["nome"], Flow) else None
        values = row | (_flow(letto, flow) if flow else _all_flows(letto))
        key = str(flow.pk) if flow else TOTALE
        rows.append(riga(letto, key, columns, values, totale=_is_total(row)))
    note = (
        "Le righe accettate e scartate sono tutte quelle del file; pagamenti, recuperi e importi"
        f" sono quelli con data di pagamento entro il {italian(letto.al)}."
    )
    return tabella(
        letto, "flussi", "Flussi con pagamenti alla data", columns, rows, fonte=PAGAMENTI,
        note=(note,) if rows else (),
    )  # fmt: skip


def _flow(letto: Lettura, flow: Flow) -> Row:
    checked = letto.controlli.get(flow.pk)
    return {
        "flusso": f"n. {flow.pk}",
        "acquisito": flow.fonte.data if flow.fonte else TRATTINO,
        "controllo": checked or Cella(stampato="da controllare"),
        "accettate": flow.accettate,
        "scartate": flow.scartate,
    }


def _all_flows(letto: Lettura) -> Row:
    return {
        "flusso": "Totale",
        "acquisito": BLANK,
        "controllo": BLANK,
        "accettate": sum(flow.accettate or 0 for flow in letto.flussi),
        "scartate": sum(flow.scartate or 0 for flow in letto.flussi),
    }


def impronte(letto: Lettura) -> Tabella:
    """The files of the flows, with the digest by which each is known again."""
    columns = (
        Colonna("flusso", "Flusso"),
        Colonna("file", "File"),
        Colonna("byte", "Byte", N),
        Colonna("sha256", "SHA-256"),
    )
    rows = [
        riga(letto, str(flow.pk), columns,
             {"flusso": f"n. {flow.pk}", "file": flow.nome_file, "byte": flow.dimensione,
              "sha256": flow.sha256})
        for flow in letto.flussi
    ]  # fmt: skip
    return tabella(
        letto, "impronte", "File acquisiti e loro impronta", columns, rows, fonte=PAGAMENTI
    )


def drawn(
    rows: Sequence[Riga],
    titolo: str,
    categoria: str,
    serie: tuple[Serie, ...],
    tipo: Grafico.Tipo = Grafico.Tipo.BARRE,
) -> Grafico | None:
    """A chart, if there is anything to draw."""
    if not any(not row.totale for row in rows):
        return None
    return Grafico(titolo, categoria, serie, tipo)


def riga(
    letto: Lettura,
    chiave: str,
    colonne: Sequence[Colonna],
    valori: Mapping[str, Any],
    *,
    totale: bool = False,
    misti: bool = False,
) -> Riga:
    """Return a row; a figure has its address only if that opens what it is at the day.

    Args:
        misti: as for the table.
    """
    made = celle.riga(chiave, colonne, valori, totale=totale, esempio=not misti)
    return replace(made, celle=tuple(map(letto.quadro.explained, made.celle)))


def esempi(letto: Lettura, what: str) -> str:
    """Return what the title of a table says of the part of it that is an example."""
    return f" ({what} di esempio)" if letto.esempio else ""


def tabella(
    letto: Lettura,
    nome: str,
    titolo: str,
    colonne: Sequence[Colonna],
    righe: Iterable[Riga],
    *,
    fonte: str,
    misti: bool = False,
    vuota: str = "Nessun dato a questa data.",
    **more: Any,
) -> Tabella:
    """Return a table with what all those of the report say.

    Args:
        misti: it holds what acts say too, which is no example: its title and cells say what is.
    """
    rows = tuple(righe)
    example = letto.esempio and bool(rows) and not misti
    return Tabella(
        nome, titolo, tuple(colonne), rows, fonte, esempio=example, vuota=vuota, **more
    )  # fmt: skip
