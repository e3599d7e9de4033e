"""The entry form: what is typed, refused beside its field, kept as a draft, compared."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from crisi.models import Bozza, Procedura, UnitaProduttiva
from porfse.codes import check_character
from porfse.models import AuditEvent, Azienda
from tests.factories.crisi import (
    make_azienda,
    make_nucleo,
    make_pal,
    make_procedura,
    make_unita,
    partita_iva,
)

pytestmark = pytest.mark.django_db

NEW = "/crisi/procedure/nuova/"
DRAFTS = "/crisi/procedure/bozze/"
CF = partita_iva(900_001)
PERSON, OTHER = "RSSMRA70A01F205", "BNCLRA80B41F205"  # without their last character


def sent(*rows: dict, **fields: str) -> dict[str, str]:
    """What the form sends; without rows, one site in Bergamo with 12 workers."""
    rows = rows or ({"comune": "Bergamo", "lavoratori": "12"},)
    data = {
        "codice_fiscale": CF,
        "denominazione": "Rossi S.p.A.",
        "tipo_linea": "CIGS_REG-B",
        "causale": "Crisi aziendale",
        "codice_pratica": "",
        "data_avvio": "2025-03-01",
        "data_fine": "",
        "obbligo_pal": "",
        "versione": "0",
        "righe": str(len(rows)),
    }
    for number, row in enumerate(rows):
        whole = {"id": "", "togli": "", "comune": "", "lavoratori": "", "codice": "", **row}
        data |= {f"unita-{number}-{name}": value for name, value in whole.items()}
    return data | fields


def client_of(user) -> Client:
    client = Client()
    client.force_login(user, backend="porfse.accounts.RoleBackend")
    return client


@pytest.fixture
def nucleo():
    return client_of(make_nucleo("BG"))


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def change_of(procedura: Procedura) -> str:
    return f"/crisi/procedure/{procedura.pk}/modifica/"


def row_of(site: UnitaProduttiva, **fields: str) -> dict[str, str]:
    workers = "" if site.lavoratori is None else str(site.lavoratori)
    own = {"id": str(site.pk), "comune": site.comune.nome, "lavoratori": workers}
    return {**own, "codice": site.codice, **fields}


def as_sent(procedura: Procedura, *rows: dict, **fields: str) -> dict[str, str]:
    """What the form of a procedure sends if only `fields` were changed."""
    own = {
        "codice_fiscale": procedura.azienda.codice_fiscale,
        "denominazione": procedura.azienda.denominazione,
        "tipo_linea": f"{procedura.tipo}-{procedura.linea_guida}",
        "causale": procedura.causale,
        "codice_pratica": procedura.codice_pratica,
        "data_avvio": procedura.data_avvio.isoformat(),
        "versione": str(procedura.versione),
    }
    return sent(*rows, **{**own, **fields})


# --- Entry --------------------------------------------------------------------------------------
def test_a_procedure_with_two_sites_is_entered_in_one_form(nucleo):
    rows = ({"comune": "bergamo", "lavoratori": "1.200"}, {"comune": "016219", "codice": "X9"})
    answer = nucleo.post(NEW, sent(*rows, codice_pratica="VOL-77", alta_complessita="on"))
    made = Procedura.objects.get()
    assert (answer.status_code, answer.url) == (302, made.get_absolute_url())
    assert (made.codice_pratica, made.tipo, made.linea_guida) == ("VOL-77", "CIGS_REG", "B")
    assert (made.alta_complessita, made.obbligo_pal, made.stato) == (True, None, "aperta")
    assert made.azienda.denominazione == "Rossi S.p.A."
    assert list(made.unita.values_list("codice", "comune", "lavoratori")) == [
        ("U1", "016024", 1200),
        ("X9", "016219", None),
    ]
    assert made.campi_a_mano == [
        *("alta_complessita", "azienda", "causale", "codice_pratica", "data_avvio"),
        *("linea_guida", "tipo"),
    ]
    assert [site.campi_a_mano for site in made.unita.all()] == [
        ["comune", "lavoratori"],
        ["codice", "comune"],
    ]
    assert made.versioni.get().versione == 1
    assert AuditEvent.objects.get(action="procedura.inserita").object_id == str(made.pk)


def test_a_known_company_needs_only_its_codice_fiscale(nucleo):
    known = make_azienda(codice_fiscale=CF, denominazione="ROSSI SPA")
    assert nucleo.post(NEW, sent(denominazione="")).status_code == 302
    assert (
        nucleo.post(NEW, sent(denominazione="Rossi S.P.A.", tipo_linea="LIC-D")).status_code == 302
    )
    assert {made.azienda for made in Procedura.objects.all()} == {known}


def test_the_company_is_told_while_typing(nucleo):
    make_azienda(codice_fiscale=CF, denominazione="ROSSI SPA")
    url = "/crisi/procedure/azienda/"
    known = nucleo.post(url, {"codice_fiscale": f" {CF} "}).content.decode()
    assert "già registrata: <strong>ROSSI SPA</strong>" in known
    assert re.search(r'<input[^>]*value="ROSSI SPA"[^>]*hx-swap-oob="true"', known)
    assert (
        "non ancora registrata"
        in nucleo.post(url, {"codice_fiscale": partita_iva(5)}).content.decode()
    )
    wrong = nucleo.post(url, {"codice_fiscale": "12345678901"}).content.decode()
    assert "il carattere di controllo non torna" in wrong
    assert nucleo.get(url, {"codice_fiscale": CF}).status_code == 405


def test_a_person_is_named_only_to_the_nucleo_that_works_on_a_procedure_of_his(nucleo):
    code = f"{PERSON}{check_character(PERSON)}"
    known = make_azienda(codice_fiscale=code, denominazione="Mario Rossi Officina")
    url, asked = "/crisi/procedure/azienda/", {"codice_fiscale": code}
    unknown = f"{OTHER}{check_character(OTHER)}"
    make_unita("LO", azienda=known)
    strangers = nucleo.post(url, asked).content.decode()
    assert "Codice fiscale di una persona: scrivere la denominazione" in strangers
    assert strangers == nucleo.post(url, {"codice_fiscale": unknown}).content.decode()
    # A wrong name tells nothing either, and the registered one stands.
    for code_sent in (code, unknown):
        answer = nucleo.post(NEW, sent(codice_fiscale=code_sent, denominazione=""))
        assert "Scrivere la denominazione." in text_of(answer)
        assert "Officina" not in text_of(answer)
    body = sent(codice_fiscale=code, denominazione="Ditta Bianchi")
    assert nucleo.post(NEW, body).status_code == 302
    assert Procedura.objects.latest("pk").azienda == known
    assert "<strong>Mario Rossi Officina</strong>" in nucleo.post(url, asked).content.decode()
    wrong = sent(codice_fiscale=code, denominazione="Ditta Bianchi", tipo_linea="LIC-D")
    assert "è registrata «Mario Rossi Officina»" in text_of(nucleo.post(NEW, wrong))


FUTURE = (timezone.localdate() + timedelta(days=1)).isoformat()


@pytest.mark.parametrize(
    ("fields", "place", "words"),
    [
        ({"data_avvio": FUTURE}, "id_data_avvio", "troppo avanti"),
        ({"data_avvio": "ieri"}, "id_data_avvio", "Data non valida"),
        ({"data_fine": "2025-02-28"}, "id_data_fine", "precede quella di avvio"),
        ({"unita-0-lavoratori": "-3"}, "id_unita-0-lavoratori", "meno di zero"),
        ({"unita-0-lavoratori": "dodici"}, "id_unita-0-lavoratori", "numero intero"),
        ({"unita-0-lavoratori": "12,5"}, "id_unita-0-lavoratori", "numero intero"),
        ({"unita-0-lavoratori": "100001"}, "id_unita-0-lavoratori", "controllare"),
        ({"unita-0-comune": "Atlantide"}, "id_unita-0-comune", "non è un comune lombardo"),
        ({"unita-0-comune": "Lodi"}, "id_unita-0-comune", "lo inserisce il Nucleo di Lodi"),
        ({"unita-0-comune": "098031"}, "id_unita-0-comune", "lo inserisce il Nucleo di Lodi"),
        ({"codice_fiscale": "12345678901"}, "id_codice_fiscale", "carattere di controllo"),
        ({"codice_fiscale": "123"}, "id_codice_fiscale", "ha 11 cifre"),
        ({"denominazione": ""}, "id_denominazione", "azienda è nuova"),
        ({"tipo_linea": "LIC-A"}, "id_tipo_linea", "LIC-A"),
        ({"causale": " "}, "id_causale", "obbligatorio"),
        ({"obbligo_pal": "si"}, "id_obbligo_pal", "solo le CIGS ministeriali"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_above_with_a_link(nucleo, fields, place, words):
    answer = nucleo.post(NEW, sent(**fields))
    page = text_of(answer)
    assert answer.status_code == 400
    assert f'<a href="#{place}">' in page
    assert re.search(rf'id="{place}_error"[^>]*>\s*<li>[^<]*{words}', page)
    typed = next(iter(fields.values()))
    assert f'value="{typed}"' in page or place in ("id_tipo_linea", "id_obbligo_pal")
    assert not Procedura.objects.exists()
    assert not Azienda.objects.exists()


def test_another_name_than_the_registered_one_is_asked_about(nucleo):
    make_azienda(codice_fiscale=CF, denominazione="Bianchi S.r.l.")
    page = text_of(nucleo.post(NEW, sent()))
    assert "è registrata «Bianchi S.r.l.»" in page
    assert not Procedura.objects.exists()


def test_a_number_that_is_taken_says_by_which_if_it_may(nucleo):
    own = make_procedura(codice_pratica="VOL-A", data_avvio=date(2024, 5, 2))
    make_unita("BG", procedura=own)
    page = text_of(nucleo.post(NEW, sent(codice_pratica="VOL-A")))
    assert f"già della procedura di {own.azienda}, avviata il 02.05.2024" in page
    theirs = make_procedura(codice_pratica="VOL-B")
    make_unita("LO", procedura=theirs)
    page = text_of(nucleo.post(NEW, sent(codice_pratica="VOL-B")))
    assert "già di una procedura di un&#x27;altra provincia" in page
    assert str(theirs.azienda) not in page


def test_a_code_of_a_site_is_used_once(nucleo):
    rows = ({"comune": "Bergamo", "codice": "A"}, {"comune": "Bergamo", "codice": "A"})
    answer = nucleo.post(NEW, sent(*rows))
    assert answer.status_code == 400
    assert '<a href="#id_unita-1-codice">' in text_of(answer)
    assert not Procedura.objects.exists()


def test_a_procedure_needs_a_site(nucleo):
    answer = nucleo.post(NEW, sent({}))
    assert answer.status_code == 400
    assert "almeno un&#x27;unità produttiva" in text_of(answer)


def test_only_a_nucleo_enters(as_role):
    for role in ("gestore", "lettore", "operatore"):
        assert as_role(role).get(NEW).status_code == 403
        assert as_role(role).post(NEW, sent()).status_code == 403
    assert not Procedura.objects.exists()


# --- Rows without JavaScript --------------------------------------------------------------------
def test_rows_come_and_go_and_nothing_typed_is_lost(nucleo):
    page = text_of(nucleo.post(NEW, sent(azione="aggiungi")))
    assert 'name="righe" value="2"' in page
    assert re.search(r'name="unita-1-comune"[^>]*autofocus', page)
    assert 'value="Rossi S.p.A."' in page
    rows = ({"comune": "Bergamo", "lavoratori": "12"}, {"comune": "Treviglio", "lavoratori": "3"})
    page = text_of(nucleo.post(NEW, sent(*rows, azione="togli-0")))
    assert 'name="righe" value="1"' in page
    assert re.search(r'name="unita-0-comune" value="Treviglio"', page)
    assert "Bergamo" not in re.findall(r'name="unita-\d-comune" value="([^"]*)"', page)


def test_blank_rows_are_no_sites(nucleo):
    nucleo.post(NEW, sent({"comune": "Bergamo"}, {}, {"comune": " "}))
    assert Procedura.objects.get().unita.count() == 1


@pytest.mark.parametrize(
    "fields", [{"righe": "mille"}, {"righe": "101"}, {"righe": ""}, {"azione": "esplodi"}]
)
def test_what_no_form_sends_is_refused(nucleo, fields):
    assert nucleo.post(NEW, sent(**fields)).status_code == 400
    assert not Procedura.objects.exists()


# --- Drafts -------------------------------------------------------------------------------------
def test_a_draft_is_saved_resumed_and_gone_once_it_is_sent(nucleo):
    first = nucleo.post(NEW, sent(causale="", azione="bozza"))
    draft = Bozza.objects.get()
    assert first.url == f"{NEW}?bozza={draft.pk}"
    page = text_of(nucleo.get(first.url))
    assert 'value="Rossi S.p.A."' in page
    assert 'name="unita-0-comune" value="Bergamo"' in page
    assert f'name="bozza" value="{draft.pk}"' in page
    again = nucleo.post(NEW, sent(causale="Cessazione", bozza=str(draft.pk), azione="bozza"))
    assert again.url == first.url
    assert Bozza.objects.get().dati["testata"]["causale"] == "Cessazione"
    assert f"?bozza={draft.pk}" in text_of(nucleo.get(DRAFTS))
    assert nucleo.post(NEW, sent(bozza=str(draft.pk))).status_code == 302
    assert not Bozza.objects.exists()


def test_the_page_saves_by_itself(nucleo):
    answer = nucleo.post(f"{DRAFTS}salva/", sent(lavoratori="abc"))
    draft = Bozza.objects.get()
    assert f'name="bozza" value="{draft.pk}"' in answer.content.decode()
    assert "Bozza salvata alle" in answer.content.decode()
    nucleo.post(f"{DRAFTS}salva/", sent(bozza=str(draft.pk)))
    assert Bozza.objects.count() == 1


def test_a_draft_of_a_correction_still_knows_what_was_read(nucleo):
    site = make_unita("BG", 5)
    procedura = site.procedura
    url = change_of(procedura)
    nucleo.post(url, as_sent(procedura, row_of(site), causale="Mia", azione="bozza"))
    draft = Bozza.objects.get()
    other = client_of(make_nucleo("BG"))
    other.post(url, as_sent(procedura, row_of(site), causale="Altrui"))
    page = text_of(nucleo.get(f"{url}?bozza={draft.pk}"))
    assert 'name="versione" value="1"' in page
    assert 'value="Mia"' in page
    draft_sent = as_sent(procedura, row_of(site), causale="Mia", bozza=str(draft.pk))
    assert nucleo.post(url, draft_sent).status_code == 409
    assert Bozza.objects.exists()


def test_a_draft_is_of_one_person_alone(nucleo):
    mine = Bozza.objects.create(autore=make_nucleo("BG"), dati={"testata": {}, "righe": []})
    assert nucleo.get(f"{NEW}?bozza={mine.pk}").status_code == 404
    assert nucleo.post(f"{DRAFTS}{mine.pk}/elimina/").status_code == 404
    assert nucleo.post(NEW, sent(bozza=str(mine.pk), azione="bozza")).status_code == 404
    assert nucleo.post(f"{DRAFTS}salva/", sent(bozza=str(mine.pk))).status_code == 404
    assert nucleo.post(NEW, sent(bozza=str(mine.pk))).status_code == 404
    assert (Bozza.objects.get(), Procedura.objects.count()) == (mine, 0)
    assert refusals() == [{"oggetto": "crisi.bozza", "cercato": {"pk": mine.pk}}] * 5
    assert "Nessuna bozza" in text_of(nucleo.get(DRAFTS))


def test_a_draft_that_is_gone_does_not_stop_what_was_typed(nucleo):
    assert nucleo.post(NEW, sent(bozza="999999")).status_code == 302
    assert refusals() == []


def test_a_draft_of_what_is_not_the_nucleos_any_more_tells_nothing(nucleo):
    site = make_unita("BG", 5)
    procedura, url = site.procedura, change_of(site.procedura)
    nucleo.post(url, as_sent(procedura, row_of(site), azione="bozza"))
    draft, name = Bozza.objects.get(), procedura.azienda.denominazione
    work = "/crisi/lavoro/"
    for place in (DRAFTS, work):
        assert name in text_of(nucleo.get(place)), place
    UnitaProduttiva.objects.update(comune="098031")
    page = text_of(nucleo.get(DRAFTS))
    assert f"Bozza {draft.pk}: la procedura non ha più unità della propria provincia" in page
    assert not [word for word in (name, url, procedura.codice_pratica) if word in page]
    page = text_of(nucleo.get(work))
    assert "Nessuna bozza" in page
    assert name not in page
    assert nucleo.post(f"{DRAFTS}{draft.pk}/elimina/").url == DRAFTS


def test_a_draft_is_thrown_away(nucleo):
    nucleo.post(NEW, sent(azione="bozza"))
    assert nucleo.post(f"{DRAFTS}{Bozza.objects.get().pk}/elimina/").url == DRAFTS
    assert not Bozza.objects.exists()


# --- Correction ---------------------------------------------------------------------------------
def test_a_correction_changes_what_was_changed_and_no_more(nucleo):
    site = make_unita("BG", 5, codice="S1")
    procedura = site.procedura
    page = text_of(nucleo.get(change_of(procedura)))
    assert f'value="{procedura.azienda.denominazione}"' in page
    rows = (row_of(site, lavoratori="7"), {"comune": "Treviglio"})
    answer = nucleo.post(change_of(procedura), as_sent(procedura, *rows, causale="Altra"))
    assert answer.status_code == 302
    procedura.refresh_from_db()
    assert (procedura.causale, procedura.versione) == ("Altra", 2)
    assert procedura.campi_a_mano == ["causale"]
    assert list(procedura.unita.values_list("codice", "lavoratori", "campi_a_mano")) == [
        ("S1", 7, ["lavoratori"]),
        ("U1", None, ["comune"]),
    ]
    changed = AuditEvent.objects.get(action="procedura.modificata").details["modifiche"]
    assert changed == {"causale": ["Crisi aziendale", "Altra"]}


def test_what_is_sent_unchanged_makes_no_version(nucleo):
    site = make_unita("BG", None)
    answer = nucleo.post(change_of(site.procedura), as_sent(site.procedura, row_of(site)))
    assert answer.status_code == 302
    site.procedura.refresh_from_db()
    assert (site.procedura.versione, site.procedura.versioni.count()) == (1, 0)


def test_a_site_is_removed_unless_something_was_reported_on_it(nucleo):
    kept, gone = make_unita("BG", 1), None
    procedura = kept.procedura
    gone = make_unita("BG", 2, procedura=procedura)
    marked = text_of(
        nucleo.post(
            change_of(procedura), as_sent(procedura, row_of(kept), row_of(gone), azione="togli-1")
        )
    )
    assert f"Unità {gone.codice}: sarà tolta" in marked
    assert "Non togliere" in marked
    make_pal(gone, "2025-T3")
    body = as_sent(procedura, row_of(kept), row_of(gone, togli="sì"))
    answer = nucleo.post(change_of(procedura), body)
    assert answer.status_code == 400
    assert "ha dati PAL (3° trimestre 2025)" in text_of(answer)
    gone.avanzamenti.all().delete()
    assert nucleo.post(change_of(procedura), body).status_code == 302
    assert procedura.unita.get() == kept


def test_the_last_site_stays(nucleo):
    site = make_unita("BG", 1)
    answer = nucleo.post(
        change_of(site.procedura), as_sent(site.procedura, row_of(site, togli="sì"))
    )
    assert answer.status_code == 400
    assert "se è da annullare, ritirarla" in text_of(answer)
    assert UnitaProduttiva.objects.filter(pk=site.pk).exists()


def test_who_takes_ones_last_site_away_goes_back_to_the_list(nucleo):
    site = make_unita("BG", 1)
    make_unita("LO", procedura=site.procedura)
    url, procedura = change_of(site.procedura), site.procedura
    answer = nucleo.post(url, as_sent(procedura, row_of(site, togli="sì")), follow=True)
    assert answer.redirect_chain == [("/crisi/procedure/", 302)]
    assert "non ha più unità della propria provincia" in text_of(answer)
    assert not UnitaProduttiva.objects.filter(pk=site.pk).exists()
    assert refusals() == []


# --- Forged -------------------------------------------------------------------------------------
def refusals() -> list[dict]:
    events = AuditEvent.objects.filter(action="accesso.negato").order_by("pk")
    return list(events.values_list("details", flat=True))


def test_another_nucleos_procedure_is_not_there_and_the_asking_is_kept(nucleo):
    theirs = make_unita("LO", 4)
    url = change_of(theirs.procedura)
    assert nucleo.get(url).status_code == 404
    assert nucleo.post(url, as_sent(theirs.procedura, row_of(theirs))).status_code == 404
    assert nucleo.post(f"/crisi/procedure/{theirs.procedura_id}/bozza/", sent()).status_code == 404
    asked = {"oggetto": "crisi.procedura", "cercato": {"pk": theirs.procedura_id}}
    assert refusals() == [asked] * 3
    assert nucleo.get("/crisi/procedure/999999/modifica/").status_code == 404
    assert nucleo.get(f"/crisi/procedure/{10**25}/modifica/").status_code == 404
    assert len(refusals()) == 3


def test_another_nucleos_site_in_ones_own_procedure_is_not_there(nucleo):
    own = make_unita("BG", 4)
    theirs = make_unita("LO", 9, procedura=own.procedura)
    url = change_of(own.procedura)
    for row in (row_of(theirs, comune="Bergamo"), row_of(theirs, togli="sì")):
        answer = nucleo.post(url, as_sent(own.procedura, row_of(own), row))
        assert answer.status_code == 404
    assert nucleo.post(NEW, sent({"id": str(theirs.pk), "comune": "Bergamo"})).status_code == 404
    assert (
        nucleo.post(url, as_sent(own.procedura, {"id": "x", "comune": "Bergamo"})).status_code
        == 404
    )
    assert refusals() == [{"oggetto": "crisi.unitaproduttiva", "cercato": {"pk": theirs.pk}}] * 3
    theirs.refresh_from_db()
    assert (theirs.comune_id, theirs.lavoratori) == ("098031", 9)
    assert theirs.codice not in text_of(nucleo.get(url))


# --- Two at once --------------------------------------------------------------------------------
def test_who_comes_second_chooses_field_by_field(nucleo):
    site = make_unita("BG", 5, codice="S1")
    procedura = site.procedura
    url, other = change_of(procedura), client_of(make_nucleo("BG"))
    # The first version is kept by the first change of a procedure that a flow did not bring.
    other.post(url, as_sent(procedura, row_of(site), causale="Prima"))
    procedura.refresh_from_db()
    read = as_sent(procedura, row_of(site))
    other.post(
        url, {**read, "causale": "Altrui", "data_avvio": "2025-03-05", "unita-0-lavoratori": "6"}
    )
    mine = {**read, "causale": "Mia", "unita-0-codice": "S2"}
    answer = nucleo.post(url, mine)
    page = text_of(answer)
    assert answer.status_code == 409
    proposed = re.findall(r'name="scelta-([\w-]+)" value="(\w+)" checked', page)
    assert proposed == [
        ("causale", "scritto"),
        ("data_avvio", "registrato"),
        ("unita-0-lavoratori", "registrato"),
        ("unita-0-codice", "scritto"),
    ]
    for words in ("Altrui", "Mia", "05.03.2025", "01.03.2025", "S1", "S2"):
        assert words in page
    assert 'name="versione" value="3"' in page
    chosen = {f"scelta-{name}": choice for name, choice in proposed}
    chosen |= dict(re.findall(r'name="(visto-[\w-]+)" value="([^"]*)"', page))
    assert nucleo.post(url, {**mine, **chosen, "versione": "3"}).status_code == 302
    procedura.refresh_from_db()
    site.refresh_from_db()
    assert (procedura.causale, procedura.data_avvio) == ("Mia", date(2025, 3, 5))
    assert (site.codice, site.lavoratori, procedura.versione) == ("S2", 6, 4)


def test_what_is_typed_after_the_comparison_goes_as_it_is_typed(nucleo):
    site = make_unita("BG", 5, codice="S1")
    procedura = site.procedura
    url, other = change_of(procedura), client_of(make_nucleo("BG"))
    other.post(url, as_sent(procedura, row_of(site, lavoratori="6")))
    mine = as_sent(procedura, row_of(site, lavoratori="7"), causale="Mia")
    page = text_of(nucleo.post(url, mine))
    seen = dict(re.findall(r'name="(visto-[\w-]+)" value="([^"]*)"', page))
    assert seen == {"visto-causale": "Mia", "visto-unita-0-lavoratori": "7"}
    corrected = {**mine, **seen, "versione": "2", "unita-0-lavoratori": "8"}
    corrected |= {"scelta-unita-0-lavoratori": "registrato", "scelta-causale": "registrato"}
    assert nucleo.post(url, corrected).status_code == 302
    site.refresh_from_db()
    procedura.refresh_from_db()
    assert (site.lavoratori, procedura.causale) == (8, "Crisi aziendale")


def test_what_another_nucleo_did_to_its_own_sites_is_no_conflict(nucleo):
    own = make_unita("BG", 5)
    theirs = make_unita("LO", 6, procedura=own.procedura)
    procedura = own.procedura
    url, lodi = change_of(procedura), client_of(make_nucleo("LO"))
    nucleo.post(url, as_sent(procedura, row_of(own), causale="Prima"))
    procedura.refresh_from_db()
    lodi.post(url, as_sent(procedura, row_of(theirs, lavoratori="60")))
    assert nucleo.post(url, as_sent(procedura, row_of(own, lavoratori="50"))).status_code == 302
    assert dict(procedura.unita.values_list("pk", "lavoratori")) == {own.pk: 50, theirs.pk: 60}


def test_a_site_that_somebody_took_away_is_asked_about(nucleo):
    kept = make_unita("BG", 1, codice="K")
    procedura = kept.procedura
    gone = make_unita("BG", 2, procedura=procedura, codice="G")
    url, other = change_of(procedura), client_of(make_nucleo("BG"))
    nucleo.post(url, as_sent(procedura, row_of(kept), row_of(gone), causale="Prima"))
    procedura.refresh_from_db()
    read = as_sent(procedura, row_of(kept), row_of(gone, lavoratori="22"))
    added = {"comune": "Treviglio", "lavoratori": "8"}
    other.post(url, as_sent(procedura, row_of(kept), row_of(gone, togli="sì"), added))
    answer = nucleo.post(url, read)
    page = text_of(answer)
    assert answer.status_code == 409
    assert re.findall(r'name="scelta-([\w-]+)" value="(\w+)" checked', page) == [
        ("unita-1", "registrato")
    ]
    assert "aggiunta da altri" in page
    assert 'name="righe" value="3"' in page
    new = procedura.unita.get(comune="016219")
    again = as_sent(procedura, row_of(kept), row_of(gone, lavoratori="22"), row_of(new))
    again |= {"versione": "3", "scelta-unita-1": "scritto"}
    assert nucleo.post(url, again).status_code == 302
    assert sorted(procedura.unita.values_list("codice", "lavoratori")) == [
        ("G", 22),
        ("K", 1),
        ("U1", 8),
    ]
