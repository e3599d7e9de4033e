"""Reference data: complete, the same however often they are loaded, mended if touched."""

import hashlib
import io
import json
from datetime import date

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.serializers.json import DjangoJSONEncoder

from porfse import seeding
from porfse.models import Atto, AuditEvent, Comune, Fonte, Provincia, User

pytestmark = pytest.mark.django_db

OURS = [
    model
    for config in apps.get_app_configs()
    if config.path.startswith(str(settings.BASE_DIR)) and ".venv" not in config.path
    for model in config.get_models()
]


def state() -> dict[str, tuple[int, str]]:
    """Of each table of ours: how many rows, and a digest of what they hold."""
    found = {}
    for model in OURS:
        rows = list(model._default_manager.order_by("pk").values())
        text = json.dumps(rows, cls=DjangoJSONEncoder, sort_keys=True)
        found[model._meta.label] = (len(rows), hashlib.sha256(text.encode()).hexdigest())
    return found


def test_loading_again_changes_nothing():
    before = state()
    assert before["porfse.Comune"][0] == 1508
    assert before["programme.Impegno"][0] > 0
    call_command("seed", quiet=True)
    assert state() == before


def test_touched_places_are_mended():
    before = state()
    Comune.objects.filter(codice_istat="015146").update(nome="Milan", soppresso_il="2021-01-01")
    Provincia.objects.filter(sigla="MI").update(citta_metropolitana=False)
    call_command("seed", quiet=True)
    assert state() == before


def test_all_places_are_there():
    assert Provincia.objects.count() == 12
    assert list(Provincia.objects.filter(citta_metropolitana=True)) == [
        Provincia.objects.get(sigla="MI")
    ]
    assert Comune.objects.filter(soppresso_il=None).count() == 1501
    assert Comune.objects.exclude(soppresso_il=None).exclude(confluito_in=None).count() == 7
    assert not Comune.objects.filter(soppresso_il=None).exclude(confluito_in=None).exists()
    bardello = Comune.objects.get(nome="Bardello")
    assert bardello.confluito_in.nome == "Bardello con Malgesso e Bregano"


def test_nothing_loaded_is_an_example_or_a_person():
    assert not Fonte.objects.filter(genere=Fonte.Genere.ESEMPIO).exists()
    assert [person.username for person in User.objects.all()] == ["sistema"]


def test_the_command_says_what_it_loaded_unless_told_to_be_quiet():
    loud, quiet = io.StringIO(), io.StringIO()
    call_command("seed", stdout=loud)
    call_command("seed", quiet=True, stdout=quiet)
    assert loud.getvalue().splitlines()[:2] == [
        "Amministrazione: dati di riferimento caricati.",
        "Programma: dati di riferimento caricati.",
    ]
    assert quiet.getvalue() == ""


def test_loading_leaves_no_trace_in_the_register_of_people():
    before = AuditEvent.objects.count()
    call_command("seed", quiet=True)
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DGR 5112/2021", ("DGR", "5112", 2021, None)),
        ("decreto 3516 del 2020-03-18", ("decreto", "3516", 2020, date(2020, 3, 18))),
        (
            "decisione C(2020) 7664 del 2020-11-09",
            ("decisione", "C(2020) 7664", 2020, date(2020, 11, 9)),
        ),
    ],
)
def test_acts_are_read_as_the_sources_quote_them(text, expected):
    found = seeding.act(text)
    assert (found.tipo, found.numero, found.anno, found.data) == expected
    assert seeding.act(text) == found


def test_an_act_keeps_its_day_when_it_is_quoted_without():
    quoted = seeding.act("decreto 993516 del 2020-03-18")
    assert seeding.act("decreto 993516/2020") == quoted
    assert Atto.objects.get(pk=quoted.pk).data == date(2020, 3, 18)


@pytest.mark.parametrize("text", ["", "DGR", "DGR 5112", "DGR 5112 del 18.03.2020", "5112/2021"])
def test_other_acts_are_refused_by_name(text):
    before = Atto.objects.count()
    with pytest.raises(ValueError, match="atto non leggibile"):
        seeding.act(text)
    assert Atto.objects.count() == before
