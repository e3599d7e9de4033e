"""The annual report in brief: chapters by asse, with texts that an official writes."""

from collections.abc import Iterator

from programme.progress import changes
from reports.documento import Documento
from reports.narrativa import Capitoli
from reports.parametri import Cadenza, Parametri
from reports.queries import avanzamento, relazione
from reports.queries.aggiornamento import DESTINATARI, INDICATORI, REGISTRO
from reports.queries.fonti import listed
from reports.queries.indicatori import Indicatori
from reports.queries.iniziative import READING, Iniziative
from reports.queries.programma import Grandezze, Lettura
from reports.queries.quadratura import reconciliation
from reports.queries.schede import Scheda
from reports.queries.tavole import Bozza
from reports.report import Calendario, Controllo, Report
from reports.soppressione import dichiara


class RelazioneAnnuale(Report):
    slug = "relazione-annuale"
    titolo = "Relazione di attuazione annuale, sintesi"
    descrizione = (
        "La sintesi per i cittadini: piano finanziario, avanzamento, destinatari, indicatori e"
        " iniziative di ogni asse al 31 dicembre, con i testi scritti e approvati dagli uffici."
    )
    ordine = 50
    cadenza = Cadenza.ANNO
    permesso = "programme.view_programma"
    pubblico = True
    controlli = (
        Controllo.IGRUE,
        Controllo.SOMME,
        Controllo.FLUSSI,
        Controllo.TESTI,
        Controllo.SOPPRESSIONE,
    )
    sorgenti = ("avanzamento",)
    calendario = Calendario(giorni=120)
    testi = {
        "premessa": "Premessa",
        "sguardo-insieme": "L'avanzamento del POR: uno sguardo di insieme",
        "asse-1": "Asse I – Occupazione",
        "asse-2": "Asse II – Inclusione sociale e lotta alla povertà",
        "asse-3": "Asse III – Istruzione e formazione",
        "asse-4": "Asse IV – Capacità istituzionale e amministrativa",
        "asse-5": "Asse V – Assistenza tecnica",
    }

    def documento(self, parametri: Parametri) -> Documento:
        """Return the programme at the end of a year, with the texts as they stand."""
        lettura = Lettura.at(parametri.al)
        testi = Capitoli(lettura.board, self, parametri)
        grandezze = Grandezze(lettura)
        variazioni = changes(lettura.board, lettura.view, lettura.since, lettura.assi)
        bozze = [
            *self._whole(lettura, testi),
            *self._assi(lettura, testi),
            Bozza("Target di spesa N+3", (avanzamento.n3(lettura),)),
            *filter(None, [reconciliation(lettura)]),
        ]
        lettura.board.load()
        return Documento(
            self.slug,
            self.titolo,
            parametri.testo,
            parametri.nome,
            parametri.al,
            tuple(bozza.capitolo() for bozza in bozze),
            fonti=listed(lettura.fonti.tutte),
            avvertenze=(
                *lettura.dati.avvertenze(REGISTRO, DESTINATARI, INDICATORI),
                *grandezze.avvertenze(),
                *avanzamento.warnings(lettura, variazioni),
                READING,
            ),
            pubblico=self.pubblico,
        )

    def _whole(self, lettura: Lettura, testi: Capitoli) -> Iterator[Bozza]:
        """The chapters on the whole programme."""
        yield self._chapter(testi, "premessa", Bozza("", relazione.plan(lettura)))
        indicatori = Indicatori(lettura)
        tables = (
            relazione.progress(lettura),
            avanzamento.amounts_and_ratios(lettura)[1],
            *relazione.people(lettura),
            indicatori.quadro(),
            indicatori.finanziari(),
        )
        overview = Bozza("", tables, indicatori=Scheda(lettura).indicatori)
        yield self._chapter(testi, "sguardo-insieme", overview)

    def _assi(self, lettura: Lettura, testi: Capitoli) -> Iterator[Bozza]:
        """A chapter for each asse."""
        indicatori, iniziative = Indicatori(lettura), Iniziative(lettura, variazioni=False)
        for asse in lettura.assi:
            tables = [iniziative.tavola(asse), indicatori.output(asse)]
            if any(row["asse"] == asse.pk for row in indicatori.of("risultato")):
                tables.append(indicatori.risultato(asse))
            found = Bozza("", tables, indicatori=Scheda(lettura, asse).indicatori)
            yield self._chapter(testi, f"asse-{asse.ordine}", found)

    def _chapter(self, testi: Capitoli, key: str, bozza: Bozza) -> Bozza:
        bozza.titolo = self.testi[key]
        bozza.testi = lambda: testi.testi(key)
        return bozza


REPORT = RelazioneAnnuale()
dichiara(RelazioneAnnuale.slug, relazione.MARGINI)
