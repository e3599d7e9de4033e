"""Smart Working and Formazione Continua: what is published beside what was acquired."""

from collections.abc import Iterator

from measures.endowment import NAMES, Uso, warnings
from measures.figures import PUBBLICATA
from porfse.charts import Colour
from porfse.periods import italian
from reports.celle import cella
from reports.documento import Capitolo, Documento, Forma, Indicatore
from reports.parametri import Cadenza, Parametri
from reports.queries import misure_parti as parti
from reports.queries import misure_tabelle as tabelle
from reports.queries.misure import Formazione, Quadro, SmartWorking, misure
from reports.report import Calendario, Controllo, Report


class MisureReport(Report):
    """Both measures at a day: what was published by then, and the rows if they tell of it."""

    slug = "misure"
    titolo = "Smart Working e Formazione Continua"
    descrizione = (
        "Le due misure dalla domanda al pagamento: fasi e perdite, dotazione e importi, classi"
        " dimensionali, addendum, settori, province, modalità e massimali dei voucher. I dati"
        " pubblicati stanno accanto a quelli acquisiti con i flussi e non si sommano."
    )
    ordine = 70
    cadenza = Cadenza.DATA
    permesso = "measures.view_misure"
    controlli = (Controllo.SOMME, Controllo.FLUSSI)
    sorgenti = ("domande-smart-working", "voucher-formazione")
    calendario = Calendario(giorni=10)

    def documento(self, parametri: Parametri) -> Documento:
        smart, training = misure(parametri.al)
        both = (smart.quadro, training.quadro)
        return Documento(
            slug=self.slug,
            titolo=self.titolo,
            periodo=parametri.testo,
            periodo_nome=parametri.nome,
            al=parametri.al,
            capitoli=(*_smart_working(smart), *_formazione(training)),
            fonti=tuple(dict.fromkeys(source for quadro in both for source in _sources(quadro))),
            avvertenze=tuple(words for quadro in both for words in _avvertenze(quadro)),
            esempio=any(quadro.ambito.esempio for quadro in both),
        )


def _smart_working(letto: SmartWorking) -> Iterator[Capitolo]:
    quadro, name = letto.quadro, letto.quadro.ambito.misura.nome
    yield _andamento(quadro, "sw")
    yield Capitolo(
        f"{name}: chi ne ha beneficiato",
        tabelle=(
            *parti.classi(letto),
            parti.gruppi(letto),
            parti.settori(letto),
            tabelle.province(quadro, "sw"),
        ),
    )
    yield Capitolo(f"{name}: come lo stampano le fonti", tabelle=(parti.stampate(letto),))


def _formazione(letto: Formazione) -> Iterator[Capitolo]:
    quadro, name = letto.quadro, letto.quadro.ambito.misura.nome
    yield _andamento(quadro, "fc")
    yield Capitolo(
        f"{name}: modalità, province e massimali",
        tabelle=(
            *parti.modalita(letto),
            tabelle.province(quadro, "fc"),
            *parti.massimali(letto),
        ),
    )


def _andamento(quadro: Quadro, prefisso: str) -> Capitolo:
    """What either measure has: its phases and losses, and its money."""
    misura = quadro.ambito.misura
    return Capitolo(
        misura.nome,
        (misura.descrizione,),
        tuple(_indicators(quadro, prefisso)),
        (
            tabelle.fasi(quadro, prefisso),
            tabelle.perdite(quadro, prefisso),
            tabelle.usi(quadro, prefisso),
            tabelle.dotazioni(quadro, prefisso),
        ),
    )


def _indicators(quadro: Quadro, prefisso: str) -> Iterator[Indicatore]:
    """How many are in force and for how much, of each kind of data that there is."""
    scope = quadro.ambito
    phase = scope.misura.fasi[scope.misura.impegno].nome
    row = next(each for each in quadro.fasi if each["nome"] == phase)
    kinds = (
        ("pub_", NAMES[PUBBLICATA], scope.al, Colour.GREY),
        ("", NAMES.get(scope.righe), quadro.righe_al, Colour.BLUE),
    )
    for prefix, kind, day, colour in kinds:
        for field, words, forma in (
            ("numero", phase, Forma.NUMERO),
            ("concesso", "Importo ammesso", Forma.EURO),
        ):
            if day and f"{prefix}{field}" in row:
                yield Indicatore(
                    f"{prefisso}_{prefix}{field}",
                    words,
                    cella(row[f"{prefix}{field}"], esempio=True),
                    forma,
                    f"{kind} al {italian(day)}",
                    colour,
                    esempio=scope.esempio and not prefix,
                )


def _sources(quadro: Quadro) -> Iterator[str]:
    yield from quadro.fonti_pubblicate
    yield from quadro.fonti_dotazioni
    if quadro.flussi:
        yield quadro.flussi


def _avvertenze(quadro: Quadro) -> Iterator[str]:
    scope, day = quadro.ambito, italian(quadro.al)
    name = scope.misura.nome
    if scope.al:
        yield f"{name}: i dati pubblicati sono al {italian(scope.al)}."
    if scope.esempio:
        yield f"{name}: nessun flusso reale è acquisito; i dati delle righe sono di esempio."
    elif quadro.righe_al:
        yield (
            f"{name}: i dati acquisiti sono quelli dell'ultimo flusso, al"
            f" {italian(quadro.righe_al)}: dello stato delle righe non si conserva la storia, e"
            f" quello al {day} può differirne."
        )
    elif quadro.taciute:
        yield (
            f"{name}: i flussi acquisiti sono di molto successivi al {day}; di"
            f" {scope.misura.plurale} non si conosce lo stato a quella data, e non è riportato."
        )
    else:
        yield f"{name}: nessun flusso è acquisito."
    for words, figure in warnings([Uso(**row) for row in quadro.usi]):
        yield f"{name}. {words} {figure.text}."


REPORT = MisureReport()
