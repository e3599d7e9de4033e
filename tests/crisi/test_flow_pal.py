"""Each code of `pal-trimestrale` on a file of its own, and what becomes of the good rows."""

from collections.abc import Iterable, Mapping
from datetime import date

import pytest
import time_machine

from crisi.models import AvanzamentoPAL, MonitoraggioTrimestrale, UnitaProduttiva
from porfse.flows import services
from porfse.flows.errors import NotNow
from porfse.flows.source import source_of
from porfse.flows.stage import Stage
from porfse.models import Flow, FlowRow, FlowWarning
from tests.factories.crisi import make_monitoraggio, make_nucleo, make_pal, make_unita
from tests.factories.flows import acquired, validated

pytestmark = pytest.mark.django_db

T2, T3 = "2025-T2", "2025-T3"


@pytest.fixture
def site() -> UnitaProduttiva:
    """A site in Bergamo of forty workers, and its quarter, open."""
    make_monitoraggio("BG", T3)
    return make_unita("BG", 40, data_avvio=date(2025, 3, 1))


def pal(unita: UnitaProduttiva, **fields: object) -> dict[str, str]:
    """A row of `pal-trimestrale` that is right in all, unless told otherwise."""
    values = {
        "provincia": unita.comune.provincia_id,
        "trimestre": T3,
        "codice_pratica": unita.procedura.codice_pratica,
        "id_unita": unita.codice,
        "sospesi": 30,
        "step1": 10,
        "step2": 8,
        "step3": 5,
        "step4": 4,
        "no_pal": 2,
        "motivo_esonero": "Prossimi alla pensione",
    }
    return {name: str(value) for name, value in (values | fields).items()}


def check(rows: Iterable[Mapping[str, str]], **options: object) -> Flow:
    return validated(list(rows), source="pal-trimestrale", **options)


def acquire(*rows: Mapping[str, str], **options: object) -> Flow:
    flow = acquired(list(rows), source="pal-trimestrale", **options)
    assert flow.stato == "acquisito", flow.messaggio
    return flow


def codes(flow: Flow) -> dict[int, list[str]]:
    """The codes of the refused rows by line; the header is line 1."""
    return dict(FlowRow.objects.filter(flusso=flow).values_list("riga", "codici"))


def warnings(flow: Flow) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for line, code in FlowWarning.objects.filter(flusso=flow).values_list("riga", "codice"):
        found.setdefault(line, []).append(code)
    return found


def in_force(trimestre: str = T3) -> list[tuple]:
    rows = AvanzamentoPAL.objects.in_force().filter(trimestre=trimestre).order_by("unita")
    return list(rows.values_list("sospesi", "step1", "step4", "no_pal", "motivo_esonero"))


WRONG = [
    ({"provincia": ""}, ["E001"]),
    ({"provincia": "RM"}, ["E001"]),
    ({"trimestre": "2025-T5"}, ["E004"]),
    ({"trimestre": "3° trimestre 2025"}, ["E004"]),
    ({"codice_pratica": ""}, ["E001"]),
    ({"id_unita": ""}, ["E001"]),
    ({"sospesi": ""}, ["E001"]),
    ({"sospesi": "-3"}, ["E021"]),
    ({"step1": "due"}, ["E021"]),
    ({"step4": "1,5"}, ["E021"]),
    ({"no_pal": "-1"}, ["E021"]),
    ({"sospesi": "28"}, ["E023"]),
    ({"step1": "?", "sospesi": "10"}, ["E021", "E023"]),
    ({"codice_pratica": "che-non-esiste"}, ["E024"]),
    ({"id_unita": "che-non-esiste"}, ["E024"]),
    ({"trimestre": "2025-T4"}, ["E026"]),
    ({"provincia": "MI"}, ["E025", "E026"]),
    ({"motivo_esonero": "x" * 201}, ["E001"]),
    ({"strumenti": "dul; gol"}, ["E027"]),
    ({"strumenti": "dul, tirocinio"}, ["E027"]),
]


@pytest.mark.parametrize(("fields", "expected"), WRONG)
def test_a_wrong_value_refuses_its_row_with_its_code(site, fields, expected):
    others = [make_unita("BG", 40, procedura=site.procedura) for _ in range(2)]
    rows = [pal(others[0]), pal(site, **fields), pal(others[1])]
    flow = check([{"strumenti": ""} | row for row in rows])
    assert codes(flow) == {3: expected}
    assert (flow.righe, flow.accettate, flow.importo) == (3, 2, 8)


def test_the_five_may_be_all_the_suspended(site):
    assert codes(check([pal(site, sospesi=29)])) == {}


def test_a_site_twice_in_a_quarter_stands_where_it_came_first(site):
    make_monitoraggio("BG", T2)
    rows = [pal(site), pal(site, trimestre=T2), pal(site, sospesi=29)]
    assert codes(check(rows)) == {4: ["E006"]}


@pytest.mark.parametrize(
    "fields",
    [
        {"tipo": "LIC"},
        {"stato": "ritirata"},
        {"data_avvio": date(2025, 10, 1)},
        {"esempio": True},
    ],
)
def test_a_procedure_that_reports_nothing_is_not_known(site, fields):
    other = make_unita("BG", 40, **fields)
    assert codes(check([pal(site), pal(other)])) == {3: ["E024"]}


def test_an_example_knows_examples_alone(site):
    example = make_unita("BG", 40, esempio=True, data_avvio=date(2025, 3, 1))
    assert codes(check([pal(site), pal(example)], example=True)) == {2: ["E024"]}


# --- Quarters -----------------------------------------------------------------------------------
CLOSED = [
    ({"stato": "trasmesso"}, False),
    ({"stato": "validato"}, False),
    ({"stato": "validato", "riaperto_fino_al": date(2025, 12, 9)}, False),
    ({"stato": "validato", "riaperto_fino_al": date(2025, 12, 10)}, True),
    ({"stato": "restituito"}, True),
    ({"stato": "compilato"}, True),
]


@pytest.mark.parametrize(("fields", "opened"), CLOSED)
@time_machine.travel("2025-12-10 12:00Z", tick=False)
def test_a_quarter_that_is_locked_refuses_its_rows_and_the_preview_says_until_when(fields, opened):
    sent = {"trasmesso_il": "2025-10-20T10:00Z"}
    make_monitoraggio("BG", T3, **fields | sent)
    make_monitoraggio("MI", T3)
    rows = [pal(make_unita("BG")), pal(make_unita("MI"))]
    flow = check(
        [row | {"sospesi": "5", "step1": "0", "step2": "0", "step3": "0", "no_pal": "0"}
         for row in rows]
    )  # fmt: skip
    assert codes(flow) == ({} if opened else {2: ["E026"]})
    source = source_of(flow.sorgente)
    [shown] = source.preview(Stage(flow, source))
    words = {line[1]: line[3] for line in shown.righe}
    assert words["MI"] == "Sì, fino alla trasmissione (entro il 31.10.2025)."
    assert words["BG"].startswith("Sì" if opened else "No. Il 3° trimestre 2025 di BG è")
    if "riaperto_fino_al" in fields:
        assert ("10.12.2025 compreso" if opened else "terminata il 09.12.2025") in words["BG"]


def test_a_quarter_that_closes_after_the_validation_stops_the_acquisition(site):
    flow = check([pal(site)])
    services.ask_acquisition(flow.pk, by=flow.caricato_da)
    MonitoraggioTrimestrale.objects.update(stato="trasmesso", trasmesso_il="2025-10-20T10:00Z")
    flow = services.acquire(flow.pk, by=flow.caricato_da)
    assert flow.stato == "validato"
    assert "è stato trasmesso" in flow.messaggio
    assert in_force() == []


# --- Who ----------------------------------------------------------------------------------------
def test_a_nucleo_loads_its_own_provincia(site):
    make_monitoraggio("MI", T3)
    elsewhere, unseen = make_unita("MI", 40), make_unita("MI", 40)
    shared = make_unita("MI", 40, procedura=site.procedura)
    rows = [
        pal(site),
        pal(elsewhere),
        pal(unseen, provincia="BG"),  # of a procedure that it does not see
        pal(shared, provincia="BG"),  # of one that it sees
        pal(elsewhere, id_unita="che-non-esiste"),
    ]
    assert codes(check(rows, by=make_nucleo("BG"))) == {
        3: ["E025"],
        4: ["E024"],
        5: ["E025"],
        6: ["E025"],
    }
    flow = check([pal(site), pal(elsewhere), pal(shared, provincia="BG")])
    assert codes(flow) == {4: ["E025"]}


def test_a_nucleo_acquires_what_it_loaded(site):
    person = make_nucleo("BG")
    flow = check([pal(site)], by=person)
    services.ask_acquisition(flow.pk, by=person)
    assert services.acquire(flow.pk, by=person).stato == "acquisito"
    assert AvanzamentoPAL.objects.get().autore == person


def test_an_operator_acquires_all_provinces(site, user):
    make_monitoraggio("MI", T3)
    acquire(pal(site), pal(make_unita("MI", 40)), by=user("operatore"))
    assert len(in_force()) == 2


# --- What becomes of the rows -------------------------------------------------------------------
def test_rows_become_progress_and_all_of_them_compile_the_quarter(site):
    flow = acquire(pal(site))
    assert in_force() == [(30, 10, 4, 2, "Prossimi alla pensione")]
    assert AvanzamentoPAL.objects.get().flusso == flow
    assert MonitoraggioTrimestrale.objects.get().stato == "compilato"
    assert flow.gruppi == [{"key": "BG", "rows": 1, "amount": "4.00"}]


def test_resending_replaces_and_keeps_the_history(site):
    acquire(pal(site, step1=1, strumenti="altro", no_pal=1, motivo_esonero="Rientrati"))
    AvanzamentoPAL.objects.update(altro_strumento="Tirocini")
    acquire(pal(site, motivo_esonero=""))
    acquire(pal(site, step1=11, motivo_esonero=""))
    assert in_force() == [(30, 11, 4, 2, "Rientrati")]
    last = AvanzamentoPAL.objects.in_force().get()
    assert (last.strumenti, last.altro_strumento) == (["altro"], "Tirocini")
    steps = AvanzamentoPAL.objects.order_by("pk").values_list("step1", flat=True)
    assert list(steps) == [1, 10, 11]


def test_a_row_that_says_the_same_is_not_written_again(site):
    acquire(pal(site))
    acquire(pal(site), pal(make_unita("BG", 40, procedura=site.procedura)))
    assert AvanzamentoPAL.objects.filter(unita=site).count() == 1


def test_the_preview_sums_what_will_stand(site):
    other = make_unita("BG", 40, procedura=site.procedura)
    make_pal(site, T3, step4=9)
    make_pal(other, T3, step4=5)
    flow = check([pal(site)])
    source = source_of(flow.sorgente)
    assert source.changes(Stage(flow, source)) == [
        {"voce": "STEP 4, 3° trimestre 2025, Bergamo", "oggi": 14, "flusso": 4, "dopo": 9}
    ]


def test_cancelling_puts_the_versions_before_back(site):
    other = make_unita("BG", 40, procedura=site.procedura)
    third = make_unita("BG", 40, procedura=site.procedura)
    acquire(pal(site, step1=3), pal(third))
    flow = acquire(pal(site, step1=7), pal(other), pal(third, step1=1))
    acquire(pal(third, step1=2))  # somebody corrects one of its rows
    services.cancel(flow.pk, by=flow.caricato_da, reason="prova")
    rows = AvanzamentoPAL.objects.in_force().order_by("unita").values_list("unita", "step1")
    assert list(rows) == [(site.pk, 3), (third.pk, 2)]
    assert MonitoraggioTrimestrale.objects.get().stato == "aperto"
    assert list(
        AvanzamentoPAL.objects.filter(unita=site).order_by("pk").values_list("step1", flat=True)
    ) == [3, 7, 3]


def test_a_flow_whose_quarter_is_locked_is_not_cancelled(site):
    flow = acquire(pal(site))
    MonitoraggioTrimestrale.objects.update(stato="trasmesso", trasmesso_il="2025-10-20T10:00Z")
    assert "è stato trasmesso" in source_of(flow.sorgente).obstacle(flow)
    with pytest.raises(NotNow, match="è stato trasmesso"):
        services.cancel(flow.pk, by=flow.caricato_da, reason="prova")
    assert len(in_force()) == 1


# --- Warnings -----------------------------------------------------------------------------------
def test_steps_above_the_workers_of_the_site(site):
    known, unknown = (make_unita("BG", n, procedura=site.procedura) for n in (28, None))
    assert warnings(check([pal(site), pal(known), pal(unknown)])) == {3: ["W301"]}


def test_suspended_that_change_by_more_than_half(site):
    make_monitoraggio("BG", T2)
    sites = [make_unita("BG", 400, procedura=site.procedura) for _ in range(3)]
    for each, before in zip(sites, (20, 19, 61), strict=True):
        make_pal(each, T2, sospesi=before)
    flow = check([pal(each) for each in sites])
    assert warnings(flow) == {3: ["W302"], 4: ["W302"]}
    # The quarter before may come in the same file.
    assert warnings(check([pal(site, trimestre=T2, sospesi=90), pal(site)])) == {3: ["W302"]}


def test_progress_of_a_procedure_that_had_ended(site):
    ended = make_unita("BG", 40, data_avvio=date(2025, 1, 1), data_fine=date(2025, 6, 30))
    running = make_unita("BG", 40, data_avvio=date(2025, 1, 1), data_fine=date(2025, 7, 1))
    assert warnings(check([pal(ended), pal(running)])) == {2: ["W303"]}


def test_a_share_of_activation_that_falls_marks_the_rows_of_its_provincia(site):
    make_monitoraggio("MI", T3)
    steady, other = make_unita("MI", 40), make_unita("BG", 40, procedura=site.procedura)
    make_pal(site, T2, sospesi=30, step4=4)
    make_pal(steady, T2, sospesi=30, step4=4)
    make_pal(other, T3, sospesi=30, step4=3)  # stored, and part of the share
    flow = check([pal(site), pal(steady)])
    assert warnings(flow) == {2: ["W304"]}
