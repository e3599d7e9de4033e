"""The annual report on the crises: the published tables, those calculated, the year before."""

from collections.abc import Iterator

from crisi.selection import TIPI
from crisi.tavola import TOT
from porfse.printed import catalogue
from reports.documento import Capitolo, Cella, Documento, Forma, Indicatore, Tabella
from reports.parametri import Cadenza, Parametri
from reports.queries import crisi_pal as pal
from reports.queries import crisi_tabelle as tabelle
from reports.queries.crisi import PAL_PUBBLICATE, Crisi, crisi
from reports.queries.crisi_tabelle import COLORI, MARGINI, Tavole, chiave
from reports.queries.fonti import listed
from reports.report import Calendario, Controllo, Report
from reports.soppressione import dichiara

POR = 2020  # the last year of its period
PUBBLICATA = (
    "La tabella riprende quella del documento regionale, cifra per cifra. Il documento la riporta"
    " per intero; qui le celle piccole sono nascoste come nelle altre tabelle, che descrivono gli"
    " stessi casi e le farebbero conoscere."
)
CONFRONTO = (
    "La tabella pubblicata e quella calcolata descrivono lo stesso anno e non si sommano mai."
)
ESEMPI = "Le tabelle calcolate sono di procedure di esempio, inventate per la dimostrazione."
INDICATORI = {None: ("lavoratori", "Lavoratori coinvolti")} | {
    tipo: (chiave("lavoratori", tipo), f"Lavoratori, {name}") for tipo, name in TIPI.items()
}


class CrisiAnnuale(Report):
    slug = "crisi-annuale"
    titolo = "Report annuale delle crisi aziendali"
    descrizione = (
        "I casi di crisi gestiti con il territorio nell'anno, per provincia e tipo di procedura:"
        " la tabella pubblicata e quella calcolata, le procedure in corso, l'anno precedente, le"
        " politiche attive e i tavoli. È pubblico: le celle piccole sono nascoste."
    )
    ordine = 30
    cadenza = Cadenza.ANNO
    permesso = "crisi.view_crisi"
    pubblico = True
    controlli = (
        Controllo.SOMME,
        Controllo.FLUSSI,
        Controllo.TRIMESTRI,
        Controllo.SOPPRESSIONE,
    )
    sorgenti = ("vertenze-online", "pal-trimestrale")
    calendario = Calendario(giorni=30)

    def documento(self, parametri: Parametri) -> Documento:
        letto = crisi(parametri.al.year)
        chapters = tuple(_chapters(letto, tabelle.tavole(letto)))
        return Documento(
            slug=self.slug,
            titolo=self.titolo,
            periodo=parametri.testo,
            periodo_nome=parametri.nome,
            al=parametri.al,
            capitoli=chapters,
            fonti=listed(letto.fonti.values()),
            avvertenze=tuple(_warnings(letto)),
            esempio=any(table.esempio for each in chapters for table in each.tabelle),
            pubblico=self.pubblico,
        )


def _chapters(letto: Crisi, tavole: Tavole) -> Iterator[Capitolo]:
    main = next((table for table in tavole.anno.values() if table.righe), None)
    none = f"Nessuna crisi aziendale nota nell'anno {letto.anno}."
    yield Capitolo(
        "L'anno in sintesi",
        () if main else (none,),
        tuple(_indicators(main)) if main else (),
    )
    if "pubblicata" in tavole.anno:
        yield Capitolo("Casi gestiti nell'anno", (PUBBLICATA,), (), (tavole.anno["pubblicata"],))
    if "avviate" in tavole.anno:
        example = any(table.esempio for table in tavole.anno.values())
        words = [*([CONFRONTO] if letto.differenze else []), *([ESEMPI] if example else [])]
        gaps = [tabelle.differenze(letto, tavole.nascoste)] if letto.differenze else []
        tables = (tavole.anno["avviate"], *gaps)
        yield Capitolo("Procedure avviate nell'anno", tuple(words), (), tables)
        yield Capitolo("Procedure in corso nell'anno", tabelle=(tavole.anno["in_corso"],))
    if letto.confronti:
        beside = [
            table
            for name in letto.confronti
            for table in tabelle.confronti(letto, name, tavole.nascoste)
        ]
        yield Capitolo("Confronto con l'anno precedente", tabelle=tuple(beside))
    yield Capitolo(
        "Politiche attive del lavoro",
        tuple(_of_policies(letto)),
        tuple(_printed(letto, tavole)),
        (pal.pal(letto),),
    )
    yield Capitolo("Tavoli di coordinamento", tabelle=(pal.tavoli(letto),))


def _indicators(table: Tabella) -> Iterator[Indicatore]:
    """The totals of the region, as the table shows them: hidden there is hidden here."""
    region = next(row for row in table.righe if row.chiave == TOT)
    for tipo, (key, label) in INDICATORI.items():
        detail = table.titolo
        if tipo:
            sites = region.celle[table.posizione(chiave("unita", tipo))]
            detail = f"unità produttive: {sites.show(Forma.NUMERO)}"
        colour = {"colore": COLORI[tipo]} if tipo else {}
        value = region.celle[table.posizione(key)]
        yield Indicatore(key, label, value, Forma.NUMERO, detail, esempio=table.esempio, **colour)


def _of_policies(letto: Crisi) -> Iterator[str]:
    if letto.pal_pubblicate:
        yield (
            "Come stampato nel documento regionale: riguarda le sole CIGS ministeriali con obbligo"
            " di attivare le PAL e non si somma ai dati inseriti dai Nuclei."
        )


def _printed(letto: Crisi, tavole: Tavole) -> Iterator[Indicatore]:
    """What the document says of the year, unless its total is hidden in the table."""
    labels = ("Lavoratori sospesi coinvolti, CIGS ministeriali", "di cui con PAL attivate, circa")
    forms = (Forma.NUMERO, Forma.PERCENTO)
    for code, label, form in zip(PAL_PUBBLICATE, labels, forms, strict=True):
        if code in letto.pal_pubblicate:
            figure, printed = letto.pal_pubblicate[code], catalogue.figures[code]
            cell = Cella(figure.amount, cifra=str(figure.expression), stampato=printed.stampato)
            if printed.calcolo and tavole.nascoste & set(printed.calcolo.leaves()):
                cell = Cella(soppressa=True, cifra=cell.cifra)
            yield Indicatore(f"pal_{code[-2:]}", label, cell, form)


def _warnings(letto: Crisi) -> Iterator[str]:
    yield (
        "Il report è pubblico: le celle con poche unità produttive o pochi lavoratori sono"
        " nascoste, con quelle che permetterebbero di ricavarle. Ciascuna Provincia riceve i dati"
        " interi del proprio territorio con il report bimestrale."
    )
    if letto.anno > POR:
        yield (
            f"Le crisi del {letto.anno} sono gestite nel quadro del PR FSE+ 2021-2027: con il POR"
            " FSE 2014-2020 il legame è di contesto."
        )
    if "avviate" in letto.tavole:
        yield (
            "Le procedure avviate hanno la data di avvio nell'anno; quelle in corso lo sono per"
            " almeno un giorno. Le ritirate non contano. I dati sono quelli registrati alla"
            " costruzione del report, anche per l'anno precedente."
        )


REPORT = CrisiAnnuale()
dichiara(
    CrisiAnnuale.slug,
    {**dict.fromkeys(("pubblicata", "avviate", "in_corso"), MARGINI), "pal": pal.MARGINI_PAL},
    contenute=[("avviate", "in_corso")],
)
