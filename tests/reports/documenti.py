"""Documents to make files of: a rich one, an empty one, and one of hostile names and values."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from porfse.charts import Colour
from reports.documento import (
    Avviso,
    Capitolo,
    Cella,
    Colonna,
    Documento,
    Forma,
    Frontespizio,
    Grafico,
    Indicatore,
    Riga,
    Serie,
    Stato,
    Tabella,
    Valore,
)

FONTE = "Relazione di attuazione annuale 2020, tabella 2"
ESTRATTO = Frontespizio()
BOZZA = Frontespizio(
    Stato.BOZZA,
    avvisi=(
        Avviso(
            "W201", "attenzione", "La spesa certificata manca in un asse.", "Attuazione, asse V"
        ),
        Avviso("E101", "errore", "Il totale non è la somma delle righe.", "Attuazione, totale"),
    ),
)
CONSOLIDATO = Frontespizio(
    Stato.CONSOLIDATO,
    numero="12/2026",
    edizione=2,
    pubblicato_il=datetime(2026, 1, 15, 9, 30, tzinfo=UTC),
    pubblicato_da="Maria Rossi",
    rettifica="9/2026",
    errata="Corretti gli impegni dell'asse II.",
    avvisi=(Avviso("W201", "attenzione", "La spesa certificata manca in un asse."),),
    decisione="L'asse V sarà certificato con la prossima domanda di pagamento.",
)


def riga(chiave: str, *valori: Valore | Cella, totale: bool = False) -> Riga:
    """Return a row of values or cells."""
    cells = tuple(item if isinstance(item, Cella) else Cella(item) for item in valori)
    return Riga(chiave, cells, totale)


def ricco() -> Documento:
    """Return a document with one of everything: charts of each kind, groups, marks, wide tables."""
    return Documento(
        slug="prova-ricca",
        titolo="Attuazione del programma",
        periodo="2025-B5",
        periodo_nome="settembre-ottobre 2025",
        al=date(2025, 10, 31),
        capitoli=(_insieme(), _andamento(), _procedure(), _senza_righe()),
        provincia="BG",
        provincia_nome="Bergamo",
        fonti=(FONTE, "Estrazione VertenzeOnline del 31.10.2025"),
        avvertenze=("Dal 30.09.2021 gli impegni degli assi I e II comprendono la CIGD.",),
        esempio=True,
        pubblico=True,
    )


def di_soli_esempi() -> Documento:
    """Return the rich document, all of it made of examples."""
    chapters = tuple(
        replace(
            chapter,
            indicatori=tuple(replace(item, esempio=True) for item in chapter.indicatori),
            tabelle=tuple(replace(table, esempio=True) for table in chapter.tabelle),
        )
        for chapter in ricco().capitoli
    )
    return replace(ricco(), capitoli=chapters)


INVESTIMENTI = (
    "Al 31.10.2025 sono stati attivati investimenti per 961,80 Mln€, il 99,1% della dotazione."
    " Gli impegni giuridicamente vincolanti assunti nei confronti dei beneficiari sono pari a"
    " 641,60 Mln€ e i pagamenti a 536,50 Mln€."
)


def _insieme() -> Capitolo:
    return Capitolo(
        "Quadro d'insieme",
        (
            INVESTIMENTI,
            "La spesa certificata dell'asse V non è nota: il totale è dei soli assi certificati.",
        ),
        (
            Indicatore(
                "dotazione", "Dotazione", Cella(Decimal("970474516.00")), Forma.EURO,
                "Decisione C(2020) 7664 del 9.11.2020, versione 6.0",
            ),
            Indicatore(
                "impegni_dotazione", "Impegni su dotazione",
                Cella(Decimal("66.112"), nota="derivata"), Forma.PERCENTO, colore=Colour.TEAL,
            ),
            Indicatore(
                "quota_ue", "Quota UE certificata", Cella(None, nota="non pubblicata"), Forma.EURO,
            ),
            Indicatore("destinatari", "Destinatari", Cella(397748), Forma.NUMERO, esempio=True),
            Indicatore("chiusura", "Chiusura del periodo", Cella(date(2025, 10, 31)), Forma.DATA),
        ),
        (_attuazione(), _scostamenti()),
    )  # fmt: skip


def _attuazione() -> Tabella:
    return Tabella(
        "attuazione",
        "Avanzamento finanziario per asse",
        (
            Colonna("asse", "Asse"),
            Colonna("dotazione", "Dotazione", Forma.EURO, somma=True),
            Colonna("impegni", "Importo", Forma.EURO, "Impegni", somma=True),
            Colonna("impegni_pct", "Su dotazione", Forma.PERCENTO, "Impegni"),
            Colonna("liquidate", "Importo", Forma.EURO, "Liquidazioni", somma=True),
            Colonna("certificata", "Spesa certificata", Forma.EURO),
        ),
        (
            riga(
                "I", "I – Occupazione", Decimal("236700000.00"),
                Cella(Decimal("190920000.00"), cifra="impegni(asse=I)"), Decimal("80.659"),
                Decimal("166650000.00"), Decimal("120530000.00"),
            ),
            riga(
                "II", "II – Inclusione sociale e lotta alla povertà", Decimal("379000000.00"),
                Decimal("184312574.33"), Decimal("48.631"), Decimal("140600000.00"),
                Decimal("109800000.00"),
            ),
            riga(
                "V", "V – Assistenza tecnica", Decimal("32874516.00"),
                Cella(Decimal("24200000.00"), nota="derivata"), Decimal("73.613"),
                Decimal("0.00"), Cella(None, nota="non pubblicata"),
            ),
            riga(
                "totale", "Totale", Decimal("648574516.00"), Decimal("399432574.33"),
                Decimal("61.586"), Decimal("307250000.00"), Decimal("230330000.00"), totale=True,
            ),
        ),
        FONTE,
        ("Il perimetro è quello ordinario: la CIGD è esclusa.", "Importi al 31.12.2020."),
        Grafico(
            "Dotazione, impegni e liquidazioni per asse",
            "asse",
            (
                Serie("dotazione", Colour.GREY),
                Serie("impegni", Colour.BLUE),
                Serie("liquidate", Colour.TEAL),
                Serie("certificata", Colour.OCHRE),
            ),
        ),
    )  # fmt: skip


def _scostamenti() -> Tabella:
    rows = (
        riga("partecipanti", "Partecipanti inoccupati o disoccupati", Decimal("12.5")),
        riga("inclusione", "Persone in condizione di particolare vulnerabilità", Decimal("-8.25")),
        riga("formazione", "Titolari di diploma o di istruzione secondaria", Cella(None)),
        riga("zero", "Amministrazioni coinvolte", Decimal("0.0")),
    )
    return Tabella(
        "scostamenti",
        "Scostamento degli indicatori dal valore atteso",
        (Colonna("nome", "Indicatore"), Colonna("punti", "Scostamento", Forma.PUNTI)),
        rows,
        FONTE,
        grafico=Grafico(
            "Scostamento per indicatore",
            "nome",
            (Serie("punti", Colour.VIOLET),),
            Grafico.Tipo.SDRAIATE,
        ),
    )


def _andamento() -> Capitolo:
    counts = [(12, 3), (18, None), (25, 9), (None, 14), (31, 22), (44, 30)]
    rows = tuple(
        riga(f"2025-{month:02}", date(2025, month, 28), *pair)
        for month, pair in enumerate(counts, start=5)
    )
    return Capitolo(
        "Andamento nel periodo",
        tabelle=(
            Tabella(
                "andamento",
                "Domande presentate e ammesse a fine mese",
                (
                    Colonna("giorno", "Al", Forma.DATA),
                    Colonna("presentate", "Presentate", Forma.NUMERO),
                    Colonna("ammesse", "Ammesse", Forma.NUMERO),
                ),
                rows,
                "Registro delle domande",
                grafico=Grafico(
                    "Domande presentate e ammesse",
                    "giorno",
                    (Serie("presentate", Colour.BLUE), Serie("ammesse", Colour.RED)),
                    Grafico.Tipo.LINEE,
                ),
                esempio=True,
            ),
        ),
    )


PROCEDURE = 64  # rows of the wide table: more than a page holds


def _procedure() -> Capitolo:
    columns = (
        Colonna("numero", "Procedura"),
        Colonna("azienda", "Azienda"),
        Colonna("comune", "Comune"),
        Colonna("tipo", "Tipo"),
        Colonna("avvio", "Avvio", Forma.DATA, "Periodo"),
        Colonna("fine", "Fine", Forma.DATA, "Periodo"),
        Colonna("sedi", "Unità produttive", Forma.NUMERO, somma=True),
        Colonna("uomini", "Uomini", Forma.NUMERO, "Lavoratori", somma=True),
        Colonna("donne", "Donne", Forma.NUMERO, "Lavoratori", somma=True),
        Colonna("ore", "Ore autorizzate", Forma.ORE, somma=True),
        Colonna("importo", "Importo stimato", Forma.EURO, somma=True),
        Colonna("novita", "Novità del periodo"),
    )
    types = ("CIGS ministeriale", "CIGS regionale", "Licenziamento collettivo")
    rows = [
        riga(
            f"CIGS-2025-{index:04}",
            f"CIGS-2025-{index:04}",
            f"Officine Meccaniche Orobiche {index} S.r.l.",
            ("Bergamo", "Treviglio", "Romano di Lombardia")[index % 3],
            types[index % 3],
            date(2025, index % 10 + 1, index % 28 + 1),
            None if index % 7 == 0 else date(2026, index % 12 + 1, 15),
            index % 3 + 1,
            Cella(soppressa=True) if index % 9 == 0 else index * 2,
            index,
            Decimal(index) * Decimal("173.25"),
            Decimal(index) * Decimal("1234.56"),
            ("nuova", "prorogata", "")[index % 3],
        )
        for index in range(1, PROCEDURE + 1)
    ]
    count = sum(index for index in range(1, PROCEDURE + 1))
    sites = sum(index % 3 + 1 for index in range(1, PROCEDURE + 1))
    rows.append(
        riga(
            "totale", "Totale", None, None, None, Cella(stampato=""), Cella(stampato=""), sites,
            Cella(soppressa=True), count, Decimal(count) * Decimal("173.25"),
            Decimal(count) * Decimal("1234.56"), None, totale=True,
        )
    )  # fmt: skip
    table = Tabella(
        "procedure",
        "Procedure in corso nel periodo",
        columns,
        tuple(rows),
        "Estrazione VertenzeOnline del 31.10.2025",
        ("Una procedura può avere più unità produttive, in più province.",),
        esempio=True,
    )
    return Capitolo("Procedure", ("Le procedure in corso, una per riga.",), tabelle=(table,))


def _senza_righe() -> Capitolo:
    table = Tabella(
        "cessate",
        "Procedure cessate nel periodo",
        (
            Colonna("numero", "Procedura"),
            Colonna("azienda", "Azienda"),
            Colonna("fine", "Fine", Forma.DATA),
        ),
        (),
        "Estrazione VertenzeOnline del 31.10.2025",
        vuota="Nessuna procedura è cessata nel periodo.",
        grafico=Grafico("Cessate", "azienda", ()),
    )
    return Capitolo("Procedure cessate", tabelle=(table,))


def vuoto() -> Documento:
    """Return a document with nothing to tell: a table without rows and a figure not known."""
    return Documento(
        slug="prova-vuota",
        titolo="Procedure di crisi aziendale",
        periodo="2025-T3",
        periodo_nome="3° trimestre 2025",
        al=date(2025, 9, 30),
        capitoli=(
            Capitolo(
                "Procedure",
                indicatori=(Indicatore("lavoratori", "Lavoratori", Cella(None), Forma.NUMERO),),
                tabelle=(
                    Tabella(
                        "procedure",
                        "Procedure avviate nel periodo",
                        (
                            Colonna("azienda", "Azienda"),
                            Colonna("lavoratori", "Lavoratori", Forma.NUMERO),
                        ),
                        (),
                        "Estrazione VertenzeOnline del 30.09.2025",
                        grafico=Grafico(
                            "Lavoratori", "azienda", (Serie("lavoratori", Colour.BLUE),)
                        ),
                    ),
                ),
            ),
        ),
    )


NOMI_OSTILI = (
    "<script>alert('x')</script> & Figli S.n.c.",
    '"Virgolette" e «caporali» d\'Italia\\n',
    "#set text(red) $x^2$ *grassetto* _corsivo_ `codice` @etichetta <nota> \\ ]",
    "=SOMMA(A1:A9)",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "-2+3+cmd",
    "+39 02 6765",
    "Emoji 😀 e famiglia 👨‍👩‍👧‍👦",
    "株式会社トヨタ",
    "شركة الاختبار",
    "עברית",
    "Ελληνική ΑΕ и ООО Ромашка",
    "Sˇoštar ǆ ẞ ﬁ œ æ ø ł ž",
    "combinato: e\u0301 o\u0308",
    "\u202erovesciato",
    "larghezza\u200bzero\ufeff",
    "tabulazione\tqui e\na capo",
    "  spazi   doppi  ",
    "A" * 300,
    "Società per le Costruzioni Meccaniche e l'Impiantistica " * 5 + "S.p.A.",
    "www.esempio.invalid/un/percorso/lungo/senza/spazi?con=parametri&altri=parametri#ancora",
    "%s {0} {{ nome }} {% if %} ${x}",
    "NULL",
    "",
)


def ostile() -> Documento:
    """Return a document of names with markup, quotes, formulas, scripts that fonts lack, 300 signs.

    One row for each of NOMI_OSTILI, the same names as headings, texts, notes and in a chart.
    """
    rows = tuple(
        riga(f"{index}", name, Decimal(index) * Decimal("1000.01"), index)
        for index, name in enumerate(NOMI_OSTILI)
    )
    bounds = (
        riga("grande", "Importo grandissimo", Decimal("9999999999999.99"), 10**12),
        riga("negativo", "Importo negativo", Decimal("-0.01"), -1),
        riga("zero", "Zero", Decimal("0.00"), 0),
        riga("ignoto", "Non noto", None, Cella(None, nota=NOMI_OSTILI[0])),
    )
    table = Tabella(
        "ostili",
        f"Nomi {NOMI_OSTILI[2]}",
        (
            Colonna("nome", NOMI_OSTILI[0]),
            Colonna("importo", "Importo", Forma.EURO, NOMI_OSTILI[1]),
            Colonna("numero", "Numero 😀", Forma.NUMERO, NOMI_OSTILI[1]),
        ),
        rows + bounds,
        f"Fonte {NOMI_OSTILI[0]}",
        (NOMI_OSTILI[18], NOMI_OSTILI[8]),
        Grafico(
            f"Grafico {NOMI_OSTILI[0]}",
            "nome",
            (Serie("importo", Colour.BLUE),),
            Grafico.Tipo.SDRAIATE,
        ),
    )
    return Documento(
        slug="prova-ostile",
        titolo=f"Nomi & segni {NOMI_OSTILI[2]}",
        periodo="2021-09-30",
        periodo_nome="al 30.09.2021",
        al=date(2021, 9, 30),
        capitoli=(
            Capitolo(
                f"Capitolo {NOMI_OSTILI[7]}",
                NOMI_OSTILI,
                (
                    Indicatore(
                        "nome", NOMI_OSTILI[18], Cella(NOMI_OSTILI[19]), Forma.TESTO, NOMI_OSTILI[2]
                    ),
                ),
                (table,),
            ),
        ),
        fonti=NOMI_OSTILI[:4],
        avvertenze=NOMI_OSTILI[4:8],
    )
