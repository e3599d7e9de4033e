"""The tables of the certification and of the verifications of the CIGD."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from cigd.models import Causale, Lotto, Spostamento, Verifica
from cigd.projection import FONTE_MATERIALITA, MATERIALITA
from porfse import money
from porfse.charts import Colour
from reports import celle
from reports.documento import Cella, Colonna, Forma, Riga, Serie, Tabella
from reports.queries.cigd import Lettura, Row
from reports.queries.cigd_tabelle import (
    ALTRI,
    BLANK,
    COMUNI,
    MASSIMALE,
    MASSIMALI,
    TOTALE,
    drawn,
    esempi,
    riga,
    tabella,
)

DECISIONI = (
    "Controlli, decisioni, lotti e spostamenti registrati sui pagamenti dei flussi acquisiti"
)
VERIFICHE = "Campioni e verifiche registrati dai Controlli di primo livello"
N, E, D, P = Forma.NUMERO, Forma.EURO, Forma.DATA, Forma.PERCENTO
CERTIFICATO, CERTIFICABILE = Colour.TEAL, Colour.OCHRE
# The results of a sample are not kept day by day.
_RESULTS_LATER = {
    **dict.fromkeys(
        ("conclusi", "irregolare", "tasso", "errore", "tasso_proiettato"),
        Cella(nota="verifiche registrate dopo"),
    ),
    "verdetto": "n.d.: verifiche registrate dopo",
}
_CAUSES = tuple(
    Colonna(item.value, name, E, gruppo="Importo per causale", somma=True)
    for item, name in (
        (Causale.PAGAMENTO, "Pagamenti"),
        (Causale.RECUPERO, "Recuperi INPS"),
        (Causale.RITIRO, "Ritiri"),
        (Causale.DECURTAZIONE, "Decurtazioni"),
    )
)
_WORTH = (
    Colonna("importo", "Importo", E, somma=True),
    Colonna("quota_ue", "Quota UE", E, somma=True),
)


def capienza(letto: Lettura) -> Tabella:
    """Caps by azione: what is certified, what may still be; what waits, if it is known."""
    waiting = (
        Colonna("certificabile", "Spesa certificabile", E),
        Colonna("margine", "Margine (se negativo: eccedenza)", E),
    )
    known = letto.certificabile is not None
    columns = (
        Colonna("azione", "Azione"),
        Colonna("massimale", "Massimale", E),
        Colonna("certificata", "Certificata", E),
        Colonna("residuo", "Certificabile entro il massimale", E),
        *(waiting if known else ()),
    )
    rows = [
        riga(letto, row["azione"], columns, row, misti=True)
        for row in letto.capienza
        if any(row[name].amount is not None for name in ("massimale", "certificata"))
    ]
    series = (
        Serie("massimale", MASSIMALE),
        Serie("certificata", CERTIFICATO),
        *((Serie("certificabile", CERTIFICABILE),) if known else ()),
    )
    title = f"Massimali{', spesa certificata e certificabile' if known else ' e spesa certificata'}"
    title += f" per azione{esempi(letto, 'spesa')}"
    return tabella(
        letto, "capienza", title, columns, rows,
        fonte=f"{MASSIMALI}; {DECISIONI}", misti=True, grafico=drawn(rows, title, "azione", series),
        vuota="A questa data non sono noti né massimali né spesa certificata.",
    )  # fmt: skip


def stati(letto: Lettura) -> Tabella:
    """Amounts and numbers by state and azione."""
    columns = (
        Colonna("stato", "Stato"),
        Colonna("numero_861", "Numero", N, gruppo=COMUNI, somma=True),
        Colonna("importo_861", "Importo", E, gruppo=COMUNI, somma=True),
        Colonna("numero_981", "Numero", N, gruppo=ALTRI, somma=True),
        Colonna("importo_981", "Importo", E, gruppo=ALTRI, somma=True),
        Colonna("totale", "Totale", E, somma=True),
    )
    rows = [
        riga(letto, TOTALE if row.get("riga_totale") else str(row["stato"]), columns,
             {**row, "stato": str(row["stato"])}, totale=bool(row.get("riga_totale")))
        for row in letto.stati
    ]  # fmt: skip
    note = ("Gli importi sono al netto dei recuperi e delle decurtazioni.",)
    return tabella(letto, "stati", "Pagamenti per stato", columns, rows, fonte=DECISIONI, note=note)


def spostamenti(letto: Lettura) -> Tabella:
    """What was moved from 8.6.1 to 9.8.1, by which act."""
    columns = (
        Colonna("spostamento", "Spostamento"),
        Colonna("atto", "Atto"),
        Colonna("deciso", "Deciso il", D),
        Colonna("eseguito", "Eseguito il", D),
        Colonna("pagamenti", "Pagamenti", N, somma=True),
        Colonna("importo", "Importo", E, somma=True),
    )
    rows = [riga(letto, str(move.pk), columns, _move(move, letto.al)) for move in letto.spostamenti]
    return tabella(
        letto, "spostamenti", "Spostamenti dall'azione 8.6.1 alla 9.8.1", columns,
        _with_total(columns, rows), fonte=DECISIONI, vuota="Nessuno spostamento deciso.",
    )  # fmt: skip


def _move(move: Spostamento, al: date) -> Row:
    """A decision that was carried out after the day was under way then."""
    told = {
        "spostamento": f"n. {move.pk}",
        "atto": str(move.atto),
        "deciso": timezone.localdate(move.deciso_il),
    }
    done = timezone.localdate(move.eseguito_il) if move.eseguito_il else None
    if done is None or done > al:
        return told | {"eseguito": Cella(stampato="in corso")}
    return told | {"eseguito": done, "pagamenti": move.pagamenti, "importo": move.importo}


def pool_flussi(letto: Lettura) -> Tabella:
    """How the payments of each flow are divided among the states."""
    columns = (
        Colonna("flusso", "Flusso"),
        Colonna("da_verificare", "Da verificare", E, somma=True),
        Colonna("certificabile", "Certificabile", E, somma=True),
        Colonna("certificato", "Certificato", E, somma=True),
        Colonna("altro", "Sospeso, non ammissibile, ritirato", E, somma=True),
    )
    rows = [
        riga(letto, str(row["flusso"]), columns, row | {"flusso": f"n. {row['flusso']}"})
        for row in letto.pool_flussi
    ]
    return tabella(letto, "pool_flussi", "Stato dei pagamenti per flusso", columns,
                   _with_total(columns, rows), fonte=DECISIONI)  # fmt: skip


def lotti(letto: Lettura) -> Tabella:
    """The certified batches, with the payment application of each."""
    columns = (
        Colonna("lotto", "Lotto"),
        Colonna("domanda", "Domanda di pagamento"),
        Colonna("data", "Data della domanda", D),
        Colonna("anno", "Anno contabile"),
        Colonna("tasso", "Tasso UE", P),
        Colonna("certificato", "Certificato il", D),
        *_CAUSES,
        *_WORTH,
    )
    rows = [
        riga(letto, str(row["lotto"].pk), columns, row | _batch(row["lotto"]))
        for row in letto.lotti
    ]
    return tabella(
        letto, "lotti", "Lotti certificati", columns, _with_total(columns, rows), fonte=DECISIONI,
        vuota="Nessun lotto certificato.",
    )  # fmt: skip


def _batch(lotto: Lotto) -> Row:
    return {
        "lotto": f"n. {lotto.pk}",
        "domanda": lotto.domanda_numero,
        "data": lotto.domanda_data,
        "anno": str(lotto.anno_contabile),
        "tasso": lotto.tasso * 100,
        "certificato": timezone.localdate(lotto.certificato_il),
    }


def lotti_azioni(letto: Lettura) -> Tabella:
    """What each certified batch takes in each azione, against the cap that it was held to."""
    columns = (
        Colonna("lotto", "Lotto"),
        Colonna("azione", "Azione"),
        Colonna("massimale", "Massimale alla domanda", E),
        Colonna("gia_certificato", "Già certificata", E),
        *_CAUSES,
        *_WORTH,
    )
    rows = [
        riga(letto, f"{row['lotto'].pk}/{row['azione']}", columns,
             row | {"lotto": f"n. {row['lotto'].pk}"})
        for row in letto.lotti_azioni
    ]  # fmt: skip
    return tabella(
        letto, "lotti_azioni", "Lotti certificati per azione", columns,
        _with_total(columns, rows), fonte=DECISIONI, vuota="Nessun lotto certificato.",
    )  # fmt: skip


def _with_total(columns: Sequence[Colonna], rows: Sequence[Riga]) -> list[Riga]:
    """Add the row of the sums, if there is anything; what is not known in a row is not summed."""
    if not rows:
        return []
    values: dict[str, Any] = {columns[0].chiave: Cella("Totale")}
    for place, column in enumerate(columns[1:], start=1):
        known = [row.celle[place].valore for row in rows if row.celle[place].valore is not None]
        values[column.chiave] = Cella(sum(known) if known else None) if column.somma else BLANK
    return [*rows, celle.riga(TOTALE, columns, values, totale=True)]


def campioni(letto: Lettura) -> Tabella:
    """The samples: how they were drawn, how far they are, what they say of the population."""
    columns = (
        Colonna("campione", "Campione"),
        Colonna("metodo", "Metodo"),
        Colonna("popolazione", "Popolazione", E),
        Colonna("estratto", "Estratto", E),
        Colonna("elementi", "Estratti", N, gruppo="Elementi"),
        Colonna("conclusi", "Conclusi", N, gruppo="Elementi"),
        Colonna("irregolare", "Importo irregolare", E),
        Colonna("tasso", "Tasso d'errore", P),
        Colonna("errore", "Errore proiettato", E),
        Colonna("tasso_proiettato", "% della popolazione", P),
        Colonna("verdetto", "Rispetto alla soglia"),
    )
    rows = [
        riga(letto, str(row["campione"].pk), columns, {
            **row,
            "campione": f"n. {row['campione'].pk}",
            "metodo": row["campione"].get_metodo_display(),
            "verdetto": row["verdetto"] or "n.d.: mancano verifiche concluse",
            **({} if row["noto"] else _RESULTS_LATER),
        })
        for row in letto.campioni
    ]  # fmt: skip
    threshold = money.percento(100 * MATERIALITA)
    note = (f"La soglia di rilevanza è il {threshold} della spesa ({FONTE_MATERIALITA}).",)
    return tabella(
        letto, "campioni", "Campioni", columns, rows, fonte=VERIFICHE, note=note if rows else (),
        vuota="Nessun campione estratto.",
    )  # fmt: skip


def esiti(letto: Lettura) -> Tabella:
    """The verifications by kind and outcome, and what they cut from the expenditure."""
    columns = (
        Colonna("tipo", "Verifica"),
        Colonna("esito", "Esito"),
        Colonna("numero", "Numero", N, somma=True),
        Colonna("irregolare", "Importo irregolare", E, somma=True),
        Colonna("tagliato", "Decurtazioni", E, somma=True),
    )
    rows = [
        riga(letto, f"{row['tipo']}/{row['esito']}", columns, {
            **row,
            "tipo": str(Verifica.Tipo(row["tipo"]).label),
            "esito": str(Verifica.Esito(row["esito"]).label),
        })
        for row in letto.esiti
    ]  # fmt: skip
    note = ("L'importo di una verifica in contraddittorio non è definitivo.",)
    return tabella(
        letto, "esiti", "Esiti delle verifiche", columns, _with_total(columns, rows),
        fonte=VERIFICHE, note=note if rows else (), vuota="Nessuna verifica registrata.",
    )  # fmt: skip
