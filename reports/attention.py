"""What the reports ask of people: drafts to read, builds that failed, mails that did not leave."""

from collections.abc import Iterator

from django.urls import reverse

from porfse.attention import Waiting
from porfse.models import User
from reports.filters_invii import DA_CHIARIRE, DA_CURARE
from reports.models import Edizione, Invio
from reports.models.edizioni import BUILD
from reports.services.consegna import da_chiarire, da_curare

_AREA = "Report"
Stato = Edizione.Stato


def waiting(user: User) -> Iterator[Waiting]:
    """Yield what waits for who builds reports, and for who sends them."""
    if user.has_perm(BUILD):
        archive = reverse("reports:archivio")
        found = Edizione.objects.visible_to(user)
        yield Waiting(
            _AREA,
            found.filter(stato=Stato.BOZZA),
            "bozza di report attende di essere letta e pubblicata",
            "bozze di report attendono di essere lette e pubblicate",
            "Apri le bozze",
            f"{archive}?stato={Stato.BOZZA}",
        )
        yield Waiting(
            _AREA,
            found.filter(stato=Stato.FALLITA),
            "report non è stato costruito",
            "report non sono stati costruiti",
            "Apri i report non riusciti",
            f"{archive}?stato={Stato.FALLITA}",
        )
    if user.has_perm("reports.send_reports"):
        outbox = reverse("reports:invii")
        mails = Invio.objects.filter(edizione__in=Edizione.objects.visible_to(user))
        yield Waiting(
            _AREA,
            mails.filter(da_curare()),
            "invio di un report non è riuscito",
            "invii di report non sono riusciti",
            "Apri gli invii non riusciti",
            f"{outbox}?stato={DA_CURARE}",
        )
        yield Waiting(
            _AREA,
            mails.filter(da_chiarire()),
            "invio di un report ha un esito non noto",
            "invii di report hanno un esito non noto",
            "Apri gli invii da chiarire",
            f"{outbox}?stato={DA_CHIARIRE}",
        )
