"""The tables that Smart Working or Formazione Continua alone has."""

from dataclasses import replace

from measures.endowment import NAMES
from porfse.charts import Colour
from reports.celle import riga
from reports.documento import TRATTINO, Colonna, Forma, Grafico, Serie, Tabella
from reports.queries.misure import Formazione, SmartWorking
from reports.queries.misure_tabelle import PUB, E, N, P, apart, table, voices

SCAGLIONI = (
    "Il contributo dipende dai dipendenti secondo scaglioni propri dell'avviso: dove una classe ne"
    " copre più d'uno l'importo atteso non è noto."
)


def classi(letto: SmartWorking) -> tuple[Tabella, Tabella]:
    """Those in force by size class, and the published amounts against the grid of the call."""
    quadro = letto.quadro
    scope = quadro.ambito
    numbers = table(
        quadro, "sw_classi", "Imprese beneficiarie per classe dimensionale",
        voices(scope, "%"), letto.classi, grafico="Imprese beneficiarie per classe dimensionale",
        vuota=apart(quadro, "le classi"),
    )  # fmt: skip
    columns = (
        Colonna("nome", "Classe"),
        Colonna("pubblicato", "Importo pubblicato", E, PUB),
        Colonna("griglia", "Numero per contributo della griglia", E, PUB),
        Colonna("differenza", "Differenza", E, PUB),
    )
    grid = table(
        quadro, "sw_griglia", "Importi pubblicati e griglia dell'avviso", columns, letto.griglia,
        note=(SCAGLIONI,), vuota="A questa data nessuna fonte pubblica importi per classe.",
    )  # fmt: skip
    return numbers, grid


def gruppi(letto: SmartWorking) -> Tabella:
    """Those that followed the Covid-19 addendum, and those that followed the call."""
    scope = letto.quadro.ambito
    return table(
        letto.quadro, "sw_addendum", "Imprese beneficiarie per disposizioni seguite",
        voices(scope, "%"), letto.gruppi, grafico="Imprese beneficiarie per disposizioni seguite",
        note=("Delle disposizioni seguite la fonte stampa il numero, non l'importo.",),
        vuota=apart(letto.quadro, "le disposizioni seguite"),
    )  # fmt: skip


def settori(letto: SmartWorking) -> Tabella:
    """The printed sectors, all others, and what the rows do not tell."""
    scope = letto.quadro.ambito
    codes = ", ".join(scope.misura.dimensioni["settore"].voci)
    reading = (
        "La fonte stampa sei nomi senza codice: l'abbinamento alle divisioni ATECO 2007"
        f" ({codes}) è nostro. «Altri settori» è per differenza dal totale."
    )
    return table(
        letto.quadro, "sw_settori", "Imprese beneficiarie per settore",
        voices(scope, "%"), letto.settori, grafico="Imprese beneficiarie per settore",
        note=(reading,), vuota=apart(letto.quadro, "i settori"),
    )  # fmt: skip


def stampate(letto: SmartWorking) -> Tabella:
    """All that documents print of Smart Working, each figure on its own day."""
    columns = (
        Colonna("data", "Dati al", Forma.DATA),
        Colonna("nome", "Che cosa"),
        Colonna("numero", "Numero", N),
        Colonna("importo", "Importo", E),
        Colonna("parole", "Come è stampata"),
    )
    rows = [
        riga(
            f"{row['data']} {row['nome']}",
            columns,
            {column.chiave: row.get(column.chiave, TRATTINO) for column in columns},
        )
        for row in letto.stampate
    ]
    return Tabella(
        "sw_pubblicate",
        "Cifre pubblicate di Smart Working, alla loro data",
        columns,
        tuple(rows),
        "; ".join(letto.quadro.fonti_pubblicate) or "nessuna fonte pubblicata",
        note=("Cifre di date diverse non sono versioni dello stesso dato: non si confrontano.",),
        vuota="Nessuna fonte in vigore stampa cifre di questa misura a questa data.",
    )


def modalita(letto: Formazione) -> tuple[Tabella, Tabella]:
    """Vouchers granted by mode, and by month and mode."""
    quadro = letto.quadro
    own = NAMES.get(quadro.ambito.righe, "")
    by_mode = table(
        quadro, "fc_modalita", "Voucher concessi per modalità", voices(quadro.ambito, "%"),
        letto.modalita, grafico="Voucher concessi per modalità",
        note=("Compresi i voucher poi revocati.",), vuota=apart(quadro, "le modalità"),
    )  # fmt: skip
    columns = (
        Colonna("nome", "Mese di concessione"),
        Colonna("numero_aula", "Aula", N, own, somma=True),
        Colonna("numero_fad", "FAD", N, own, somma=True),
        Colonna("numero_e_learning", "E-learning", N, own, somma=True),
        Colonna("distanza", "A distanza", P, own),
        Colonna("concesso", "Importo concesso", E, own, somma=True),
    )
    by_month = table(
        quadro, "fc_mesi", "Voucher concessi per mese e modalità", columns, letto.mesi,
        note=("«A distanza» è la quota di FAD ed e-learning sui voucher del mese.",),
        vuota=apart(quadro, "i mesi"),
    )  # fmt: skip
    colours = {
        "numero_aula": Colour.GREY,
        "numero_fad": Colour.BLUE,
        "numero_e_learning": Colour.OCHRE,
    }
    series = tuple(Serie(name, colour) for name, colour in colours.items())
    lines = Grafico("Voucher concessi per mese", "nome", series, Grafico.Tipo.LINEE)
    return by_mode, replace(by_month, grafico=lines if by_month.righe else None)


def massimali(letto: Formazione) -> tuple[Tabella, Tabella]:
    """The ceilings, and how many companies and workers use which part of theirs."""
    quadro = letto.quadro
    own = NAMES.get(quadro.ambito.righe, "")
    columns = (
        Colonna("nome", "Parte del massimale"),
        Colonna("imprese", "Imprese", N, own, somma=True),
        Colonna("quota_imprese", "% delle imprese", P, own),
        Colonna("lavoratori", "Lavoratori", N, own, somma=True),
        Colonna("quota_lavoratori", "% dei lavoratori", P, own),
    )
    shares = table(
        quadro, "fc_massimali", "Imprese e lavoratori per parte del massimale", columns,
        letto.massimali, note=("Voucher non revocati; i lavoratori sono soltanto contati.",),
        vuota=apart(quadro, "quanto del massimale è usato"),
    )  # fmt: skip
    parameters = (
        Colonna("nome", "Massimale"),
        Colonna("valore", "Importo", E),
        Colonna("parole", "Come lo dice la fonte"),
    )
    ceilings = Tabella(
        "fc_parametri",
        "Massimali dell'avviso",
        parameters,
        tuple(riga(row["nome"], parameters, row) for row in letto.parametri),
        "; ".join(dict.fromkeys(row["fonte"] for row in letto.parametri)) or "nessuna",
        vuota="A questa data non è noto che un avviso fissi massimali.",
    )
    return ceilings, shares
