"""What a source may declare beside its columns, on one declared here."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection

from porfse.flows import columns as c
from porfse.flows import requests, services
from porfse.flows import source as registry
from porfse.flows.columns import Fault
from porfse.flows.errors import NotNow
from porfse.flows.services import Note
from porfse.flows.source import Elenco, Source
from porfse.models import Flow, FlowRow, User
from tests.factories.flows import acquired, received, validated

pytestmark = pytest.mark.django_db


class Presenze(Source):
    slug = "presenze"
    nome = "Presenze di prova"
    columns = (
        c.Testo("gruppo"),
        c.Testo("nome"),
        c.Intero("persone", required=False, present=True),
        c.Giorno("giorno", required=False),
    )
    key = "nome"
    within = ("gruppo",)
    amount = "persone"
    euro = False
    amount_label = "Persone"
    group = "s.gruppo"
    permission = "crisi.load_pal"
    codes = {"E021": "numero non intero"}
    waits = ""
    told: list[tuple[str, ...]]

    def prepare(self, stage):
        type(self).told.append(stage.absent)

    def preview(self, stage):
        rows = [(name,) for (name,) in stage.execute(f"SELECT nome FROM {stage.table} ORDER BY 1")]
        return [Elenco("Nomi del file", "Tutti quelli accettati.", ("Nome",), rows[:2], len(rows))]

    def undecided(self, flow):
        return self.waits

    def decisions_url(self, flow):
        return "/flussi/?decidere" if self.waits else ""

    def acquire(self, stage, *, by):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {stage.table}")


class Annotazioni(Presenze):
    slug = "presenze-note"
    nome = "Annotazioni di prova"
    after = ("presenze",)


@pytest.fixture(autouse=True)
def presenze(monkeypatch) -> Presenze:
    Presenze.told = []
    found = Presenze()
    monkeypatch.setitem(registry._SOURCES, "presenze", found)
    monkeypatch.setitem(registry._SOURCES, "presenze-note", Annotazioni())
    return found


def file(*lines: str, header: str = "gruppo;nome;persone;giorno") -> bytes:
    return "\n".join([header, *lines, ""]).encode()


def check(*lines: str, **options: object) -> Flow:
    return validated(file(*lines), source="presenze", **options)


def codes(flow: Flow) -> dict[int, list[str]]:
    return dict(FlowRow.objects.filter(flusso=flow).values_list("riga", "codici"))


def test_an_identifier_may_be_unique_within_another_column():
    flow = check(
        "a;uno;1;", "b;uno;2;", "a;due;;", "a;uno;3;", "b;tre;x;", "b;tre;4;", "c;tre;x;", "d;;5;"
    )
    assert codes(flow) == {5: ["E006"], 6: ["E021"], 7: ["E006"], 8: ["E021"], 9: ["E001"]}


def test_two_values_that_run_together_alike_are_not_the_same():
    assert codes(check("a;bc;1;", "ab;c;1;", "a;b c;1;", "a b;c;1;", "a,b;c;1;", "a;b,c;1;")) == {}


def test_the_layout_says_of_what_the_identifier_is_part(as_role):
    page = as_role("operatore").get("/flussi/fonti/presenze/").content.decode()
    assert "identifica la riga insieme a gruppo e non si ripete" in page


def test_a_column_may_have_to_be_there_though_its_values_may_be_empty():
    flow = validated(file("a;uno", header="gruppo;nome"), source="presenze")
    assert (flow.stato, flow.messaggio) == (
        "rifiutato",
        "Nell'intestazione mancano le colonne: persone. Aggiungerle e ricaricare.",
    )
    assert check("a;uno;;").importo == 0


def test_a_source_knows_which_columns_the_file_lacks():
    check("a;uno;1;")
    validated(file("a;uno;1", header="gruppo;nome;persone"), source="presenze")
    assert Presenze.told == [(), ("giorno",)]


def test_an_amount_that_is_no_money_is_never_called_euro(as_role):
    note = Note(importo_dichiarato=Decimal(1200))
    flow = check("a;uno;1000;", "a;due;34;", "b;uno;x;", note=note)
    page = as_role("operatore").get(f"/flussi/{flow.pk}/").content.decode()
    assert "€" not in page
    assert "La nota dichiara 1.200, le righe del file sommano a 1.034 (differenza −166)." in page
    assert "<dt>Persone, righe accettate</dt><dd>1.034</dd>" in page
    listed = as_role("operatore").get("/flussi/").content.decode()
    assert "1.034 (persone)" in listed


def test_the_preview_lists_what_the_source_tells_and_how_much_there_is(as_role):
    flow = check("a;uno;1;", "a;due;2;", "a;tre;3;")
    page = as_role("operatore").get(f"/flussi/{flow.pk}/").content.decode()
    assert "<summary>Nomi del file: 3</summary>" in page
    assert "Qui sotto i primi 2." in page
    acquired(file("a;uno;9;"), source="presenze")
    done = Flow.objects.latest("pk")
    assert "Nomi del file" not in as_role("operatore").get(f"/flussi/{done.pk}/").content.decode()


def test_a_flow_with_something_to_decide_waits_and_says_where(presenze, as_role):
    flow = check("a;uno;1;")
    presenze.waits = "Manca una decisione."
    with pytest.raises(NotNow, match="Manca una decisione"):
        services.ask_acquisition(flow.pk, by=flow.caricato_da)
    page = as_role("operatore").get(f"/flussi/{flow.pk}/").content.decode()
    assert "Manca una decisione." in page
    assert '<a href="/flussi/?decidere">Apri le decisioni da prendere</a>' in page
    assert "Acquisisci" not in page
    presenze.waits = ""
    assert "Acquisisci" in as_role("operatore").get(f"/flussi/{flow.pk}/").content.decode()


def test_examples_go_with_those_that_they_refer_to():
    first = acquired(file("a;uno;1;"), source="presenze", example=True)
    second = acquired(file("a;uno;1;"), source="presenze-note", example=True)
    acquired(file("a;uno;2;"), source="presenze")
    stati = {flow.pk: flow.stato for flow in Flow.objects.filter(esempio=True)}
    assert stati == {first.pk: "annullato", second.pk: "annullato"}


@pytest.mark.parametrize(
    ("examples", "words"),
    [
        ({}, ""),
        ({"presenze": 1}, "di questa fonte (1 flusso) vengono annullati."),
        ({"presenze-note": 1}, "di «Annotazioni di prova» (1 flusso) vengono annullati."),
        (
            {"presenze": 2, "presenze-note": 1},
            "di questa fonte (2 flussi) e di «Annotazioni di prova» (1 flusso) vengono annullati.",
        ),
    ],
)
def test_the_preview_says_which_examples_go(as_role, settings, examples, words):
    settings.DEMO = True
    for source, count in examples.items():
        for number in range(count):
            acquired(file(f"a;e{number};1;"), source=source, example=True)
    flow = check("a;uno;1;")
    page = as_role("operatore").get(f"/flussi/{flow.pk}/").content.decode()
    assert ("Con l&#x27;acquisizione i dati di esempio" in page) is bool(words)
    assert words in page
    before = set(Flow.objects.filter(esempio=True, stato="acquisito"))
    services.ask_acquisition(flow.pk, by=flow.caricato_da)
    services.acquire(flow.pk, by=flow.caricato_da)
    gone = Flow.objects.filter(esempio=True, stato="annullato")
    assert set(gone) == before
    assert len(before) == sum(examples.values())


def test_the_preview_says_what_was_tried_on_the_examples_that_go(as_role, settings, monkeypatch):
    settings.DEMO = True
    monkeypatch.setattr(Annotazioni, "tried", "le prove fatte")
    acquired(file("a;e;1;"), source="presenze", example=True)
    flow, client = check("a;uno;1;"), as_role("operatore")
    assert "le prove fatte" not in client.get(f"/flussi/{flow.pk}/").content.decode()
    acquired(file("a;e;1;"), source="presenze-note", example=True)
    page = client.get(f"/flussi/{flow.pk}/").content.decode()
    assert "(1 flusso) vengono annullati, con le prove fatte." in page


def test_an_example_says_nothing_of_other_examples(as_role, settings):
    settings.DEMO = True
    acquired(file("a;e;1;"), source="presenze", example=True)
    flow = check("a;uno;1;", example=True)
    page = as_role("operatore").get(f"/flussi/{flow.pk}/").content.decode()
    assert "i dati di esempio di questa fonte" not in page


def test_one_that_refers_to_others_leaves_them():
    first = acquired(file("a;uno;1;"), source="presenze", example=True)
    acquired(file("a;uno;2;"), source="presenze-note")
    assert Flow.objects.get(pk=first.pk).stato == "acquisito"


def test_services_too_keep_a_person_to_the_flows_that_he_loaded(user):
    person, other = (user("nucleo", provincia_id=sigla) for sigla in ("BG", "MI"))
    flow = received(file("a;uno;1;"), source="presenze", by=person)
    assert list(Flow.objects.visible_to(person)) == [flow]
    assert list(Flow.objects.visible_to(other)) == []
    for act in (requests.ask_validation, services.discard):
        with pytest.raises(PermissionDenied):
            act(flow.pk, by=other)
    assert requests.ask_validation(flow.pk, by=person).stato == "in_validazione"
    assert list(Flow.objects.visible_to(user("gestore"))) == [flow]
    assert list(Flow.objects.visible_to(user("lettore"))) == []
    with pytest.raises(PermissionDenied):
        received(file("a;uno;1;"), source="presenze", by=user("lettore"))


def test_commands_act_on_all_flows(user):
    flow = received(file("a;uno;1;"), source="presenze", by=user("nucleo", provincia_id="BG"))
    assert services.discard(flow.pk, by=User.objects.sistema()).stato == "scartato"


@time_machine.travel("2026-03-10 12:00Z", tick=False)
def test_a_day_may_be_ahead_where_it_is_planned():
    planned, past = c.Giorno("fine", ahead=2), c.Giorno("inizio")
    assert planned.parse("31/12/2028") == "2028-12-31"
    assert planned.parse(date(2027, 1, 1)) == "2027-01-01"
    assert past.parse("10/03/2026") == "2026-03-10"
    for column, text in ((planned, "01/01/2029"), (past, "11/03/2026"), (planned, "31/02/2027")):
        with pytest.raises(Fault):
            column.parse(text)


def test_a_company_is_a_firm_or_a_person():
    column = c.CodiceAzienda("codice_fiscale")
    assert column.parse("00000000000") == "00000000000"
    assert column.parse("rssmra80a01f205x") == "RSSMRA80A01F205X"
    for wrong in ("00000000001", "RSSMRA80A01F205A", "0000000000", "IT00000000000"):
        with pytest.raises(Fault) as raised:
            column.parse(wrong)
        assert raised.value.code == "E002"
    with pytest.raises(Fault):
        column.parse(12345678903)
