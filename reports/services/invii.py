"""Sending editions: who would be written to, the mails that are asked for, those asked for again.

Mails leave from the workers (`reports.services.consegna`).
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.db import transaction
from django.db.models import F, Q
from kombu.exceptions import OperationalError

from porfse import audit, roles
from porfse.errors import NotThere
from porfse.flows.errors import NotNow
from porfse.models import User
from reports.models import Destinatario, Edizione, Invio
from reports.services.consegna import da_curare, rifiuto, smarrito
from reports.services.destinatari import SEND
from reports.services.lettera import Lettera, lettera
from reports.services.regole import impedimenti, motivo

log = logging.getLogger(__name__)
Stato = Invio.Stato
NOBODY = "Non c'è nessun destinatario a cui inviare: controllare l'elenco."


@dataclass(frozen=True)
class Voce:
    """An address that an edition would go to.

    Attributes:
        invio: the mail of this edition that was asked for already; None if none was.
        motivo: why it gets none; empty if it would.
    """

    destinatario: Destinatario
    invio: Invio | None
    motivo: str

    @property
    def da_inviare(self) -> bool:
        return self.invio is None and not self.motivo


@dataclass(frozen=True)
class Anteprima:
    """All that would be sent, and to whom.

    Attributes:
        impedimento: why it cannot be sent at all; then there is no letter.
    """

    edizione: Edizione
    voci: tuple[Voce, ...]
    impedimento: str

    @property
    def indirizzi(self) -> tuple[str, ...]:
        """The addresses that would be written to, in order."""
        if self.impedimento:
            return ()
        return tuple(item.destinatario.email for item in self.voci if item.da_inviare)

    @cached_property
    def lettera(self) -> Lettera | None:
        """What they would be written; read when it is looked at, as many pages do not."""
        return None if self.impedimento else lettera(self.edizione)


def anteprima(edizione: Edizione) -> Anteprima:
    """Return what sending an edition would do; nothing is written."""
    return _anteprime([edizione])[0]


def anteprime(*, by: User, report: str, periodo: str) -> list[Anteprima]:
    """Return what sending all editions in force of a report for a period would do.

    Returns:
        One for each edition that the person may see, the Region first, then by provincia.
    """
    rows = Edizione.objects.visible_to(by).in_force().select_related("provincia")
    return _anteprime(list(rows.filter(report=report, periodo=periodo).defer("contenuto")))


def invia(*, by: User, edizione: Edizione, destinatari: Collection[str]) -> list[Invio]:
    """Ask for an edition to be sent, to exactly the addresses that the person has seen.

    Args:
        destinatari: the addresses of the preview.

    Raises:
        NotThere: the edition is not one that the person may see.
        NotNow: it cannot be sent, or the addresses are no longer those, or there are none.
    """
    with transaction.atomic():
        (seen,) = _locked(by, [edizione.pk])
        made = _ask(by, seen, destinatari)
        accoda(made)
    return made


@transaction.atomic
def invia_insieme(*, by: User, destinatari: Mapping[int, Collection[str]]) -> list[Invio]:
    """Ask for several editions to be sent, all of them or none.

    Args:
        destinatari: of each edition, by its key, the addresses of its preview.

    Raises:
        NotThere, NotNow: as `invia`, saying of which edition.
    """
    made: list[Invio] = []
    for seen in _locked(by, destinatari):
        try:
            made += _ask(by, seen, destinatari[seen.edizione.pk])
        except NotNow as refused:
            raise NotNow(f"{seen.edizione}: {refused}") from refused
    if not made:
        raise NotNow(NOBODY)
    accoda(made)
    return made


def ripetibile(invio: Invio) -> bool:
    """Say whether sending a mail again may reach its address twice: it is not known if it left.

    Raises:
        NotNow: it is not sent again: it was sent, waits, or is being sent, or must not leave.
    """
    unsure = smarrito(invio)
    if not unsure and invio.stato != Stato.FALLITO:
        raise NotNow(
            f"Il messaggio è «{invio.get_stato_display()}»: si ripete solo un invio non riuscito."
        )
    refused = rifiuto(invio)
    if refused:
        raise NotNow(refused)
    return unsure


@transaction.atomic
def ripeti(*, by: User, invio: Invio, forse_arrivato: bool = False) -> Invio:
    """Ask for a mail to be sent again: one that failed, or of which it is not known if it left.

    Args:
        forse_arrivato: the person knows that the mail may have left, and would arrive twice.

    Raises:
        NotThere: it is not one that the person may see.
        NotNow: it is not `ripetibile`; or it may have left, and the person has not said so.
    """
    found = next(iter(_to_repeat(by, Q(pk=invio.pk))), None)
    if found is None:
        raise NotThere("Il messaggio non c'è: cercarlo fra gli invii.")
    unsure = ripetibile(found)
    if unsure and not forse_arrivato:
        raise NotNow("Il messaggio può essere già arrivato: confermare che si invia di nuovo.")
    _wait(by, found, esito="non noto" if unsure else "non inviato")
    accoda([found])
    return found


@transaction.atomic
def ripeti_tutti(*, by: User) -> list[Invio]:
    """Ask for all mails that failed, and are still wanted, to be sent again.

    Raises:
        NotNow: there is none.
    """
    found = _to_repeat(by, da_curare())
    if not found:
        raise NotNow("Nessun messaggio non riuscito è da inviare di nuovo.")
    for invio in found:
        _wait(by, invio, esito="non inviato")
    accoda(found)
    return found


def accoda(invii: Iterable[Invio]) -> None:
    """Give mails that wait to the workers, once the transaction has ended.

    If the workers cannot be told, the mails wait: they are found when these are back.
    """
    keys = [item.pk for item in invii]
    transaction.on_commit(lambda: _tell(keys))


def _tell(keys: Collection[int]) -> None:
    from reports.tasks.invii import consegna  # it imports what sends

    try:
        for key in keys:
            consegna.delay(key)
    except OperationalError as error:
        log.warning("invii %s: in attesa, la coda non risponde (%s)", keys, error)


def _anteprime(edizioni: Collection[Edizione]) -> list[Anteprima]:
    """Return what sending each would do, in their order; the reads are as many for one as for all.

    The letters are not among them.
    """
    refused = impedimenti(edizioni)
    asked = {
        (item.edizione_id, item.email.lower()): item
        for item in Invio.objects.filter(edizione__in=[item.pk for item in edizioni])
    }
    known: dict[str | None, list[Destinatario]] = defaultdict(list)
    for item in Destinatario.objects.filter(attivo=True):
        known[item.provincia_id].append(item)

    def of(edizione: Edizione, to: Destinatario) -> Voce:
        before = asked.get((edizione.pk, to.email.lower()))
        return Voce(to, before, motivo(edizione, to.email))

    return [
        Anteprima(item, tuple(of(item, to) for to in known[item.provincia_id]), refused[item.pk])
        for item in edizioni
    ]


def _locked(by: User, keys: Collection[int]) -> list[Anteprima]:
    """Lock editions, so that of two that send them one comes after the other.

    The Region first, then by provincia: in the order in which editions are asked for, so that
    nobody waits for who waits for him.
    """
    roles.require(by, SEND)
    rows = Edizione.objects.visible_to(by).select_related("provincia").defer("contenuto")
    ordered = rows.order_by(F("provincia").asc(nulls_first=True), "pk")
    found = list(ordered.select_for_update(of=("self",), no_key=True).filter(pk__in=keys))
    if len(found) < len(keys):
        raise NotThere("Il report non c'è: cercarlo nell'archivio.")
    return _anteprime(found)


def _ask(by: User, seen: Anteprima, destinatari: Collection[str]) -> list[Invio]:
    """Write the mails of a locked edition, if the addresses are those that the person has seen."""
    if seen.impedimento:
        raise NotNow(seen.impedimento)
    if sorted(seen.indirizzi) != sorted(destinatari):
        raise NotNow(
            "I destinatari sono cambiati da quando la pagina è stata aperta: nulla è stato inviato."
            " Rileggere l'elenco e confermare di nuovo."
        )
    if not seen.indirizzi:
        raise NotNow(NOBODY)
    made = Invio.objects.bulk_create(
        Invio(
            edizione=seen.edizione,
            email=item.destinatario.email,
            nome=item.destinatario.nome,
            richiesto_da=by,
        )
        for item in seen.voci
        if item.da_inviare
    )
    emails = [item.email for item in made]
    audit.record(by=by, action="report.invio_chiesto", on=seen.edizione, destinatari=emails)
    return made


def _to_repeat(by: User, which: Q) -> list[Invio]:
    """Lock mails of the editions that a person may see, in one order."""
    roles.require(by, SEND)
    visible = Edizione.objects.visible_to(by).values("pk")
    rows = Invio.objects.select_related("edizione__provincia").defer("edizione__contenuto")
    found = rows.select_for_update(of=("self",)).filter(which, edizione__in=visible)
    return list(found.order_by("pk"))


def _wait(by: User, invio: Invio, *, esito: str) -> None:
    """Put a mail to wait again, as if it had never been tried."""
    audit.record(
        by=by, action="report.invio_ripetuto", on=invio.edizione,
        destinatario=invio.email, esito=esito, errore=invio.errore,
    )  # fmt: skip
    invio.stato, invio.errore, invio.tentativi = Stato.IN_CODA, "", 0
    invio.save()
