"""The report on the CIGD at a date: payments, caps, certification, verifications; sums alone."""

from collections.abc import Iterator

from cigd.flows import InpsCigd
from cigd.scope import SOURCE
from porfse import money
from porfse.periods import italian
from reports.celle import cella
from reports.documento import Capitolo, Documento, Forma, Indicatore, Valore
from reports.parametri import Cadenza, Parametri
from reports.queries import cigd_certificazione as certificazione
from reports.queries import cigd_tabelle as tabelle
from reports.queries.cigd import Lettura, lettura
from reports.report import Calendario, Controllo, Report


class Cigd(Report):
    slug = "cigd"
    titolo = "CIGD: pagamenti, massimali, certificazione e verifiche"
    descrizione = (
        "I pagamenti INPS della CIGD rispetto ai massimali per azione, provincia e mese, i flussi"
        " acquisiti, la spesa certificabile, i lotti certificati, gli spostamenti e l'esito delle"
        " verifiche. Solo dati aggregati."
    )
    ordine = 60
    cadenza = Cadenza.DATA
    permesso = "cigd.view_cigd"
    controlli = (Controllo.FLUSSI, Controllo.SOMME)
    sorgenti = (SOURCE,)
    calendario = Calendario(giorni=10)

    def documento(self, parametri: Parametri) -> Documento:
        letto = lettura(parametri.al)
        return Documento(
            slug=self.slug,
            titolo=self.titolo,
            periodo=parametri.testo,
            periodo_nome=parametri.nome,
            al=parametri.al,
            capitoli=tuple(_chapters(letto)),
            fonti=tuple(_sources(letto)),
            avvertenze=tuple(_warnings(letto)),
            esempio=letto.esempio,
        )


def _chapters(letto: Lettura) -> Iterator[Capitolo]:
    yield Capitolo(
        "Massimali e pagamenti",
        tuple(_summary(letto)),
        tuple(_indicators(letto)),
        (tabelle.azioni(letto), tabelle.massimali(letto)),
    )
    yield Capitolo(
        "Pagamenti per mese e provincia", tabelle=(tabelle.mesi(letto), tabelle.province(letto))
    )
    yield Capitolo("Flussi acquisiti", tabelle=(tabelle.flussi(letto), tabelle.impronte(letto)))
    known = letto.certificabile is not None
    pool = (
        certificazione.capienza(letto),
        *((certificazione.stati(letto), certificazione.pool_flussi(letto)) if known else ()),
        certificazione.spostamenti(letto),
    )
    yield Capitolo("Spesa certificabile", tuple(_states_unknown(letto)), tabelle=pool)
    batches = (certificazione.lotti(letto), certificazione.lotti_azioni(letto))
    yield Capitolo("Certificazione", tuple(_waiting(letto)), tabelle=batches)
    checks = (certificazione.campioni(letto), certificazione.esiti(letto))
    yield Capitolo("Verifiche", tuple(_recorded_later(letto)), tabelle=checks)


def _summary(letto: Lettura) -> Iterator[str]:
    whole, day = letto.totale, italian(letto.al)
    if letto.flussi:
        yield (
            f"Pagamenti al netto dei recuperi, al {day}: {_euro(whole['pagamenti'].amount)}, di cui"
            f" {_euro(letto.province[-1]['comuni'].amount)} nell'azione 8.6.1 e"
            f" {_euro(letto.province[-1]['altri'].amount)} nell'azione 9.8.1."
        )
    else:
        yield (
            f"Nessun flusso acquisito ha pagamenti INPS entro il {day}: pagamenti e spesa"
            " certificabile a quella data non sono noti."
        )
    cap, declared = whole["massimale"].amount, letto.certificata.valore
    if cap is not None:
        yield f"Massimale al {day}: {_euro(cap)}."
    else:
        yield f"Il massimale al {day} non è noto."
    if declared is not None:
        yield f"Spesa certificata con i lotti registrati: {_euro(declared)}."


def _euro(amount: Valore) -> str:
    return Forma.EURO.show(amount)


def _states_unknown(letto: Lettura) -> Iterator[str]:
    if letto.flussi and letto.certificabile is None:
        yield (
            f"Dopo il {italian(letto.al)} sono stati registrati pagamenti, flussi, controlli,"
            " decisioni, spostamenti o lotti. Degli stati dei pagamenti (da verificare,"
            " certificabile, sospeso) non si conserva la storia: quali fossero a quella data, e"
            " quindi la spesa certificabile, non si conosce."
        )


def _recorded_later(letto: Lettura) -> Iterator[str]:
    if letto.verifiche_dopo:
        yield (
            f"Verifiche registrate o modificate dopo il {italian(letto.al)}:"
            f" {money.number(letto.verifiche_dopo)}. Non sono comprese, e dei loro campioni non si"
            " conosce il risultato a quella data."
        )


def _waiting(letto: Lettura) -> Iterator[str]:
    if letto.in_attesa == 1:
        yield "Un lotto è in preparazione o in attesa di decisione: non è compreso."
    elif letto.in_attesa:
        yield (
            f"{money.number(letto.in_attesa)} lotti sono in preparazione o in attesa di decisione:"
            " non sono compresi."
        )


def _indicators(letto: Lettura) -> Iterator[Indicatore]:
    whole = letto.totale
    figures = (
        ("massimale", "Massimale", whole["massimale"], tabelle.MASSIMALE),
        ("pagamenti", "Pagamenti netti", whole["pagamenti"], tabelle.PAGATO),
        ("margine", "Margine (se negativo: eccedenza)", whole["margine"], tabelle.PAGATO),
        ("certificata", "Certificata con i lotti registrati", letto.certificata,
         certificazione.CERTIFICATO),
        ("certificabile", "Spesa certificabile", letto.certificabile,
         certificazione.CERTIFICABILE),
    )  # fmt: skip
    share = whole["quota"].amount
    details = {
        "massimale": f"al {italian(letto.al)}",
        "pagamenti": f"{Forma.PERCENTO.show(share)} del massimale" if share is not None else "",
    }
    for name, label, figure, colour in figures:
        if figure is None:  # not known at the day: the chapter says why
            continue
        shown = letto.quadro.explained(cella(figure, esempio=True))
        yield Indicatore(
            name, label, shown, Forma.EURO, details.get(name, ""), colour,
            esempio=letto.esempio and name != "massimale",
        )  # fmt: skip


def _sources(letto: Lettura) -> Iterator[str]:
    if letto.flussi:
        numbers = ", ".join(str(flow.pk) for flow in letto.flussi)
        yield f"{InpsCigd.nome}: flussi acquisiti n. {numbers}"
    yield from letto.fonti_massimali


def _warnings(letto: Lettura) -> Iterator[str]:
    yield (
        f"Massimali, pagamenti, lotti e verifiche sono al {italian(letto.al)}: i pagamenti e i"
        " recuperi secondo la data di pagamento, in tutti i flussi acquisiti quando il report è"
        " stato costruito; i lotti secondo la data della domanda di pagamento; spostamenti,"
        " campioni e verifiche secondo il giorno in cui sono stati registrati."
    )
    yield (
        "È dell'azione 8.6.1 (Asse I) il pagamento per un'unità produttiva nei comuni di Milano,"
        " Brescia e Bergamo, dell'azione 9.8.1 (Asse II) quello per ogni altro comune lombardo: che"
        " «imprese ubicate» voglia dire il comune dell'unità produttiva è una nostra lettura."
    )
    yield (
        "I massimali vincolano la certificazione, al centesimo, non l'acquisizione dei pagamenti:"
        " quanto li supera non è certificabile finché non si decide, con un atto, di spostarlo."
    )
    yield "Un recupero sottrae il suo importo e le sue ore."


REPORT = Cigd()
