"""The quarterly monitoring of the active policies: of each provincia, and of the Region."""

from collections.abc import Iterator

from crisi.selection import inside
from porfse.figures import Figure
from reports.celle import cella
from reports.documento import Capitolo, Cella, Documento, Forma, Indicatore
from reports.parametri import Cadenza, Parametri
from reports.queries import pal_tabelle as tabelle
from reports.queries.cigs import luogo, ultimo_flusso
from reports.queries.pal import Trimestre, trimestre
from reports.report import Calendario, Controllo, Report

SORGENTE = "pal-trimestrale"


class PalTrimestrale(Report):
    slug = "pal-trimestrale"
    titolo = "Monitoraggio trimestrale delle politiche attive del lavoro"
    descrizione = (
        "I lavoratori sospesi nei passi di attivazione delle PAL, per provincia e per unità"
        " produttiva, gli strumenti usati, la completezza dei dati dei Nuclei e il confronto con il"
        " trimestre precedente. Uno per ciascuna provincia e uno regionale."
    )
    ordine = 20
    cadenza = Cadenza.TRIMESTRE
    permesso = "crisi.view_regione"
    permesso_provincia = "crisi.view_procedure"
    provinciale = True
    controlli = (Controllo.TRIMESTRI, Controllo.FLUSSI, Controllo.SOMME)
    sorgenti = (SORGENTE,)
    # The nuclei have 30 days to send; five more to ask who has not.
    calendario = Calendario(giorni=35)

    def documento(self, parametri: Parametri) -> Documento:
        letto = trimestre(parametri.periodo, parametri.provincia)
        flow = ultimo_flusso(SORGENTE, parametri.provincia, esempio=letto.esempio)
        return Documento(
            slug=self.slug,
            titolo=self.titolo,
            periodo=parametri.testo,
            periodo_nome=parametri.nome,
            al=parametri.al,
            capitoli=tuple(_chapters(letto)),
            provincia=parametri.provincia,
            provincia_nome=letto.provincia.nome if letto.provincia else "",
            fonti=tuple(filter(None, (tabelle.FONTE, flow))),
            avvertenze=tuple(_warnings(letto)),
            esempio=letto.esempio,
        )


def _chapters(letto: Trimestre) -> Iterator[Capitolo]:
    where = f"{luogo(letto.provincia)} {inside(letto.periodo)}"
    if letto.vuoto:
        none = f"Nessuna unità di CIGS in corso e nessun dato sulle PAL {where}."
        yield Capitolo("Il trimestre in sintesi", (none,), tabelle=(tabelle.unita(letto),))
        return
    yield Capitolo(
        "Il trimestre in sintesi",
        (f"Politiche attive del lavoro per i lavoratori sospesi {where}.",),
        tuple(_indicators(letto)),
        (tabelle.confronto(letto), tabelle.storia(letto)),
    )
    if letto.provincia is None:
        yield Capitolo("Le province", tabelle=(tabelle.province(letto),))
    used = [tabelle.strumenti(letto)]
    used += [] if letto.provincia else [tabelle.strumenti_province(letto)]
    yield Capitolo("Gli strumenti", tabelle=tuple(used))
    yield Capitolo("Completezza dei dati", tabelle=(tabelle.nuclei(letto),))
    yield Capitolo("Le unità produttive", tabelle=(tabelle.unita(letto),))


def _indicators(letto: Trimestre) -> Iterator[Indicatore]:
    example = letto.esempio
    words = {
        "sospesi": "Lavoratori sospesi",
        "step4": "Lavoratori allo STEP 4, attivazione delle PAL",
        "no_pal": "Lavoratori esonerati (NO PAL)",
    }
    shares = {"step4": "quota4", "no_pal": "quota_no"}
    for name, label in words.items():
        share = [_share(letto.ora[shares[name]])] if name in shares else []
        before = f"{Forma.NUMERO.show(letto.prima[name].amount)} nel trimestre precedente"
        detail = "; ".join([*share, before])
        colour = tabelle.COLORI.get(name, tabelle.SOSPESI)
        value = cella(letto.ora[name], esempio=example)
        yield Indicatore(name, label, value, Forma.NUMERO, detail, colour, example)
    given = sum(each.rese for each in letto.nuclei)
    asked = sum(each.attese for each in letto.nuclei)
    detail = f"su {asked} unità di CIGS in corso nel trimestre"
    label = "Unità produttive con dati"
    yield Indicatore("rese", label, Cella(given), Forma.NUMERO, detail, esempio=example)
    if letto.provincia is None:
        sent = sum(each.trasmesso for each in letto.nuclei)
        detail = f"su {len(letto.nuclei)}"
        label = "Nuclei che hanno trasmesso"
        yield Indicatore("trasmessi", label, Cella(sent), Forma.NUMERO, detail, esempio=example)


def _share(figure: Figure) -> str:
    return f"{figure.value.unit.show(figure.amount)} dei sospesi"


def _warnings(letto: Trimestre) -> Iterator[str]:
    yield (
        "I dati sono le righe in vigore alla costruzione del report, anche se il Nucleo non ha"
        " ancora trasmesso il trimestre o l'Autorità di Gestione non l'ha validato. Le procedure"
        " ritirate non contano."
    )
    yield (
        "Un numero non noto non entra nelle somme e non vale zero; le percentuali sono delle unità"
        " che dichiarano sia i sospesi sia i lavoratori del passo."
    )
    late = [letto.nomi[each.sigla] for each in letto.nuclei if not each.trasmesso]
    if late:
        yield f"Trimestre non trasmesso, o restituito: {', '.join(late)}."
    missing = sum(each.attese - each.rese for each in letto.nuclei)
    if missing:
        yield f"Unità di CIGS in corso nel trimestre senza dati: {missing}."


REPORT = PalTrimestrale()
