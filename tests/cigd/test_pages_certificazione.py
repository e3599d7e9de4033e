"""The pages of the certifiable expenditure: figures that explain themselves, forms, roles."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from cigd import certification, decisions, moves
from cigd.models import ControlloFlusso, Lotto, Pagamento, Posizione, Spostamento, TassoUE
from porfse.models import Fonte
from porfse.periods import moment
from programme.services import Act
from tests.factories.flows import payment, validated
from tests.factories.people import make_user
from tests.factories.pool import (
    LODI,
    MILANO,
    cap,
    certified,
    checked,
    counted,
    in_pool,
    rate,
    recovery,
    state,
)
from tests.factories.programme import make_movement
from tests.programme.test_walk import Page, held
from tests.threads import between

ACT = {"atto_tipo": "decreto", "atto_numero": "9", "atto_data": "01.02.2022"}


@pytest.fixture
def certifier(as_role):
    return as_role("certificatore")


@pytest.fixture
def walk(gestore):
    seen = {}

    def load(url):
        if url not in seen:
            response = gestore.get(url)
            assert response.status_code == 200, url
            seen[url] = Page(response.content.decode())
        return seen[url]

    return load


def a_batch():
    """Payments in all states, one batch certified and one in preview."""
    rate()
    cap("8.6.1", "250.00")
    big, small = payment(comune_istat=MILANO, importo="200,00"), payment(comune_istat=LODI)
    flow = checked(
        big,
        small,
        recovery(big, "-50,00"),
        payment(comune_istat=MILANO, importo="100,01"),
        payment(comune_istat=MILANO, importo="10,00", data_decreto="01/06/2020"),
    )
    certified("DP1")
    in_pool(payment(importo="7,77"))
    return flow, counted("DP2")


def test_every_figure_opens_the_rows_that_make_it(walk):
    flow, batch = a_batch()
    pages = [
        "/cigd/certificabile/",
        f"/cigd/certificabile/flussi/{flow.pk}/",
        "/cigd/certificazioni/",
        f"/cigd/certificazioni/{batch.pk}/",
    ]
    for url in pages:
        page = walk(url)
        assert page.figures, url
        assert page.bare == [], url
        for href, value, _ in page.figures:
            held(walk, href, value)


def test_the_page_says_caps_room_and_excess_to_the_cent(gestore):
    rate()
    cap("8.6.1", "250.00")
    checked(
        payment(comune_istat=MILANO, importo="200,00"),
        payment(comune_istat=MILANO, importo="100,01"),
    )
    certified("DP1")
    text = gestore.get("/cigd/certificabile/").content.decode()
    values = [value for _, value, _ in Page(text).figures][:5]
    # Cap, certified, room, certifiable, margin of 8.6.1.
    assert [Decimal(value) for value in values] == [
        Decimal("250.00"),
        Decimal("200.00"),
        Decimal("50.00"),
        Decimal("100.01"),
        Decimal("-50.01"),
    ]
    assert "nostra lettura" in text


def test_without_flows_the_page_says_so(lettore):
    text = lettore.get("/cigd/certificabile/").content.decode()
    assert "Nessun flusso di pagamenti INPS è acquisito" in text
    assert "n.d." in text


def test_examples_are_labelled(lettore, settings):
    settings.DEMO = True
    rate()
    checked(payment(), example=True)
    batch = certified("1")
    for url in ("/cigd/certificabile/", "/cigd/certificazioni/", batch.get_absolute_url()):
        text = lettore.get(url).content.decode()
        assert "Questa pagina contiene dati di esempio" in text, url
        assert "cifra--esempio" in text, url


def test_the_preview_of_a_real_flow_says_what_was_tried_on_the_examples(as_role, settings):
    settings.DEMO = True
    in_pool(payment(), example=True)
    flow = validated([payment()])
    said = "con le decisioni, gli spostamenti, i lotti, i campioni e le verifiche di prova."
    assert said in as_role("operatore").get(f"/flussi/{flow.pk}/").content.decode()


@pytest.mark.parametrize("flows", [1, 3])
def test_the_queries_of_the_page_do_not_grow_with_the_flows(
    gestore, django_assert_num_queries, flows
):
    for _ in range(flows):
        checked(payment())
    gestore.get("/cigd/certificabile/")
    with django_assert_num_queries(16):
        gestore.get("/cigd/certificabile/")


# --- Forms ----------------------------------------------------------------------------------------
def test_a_flow_is_checked_and_a_code_decided_on(as_role):
    row = payment(data_decreto="01/06/2020")
    flow = in_pool(row, payment())
    client = as_role("controllore")
    page = f"/cigd/certificabile/flussi/{flow.pk}/"
    assert "non ancora registrato" in client.get(page).content.decode()
    answer = client.post(f"{page}controllo/", {"nota": "Controllo desk"})
    assert (answer.status_code, answer.url) == (302, page)
    assert ControlloFlusso.objects.get().nota == "Controllo desk"
    waiting = f"/cigd/pagamenti/?flusso={flow.pk}&amp;segnalazione=W105"
    assert f'<a href="{waiting}">1</a>' in client.get(page).content.decode()
    decision = {"codice": "W105", "stato": "sospeso", "motivo": "decreto da chiarire"}
    told = client.post(f"{page}segnalazioni/", decision, follow=True).content.decode()
    assert "Decisione registrata: pagamenti e recuperi decisi: 1." in told
    single = client.get(f"/cigd/pagamenti/{flow.pk}/{row['id_pagamento']}/").content.decode()
    asked = f"flusso={flow.pk}&amp;id={row['id_pagamento']}"
    assert f'href="/cigd/certificabile/pagamento/?{asked}"' in single
    assert state(row["id_pagamento"]) == "sospeso"
    again = client.post(f"{page}segnalazioni/", decision)
    assert again.status_code == 409
    assert f"del flusso {flow.pk} attende una decisione" in again.content.decode()


def test_a_check_is_taken_back_with_a_reason_and_both_are_told(as_role):
    flow = checked(payment())
    client = as_role("controllore")
    page = f"/cigd/certificabile/flussi/{flow.pk}/"
    url = f"{page}controllo/annulla/"
    assert f'href="{url}"' in client.get(page).content.decode()
    asked = client.get(url).content.decode()
    assert "Il controllo, «prova», è di" in asked
    [seen] = re.findall(r'name="visto" value="([^"]+)"', asked)
    for forged in ({}, {"visto": "ieri", "motivo": "x"}):
        assert client.post(url, forged).status_code == 400
    other = client.post(url, {"visto": "2021-01-01T10:00:00+00:00", "motivo": "x"})
    assert (other.status_code, ControlloFlusso.objects.count()) == (409, 1)
    assert "annullato e registrato di nuovo" in other.content.decode()
    refused = client.post(url, {"visto": seen, "motivo": ""})
    assert (refused.status_code, ControlloFlusso.objects.count()) == (400, 1)
    form = {"visto": seen, "motivo": "Era il flusso sbagliato"}
    told = client.post(url, form, follow=True).content.decode()
    assert f"Controllo del flusso {flow.pk} annullato: nessun suo pagamento" in told
    assert "non ancora registrato" in told
    assert "Era il flusso sbagliato" in told
    assert "Registra il controllo" in told
    assert f'href="{url}"' not in told
    again = client.get(url)
    assert again.status_code == 409
    assert "Il flusso non è controllato" in again.content.decode()
    reader = as_role("gestore").get(page).content.decode()
    assert "Era il flusso sbagliato" in reader


def test_the_check_of_a_certified_flow_is_not_taken_back_and_the_page_says_why(as_role):
    rate()
    flow = checked(payment())
    batch = certified()
    page = f"/cigd/certificabile/flussi/{flow.pk}/"
    url, words = f"{page}controllo/annulla/", f"sono certificati (lotto n. {batch.pk})"
    client = as_role("certificatore")
    shown = client.get(page).content.decode()
    assert words in shown
    assert url not in shown
    for answer in (client.get(url), client.post(url, {"motivo": "x"})):
        assert answer.status_code == 409
        assert words in answer.content.decode()
    other = as_role("gestore")
    assert words not in other.get(page).content.decode()
    assert other.get(url).status_code == 403


def choices(client, url, name):
    """The values and words of a choice, none of which is chosen beforehand."""
    answer = client.get(url)
    assert answer.status_code == 200
    [field] = re.findall(rf'<select name="{name}".*?</select>', answer.content.decode(), re.DOTALL)
    assert "required" in field
    found = re.findall(r'<option value="([^"]*)"( selected)?>([^<]*)<', field)
    assert [value for value, chosen, _ in found if chosen] in ([], [""])
    return [(value, words) for value, _, words in found]


def test_the_page_of_a_flow_says_how_many_rows_of_each_code_wait_for_a_decision(as_role):
    early = {"data_decreto": "01/06/2020"}
    both, paid = {**early, "mese_competenza": "07/2020"}, payment()
    flow = checked(paid, payment(**early), payment(**both), recovery(paid, "-1,00", **both))
    client = as_role("controllore")

    def shown():
        table = client.get(f"/cigd/certificabile/flussi/{flow.pk}/").context["segnalazioni"]
        return [[row.get_cell(name) for name in ("codice", "da_decidere")] for row in table.rows]

    # Of a recovery, too, that no decision by code finds.
    assert shown() == [["W101", "2"], ["W105", "3"]]
    given = {"by": make_user("controllore"), "flusso_id": flow.pk, "motivo": "x"}
    decisions.decide_warned(**given, codice="W105", stato="certificabile")
    assert shown() == [["W101", "2"], ["W105", "2"]]
    decisions.decide_warned(**given, codice="W101", stato="sospeso")
    assert shown() == [["W101", "1"], ["W105", "1"]]


def test_only_what_waits_is_offered_for_decision_by_code(as_role):
    early = {"data_decreto": "01/06/2020"}
    paid = payment()
    checked(paid)
    # Paid before its month too: this one bears W101 besides W105.
    both = payment(**early, mese_competenza="07/2020")
    flow = in_pool(payment(**early), both, recovery(paid, "-1,00", **early))
    client = as_role("controllore")
    page = f"/cigd/certificabile/flussi/{flow.pk}/"
    url, decided = f"{page}segnalazioni/", ["", "sospeso", "non_ammissibile"]

    def offered():
        codes = [(code, words[-14:]) for code, words in choices(client, url, "codice")]
        return codes, [state for state, _ in choices(client, url, "stato")]

    # Before the check nothing is certifiable, and a recovery is never suspended.
    waiting = [("", "—"), ("W101", "(in attesa: 1)"), ("W105", "(in attesa: 2)")]
    assert offered() == (waiting, decided)
    given = {"codice": "W105", "stato": "certificabile", "motivo": "x"}
    refused = client.post(url, given)
    assert refused.status_code == 400
    assert list(refused.context["form"].errors) == ["stato"]
    decisions.check_flow(by=make_user("controllore"), flusso_id=flow.pk, nota="x")
    waiting[2] = ("W105", "(in attesa: 3)")
    assert offered() == (waiting, ["", "certificabile", *decided[1:]])
    assert client.post(url, given).status_code == 302
    # What bears two codes may still be suspended, by either of them.
    waiting[2] = ("W105", "(in attesa: 1)")
    assert offered() == (waiting, decided)
    assert client.post(url, {**given, "codice": "W101", "stato": "sospeso"}).status_code == 302
    assert "Decidi per segnalazione" not in client.get(page).content.decode()
    assert client.get(url).status_code == 409


def test_a_recovery_alone_is_offered_only_to_be_certifiable(as_role):
    paid = payment()
    checked(paid)
    flow = in_pool(recovery(paid, "-1,00", data_decreto="01/06/2020"))
    client = as_role("controllore")
    page = f"/cigd/certificabile/flussi/{flow.pk}/"
    assert "Decidi per segnalazione" not in client.get(page).content.decode()
    decisions.check_flow(by=make_user("controllore"), flusso_id=flow.pk, nota="x")
    assert "Decidi per segnalazione" in client.get(page).content.decode()
    states = [state for state, _ in choices(client, f"{page}segnalazioni/", "stato")]
    assert states == ["", "certificabile"]


def test_no_decision_on_a_payment_is_chosen_beforehand(as_role):
    checked(payment())
    states = choices(as_role("controllore"), "/cigd/certificabile/pagamento/", "stato")
    assert [state for state, _ in states] == ["", "certificabile", "sospeso", "non_ammissibile"]


def test_who_checks_a_flow_second_is_told_who_did_and_led_back(as_role):
    flow = in_pool(payment())
    page = f"/cigd/certificabile/flussi/{flow.pk}/"
    as_role("controllore").post(f"{page}controllo/", {"nota": "Controllo desk."})
    check = ControlloFlusso.objects.get()
    client = as_role("certificatore")
    for answer, twice in (
        (client.post(f"{page}controllo/", {"nota": "di nuovo"}), True),
        (client.get(f"{page}controllo/"), False),
    ):
        assert answer.status_code == 409
        text = answer.content.decode()
        told = f"da {check.controllato_da} il {moment(check.controllato_il)}: «Controllo desk»."
        assert told in text
        assert ("Nulla è stato scritto due volte." in text) is twice
        assert "<h1>Già controllato</h1>" in text
        assert "<title>Già controllato" in text
        way = re.findall(r'<li class="breadcrumb-item.*?</li>', text, re.DOTALL)
        assert f'href="{page}">Flusso {flow.pk}</a>' in way[-2]
        assert way[-1].endswith("Controllo</li>")
    assert ControlloFlusso.objects.get().nota == "Controllo desk."


def test_a_flow_checked_between_form_and_button_is_told_too(as_role, monkeypatch):
    """The other comes in after this one was found free: the service sees it, under its lock."""
    flow = in_pool(payment())
    client, first = as_role("certificatore"), as_role("controllore")
    url, real = f"/cigd/certificabile/flussi/{flow.pk}/controllo/", decisions.check_flow

    def after_another(**fields):
        monkeypatch.setattr(decisions, "check_flow", real)
        first.post(url, {"nota": "Prima"})
        return real(**fields)

    monkeypatch.setattr(decisions, "check_flow", after_another)
    answer = client.post(url, {"nota": "Dopo"})
    assert answer.status_code == 409
    assert "«Prima»" in answer.content.decode()


def test_decisions_that_nothing_waits_for_are_not_offered(as_role):
    flow = checked(payment())
    client = as_role("controllore")
    page = client.get(f"/cigd/certificabile/flussi/{flow.pk}/").content.decode()
    assert "Decidi su un pagamento" in page
    assert "Decidi per segnalazione" not in page
    other = checked(payment(data_decreto="01/06/2020"))
    page = client.get(f"/cigd/certificabile/flussi/{other.pk}/").content.decode()
    assert "Decidi per segnalazione" in page


@pytest.mark.parametrize("wrong", ["X", "P%00", "=1+1", "P" * 21])
def test_an_unknown_payment_is_said_beside_its_field_and_what_was_typed_stays(certifier, wrong):
    flow = checked(payment())
    given = {"flusso_id": flow.pk, "id_pagamento": wrong, "motivo": "visto", "stato": "sospeso"}
    answer = certifier.post("/cigd/certificabile/pagamento/", given)
    assert answer.status_code == 400
    form = answer.context["form"]
    assert list(form.errors) == ["id_pagamento"]
    text = answer.content.decode()
    assert f'value="{wrong}"' in text
    assert 'value="visto"' in text
    if wrong == "X":
        assert f"Il flusso {flow.pk} non ha il pagamento «X»." in text


def test_a_link_to_a_flow_that_is_gone_chooses_no_other(certifier):
    flow = checked(payment())
    text = certifier.get(f"/cigd/certificabile/pagamento/?flusso={flow.pk + 1}").content.decode()
    [field] = re.findall(r'<select name="flusso_id".*?</select>', text, re.DOTALL)
    assert re.findall(r'<option value="(\d*)"', field) == ["", str(flow.pk)]
    assert "selected" not in field


def test_a_payment_is_decided_on_and_withdrawn(certifier):
    rate()
    row = payment()
    flow = checked(row)
    url = "/cigd/certificabile/pagamento/"
    given = {"flusso_id": flow.pk, "id_pagamento": row["id_pagamento"], "motivo": "visto"}
    answer = certifier.post(url, {**given, "stato": "ritirato"})
    assert answer.status_code == 400
    assert "Si ritira solo un pagamento certificato" in answer.content.decode()
    assert certifier.post(url, {**given, "stato": "sospeso"}).status_code == 302
    assert certifier.post(url, {**given, "stato": "certificabile"}).status_code == 302
    certified("DP1")
    assert certifier.post(url, {**given, "stato": "ritirato"}).status_code == 302
    assert state(row["id_pagamento"]) == "ritirato"


def test_the_page_of_a_payment_says_why_nothing_is_to_be_decided(as_role, certifier):
    rate()
    row = payment()
    back = recovery(row, "-1,00")
    flow = checked(row, back)
    controller, button = as_role("controllore"), "Decidi su questo pagamento"

    def offered(client, of=row):
        url = f"/cigd/pagamenti/{flow.pk}/{of['id_pagamento']}/"
        text = client.get(url).content.decode()
        assert (button in text) is not ("<dt>Decisione</dt>" in text)
        return button in text

    assert [offered(controller), offered(certifier)] == [True, True]
    certified("DP1")
    assert [offered(controller), offered(certifier)] == [False, True]
    assert [offered(controller, back), offered(certifier, back)] == [False, False]
    given = {"flusso_id": flow.pk, "id_pagamento": row["id_pagamento"], "motivo": "visto"}
    certifier.post("/cigd/certificabile/pagamento/", {**given, "stato": "ritirato"})
    assert [offered(controller), offered(certifier)] == [False, False]


def test_only_the_certifying_authority_is_offered_the_withdrawal(as_role, certifier):
    flow = checked(payment())
    url = "/cigd/certificabile/pagamento/"
    assert 'value="ritirato"' in certifier.get(url).content.decode()
    controller = as_role("controllore")
    assert 'value="ritirato"' not in controller.get(url).content.decode()
    known = Pagamento.objects.get().id_pagamento
    given = {"flusso_id": flow.pk, "id_pagamento": known, "motivo": "x", "stato": "ritirato"}
    assert controller.post(url, given).status_code == 400
    assert not Posizione.objects.exists()


def test_a_batch_from_its_form_to_the_ledger(certifier):
    rate()
    checked(payment(importo="300,00"))
    form = {"domanda_numero": "DP1", "domanda_data": "10.02.2022", **ACT}
    answer = certifier.post("/cigd/certificazioni/nuova/", form)
    batch = Lotto.objects.get()
    assert (answer.status_code, answer.url) == (302, f"/cigd/certificazioni/{batch.pk}/")
    assert "anteprima non c" in certifier.get(answer.url).content.decode()
    certification.count(batch.pk)
    assert "Certifica il lotto" in certifier.get(answer.url).content.decode()
    assert certifier.post(f"{answer.url}conferma/").status_code == 302
    certification.certify(batch.pk)
    text = certifier.get(answer.url).content.decode()
    assert f"lotto-{batch.pk}-8.6.1" in text
    assert "Certifica il lotto" not in text
    assert certifier.post(f"{answer.url}conferma/").status_code == 409


def test_a_page_read_before_the_count_ended_follows_it_still(certifier):
    rate()
    checked(payment())
    batch = certification.prepare(
        by=make_user("certificatore"),
        domanda_numero="DP1",
        domanda_data=date(2022, 2, 10),
        atto=Act("decreto", "9", date(2022, 2, 1)),
    )
    with between('FROM "cigd_lotto"', lambda: certification.count(batch.pk)):
        page = certifier.get(batch.get_absolute_url()).content.decode()
    assert "in preparazione" in page
    assert 'hx-trigger="every 3s"' in page
    assert "Certifica il lotto" in certifier.get(batch.get_absolute_url()).content.decode()


def test_a_batch_without_a_rate_says_where_to_enter_it(certifier):
    checked(payment())
    form = {"domanda_numero": "DP1", "domanda_data": "10.02.2022", **ACT}
    answer = certifier.post("/cigd/certificazioni/nuova/", form)
    assert answer.status_code == 400
    assert "2021/2022: inserirlo nella pagina «Tassi UE»" in answer.content.decode()


def published(day, asse):
    """A published balance of certified expenditure, in force."""
    make_movement(
        "certificata", natura="saldo", asse_id=asse, data=day, importo=Decimal(1), atto=None
    )


def test_the_form_says_from_when_no_published_balance_holds_the_expenditure(certifier):
    """The one of 30.09.2021 is of all assi; one of Asse II alone leaves 8.6.1 free."""
    checked(payment())
    published(date(2021, 12, 31), "II")
    url, said = "/cigd/certificazioni/nuova/", "Indicare un giorno dopo il "
    assert f"{said}30.09.2021: " in certifier.get(url).content.decode()
    published(date(2021, 10, 31), "I")
    assert f"{said}31.10.2021: " in certifier.get(url).content.decode()
    Fonte.objects.update(
        ritirata_il=timezone.now(), ritirata_da=make_user("gestore"), motivo_ritiro="prova"
    )
    text = certifier.get(url).content.decode()
    assert said not in text
    assert "Non può precedere quella di un lotto già certificato." in text


def test_no_rate_is_asked_for_where_the_batch_is_refused_all_the_same(certifier):
    checked(payment())
    form = {"domanda_numero": "DP1", "domanda_data": "30.06.2020", **ACT}
    text = certifier.post("/cigd/certificazioni/nuova/", form).content.decode()
    assert "compresa nel saldo pubblicato al 30.09.2021" in text
    assert "Manca il tasso" not in text


def test_a_date_within_a_published_balance_is_refused_when_the_batch_is_asked_for(certifier):
    rate(2020)
    checked(payment())
    form = {"domanda_numero": "DP1", "domanda_data": "30.06.2021", **ACT}
    answer = certifier.post("/cigd/certificazioni/nuova/", form)
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == ["domanda_data"]
    assert "compresa nel saldo pubblicato al 30.09.2021" in answer.content.decode()
    assert not Lotto.objects.exists()


@pytest.mark.parametrize(("asse", "refused"), [("I", True), ("II", False), (None, True)])
def test_a_balance_published_since_is_said_in_place_of_the_button(certifier, asse, refused):
    """Only 8.6.1, of Asse I, has payments: a balance of Asse II stands against nothing."""
    rate()
    checked(payment(comune_istat=MILANO))
    batch = counted(by=None)
    published(batch.domanda_data, asse)
    text = certifier.get(batch.get_absolute_url()).content.decode()
    assert ("compresa nel saldo pubblicato al 10.02.2022" in text) is refused
    assert ("Certifica il lotto" in text) is not refused
    answer = certifier.post(f"{batch.get_absolute_url()}conferma/")
    assert answer.status_code == (409 if refused else 302)
    batch.refresh_from_db()
    assert batch.stato == ("pronto" if refused else "in_certificazione")


def test_a_batch_into_which_nothing_enters_has_no_button(certifier):
    rate()
    in_pool(payment())
    batch = counted()
    text = certifier.get(batch.get_absolute_url()).content.decode()
    assert "Nel lotto non entra nulla: annullarlo" in text
    assert "Certifica il lotto" not in text
    assert certifier.post(f"{batch.get_absolute_url()}conferma/").status_code == 409


def test_without_flows_nothing_is_offered_that_needs_them(certifier, gestore):
    for url in ("/cigd/certificabile/", "/cigd/certificazioni/"):
        text = certifier.get(url).content.decode()
        assert "non c'è spesa da certificare" in text
        assert "/cigd/certificazioni/nuova/" not in text
        assert "/cigd/certificabile/pagamento/" not in text
    assert "/cigd/certificabile/spostamento/" not in gestore.get(url).content.decode()


def test_a_batch_is_given_up_with_its_reason(certifier):
    rate()
    checked(payment())
    batch = counted()
    url = f"{batch.get_absolute_url()}annulla/"
    assert certifier.post(url, {}).status_code == 400
    assert certifier.post(url, {"reason": "domanda rinviata"}).status_code == 302
    assert "domanda rinviata" in certifier.get(batch.get_absolute_url()).content.decode()


def test_a_rate_is_entered_as_a_percentage(certifier):
    given = {"anno": "2021", "motivazione": "Decisione C(2020) 7664"}
    for wrong in ("0", "100,01", "molto", "-5"):
        answer = certifier.post("/cigd/tassi/", {**given, "tasso": wrong})
        assert answer.status_code == 400, wrong
    assert certifier.post("/cigd/tassi/", {**given, "tasso": "52,75"}).status_code == 302
    assert TassoUE.objects.get(pk=2021).tasso == Decimal("0.5275")
    assert "52,75%" in certifier.get("/cigd/tassi/").content.decode()


def test_the_excess_is_moved_by_the_managing_authority(gestore):
    cap("8.6.1", "100.00", day=date(2022, 1, 15))
    checked(payment(comune_istat=MILANO, importo="100,01"))
    page, button = "/cigd/certificabile/", 'href="/cigd/certificabile/spostamento/"'
    assert button in gestore.get(page).content.decode()
    form = {"motivo": "eccedenza", "conferma": "on", **ACT}
    assert gestore.post("/cigd/certificabile/spostamento/", {"motivo": "x"}).status_code == 400
    assert gestore.post("/cigd/certificabile/spostamento/", form).status_code == 302
    move = moves.carry_out(Spostamento.objects.get().pk)
    assert (move.pagamenti, move.importo) == (1, Decimal("100.01"))
    text = gestore.get(page).content.decode()
    assert "eccedenza" in text
    assert "non c&#x27;è nulla da spostare" in text
    assert button not in text
    assert gestore.post("/cigd/certificabile/spostamento/", form).status_code == 409


# --- Roles ----------------------------------------------------------------------------------------
READERS = ["lettore", "nucleo", "gestore", "operatore", "certificatore", "controllore"]
WRITING = {
    "/cigd/certificazioni/nuova/": {"certificatore"},
    "/cigd/certificabile/spostamento/": {"gestore"},
    "/cigd/certificabile/pagamento/": {"certificatore", "controllore"},
}


@pytest.mark.parametrize("role", [*READERS, "amministratore"])
def test_who_opens_what(as_role, role):
    flow = checked(payment())
    client = as_role(role)
    for url in ("/cigd/certificabile/", "/cigd/certificazioni/", "/cigd/tassi/"):
        assert client.get(url).status_code == (200 if role in READERS else 403), url
    for url, roles in WRITING.items():
        assert client.get(url).status_code == (200 if role in roles else 403), url
    check = client.get(f"/cigd/certificabile/flussi/{flow.pk}/controllo/")
    assert check.status_code == (409 if role in {"certificatore", "controllore"} else 403)
    rates = client.post("/cigd/tassi/", {"anno": "2022", "tasso": "50", "motivazione": "x"})
    assert rates.status_code == (302 if role == "certificatore" else 403)
    one = client.get(f"/cigd/certificabile/flussi/{flow.pk}/")
    may = role in {"gestore", "operatore", "certificatore", "controllore"}
    assert one.status_code == (200 if may else 403)


@pytest.mark.parametrize(
    "url",
    [
        "/cigd/certificabile/flussi/999999/",
        "/cigd/certificazioni/999999/",
    ],
)
def test_what_does_not_exist_is_not_found(certifier, url):
    assert certifier.get(url).status_code == 404


@pytest.mark.parametrize(
    "figure",
    [
        "cigd_pool(stato=altro)",
        "cigd_pool(azione=9.9.9)",
        "cigd_pool(flusso=x)",
        "cigd_lotto(azione=8.6.1)",
        "cigd_lotto(dato=massimale,lotto=1)",
        "cigd_lotto_dato(lotto=1)",
        "cigd_lotto_dato(dato=motivo,lotto=1)",
    ],
)
def test_a_figure_that_makes_no_sense_is_refused(lettore, figure):
    assert lettore.get("/cifre/", {"f": figure}).status_code == 400


def test_decisions_on_flows_ask_for_the_role(as_role):
    flow = in_pool(payment())
    answer = as_role("gestore").post(
        f"/cigd/certificabile/flussi/{flow.pk}/controllo/", {"nota": "x"}
    )
    assert answer.status_code == 403
    assert decisions.CHECK == "cigd.check_flow"
