from datetime import timedelta

import pytest
from django.utils import timezone

from porfse.attention import attention_for
from reports.models import Destinatario, Invio
from tests.factories.reports import make_edizione

pytestmark = pytest.mark.django_db


def told(user) -> dict[str, str]:
    return {item.testo: item.url for item in attention_for(user) if item.area == "Report"}


def make_mail(edizione, by, number: int, stato: str) -> Invio:
    Destinatario.objects.create(nome="Ufficio", email=f"{number}@prova.example")
    return Invio.objects.create(
        edizione=edizione,
        email=f"{number}@prova.example",
        nome="Ufficio",
        stato=stato,
        richiesto_da=by,
    )


def test_drafts_and_failed_builds_wait_for_who_builds(prova, user):
    make_edizione(prova, "bozza")
    make_edizione(prova, "bozza", provincia="BG")
    make_edizione(prova, "fallita", provincia="BS")
    make_edizione(prova, "scartata", provincia="CO")
    archive = "/report/archivio/?stato="
    assert told(user("gestore")) == {
        "2 bozze di report attendono di essere lette e pubblicate.": f"{archive}bozza",
        "1 report non è stato costruito.": f"{archive}fallita",
    }
    assert told(user("lettore")) == {}


def test_mails_that_failed_or_may_have_left_wait_for_who_sends(prova, user):
    gestore = user("gestore")
    edizione = make_edizione(prova, "pubblicata")
    make_mail(edizione, gestore, 1, Invio.Stato.FALLITO)
    make_mail(edizione, gestore, 2, Invio.Stato.IN_CODA)
    lost = make_mail(edizione, gestore, 3, Invio.Stato.IN_INVIO)
    overtaken = make_mail(edizione, gestore, 4, Invio.Stato.FALLITO)
    Destinatario.objects.filter(email=overtaken.email).update(attivo=False)
    old = make_mail(make_edizione(prova, "pubblicata", periodo="2025-B4"), gestore, 5, "in_invio")
    Invio.objects.filter(pk=old.pk).update(errore="Non confermato.")
    make_edizione(
        prova,
        "pubblicata",
        periodo="2025-B4",
        edizione=2,
        rettifica=old.edizione,
        errata="Corretto",
    )
    Invio.objects.filter(pk=lost.pk).update(aggiornato_il=timezone.now() - timedelta(days=1))
    assert told(gestore) == {
        "1 invio di un report non è riuscito.": "/report/invii/?stato=da_curare",
        "1 invio di un report ha un esito non noto.": "/report/invii/?stato=da_chiarire",
    }
