"""Who is written to: kept by the Region, one address once for a territory, never deleted."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from porfse.errors import NotThere
from porfse.models import AuditEvent, Provincia, User
from reports.models import Destinatario
from reports.services import destinatari
from tests.programme.test_pages import text_of
from tests.threads import at_once

pytestmark = pytest.mark.django_db
URL = "/report/destinatari/"


@pytest.fixture
def by(user) -> User:
    return user("gestore")


def add(by: User, email: str = "ufficio@esempio.invalid", sigla: str | None = "BG", **fields):
    place = Provincia.objects.get(pk=sigla) if sigla else None
    values = {"nome": "Ufficio", "email": email, "provincia": place}
    return destinatari.aggiungi(by=by, **values | fields)


def events() -> list[str]:
    found = AuditEvent.objects.filter(action__startswith="destinatario.").order_by("pk")
    return list(found.values_list("action", flat=True))


def test_an_address_is_added_changed_and_deactivated_each_recorded(by):
    made = add(by, nome="  Nucleo\n di   Bergamo ")
    assert (made.nome, made.attivo, made.provincia_id) == ("Nucleo di Bergamo", True, "BG")
    change = {"nome": made.nome, "email": "altro@esempio.invalid"}
    destinatari.modifica(by=by, pk=made.pk, **change, attivo=True)
    destinatari.modifica(by=by, pk=made.pk, **change, attivo=False)
    destinatari.modifica(by=by, pk=made.pk, **change, attivo=False)  # nothing changes
    assert events() == [
        "destinatario.aggiunto",
        "destinatario.modificato",
        "destinatario.modificato",
    ]
    last = AuditEvent.objects.filter(action="destinatario.modificato").latest("pk")
    assert last.details == {"modifiche": {"attivo": [True, False]}}
    assert Destinatario.objects.get().email == "altro@esempio.invalid"


def test_an_address_is_there_once_for_a_territory_whatever_its_case(by):
    add(by)
    add(by, sigla="MI")
    add(by, sigla=None)
    for sigla in ("BG", None):
        with pytest.raises(ValidationError) as refused:
            add(by, "UFFICIO@esempio.invalid", sigla)
        assert refused.value.message_dict == {
            "email": ["L'indirizzo c'è già per questo territorio."]
        }
    assert Destinatario.objects.count() == 3


def test_a_deactivated_address_is_made_active_again_and_not_added(by):
    made = add(by)
    destinatari.modifica(by=by, pk=made.pk, nome="Ufficio", email=made.email, attivo=False)
    with pytest.raises(ValidationError) as refused:
        add(by)
    (words,) = refused.value.messages
    assert words == (
        "L'indirizzo c'è già per questo territorio, disattivato («Ufficio»): riattivarlo"
        " dall'elenco."
    )


@pytest.mark.parametrize(
    "email", ["", "senza chiocciola", "a@b", "a@b.it\nBcc: c@d.it", f"{'a' * 300}@esempio.invalid"]
)
def test_a_bad_address_is_refused_beside_its_field(by, email):
    with pytest.raises(ValidationError) as refused:
        add(by, email)
    assert list(refused.value.message_dict) == ["email"]
    assert not Destinatario.objects.exists()


def test_a_name_may_be_hostile_but_not_too_long(by):
    made = add(by, nome="<b>«D'Alò & figli» 😀</b>")
    assert made.nome == "<b>«D'Alò & figli» 😀</b>"
    with pytest.raises(ValidationError) as refused:
        add(by, "altro@esempio.invalid", nome="a" * 300)
    assert list(refused.value.message_dict) == ["nome"]


@pytest.mark.parametrize("role", ["lettore", "nucleo", "operatore", "amministratore"])
def test_only_who_sends_keeps_addresses(user, role):
    with pytest.raises(PermissionDenied):
        add(user(role))


def test_what_is_not_there_is_not_changed(by):
    with pytest.raises(NotThere):
        destinatari.modifica(by=by, pk=0, nome="a", email="a@esempio.invalid", attivo=True)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_add_the_same_at_once_one_is_told(user):
    by = user("gestore")
    told = [
        each.messages if isinstance(each, ValidationError) else each.email
        for each in at_once(*[lambda: add(by)] * 2)
    ]
    assert Destinatario.objects.count() == 1
    assert sorted(map(str, told)) == [
        "[\"L'indirizzo c'è già per questo territorio.\"]",
        "ufficio@esempio.invalid",
    ]


def test_the_page_adds_and_says_what_is_wrong_in_the_field(gestore):
    sent = {"provincia": "BG", "nome": "Ufficio", "email": "ufficio@esempio.invalid"}
    assert gestore.post(f"{URL}nuovo/", sent).url == URL
    again = gestore.post(f"{URL}nuovo/", sent)
    assert again.status_code == 400
    assert again.context["form"].errors == {"email": ["L'indirizzo c'è già per questo territorio."]}
    wrong = gestore.post(f"{URL}nuovo/", sent | {"email": "no", "nome": ""})
    assert set(wrong.context["form"].errors) == {"email", "nome"}
    assert "Inserisci un indirizzo email valido." in text_of(wrong)


def test_the_page_changes_and_never_deletes(gestore, by):
    made = add(by, sigla=None)
    page = gestore.get(f"{URL}{made.pk}/")
    assert "Territorio: Regione." in text_of(page)
    sent = {"nome": "Altro", "email": made.email, "attivo": "False"}
    assert gestore.post(f"{URL}{made.pk}/", sent).url == URL
    assert Destinatario.objects.values_list("nome", "attivo").get() == ("Altro", False)
    assert gestore.delete(f"{URL}{made.pk}/").status_code == 405
    assert gestore.get(f"{URL}0/").status_code == 404


def test_the_list_is_narrowed_and_exported(gestore, by):
    add(by, "bg@esempio.invalid", nome="<b>Ufficio</b>")
    add(by, "mi@esempio.invalid", "MI")
    region = add(by, "re@esempio.invalid", None)
    destinatari.modifica(by=by, pk=region.pk, nome="Regione", email=region.email, attivo=False)

    def shown(query: str) -> list[str]:
        rows = gestore.get(f"{URL}{query}").context["destinatari"].rows
        return sorted(row.record.email for row in rows)

    assert shown("") == ["bg@esempio.invalid", "mi@esempio.invalid", "re@esempio.invalid"]
    assert shown("?territorio=BG") == ["bg@esempio.invalid"]
    assert shown("?territorio=regione") == ["re@esempio.invalid"]
    assert shown("?stato=disattivati") == ["re@esempio.invalid"]
    assert gestore.get(f"{URL}?territorio=ZZ").status_code == 400
    assert "<b>Ufficio" not in gestore.get(URL).content.decode()
    text = gestore.get(f"{URL}?destinatari-formato=csv").content.decode("utf-8-sig")
    assert text.splitlines()[0] == "Territorio;Persona o ufficio;Indirizzo;Riceve i report"
    assert "Regione;Regione;re@esempio.invalid;no" in text


@pytest.mark.parametrize("role", ["lettore", "nucleo", "amministratore"])
def test_who_does_not_send_sees_no_address(as_role, role):
    client = as_role(role, **({"provincia_id": "BG"} if role == "nucleo" else {}))
    for url in (URL, f"{URL}nuovo/", f"{URL}1/", "/report/invii/", "/report/invii/1/ripeti/"):
        assert client.get(url).status_code == 403
