"""The pages of the flows: who opens them, what they say in each state, what they refuse."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from porfse import audit
from porfse.flows import progress, services
from porfse.flows.services import Note
from porfse.models import AuditEvent, Flow
from tests.factories.flows import (
    acquired,
    codice_fiscale,
    csv_bytes,
    payment,
    received,
    validated,
)

pytestmark = pytest.mark.django_db
READERS = ("gestore", "operatore", "certificatore", "controllore")
WRONG = "RSSMRA80A01F205A"  # its check character is not the right one


@pytest.fixture
def operatore(as_role) -> Client:
    return as_role("operatore")


def text(response) -> str:
    return response.content.decode()


def state(flow: Flow) -> str:
    return Flow.objects.get(pk=flow.pk).stato


def rejects(count: int) -> list[dict[str, str]]:
    return [payment(codice_fiscale=WRONG) for _ in range(count)]


# --- Who ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", ["lettore", "nucleo", "amministratore", *READERS])
def test_who_may_read_and_who_may_act(role, as_role):
    flow = validated([payment(), *rejects(1)])
    browser = as_role(role)
    reads, loads = role in READERS, role == "operatore"
    own = f"/flussi/{flow.pk}/"
    for url in ("/flussi/", own, "/flussi/calendario/", "/flussi/fonti/inps-cigd/"):
        assert browser.get(url).status_code == (200 if reads else 403), url
    assert browser.get("/flussi/carica/").status_code == (200 if loads else 403)
    assert browser.get(f"{own}scarti/").status_code == (200 if loads else 403)
    plans = role in ("gestore", "operatore")
    assert browser.get("/flussi/calendario/nuovo/").status_code == (200 if plans else 403)
    if not loads:
        for action in ("validazione", "acquisizione", "scarto", "annullamento"):
            answer = browser.post(f"{own}{action}/", {"motivo": "x", "conferma": "on"})
            assert answer.status_code == 403, action
        assert state(flow) == "validato"
    if reads:
        assert ("Acquisisci" in text(browser.get(own))) is loads


def test_flows_that_do_not_exist_are_not_found(operatore):
    for number in ("999999", "9" * 25):
        assert operatore.get(f"/flussi/{number}/").status_code == 404
        assert operatore.get(f"/flussi/{number}/scarti/").status_code == 404
        assert operatore.get(f"/flussi/{number}/avanzamento/").status_code == 404
        for action in ("validazione", "acquisizione", "scarto", "annullamento"):
            assert operatore.post(f"/flussi/{number}/{action}/").status_code == 404
    assert operatore.get("/flussi/fonti/niente/").status_code == 404


# --- The story ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("flusso.scarti_esportati", "righe in errore scaricate per il mittente"),
        ("flusso.controllato", "controllato"),
        ("pagamento.ritirato", "pagamento ritirato"),
        ("segnalazione.decisa", "segnalazione decisa"),
        ("codice_fiscale.visto", "codice fiscale visto"),
    ],
)
def test_what_other_apps_did_with_a_flow_is_told_in_words(operatore, user, action, words):
    flow = validated([payment()])
    audit.record(by=user("certificatore"), action=action, on=flow)
    page = text(operatore.get(f"/flussi/{flow.pk}/"))
    assert f">{words}</td>" in page
    assert action not in page


# --- The list -----------------------------------------------------------------------------------
def test_what_waits_for_a_decision_comes_first(operatore):
    waiting = validated([payment()])
    refused = received(b"niente;di;noto\n1;2;3\n")
    last = acquired([payment()])
    services.discard(refused.pk, by=refused.caricato_da)
    rows = operatore.get("/flussi/").context["flussi"].rows
    assert [row.record.pk for row in rows] == [waiting.pk, last.pk, refused.pk]


@pytest.mark.parametrize(
    ("query", "expected"),
    [("stato=validato", 1), ("stato=acquisito", 0), ("fonte=inps-cigd", 1), ("fonte=", 1)],
)
def test_flows_are_found_by_source_and_state(operatore, query, expected):
    validated([payment()])
    assert len(operatore.get(f"/flussi/?{query}").context["flussi"].rows) == expected


@pytest.mark.parametrize("query", ["stato=altro", "fonte=%00", "flussi-formato=pdf"])
def test_a_choice_that_cannot_be_read_is_refused(operatore, query):
    assert operatore.get(f"/flussi/?{query}").status_code == 400


def test_a_wrong_filter_is_said_beside_its_field_and_hides_the_flows(operatore):
    validated([payment()])
    response = operatore.get("/flussi/?stato=altro&fonte=inps-cigd")
    assert list(response.context["filtro"].form.errors) == ["stato"]
    assert "altro non" in text(response)
    assert '<a href="/flussi/">togliere tutti i filtri</a>' in text(response)
    assert "<table" not in text(response)


def test_no_flow_at_all_is_said(operatore):
    assert "Nessun flusso corrisponde" in text(operatore.get("/flussi/"))


def test_the_list_asks_as_often_for_one_as_for_three(operatore, django_assert_num_queries):
    validated([payment()])
    operatore.get("/flussi/")
    with django_assert_num_queries(3):
        operatore.get("/flussi/")
    validated([payment()])
    validated([payment()])
    with django_assert_num_queries(3):
        operatore.get("/flussi/")


def test_an_example_is_called_one_in_list_file_and_page(operatore):
    flow = validated([payment()], example=True, name="prova.csv")
    assert 'prova.csv <span class="cifra-nota">esempio</span>' in text(operatore.get("/flussi/"))
    exported = operatore.get("/flussi/?flussi-formato=csv").content.decode("utf-8-sig")
    assert "prova.csv (esempio)" in exported
    assert "contiene dati di esempio" in text(operatore.get(f"/flussi/{flow.pk}/"))


# --- One flow -----------------------------------------------------------------------------------
def test_the_page_shows_what_was_counted(operatore):
    milano, bergamo = payment(comune_istat="098031"), payment(importo="12,50")
    flow = validated([{**row, "iban": "IT00"} for row in (milano, bergamo, *rejects(2))])
    page = operatore.get(f"/flussi/{flow.pk}/")
    assert page.context["gruppi"].data.data == [
        {"gruppo": "8.6.1", "righe": 1, "importo": Decimal("12.50")},
        {"gruppo": "9.8.1", "righe": 1, "importo": Decimal("300.00")},
    ]
    assert [row["codice"] for row in page.context["codici"].data.data] == ["E002"]
    shown = text(page)
    assert "312,50\u00a0€" in shown
    assert "iban (non fanno parte del tracciato: non lette)" in shown
    assert "IT00" not in shown
    assert "50,0% delle righe" in shown


def test_a_page_masks_what_is_personal_also_where_it_does_not_belong(operatore):
    owner = codice_fiscale(77_777)
    rows = [
        payment(codice_fiscale=WRONG),
        payment(matricola_inps=owner),
        payment(codice_fiscale=owner, ore="300,00"),
    ]
    flow = validated(rows)
    page = operatore.get(f"/flussi/{flow.pk}/")
    codes = [sample.codice for sample in page.context["errori"] + page.context["segnalazioni"]]
    assert codes == ["E002", "E009", "W102"]
    shown = text(page)
    assert WRONG not in shown
    assert owner not in shown
    assert f"RSS{'•' * 12}A" in shown
    assert f"{owner[:3]}{'•' * 12}{owner[-1]}" in shown


def test_two_thousand_rejected_rows_show_five_of_each(operatore, django_assert_num_queries):
    flow = validated([payment(), *rejects(2_000)])
    operatore.get(f"/flussi/{flow.pk}/")
    with django_assert_num_queries(9):
        page = operatore.get(f"/flussi/{flow.pk}/")
    [sample] = page.context["errori"]
    assert (sample.righe, [line for line, _ in sample.prime]) == (2_000, [3, 4, 5, 6, 7])


def test_warnings_show_their_rows_after_the_acquisition_and_go_with_the_flow(operatore):
    flow = acquired([payment(ore="300,00")])
    [sample] = operatore.get(f"/flussi/{flow.pk}/").context["segnalazioni"]
    assert (sample.codice, [line for line, _ in sample.prime]) == ("W102", [2])
    services.cancel(flow.pk, by=flow.caricato_da, reason="prova")
    page = operatore.get(f"/flussi/{flow.pk}/")
    assert page.context["segnalazioni"] == []
    assert [row["codice"] for row in page.context["codici"].data.data] == ["W102"]


def test_a_month_is_named_where_it_is_stored_and_left_as_it_came_where_it_is_refused(operatore):
    rows = [payment(ore="300,00"), payment(codice_fiscale=WRONG, mese_competenza="2020-03")]
    page = operatore.get(f"/flussi/{validated(rows).pk}/")
    place = list(payment()).index("mese_competenza")
    shown = [page.context[name][0].prime[0][1][place] for name in ("segnalazioni", "errori")]
    assert shown == ["marzo 2020", "2020-03"]


def test_the_rows_of_a_code_stand_beside_each_other_so_that_a_narrow_page_shows_them(operatore):
    good, short = payment(), payment(matricola_inps="1")
    lines = csv_bytes([good, short, payment(matricola_inps="2")]).decode().splitlines()
    lines.append("P1;P;a")  # E011
    page = operatore.get(f"/flussi/{validated(chr(10).join(lines).encode()).pk}/")
    of_code = {sample.codice: sample for sample in page.context["errori"]}
    assert dict(of_code["E009"].campi)["matricola_inps"] == ("1", "2")
    assert dict(of_code["E011"].campi)["id_pagamento"] == ("P1",)
    shown = text(page)
    assert '<th scope="col">Riga 3</th><th scope="col">Riga 4</th>' in shown
    assert '<th scope="row">matricola_inps</th><td>1</td><td>2</td>' in shown


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_as_often_for_one_row_as_for_three(
    operatore, rows, django_assert_num_queries
):
    flow = validated([payment() for _ in range(rows)])
    operatore.get(f"/flussi/{flow.pk}/")
    with django_assert_num_queries(8):
        operatore.get(f"/flussi/{flow.pk}/")


def test_the_note_is_held_against_the_file(operatore):
    note = Note("P1", date(2021, 5, 3), 3, Decimal(1000))
    flow = validated([payment(), payment()], note=note)
    page = operatore.get(f"/flussi/{flow.pk}/")
    assert page.context["nota"] == [
        ("Righe", "3", "2", "\u22121"),
        ("Importo", "1.000,00\u00a0€", "600,00\u00a0€", "\u2212400,00\u00a0€"),
    ]
    assert "protocollo P1 del 03.05.2021" in text(page)


def test_the_history_says_who_did_what_and_why(operatore):
    flow = acquired([payment()])
    services.cancel(flow.pk, by=flow.caricato_da, reason="inviato per errore")
    table = operatore.get(f"/flussi/{flow.pk}/").context["storia"]
    assert [row.get_cell("action") for row in table.rows] == [
        "caricato",
        "in validazione",
        "validato",
        "chiesta l'acquisizione",
        "acquisito",
        "annullato",
    ]
    assert [row.get_cell("details") for row in table.rows][3:] == [
        "prova",
        "prova",
        "inviato per errore",
    ]


def test_a_refused_file_says_why(operatore):
    flow = validated(b"niente;di;noto\n1;2;3\n")
    page = operatore.get(f"/flussi/{flow.pk}/")
    assert "Rifiutato." in text(page)
    assert "La prima riga non è un" in text(page)
    assert "Acquisisci" not in text(page)


# --- Decisions ----------------------------------------------------------------------------------
def test_acquiring_is_asked_for_once(operatore):
    flow = validated([payment()])
    own = f"/flussi/{flow.pk}/"
    assert operatore.post(f"{own}acquisizione/").url == own
    assert state(flow) == "in_acquisizione"
    again = operatore.post(f"{own}acquisizione/")
    assert again.status_code == 409
    assert "Il flusso è in acquisizione" in text(again)


def test_many_errors_ask_for_a_confirmation(operatore):
    flow = validated([payment(), *rejects(1)])
    url = f"/flussi/{flow.pk}/acquisizione/"
    refused = operatore.post(url)
    assert refused.status_code == 400
    assert "conferma" in refused.context["acquisizione"].errors
    assert state(flow) == "validato"
    assert operatore.post(url, {"conferma": "on"}).status_code == 302
    assert state(flow) == "in_acquisizione"


def test_a_difference_from_the_note_asks_for_a_reason(operatore):
    flow = validated([payment()], note=Note(righe_dichiarate=2))
    url = f"/flussi/{flow.pk}/acquisizione/"
    refused = operatore.post(url, {"decisione": "  "})
    assert refused.status_code == 400
    assert list(refused.context["acquisizione"].errors) == ["decisione"]
    assert operatore.post(url, {"decisione": "riga persa, nota 5"}).status_code == 302
    assert Flow.objects.get(pk=flow.pk).decisione == "riga persa, nota 5"


def test_what_came_between_asks_for_a_new_validation(operatore):
    flow = validated([payment()])
    acquired([payment()])
    page = text(operatore.get(f"/flussi/{flow.pk}/"))
    assert "i controlli vanno ripetuti" in page
    assert "Acquisisci" not in page
    assert operatore.post(f"/flussi/{flow.pk}/acquisizione/").status_code == 409
    assert operatore.post(f"/flussi/{flow.pk}/validazione/").status_code == 302
    assert state(flow) == "in_validazione"
    assert operatore.post(f"/flussi/{flow.pk}/validazione/").status_code == 409
    event = AuditEvent.objects.filter(action="flusso.validazione_chiesta").get()
    assert (event.object_id, event.actor.role_names) == (str(flow.pk), {"operatore"})


def test_nothing_acceptable_can_only_be_thrown_away(operatore):
    flow = validated(rejects(2))
    page = text(operatore.get(f"/flussi/{flow.pk}/"))
    assert "si può solo scartare" in page
    assert "Acquisisci" not in page
    operatore.post(f"/flussi/{flow.pk}/scarto/", {"motivo": "tutto errato"})
    assert (state(flow), Flow.objects.get(pk=flow.pk).messaggio) == ("scartato", "tutto errato")
    assert operatore.post(f"/flussi/{flow.pk}/scarto/").status_code == 409


def test_an_acquired_flow_is_taken_back_with_a_reason(operatore):
    flow = acquired([payment()])
    url = f"/flussi/{flow.pk}/annullamento/"
    refused = operatore.post(url, {"motivo": ""})
    assert refused.status_code == 400
    assert "motivo" in refused.context["annullamento"].errors
    assert state(flow) == "acquisito"
    assert operatore.post(url, {"motivo": "doppio invio"}).status_code == 302
    assert (state(flow), Flow.objects.get(pk=flow.pk).messaggio) == ("annullato", "doppio invio")


def test_what_stands_against_a_cancellation_is_said_before(operatore):
    row = payment()
    first = acquired([row])
    back = payment(
        tipo="R",
        id_pagamento_origine=row["id_pagamento"],
        codice_fiscale=row["codice_fiscale"],
        importo="-10,00",
    )
    acquired([back])
    page = operatore.get(f"/flussi/{first.pk}/")
    assert "Il flusso non si può annullare." in text(page)
    assert page.context["annullamento"] is None
    assert operatore.post(f"/flussi/{first.pk}/annullamento/", {"motivo": "x"}).status_code == 409
    assert state(first) == "acquisito"


def test_actions_are_only_posted(operatore):
    flow = validated([payment()])
    for action in ("validazione", "acquisizione", "scarto", "annullamento"):
        assert operatore.get(f"/flussi/{flow.pk}/{action}/").status_code == 405


@pytest.mark.parametrize(
    ("count", "words"), [(1, "E002 · 1 riga: "), (1_029, "E002 · 1.029 righe: ")]
)
def test_the_first_rows_of_a_code_say_how_many_bear_it(operatore, count, words):
    flow = validated([payment(), *rejects(count)])
    page = text(operatore.get(f"/flussi/{flow.pk}/"))
    assert f"<summary>{words}codice fiscale errato" in page


# --- Progress -----------------------------------------------------------------------------------
HTMX = {"HX-Request": "true"}


def in_validation() -> Flow:
    flow = received([payment()])
    Flow.objects.filter(pk=flow.pk).update(stato="in_validazione")
    return flow


def test_the_bar_tells_rows_speed_and_time(operatore):
    flow = in_validation()
    report = progress.Reporter(flow.pk, 2_000)
    report.rows(1_000)
    page = operatore.get(f"/flussi/{flow.pk}/")
    bar = page.context["avanzamento"]
    assert (bar.fase, bar.percento) == ("Lettura delle righe", 50)
    assert bar.dettagli[0] == "1.000 righe su circa 2.000"
    assert bar.dettagli[1].endswith(" righe al secondo")
    assert bar.dettagli[2].startswith("lettura finita fra ")
    assert 'value="50"' in text(page)
    assert f'href="/flussi/{flow.pk}/">Aggiorna</a>' in text(page)


@pytest.mark.parametrize(
    ("expected", "words"),
    [(7, "7"), (60_001, "60.000"), (1_004_999, "1.000.000"), (4_996_812, "5.000.000")],
)
def test_how_many_rows_there_are_is_told_as_the_guess_that_it_is(operatore, expected, words):
    flow = in_validation()
    progress.Reporter(flow.pk, expected).rows(2)
    bar = operatore.get(f"/flussi/{flow.pk}/").context["avanzamento"]
    assert bar.dettagli[0] == f"2 righe su circa {words}"


def test_the_bar_is_asked_for_again_and_speaks_only_when_it_has_news(operatore):
    flow = in_validation()
    progress.Reporter(flow.pk, 2_000).rows(1_000)
    url = f"/flussi/{flow.pk}/avanzamento/"
    first = operatore.get(url, {"stato": "in_validazione"}, headers=HTMX)
    assert 'role="status"' in text(first)
    told = {"stato": "in_validazione", "detto": "Lettura delle righe: 50%"}
    assert 'role="status"' not in text(operatore.get(url, told, headers=HTMX))
    assert 'hx-trigger="every 1s"' in text(first)


def test_after_the_reading_the_phase_alone_is_read_aloud(operatore):
    flow = in_validation()
    progress.Reporter(flow.pk, 10).phase("indici")
    page = operatore.get(f"/flussi/{flow.pk}/")
    assert page.context["annuncio"] == "Costruzione degli indici"


def test_while_it_is_validated_again_the_old_counts_are_not_shown(operatore):
    flow = validated([payment(ore="300,00"), *rejects(1)])
    operatore.post(f"/flussi/{flow.pk}/validazione/")
    page = operatore.get(f"/flussi/{flow.pk}/")
    assert page.context["avanzamento"].fase == "In attesa di un elaboratore libero"
    assert not {"conteggi", "gruppi", "errori", "segnalazioni"} & set(page.context.keys())


def test_the_page_comes_anew_when_the_state_is_another(operatore):
    flow = validated([payment()])
    url = f"/flussi/{flow.pk}/avanzamento/"
    answer = operatore.get(url, {"stato": "in_validazione"}, headers=HTMX)
    assert answer.headers["HX-Refresh"] == "true"
    assert operatore.get(url).url == f"/flussi/{flow.pk}/"


def test_a_flow_that_waits_or_is_acquired_has_a_bar_without_end(operatore):
    flow = received([payment()])
    page = operatore.get(f"/flussi/{flow.pk}/")
    assert page.context["avanzamento"].fase == "In attesa di un elaboratore libero"
    Flow.objects.filter(pk=flow.pk).update(messaggio="si è interrotta")
    page = operatore.get(f"/flussi/{flow.pk}/")
    assert "avanzamento" not in page.context
    assert "Ripeti la validazione" in text(page)


def test_a_worker_that_went_silent_is_said(operatore, monkeypatch):
    flow = in_validation()
    progress.Reporter(flow.pk, 10).rows(5)
    told = progress.progress_of(flow.pk)
    monkeypatch.setattr("porfse.flows.presenters.time", lambda: told.aggiornato + 60)
    bar = operatore.get(f"/flussi/{flow.pk}/").context["avanzamento"]
    assert bar.dettagli[-1].startswith("nessuna notizia da 60 secondi")


# --- The layout ---------------------------------------------------------------------------------
def test_the_layout_is_that_of_the_declaration(operatore):
    page = operatore.get("/flussi/fonti/inps-cigd/")
    columns = {row["nome"]: row for row in page.context["colonne"].data.data}
    assert len(columns) == 13
    assert columns["tipo"]["contenuto"] == "uno fra P, R"
    assert columns["id_pagamento_origine"]["obbligatoria"] == "no"
    assert columns["codice_fiscale"]["altri_nomi"] == "cf"
    assert columns["mese_competenza"]["errore"] == "E004, E008, E001"
    codes = [row["codice"] for row in page.context["codici"].data.data]
    assert codes[0] == "E001"
    assert codes[-1] == "W105"
