"""Publishing a draft as it was read, and correcting what is published by another edition.

What is published never changes (the database refuses it): its content, its files, their SHA-256,
the number, who and when. A mistake is corrected by a new edition, with a note on what was wrong.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from porfse import audit, roles
from porfse.errors import NotThere
from porfse.flows.errors import NotNow
from porfse.locks import Busy, patient
from porfse.models import User
from porfse.models.people import SYSTEM_USERNAME
from reports import builders
from reports.codifica import encode, sha256
from reports.differenze import differenze
from reports.documento import Avviso, Documento, File, Frontespizio, Stato
from reports.models import Edizione, FileEdizione
from reports.services.costruzione import accoda, componi, in_catalogo
from reports.verifiche import avvisi, da_decidere

PUBLISH = "reports.publish_reports"
LONGEST = 2000  # characters of a decision, and of a note
_PATIENCE = "10s"  # how long a page waits for who publishes before it
_NUMBERS = 0x72706E75 << 32  # "rpnu", so that no other lock of ours has the same number


def pubblica(
    *, by: User, edizione: Edizione, contenuto_sha256: str, decisione: str = ""
) -> Edizione:
    """Publish a draft that a person has read: give it its number, and freeze it with its files.

    The data are read and checked again, and must still be those of the draft.

    Args:
        contenuto_sha256: of the draft that the person has read.
        decisione: why it is published in spite of what the checks found; needed if they did.

    Raises:
        NotNow: it is no draft, or not the one that was read, or its data or checks have changed.
        ValidationError: a decision is needed, or is too long.
        PermissionDenied: the person may not publish, or not read this report.
    """
    with in_turn():
        found = locked(edizione, by=by)
        documento, front = _draft(found, contenuto_sha256)
        checked = _still_so(found, documento, front)
        reason = _decided(checked, decisione)
        found.pubblicata_il, found.numero = _next_number()
        found.anno = found.pubblicata_il.year
        found.pubblicata_da, found.decisione = by, reason
        front = _front(found, checked)
        files = [
            builders.build(formato, documento, front) for formato in found.dichiarazione.formati
        ]
        _freeze(found, documento, front, files)
        audit.record(
            by=by, action="report.pubblicato", on=found, numero=found.numero_completo,
            bozza=contenuto_sha256, sha256=found.contenuto_sha256,
            file={file.formato: sha256(file.contenuto) for file in files},
            segnalazioni=[each.codice for each in checked], decisione=reason,
        )  # fmt: skip
    return found


def rettifica(*, by: User, edizione: Edizione, errata: str) -> Edizione:
    """Begin to correct a published edition: the next one is built, and stays a draft until read.

    The old edition is in force until the new one is published, and readable after that too.

    Args:
        errata: what was wrong in the old one.

    Raises:
        NotNow: it is not published, or is corrected already.
        ValidationError: there is no note, or it is too long.
        PermissionDenied: the person may not publish, or not read this report.
    """
    note = words_of("errata", errata)
    if not note:
        raise ValidationError({"errata": "Scrivere che cosa era errato e perché si rettifica."})
    with in_turn():
        old = locked(edizione, by=by)
        rettificabile(old)
        new = Edizione.objects.create(
            report=old.report,
            periodo=old.periodo,
            al=old.al,
            provincia_id=old.provincia_id,
            edizione=old.edizione + 1,
            rettifica=old,
            errata=note,
            richiesta_da=by,
            richiesta_il=timezone.now(),
        )
        audit.record(
            by=by, action="report.rettifica", on=new, rettifica=old.numero_completo, errata=note
        )
        accoda(new)
    return new


def pubblicabile(edizione: Edizione) -> None:
    """Check that an edition is a draft, of a report that is still made.

    Raises:
        NotNow: it is not.
    """
    in_catalogo(edizione)
    if edizione.pubblicata:
        raise NotNow(
            f"Il report è già pubblicato con il n. {edizione.numero_completo}"
            f" da {edizione.pubblicata_da}."
        )
    if edizione.stato != Edizione.Stato.BOZZA:
        raise NotNow(f"Il report è «{edizione.get_stato_display()}»: si pubblica solo una bozza.")


def rettificabile(edizione: Edizione) -> None:
    """Check that an edition is in force, and no correction of it is in preparation.

    Raises:
        NotNow: it is not, or its report is not made any more.
    """
    in_catalogo(edizione)
    if not edizione.pubblicata:
        raise NotNow("Si rettifica solo un report pubblicato: una bozza si ricostruisce.")
    later = Edizione.objects.filter(rettifica=edizione).defer("contenuto").first()
    if later is None:
        return
    if later.pubblicata:
        raise NotNow(
            f"Il n. {edizione.numero_completo} è già rettificato dal n. {later.numero_completo}:"
            " si rettifica quello."
        )
    raise NotNow("C'è già una rettifica in preparazione: pubblicarla, o abbandonarla.")


@contextmanager
def in_turn() -> Iterator[None]:
    """All or nothing; a page does not wait for ever for what somebody else holds.

    Raises:
        NotNow: somebody else holds it for too long.
    """
    try:
        with transaction.atomic(), patient(_PATIENCE):
            yield
    except Busy as busy:
        raise NotNow(
            "È in corso un'altra operazione sui report: non è stato cambiato nulla, riprovare fra"
            " qualche minuto."
        ) from busy


def locked(edizione: Edizione, *, by: User) -> Edizione:
    """Return an edition that nobody else changes meanwhile, to who may publish it.

    Raises:
        NotThere: it is gone.
        PermissionDenied: the person may not publish, or not read this report.
    """
    roles.require(by, PUBLISH)
    if by.username != SYSTEM_USERNAME and not edizione.dichiarazione.readable_by(
        by, edizione.provincia_id or ""
    ):
        raise PermissionDenied
    found = Edizione.objects.select_for_update(of=("self",)).filter(pk=edizione.pk).first()
    if found is None:
        raise NotThere("Il report non c'è più: cercarlo nell'archivio.")
    return found


def _draft(edizione: Edizione, contenuto_sha256: str) -> tuple[Documento, Frontespizio]:
    """Return the draft that was read."""
    pubblicabile(edizione)
    if edizione.contenuto_sha256 != contenuto_sha256:
        raise NotNow("La bozza è cambiata dopo che è stata aperta: rileggerla prima di pubblicare.")
    documento, front = edizione.dati()
    if documento.esempio and not settings.DEMO:
        raise NotNow("La bozza contiene dati di esempio, che non si pubblicano.")
    return documento, front


def _still_so(edizione: Edizione, documento: Documento, front: Frontespizio) -> tuple[Avviso, ...]:
    """Return what the checks find now, if the data and the warnings are those of the draft."""
    report = edizione.dichiarazione
    parametri = report.riletti(edizione.periodo, edizione.provincia_id)
    now = componi(report, parametri)
    if encode(now, front) != edizione.contenuto:
        changed = len(differenze(documento, now))
        words = {0: "", 1: " (1 differenza)"}.get(changed, f" ({changed} differenze)")
        raise NotNow(
            f"I dati sono cambiati dopo la bozza{words}: ricostruirla e rileggerla prima di"
            " pubblicare."
        )
    found = avvisi(report, parametri, now)
    if set(found) - set(front.avvisi):
        raise NotNow(
            "Dopo la bozza sono emerse altre segnalazioni: ricostruirla e rileggerla prima di"
            " pubblicare."
        )
    return found


def _decided(found: tuple[Avviso, ...], decisione: str) -> str:
    words = words_of("decisione", decisione)
    grave = len(da_decidere(found))
    if grave and not words:
        many = "C'è 1 segnalazione" if grave == 1 else f"Ci sono {grave} segnalazioni"
        raise ValidationError({"decisione": f"{many}: scrivere perché si pubblica ugualmente."})
    return words if found else ""


def words_of(name: str, text: str) -> str:
    """Return what a person wrote, without blanks around it.

    Raises:
        ValidationError: it is too long; beside the field `name`.
    """
    found = text.strip()
    if len(found) > LONGEST:
        raise ValidationError({name: f"Al massimo {LONGEST} caratteri: ora sono {len(found)}."})
    return found


def _next_number() -> tuple[datetime, int]:
    """Return the moment and the number in its year of Rome: without gaps, and in the same order.

    The lock lasts until the transaction ends: a number that is not used is given again.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_NUMBERS])
    moment = timezone.localtime().replace(microsecond=0)
    last = Edizione.objects.filter(anno=moment.year).aggregate(last=Max("numero"))["last"]
    return moment, (last or 0) + 1


def _front(edizione: Edizione, found: tuple[Avviso, ...]) -> Frontespizio:
    return Frontespizio(
        stato=Stato.CONSOLIDATO,
        numero=edizione.numero_completo,
        edizione=edizione.edizione,
        pubblicato_il=edizione.pubblicata_il,
        pubblicato_da=str(edizione.pubblicata_da),
        rettifica=edizione.rettifica.numero_completo if edizione.rettifica else "",
        errata=edizione.errata,
        avvisi=found,
        decisione=edizione.decisione,
    )


def _freeze(
    edizione: Edizione, documento: Documento, front: Frontespizio, files: list[File]
) -> None:
    """Write the files while it still is a draft, then what makes them final."""
    edizione.file.all().delete()
    FileEdizione.objects.bulk_create(FileEdizione.of(edizione, file) for file in files)
    edizione.contenuto = encode(documento, front)
    edizione.contenuto_sha256 = sha256(edizione.contenuto)
    edizione.stato, edizione.messaggio = Edizione.Stato.PUBBLICATA, ""
    edizione.esempio = documento.esempio
    edizione.save()
