"""Financial data that a Member State sends to the Commission (art. 112 of reg. (UE) 1303/2013).

The form is table 1 of annex II to impl. reg. (UE) 1011/2014. What the ledger does not hold stays
blank, with the reason below the table: an amount of another kind is never put in its place.
"""

from datetime import date

from porfse.charts import Colour
from porfse.periods import italian
from programme.querysets import NON_RIPARTITO
from reports.celle import cella, righe
from reports.documento import (
    NOT_KNOWN,
    Capitolo,
    Cella,
    Colonna,
    Documento,
    Forma,
    Grafico,
    Indicatore,
    Riga,
    Serie,
    Tabella,
)
from reports.parametri import Cadenza, Parametri
from reports.queries.aggiornamento import REGISTRO
from reports.queries.dati_finanziari import NOTE, DatiFinanziari, dati_finanziari
from reports.report import Calendario, Controllo, Report

LEGGE = (
    "Regolamento (UE) n. 1303/2013, art. 112 (trasmissione di dati finanziari)",
    "Regolamento di esecuzione (UE) n. 1011/2014, art. 2 e allegato II, tabella 1",
)
SCADENZE = {(12, 31): "31 gennaio", (6, 30): "31 luglio", (9, 30): "31 ottobre"}  # art. 112
PIANO, CUMULATI = "Dotazione dell'asse", "Dati cumulativi sull'avanzamento"
TABELLA_1 = (
    Colonna("asse", "1. Asse prioritario", gruppo=PIANO),
    Colonna("fondo", "2. Fondo", gruppo=PIANO),
    Colonna("categoria", "3. Categoria di regioni", gruppo=PIANO),
    Colonna("base", "4. Base di calcolo del sostegno dell'Unione", gruppo=PIANO),
    Colonna("dotazione", "5. Finanziamento totale", Forma.EURO, PIANO, somma=True),
    Colonna("tasso", "6. Tasso di cofinanziamento", Forma.PERCENTO, PIANO),
    Colonna(
        "selezionate",
        "7. Costo totale ammissibile delle operazioni selezionate",
        Forma.EURO,
        CUMULATI,
        somma=True,
    ),
    Colonna(
        "quota_selezionate",
        "8. Quota della dotazione coperta dalle operazioni selezionate",
        Forma.PERCENTO,
        CUMULATI,
    ),
    Colonna(
        "pubblico",
        "9. Costo pubblico ammissibile delle operazioni selezionate",
        Forma.EURO,
        CUMULATI,
    ),
    Colonna(
        "dichiarata",
        "10. Spesa ammissibile dichiarata dai beneficiari all'Autorità di Gestione",
        Forma.EURO,
        CUMULATI,
    ),
    Colonna(
        "quota_dichiarata",
        "11. Quota della dotazione coperta dalla spesa dichiarata",
        Forma.PERCENTO,
        CUMULATI,
    ),
    Colonna("operazioni", "12. Numero di operazioni selezionate", Forma.NUMERO, CUMULATI),
)
NON_NOTE = (
    (
        "Colonne 3, 4 e 6: categoria di regioni, base di calcolo e tasso di cofinanziamento stanno"
        " nel piano finanziario della decisione, di cui le fonti riportano le sole dotazioni."
    ),
    "Colonna 9: delle risorse impegnate le fonti non distinguono la parte pubblica.",
    (
        "Colonne 10 e 11: la spesa dichiarata dai beneficiari all'Autorità di Gestione non è"
        " rilevata. Non è sostituita dai pagamenti né dalla spesa certificata, che sono altre"
        " grandezze e stanno nella tabella seguente."
    ),
    "Colonna 12: le operazioni selezionate non sono contate nelle fonti.",
)
INTRODUZIONE = (
    "Il regolamento chiede, per ciascun asse, il costo totale e il costo pubblico ammissibili delle"
    " operazioni selezionate, il loro numero e la spesa che i beneficiari hanno dichiarato"
    " all'Autorità di Gestione."
)
CONFRONTO = (
    "La spesa certificata è stata dichiarata alla Commissione dopo i controlli: di norma non supera"
    " quella dichiarata dai beneficiari, che può servire a verificare."
)
NOTA_7 = (
    "Colonna 7: sono le risorse impegnate, cioè gli impegni giuridicamente vincolanti verso i"
    " beneficiari{perimetro}; le fonti non dicono se comprendano il cofinanziamento privato. Da"
    " verificare prima della trasmissione."
)
ALTRE = (
    Colonna("asse", "Asse prioritario"),
    Colonna("dotazione", "Finanziamento totale", Forma.EURO, somma=True),
    Colonna("ordinarie", "Operazioni selezionate, senza CIGD", Forma.EURO),
    Colonna("liquidate", "Pagamenti ai beneficiari", Forma.EURO),
    Colonna("quota_liquidate", "Quota della dotazione", Forma.PERCENTO),
    Colonna("certificata", "Spesa certificata", Forma.EURO),
    Colonna("quota_certificata", "Quota della dotazione certificata", Forma.PERCENTO),
)
GRAFICO = Grafico(
    "Finanziamento totale e operazioni selezionate per asse",
    "asse",
    (Serie("dotazione", Colour.GREY), Serie("selezionate", Colour.BLUE)),
    Grafico.Tipo.SDRAIATE,
)
NON_TABELLA_1 = "Non fanno parte della tabella 1: sono dati di confronto."
VUOTA = "Nessun dato a questa data."
SENZA_CIFRA = Cella(stampato=NOT_KNOWN)


class DatiFinanziariReport(Report):
    """Table 1 by asse at a day."""

    slug = "dati-finanziari"
    titolo = "Dati finanziari (art. 112 reg. UE 1303/2013)"
    descrizione = (
        "Tabella 1 dei dati finanziari da trasmettere alla Commissione entro il 31 gennaio, il 31"
        " luglio e il 31 ottobre: per asse, il finanziamento totale e le operazioni selezionate."
        " Ciò che non è noto resta in bianco, con il motivo."
    )
    ordine = 80
    cadenza = Cadenza.DATA
    permesso = "programme.view_programma"
    pubblico = True
    controlli = (Controllo.SOMME, Controllo.IGRUE, Controllo.FLUSSI)
    sorgenti = ("avanzamento",)
    calendario = Calendario(giorni=10)

    def documento(self, parametri: Parametri) -> Documento:
        found = dati_finanziari(parametri.al)
        return Documento(
            slug=self.slug,
            titolo=self.titolo,
            periodo=parametri.testo,
            periodo_nome=parametri.nome,
            al=parametri.al,
            capitoli=(_tabella_1(found), _altre(found)),
            fonti=(*LEGGE, *found.documenti),
            avvertenze=tuple(_avvertenze(found, parametri.al)),
            pubblico=self.pubblico,
        )


def _tabella_1(found: DatiFinanziari) -> Capitolo:
    perimetro = found.perimetro("selezionate")
    said = f" (perimetro del totale: {perimetro})" if perimetro else ""
    tabella = Tabella(
        nome="tabella_1",
        titolo=found.dati.titolo(
            "Informazioni finanziarie per asse prioritario (allegato II, tabella 1)"
        ),
        colonne=TABELLA_1,
        righe=tuple(_blanks(riga) for riga in _rows(TABELLA_1, found)),
        fonte=_source(found),
        note=(NOTA_7.format(perimetro=said), *NON_NOTE) if found.noti else (),
        grafico=GRAFICO if found.noti else None,
        vuota=VUOTA,
    )
    return Capitolo(
        "Dati finanziari per asse",
        testi=(INTRODUZIONE,),
        indicatori=_indicators(found),
        tabelle=(tabella,),
    )


def _indicators(found: DatiFinanziari) -> tuple[Indicatore, ...]:
    total, old = found.totale, found.dati.detto(NOTE["selezionate"])
    return (
        Indicatore(
            "dotazione",
            "Finanziamento totale",
            cella(total["dotazione"]),
            Forma.EURO,
            colore=Colour.GREY,
        ),
        Indicatore(
            "selezionate",
            "Operazioni selezionate",
            cella(total["selezionate"]),
            Forma.EURO,
            dettaglio="; ".join(filter(None, (found.perimetro("selezionate"), old))),
        ),
        Indicatore(
            "quota_selezionate",
            "Quota della dotazione coperta",
            cella(total["quota_selezionate"]),
            Forma.PERCENTO,
            dettaglio=old,
        ),
    )


def _altre(found: DatiFinanziari) -> Capitolo:
    scopes = [
        f"{title}: perimetro {words}."
        for key, title in (("liquidate", "Pagamenti"), ("certificata", "Spesa certificata"))
        if (words := found.perimetro(key))
    ]
    tabella = Tabella(
        nome="altre_grandezze",
        titolo=found.dati.titolo("Impegni senza CIGD, pagamenti e spesa certificata per asse"),
        colonne=ALTRE,
        righe=_rows(ALTRE, found),
        fonte=_source(found),
        note=(*scopes, NON_TABELLA_1) if found.noti else (),
        vuota=VUOTA,
    )
    return Capitolo(
        "Altre grandezze note",
        testi=(CONFRONTO,),
        tabelle=(tabella,),
    )


def _rows(colonne: tuple[Colonna, ...], found: DatiFinanziari) -> tuple[Riga, ...]:
    """The rows of a table: what is not split between the assi only where something is not.

    Where no amount is known there are none: names alone are no datum.
    """
    if not found.noti:
        return ()
    rows = righe(colonne, found.righe, chiave=lambda row: row["chiave"])
    return tuple(
        row
        for row in rows
        if row.chiave != NON_RIPARTITO or any(cell.valore is not None for cell in row.celle[1:])
    )


def _blanks(riga: Riga) -> Riga:
    """The fund is that of the programme; a word that is not known is said so, as a number is."""
    cells = {"fondo": Cella("FSE"), "categoria": SENZA_CIFRA, "base": SENZA_CIFRA}
    keys = [colonna.chiave for colonna in TABELLA_1]
    shown = (cells.get(key, cell) for key, cell in zip(keys, riga.celle, strict=True))
    return Riga(riga.chiave, tuple(shown), riga.totale)


def _source(found: DatiFinanziari) -> str:
    return "; ".join(found.documenti) or "nessuna fonte a questa data"


def _avvertenze(found: DatiFinanziari, al: date) -> list[str]:
    said = [*found.dati.avvertenze(REGISTRO)]
    deadline = SCADENZE.get((al.month, al.day))
    said.append(
        f"I dati al {italian(al)} si trasmettono entro il {deadline} {al.year + (al.month == 12)}."
        if deadline
        else "L'art. 112 chiede i dati al 31 dicembre, al 30 giugno e al 30 settembre: a questa"
        " data il report serve solo al monitoraggio."
    )
    said.append(
        "Le tabelle 2 (categorie di intervento) e 3 (previsioni di spesa) dell'allegato II non"
        " sono comprese: le fonti non ne hanno i dati."
    )
    return said


REPORT = DatiFinanziariReport()
