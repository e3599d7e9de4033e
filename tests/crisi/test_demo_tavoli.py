"""The example meetings of the demonstration: labelled, once, and nowhere else."""

import io

import pytest
from django.core.management import CommandError, call_command

from crisi.models import Seguito, Tavolo
from tests.factories.crisi import make_unita

pytestmark = pytest.mark.django_db


def load() -> str:
    out = io.StringIO()
    call_command("demo_crisi", stdout=out)
    return out.getvalue()


def test_every_example_meeting_is_labelled_and_speaks_of_example_procedures(settings):
    settings.DEMO = True
    example = make_unita("BG", esempio=True, alta_complessita=True).procedura
    make_unita("BG", alta_complessita=True)
    assert load() == "Crisi: inseriti 4 tavoli di esempio.\n"
    assert set(Tavolo.objects.values_list("esempio", flat=True)) == {True}
    assert set(Tavolo.objects.values_list("procedure", flat=True)) == {None, example.pk}
    assert Seguito.objects.filter(fatto_il=None).count() == 4


def test_a_second_time_nothing_is_added(settings):
    settings.DEMO = True
    load()
    Tavolo.objects.filter(tipo="regionale").first().delete()
    assert load() == ""
    assert Tavolo.objects.count() == 3


def test_it_refuses_outside_the_demonstration(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="solo nella dimostrazione"):
        load()
    assert not Tavolo.objects.exists()
