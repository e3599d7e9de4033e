"""The invented flows: what they hold, and how they go when real ones come."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from crisi.models import AvanzamentoPAL, Procedura, Tavolo, UnitaProduttiva
from porfse.codes import is_partita_iva
from porfse.flows.source import source_of
from porfse.management.commands import demo_flows
from porfse.models import Azienda, Flow, User
from tests.crisi.test_flow_pal import T3, pal
from tests.crisi.test_flow_vertenze import acquire, check, vertenza
from tests.factories.crisi import make_monitoraggio, make_procedura, make_unita
from tests.factories.flows import acquired

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(monkeypatch) -> None:
    """The examples of the crises, of which the progress refers to the procedures."""
    listed = [source_of("pal-trimestrale"), source_of("vertenze-online")]
    monkeypatch.setattr(demo_flows, "sources", lambda: listed)
    call_command("demo_flows", rows=180, stdout=io.StringIO())


def test_the_demonstration_has_procedures_in_each_provincia_and_their_progress(demo):
    vertenze, progress = (
        Flow.objects.get(sorgente=slug) for slug in ("vertenze-online", "pal-trimestrale")
    )
    assert (vertenze.stato, vertenze.esempio, vertenze.righe) == ("acquisito", True, 180)
    assert (progress.stato, progress.scartate) == ("acquisito", 0)
    assert not Procedura.objects.filter(esempio=False).exists()
    assert 100 <= Procedura.objects.count() <= 140
    assert UnitaProduttiva.objects.values("comune__provincia").distinct().count() == 12
    assert set(Procedura.objects.values_list("tipo", flat=True)) == {"CIGS_MIN", "CIGS_REG", "LIC"}
    assert set(Procedura.objects.values_list("stato", flat=True)) == {"aperta", "conclusa"}
    assert Procedura.objects.filter(alta_complessita=True).count() >= 5
    assert UnitaProduttiva.objects.filter(lavoratori=None).count() >= 5
    assert AvanzamentoPAL.objects.values("trimestre").distinct().count() == 2
    for company in Azienda.objects.all():
        assert company.esempio
        assert "Esempio" in company.denominazione
        assert company.codice_fiscale[7:10] == "000"
        assert is_partita_iva(company.codice_fiscale)


def test_a_real_flow_takes_the_examples_away_with_all_that_was_done_on_them(demo):
    invented = Procedura.objects.filter(unita__avanzamenti__isnull=False).first()
    table = Tavolo.objects.create(
        tipo="regionale", data=date(2025, 5, 5), oggetto="Prova", esempio=True,
        inserito_da=User.objects.sistema(),
    )  # fmt: skip
    table.procedure.add(invented)
    acquire(vertenza())
    assert list(Procedura.objects.values_list("esempio", flat=True)) == [False]
    assert not AvanzamentoPAL.objects.exists()
    assert not Azienda.objects.filter(esempio=True).exists()
    assert not Tavolo.objects.exists()
    examples = Flow.objects.filter(
        esempio=True, sorgente__in=["vertenze-online", "pal-trimestrale"]
    )
    assert set(examples.values_list("stato", flat=True)) == {"annullato"}


def test_an_example_company_that_something_else_refers_to_stays(demo):
    shared, _ = Azienda.objects.all()[:2]
    other = make_procedura(esempio=True, azienda=shared)  # not of the flow
    acquire(vertenza())
    assert list(Azienda.objects.filter(esempio=True)) == [shared]
    assert Procedura.objects.filter(pk=other.pk).exists()


def test_a_real_quarter_takes_the_example_of_the_quarters_alone(demo):
    invented = Procedura.objects.filter(esempio=True).count()
    site = make_unita("BG", 40, data_avvio=date(2025, 3, 1))
    make_monitoraggio("BG", T3)
    acquired([pal(site)], source="pal-trimestrale")
    assert list(AvanzamentoPAL.objects.values_list("unita", flat=True)) == [site.pk]
    assert Procedura.objects.filter(esempio=True).count() == invented


def test_an_example_comes_out_the_same_and_its_defects_are_refused():
    source = source_of("vertenze-online")
    options = {"rows": 200, "seed": 7, "defects": Decimal("0.3")}
    first, again = (list(source.example(**options)) for _ in range(2))
    assert first == again
    assert first != list(source.example(**options | {"seed": 8}))
    names = [column.name for column in source.columns]
    flow = check([dict(zip(names, line, strict=True)) for line in first], example=True)
    assert {"E002", "E004", "E005", "E020", "E021"} <= set(flow.codici)
    assert 30 <= flow.scartate <= 110


def test_progress_without_procedures_has_no_example(tmp_path):
    with pytest.raises(CommandError, match="caricare prima il flusso di esempio vertenze-online"):
        call_command("example_flow", "pal-trimestrale", rows=5, out=tmp_path / "x.csv")
