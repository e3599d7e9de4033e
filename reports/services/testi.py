"""The chapters that officials write: saved, sent to review, approved or sent back.

Each change is a version that is never changed itself. Who writes over what somebody else has
changed meanwhile is told so, and nothing is lost.
"""

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from porfse import audit, roles
from porfse.errors import BadInput, NotThere
from porfse.flows.errors import NotNow
from porfse.models import User
from programme.services import Conflict
from reports.models import Testo, VersioneTesto
from reports.narrativa import ErroreTesto, errori, nomi
from reports.parametri import Parametri
from reports.report import Report

WRITE = "reports.write_texts"
REVIEW = "reports.review_texts"
LONGEST = 20_000  # characters of a chapter
LONGEST_REASON = 500
Stato = Testo.Stato


@dataclass(frozen=True)
class Posto:
    """The place of a chapter: its report, its period, its key among `Report.testi`."""

    report: Report
    parametri: Parametri
    capitolo: str

    @property
    def titolo(self) -> str:
        return self.report.testi[self.capitolo]

    def trovato(self) -> Testo | None:
        """Return the chapter as it stands; None if nobody has written it yet."""
        return self._rows().select_related("scritto_da", "rivisto_da").first()

    def bloccato(self) -> Testo | None:
        """Return it, kept from others until the end of the transaction."""
        return self._rows().select_for_update().first()

    def nuovo(self, by: User) -> Testo:
        """Return it unsaved and blank."""
        return Testo(
            report=self.report.slug,
            periodo=self.parametri.testo,
            capitolo=self.capitolo,
            scritto_da=by,
        )

    def _rows(self) -> QuerySet[Testo]:
        return Testo.objects.filter(
            report=self.report.slug, periodo=self.parametri.testo, capitolo=self.capitolo
        )


def posto(report: Report, parametri: Parametri, capitolo: str) -> Posto:
    """Return the place of a chapter.

    Raises:
        NotThere: the report has no such chapter.
    """
    if capitolo not in report.testi:
        known = ", ".join(report.testi) or "nessuno"
        raise NotThere(f"Il report non ha il capitolo «{capitolo[:40]}»; i suoi sono: {known}.")
    return Posto(report, parametri, capitolo)


@transaction.atomic
def salva(*, by: User, dove: Posto, testo: str, versione: int) -> Testo:
    """Save a chapter as a draft; the same text twice is one version.

    Args:
        versione: the one that the person has changed; 0 if there was none.

    Raises:
        ErroreTesto: it cannot be told: a brace too many, a figure that does not exist.
        Conflict: somebody else has changed it meanwhile; `current` is what stands.
    """
    roles.require(by, WRITE)
    text = testo.replace("\r\n", "\n").strip()
    if len(text) > LONGEST:
        raise BadInput(f"Il testo supera {LONGEST} caratteri: accorciarlo.")
    wrong = errori(text, nomi(dove.report, dove.parametri))
    if wrong:
        raise ErroreTesto(wrong)
    found = dove.bloccato()
    if found is None and versione == 0:
        return _first(by, dove, text)
    _same(found, versione, dove)
    if text == found.testo:
        return found
    found.testo, found.scritto_da, found.scritto_il = text, by, timezone.now()
    found.rivisto_da = found.rivisto_il = None
    return _kept(found, by=by, stato=Stato.BOZZA, action="testo.salvato")


@transaction.atomic
def chiedi_revisione(*, by: User, dove: Posto, versione: int) -> Testo:
    """Send a draft to who approves.

    Raises:
        NotNow: it is blank, or no draft.
        Conflict: somebody else has changed it meanwhile.
    """
    roles.require(by, WRITE)
    found = _same(dove.bloccato(), versione, dove)
    if found.stato != Stato.BOZZA:
        raise NotNow(f"Il testo non è una bozza: è «{found.get_stato_display()}».")
    if not found.testo:
        raise NotNow("Il testo è vuoto: scriverlo prima di chiederne la revisione.")
    return _kept(found, by=by, stato=Stato.DA_RIVEDERE, action="testo.da_rivedere")


@transaction.atomic
def salva_e_chiedi(*, by: User, dove: Posto, testo: str, versione: int) -> Testo:
    """Save a chapter and send it to who approves: both, or neither.

    Raises:
        as `salva` and `chiedi_revisione`.
    """
    found = salva(by=by, dove=dove, testo=testo, versione=versione)
    return chiedi_revisione(by=by, dove=dove, versione=found.versione)


@transaction.atomic
def approva(*, by: User, dove: Posto, versione: int) -> Testo:
    """Approve a chapter that waits for it.

    Raises:
        NotNow: it does not.
        Conflict: somebody else has changed it since the person read it.
    """
    found = _awaiting(by, dove, versione)
    found.rivisto_da, found.rivisto_il = by, timezone.now()
    return _kept(found, by=by, stato=Stato.APPROVATO, action="testo.approvato")


@transaction.atomic
def rimanda(*, by: User, dove: Posto, versione: int, motivo: str) -> Testo:
    """Send a chapter back to who wrote it, with the reason.

    Raises:
        BadInput: no reason is given.
        NotNow: it does not wait for approval.
        Conflict: somebody else has changed it since the person read it.
    """
    found = _awaiting(by, dove, versione)
    reason = motivo.strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise BadInput(f"Scrivere il motivo del rinvio, al massimo {LONGEST_REASON} caratteri.")
    return _kept(found, by=by, stato=Stato.BOZZA, action="testo.rimandato", nota=reason)


def _awaiting(by: User, dove: Posto, versione: int) -> Testo:
    roles.require(by, REVIEW)
    found = _same(dove.bloccato(), versione, dove)
    if found.stato != Stato.DA_RIVEDERE:
        raise NotNow(f"Il testo non è da rivedere: è «{found.get_stato_display()}».")
    return found


def _first(by: User, dove: Posto, text: str) -> Testo:
    """Write a chapter for the first time; of two at once the second is told of the first."""
    made = dove.nuovo(by)
    made.testo, made.scritto_il = text, timezone.now()
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        _same(dove.bloccato(), 0, dove)
    return _kept(made, by=by, stato=Stato.BOZZA, action="testo.salvato")


def _same(found: Testo | None, versione: int, dove: Posto) -> Testo:
    """Return what stands if it is what the person has seen."""
    if found is None:
        raise NotThere(f"Il capitolo «{dove.titolo}» non è ancora stato scritto.")
    if found.versione != versione:
        raise Conflict("Il testo è stato modificato nel frattempo.", found)
    return found


def _kept(found: Testo, *, by: User, stato: str, action: str, nota: str = "") -> Testo:
    """Save a change as the next version."""
    found.versione += 1
    found.stato = stato
    found.save()
    VersioneTesto.objects.create(
        testo=found,
        versione=found.versione,
        contenuto=found.testo,
        stato=stato,
        autore=by,
        nota=nota,
    )
    reason = {"motivo": nota} if nota else {}
    audit.record(by=by, action=action, on=found, versione=found.versione, **reason)
    return found
