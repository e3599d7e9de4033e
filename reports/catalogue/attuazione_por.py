"""The state of the programme at a date, in the arrangement of the regional panorama."""

from collections.abc import Sequence

from programme.progress import Change, changes
from reports.documento import Documento
from reports.parametri import Cadenza, Parametri
from reports.queries import avanzamento
from reports.queries.aggiornamento import REGISTRO
from reports.queries.fonti import listed
from reports.queries.iniziative import READING, Iniziative
from reports.queries.programma import Grandezze, Lettura
from reports.queries.quadratura import reconciliation
from reports.queries.smart_working import SmartWorking
from reports.queries.tavole import Bozza
from reports.report import Calendario, Controllo, Report


class AttuazionePor(Report):
    slug = "attuazione-por"
    titolo = "Panoramica dell'attuazione del POR"
    descrizione = (
        "Dotazione, risorse programmate, impegnate e liquidate e spesa certificata del programma e"
        " di ogni asse a una data, con le iniziative e i loro atti, i target N+3 e le variazioni"
        " dal 31 dicembre precedente."
    )
    ordine = 40
    cadenza = Cadenza.DATA
    permesso = "programme.view_programma"
    pubblico = True
    controlli = (Controllo.IGRUE, Controllo.SOMME, Controllo.FLUSSI)
    sorgenti = ("avanzamento",)
    calendario = Calendario(giorni=10)
    formati = ("pdf", "xlsx", "csv", "json", "pptx")

    def documento(self, parametri: Parametri) -> Documento:
        """Return the programme as it is on a day; everything is read at once."""
        lettura = Lettura.at(parametri.al)
        grandezze = Grandezze(lettura)
        variazioni = changes(lettura.board, lettura.view, lettura.since, lettura.assi)
        smart_working = SmartWorking(lettura)
        bozze = _chapters(lettura, grandezze, variazioni, smart_working)
        lettura.board.load()
        return Documento(
            self.slug,
            self.titolo,
            parametri.testo,
            parametri.nome,
            parametri.al,
            tuple(bozza.capitolo() for bozza in bozze),
            fonti=listed({*lettura.fonti.tutte, *smart_working.fonti}),
            avvertenze=(
                *lettura.dati.avvertenze(REGISTRO),
                *grandezze.avvertenze(),
                *avanzamento.warnings(lettura, variazioni),
            ),
            pubblico=self.pubblico,
        )


def _chapters(
    lettura: Lettura,
    grandezze: Grandezze,
    variazioni: Sequence[Change],
    smart_working: SmartWorking,
) -> list[Bozza]:
    iniziative = Iniziative(lettura)
    found = (
        Bozza(
            f"Panoramica dell'attuazione del POR al {lettura.giorno}",
            (grandezze.tavola(),),
            indicatori=grandezze.indicatori,
        ),
        Bozza(
            f"Panoramica dell'attuazione del POR al {lettura.giorno} per assi",
            (
                *avanzamento.amounts_and_ratios(lettura),
                avanzamento.variations(lettura, variazioni),
                avanzamento.perimeters(lettura),
            ),
        ),
        Bozza(
            "Principali iniziative in corso e programmate",
            (*map(iniziative.tavola, lettura.assi), iniziative.atti_comuni()),
            testi=lambda: (READING,),
        ),
        Bozza("Target di spesa N+3", (avanzamento.n3(lettura),)),
        smart_working.bozza(),
        reconciliation(lettura),
    )
    return [item for item in found if item is not None]


REPORT = AttuazionePor()
