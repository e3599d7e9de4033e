"""What a worker does with an edition that somebody asked for: data, checks, files, all at once.

The data are read in one transaction that sees a single moment and writes nothing; the files are
made outside of any; what comes out is written by one short transaction. Until then the files of an
earlier draft stay as they were.
"""

import logging
from datetime import datetime, timedelta
from time import perf_counter

from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from porfse import audit
from porfse.errors import BadInput
from porfse.models import User
from porfse.periods import italian
from reports import builders, progress, verifiche
from reports.codifica import encode, sha256
from reports.documento import Documento, File, Frontespizio, Stato
from reports.locks import one_moment, working_on
from reports.models import Edizione, FileEdizione
from reports.parametri import Parametri
from reports.progress import CONTROLLI, DATI, REGISTRO, Reporter
from reports.report import Report

log = logging.getLogger(__name__)
TENTATIVI = 4  # builds of one request; then a person must ask again
ATTESA = 30  # seconds after the first that failed, then twice as long each time
_LONGEST = 2000  # characters of a message
_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (SoftTimeLimitExceeded, "la costruzione dura troppo"),
    (MemoryError, "la memoria non basta"),
    (DatabaseError, "la base di dati non risponde o rifiuta l'operazione"),
)


class _Interrotta(Exception):
    """Somebody asked to stop."""


def componi(report: Report, parametri: Parametri) -> Documento:
    """Read a report, all of it at one moment.

    Raises:
        BadInput: it cannot be made of these parameters.
        ValueError: the report made another document than the one asked for.
    """
    with one_moment():
        return _read(report, parametri)


def costruisci(edizione_id: int) -> Edizione | None:
    """Build an edition that was asked for, wholly or not at all; may run twice.

    One that another process builds, or that is not waiting for this, is left as it is; None is one
    that is gone. Bad input makes it `fallita` for good; an error of the system puts it back to
    wait, with the reason, up to TENTATIVI times, and is raised, so that the caller tries again.
    """
    with working_on(edizione_id) as mine:
        edizione = _taken(edizione_id) if mine else None
        if edizione:
            _build(edizione)
    return Edizione.objects.defer("contenuto").filter(pk=edizione_id).first()


def ferma(edizione_id: int) -> None:
    """End a build that somebody asked to stop; called by who holds the lock of the edition."""
    with transaction.atomic():
        edizione = _in_progress(edizione_id)
        if edizione and edizione.interrotta_da:
            _stop(edizione, by=edizione.interrotta_da)


def riprendi(edizione_id: int, *, before: datetime) -> bool:
    """Let wait again what a killed worker left, or what has waited since before a moment.

    Returns:
        whether a worker is to be told of it; not if one has it.
    """
    with working_on(edizione_id) as mine:
        if not mine:
            return False
        left = Edizione.objects.forgotten(before).filter(pk=edizione_id)
        return bool(left.update(stato=Edizione.Stato.IN_CODA, in_coda_dal=timezone.now()))


def _taken(edizione_id: int) -> Edizione | None:
    """Take an edition in progress; None if nothing is to be built."""
    with transaction.atomic():
        edizione = _in_progress(edizione_id)
        if edizione is None:
            return None
        if edizione.interrotta_da:
            _stop(edizione, by=edizione.interrotta_da)
            return None
        if edizione.tentativi >= TENTATIVI:  # its workers were killed, each time
            _fail(edizione, f"La costruzione si è interrotta {TENTATIVI} volte.{_again(edizione)}")
            return None
        edizione.stato = Edizione.Stato.IN_COSTRUZIONE
        edizione.tentativi += 1
        edizione.messaggio = ""
        edizione.save(update_fields=["stato", "tentativi", "messaggio"])
    return edizione


def _build(edizione: Edizione) -> None:
    reporter = Reporter(edizione.pk, ())
    start = perf_counter()
    try:
        report = edizione.dichiarazione
        reporter = Reporter(edizione.pk, report.formati)
        documento, front = _inputs(edizione, report, reporter)
        files = []
        for formato in report.formati:
            _go_on(edizione)
            reporter.begin(formato)
            files.append(builders.build(formato, documento, front))
        reporter.begin(REGISTRO)
        _store(edizione.pk, documento, front, files, since=start)
    except _Interrotta:
        ferma(edizione.pk)
    except BadInput as refusal:
        log.info("edizione %s: %s", edizione.pk, refusal)
        _settle(edizione.pk, str(refusal), final=True)
    except Exception as error:
        log.exception("edizione %s: costruzione non riuscita", edizione.pk)
        if connection.is_usable():  # else the database went away: the edition is taken up again
            _settle(edizione.pk, _reason(error, reporter), final=False)
        raise
    finally:
        progress.forget(edizione.pk)


def _inputs(
    edizione: Edizione, report: Report, reporter: Reporter
) -> tuple[Documento, Frontespizio]:
    """All that the files are made from, as it was at one moment."""
    reporter.begin(DATI)
    parametri = report.riletti(edizione.periodo, edizione.provincia_id)
    with one_moment():
        documento = _read(report, parametri)
        reporter.begin(CONTROLLI)
        found = verifiche.avvisi(report, parametri, documento)
    front = Frontespizio(
        stato=Stato.BOZZA,
        edizione=edizione.edizione,
        rettifica=edizione.rettifica.numero_completo if edizione.rettifica else "",
        errata=edizione.errata,
        avvisi=tuple(found),
    )
    return documento, front


def _read(report: Report, parametri: Parametri) -> Documento:
    documento = report.documento(parametri)
    asked = (report.slug, parametri.testo, parametri.provincia)
    if (documento.slug, documento.periodo, documento.provincia) != asked:
        raise ValueError(f"chiesto {asked}, composto {documento.nome_file}")
    return documento


def _go_on(edizione: Edizione) -> None:
    if Edizione.objects.filter(pk=edizione.pk).exclude(interrotta_da=None).exists():
        raise _Interrotta


def _store(
    edizione_id: int, documento: Documento, front: Frontespizio, files: list[File], *, since: float
) -> None:
    """Write what was built: the edition is a draft, and the files of an earlier one are gone."""
    content = encode(documento, front)
    with transaction.atomic():
        edizione = _in_progress(edizione_id)
        if edizione is None or edizione.interrotta_da:
            raise _Interrotta
        edizione.file.all().delete()
        FileEdizione.objects.bulk_create(FileEdizione.of(edizione, file) for file in files)
        edizione.stato, edizione.messaggio = Edizione.Stato.BOZZA, ""
        edizione.esempio = documento.esempio
        edizione.contenuto, edizione.contenuto_sha256 = content, sha256(content)
        edizione.costruita_il = timezone.now()
        edizione.millisecondi = int((perf_counter() - since) * 1000)
        edizione.save()
        audit.record(
            by=edizione.richiesta_da, action="report.costruito", on=edizione,
            periodo=edizione.periodo, provincia=edizione.provincia_id,
            sha256=edizione.contenuto_sha256, segnalazioni=len(front.avvisi),
        )  # fmt: skip


def _settle(edizione_id: int, reason: str, *, final: bool) -> None:
    """Say why a build failed; one that may be tried again waits for it, unless told to stop."""
    with transaction.atomic():
        edizione = _in_progress(edizione_id)
        if edizione is None:
            return
        if edizione.interrotta_da:
            _stop(edizione, by=edizione.interrotta_da)
        elif final:
            _fail(edizione, reason)
        elif edizione.tentativi >= TENTATIVI:
            _fail(edizione, f"{reason}{_again(edizione)}")
        else:
            edizione.stato = Edizione.Stato.IN_CODA
            tries = f"Tentativo {edizione.tentativi} di {TENTATIVI}"
            edizione.messaggio = f"{reason} {tries}: si riprova da sé fra poco."[:_LONGEST]
            pause = timedelta(seconds=ATTESA * 2 ** (edizione.tentativi - 1))
            edizione.in_coda_dal = timezone.now() + pause
            edizione.save(update_fields=["stato", "messaggio", "in_coda_dal"])


def _fail(edizione: Edizione, reason: str) -> None:
    words = reason
    if edizione.costruita_il:
        words = f"L'ultima ricostruzione non è riuscita. {reason}"
    _end(edizione, Edizione.Stato.FALLITA, words)
    audit.record(
        by=edizione.richiesta_da, action="report.non_costruito", on=edizione,
        motivo=edizione.messaggio, tentativi=edizione.tentativi,
    )  # fmt: skip


def _stop(edizione: Edizione, *, by: User) -> None:
    edizione.interrotta_da = None
    _end(edizione, Edizione.Stato.INTERROTTA, "Costruzione interrotta su richiesta.")
    audit.record(by=by, action="report.interrotto", on=edizione)


def _end(edizione: Edizione, stato: Edizione.Stato, reason: str) -> None:
    """End a build that made nothing: an earlier draft stays, with its files."""
    edizione.stato, edizione.messaggio = stato, reason
    if edizione.costruita_il:
        day = italian(timezone.localdate(edizione.costruita_il))
        edizione.stato = Edizione.Stato.BOZZA
        edizione.messaggio += f" Resta la bozza costruita il {day}."
    edizione.messaggio = edizione.messaggio[:_LONGEST]
    edizione.save(update_fields=["stato", "messaggio", "interrotta_da"])


def _reason(error: Exception, reporter: Reporter) -> str:
    """Say what happened, for an official; the trace is in the log."""
    words = next((words for kind, words in _REASONS if isinstance(error, kind)), "")
    cause = words or f"errore del sistema ({type(error).__name__})"
    return f"Errore nella fase «{progress.name_of(reporter.fase)}»: {cause}."


def _again(edizione: Edizione) -> str:
    return (
        " Chiederla di nuovo; se l'errore si ripete, avvisare l'amministratore indicando"
        f" l'edizione {edizione.pk}."
    )


def _in_progress(edizione_id: int) -> Edizione | None:
    """Lock the row of an edition in progress, for the rest of a short transaction."""
    waiting = Edizione.objects.in_progress().defer("contenuto")
    return waiting.select_for_update(of=("self",)).filter(pk=edizione_id).first()
