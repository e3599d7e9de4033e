"""Editions in each state, as people make them: what the browser tests of the reports look at."""

from django.utils import timezone

from porfse.models import Provincia, User
from porfse.periods import Periodo
from reports.models import Edizione
from reports.report import report_of
from reports.services import costruzione, destinatari, invii, pubblicazione, testi
from reports.services.cantiere import costruisci

ANNO = "2020"


def add_reports() -> dict[str, object]:
    """Build drafts, publish two, correct one, send another; return the keys of their pages."""
    by = User.objects.get(username="gestore")
    bimestre = str(Periodo.of(timezone.localdate(), 2).precedente)
    bergamo = Provincia.objects.get(pk="BG")
    address = destinatari.aggiungi(
        by=by, provincia=bergamo, nome="Nucleo di Bergamo", email="bg@prova.example"
    )
    _write_chapter(by)
    sent = _published(by, _built(by, "cigs-bimestrale", bimestre, "BG"))
    invii.invia(by=by, edizione=sent, destinatari=[address.email])
    corrected = _published(by, _built(by, "attuazione-por", "2021-09-30"))
    correction = pubblicazione.rettifica(by=by, edizione=corrected, errata="Prova di rettifica.")
    costruisci(correction.pk)
    return {
        "bimestre": bimestre,
        "bozza": _built(by, "cigs-bimestrale", bimestre).pk,
        "relazione": _built(by, "relazione-annuale", ANNO).pk,
        "senza_novita": _built(by, "attuazione-por", "2022-12-31").pk,
        "pubblicata": corrected.pk,
        "inviata": sent.pk,
        "rettifica": correction.pk,
        "in_coda": costruzione.richiedi(
            by=by,
            report=report_of("crisi-annuale"),
            parametri=report_of("crisi-annuale").leggi("2024"),
        ).pk,
        "destinatario": address.pk,
    }


def _built(by: User, slug: str, periodo: str, provincia: str = "") -> Edizione:
    report = report_of(slug)
    parametri = report.leggi(periodo, provincia)
    return costruisci(costruzione.richiedi(by=by, report=report, parametri=parametri).pk)


def _published(by: User, edizione: Edizione) -> Edizione:
    return pubblicazione.pubblica(
        by=by,
        edizione=edizione,
        contenuto_sha256=edizione.contenuto_sha256,
        decisione="Segnalazioni note.",
    )


def _write_chapter(by: User) -> None:
    report = report_of("relazione-annuale")
    place = testi.posto(report, report.leggi(ANNO), "asse-1")
    testi.salva(by=by, dove=place, testo="Impegni: {impegnate_asse_1|mln}.", versione=0)
    testi.chiedi_revisione(by=by, dove=place, versione=1)
