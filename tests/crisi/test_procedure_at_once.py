"""Two nuclei on the same procedure at once, on two connections: nothing is lost."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from crisi.duplicates import Duplicate
from crisi.models import Procedura, UnitaProduttiva
from crisi.services import procedure as services
from crisi.services.unita import Sito
from porfse.models import Azienda, Comune
from programme.services import Conflict
from tests.crisi.test_sintesi import assert_kept
from tests.factories.crisi import COMUNI, make_nucleo, make_unita, partita_iva
from tests.programme.test_services import at_once

pytestmark = pytest.mark.django_db(transaction=True)
CF = partita_iva(900_002)


def header(**fields) -> services.Testata:
    values = {
        "codice_fiscale": CF,
        "denominazione": "Rossi S.p.A.",
        "tipo": "LIC",
        "linea_guida": "D",
        "causale": "Cessazione",
        "data_avvio": date(2025, 3, 1),
    }
    return services.Testata(**values | fields)


def site(sigla: str, workers: int | None, **fields) -> Sito:
    return Sito(Comune.objects.get(pk=COMUNI[sigla]), workers, **fields)


def said_of(procedura: Procedura, **fields) -> services.Testata:
    company = procedura.azienda
    names = (
        *("tipo", "linea_guida", "causale", "data_avvio", "data_fine"),
        *("codice_pratica", "alta_complessita", "obbligo_pal"),
    )
    values = {name: getattr(procedura, name) for name in names}
    values |= {"codice_fiscale": company.codice_fiscale, "denominazione": company.denominazione}
    return services.Testata(**values | fields)


@pytest.fixture
def shared():
    """A procedure entered in Bergamo that Lodi joined; its nuclei and their sites."""
    bergamo, lodi = make_nucleo("BG"), make_nucleo("LO")
    made = services.create(by=bergamo, testata=header(), siti=[site("BG", 1)])
    services.add_sites(by=lodi, pk=made.pk, testata=header(), siti=[site("LO", 2)])
    made.refresh_from_db()
    return made, (bergamo, lodi), list(made.unita.order_by("codice"))


def test_each_nucleo_changes_its_own_sites_and_both_stand(shared):
    procedura, people, sites = shared

    def work(index):
        sigla = ("BG", "LO")[index]
        own = site(sigla, 10 + index, codice=sites[index].codice, id=sites[index].pk)
        return services.update(
            by=people[index],
            pk=procedura.pk,
            versione=procedura.versione,
            testata=said_of(procedura),
            siti=[own, site(sigla, 100 + index)],
        )

    found = at_once(work)
    assert [type(each) for each in found] == [Procedura, Procedura]
    procedura.refresh_from_db()
    assert procedura.versione == 4
    workers = procedura.unita.order_by("comune", "pk").values_list("comune", "lavoratori")
    assert list(workers) == [("016024", 10), ("016024", 100), ("098031", 11), ("098031", 101)]
    assert len(set(procedura.unita.values_list("codice", flat=True))) == 4
    last = procedura.versioni.get(versione=4).contenuto["unita"]
    assert sorted(each["lavoratori"] for each in last) == [10, 11, 100, 101]
    assert_kept()


def test_both_change_the_header_and_the_second_is_told(shared):
    procedura, people, _ = shared

    def work(index):
        return services.update(
            by=people[index],
            pk=procedura.pk,
            versione=procedura.versione,
            testata=said_of(procedura, causale=f"Causale {index}"),
            siti=[],
        )

    found = at_once(work)
    assert sorted(type(each).__name__ for each in found) == ["Conflict", "Procedura"]
    conflict = next(each for each in found if isinstance(each, Conflict))
    written = next(each for each in found if isinstance(each, Procedura))
    assert conflict.current.causale == written.causale
    procedura.refresh_from_db()
    assert (procedura.causale, procedura.versione) == (written.causale, 3)


def test_the_same_procedure_entered_by_two_at_once_is_one():
    people = [make_nucleo("BG"), make_nucleo("LO")]

    def work(index):
        own = [site(("BG", "LO")[index], index)]
        return services.create(by=people[index], testata=header(), siti=own)

    found = at_once(work)
    assert sorted(type(each).__name__ for each in found) == ["Duplicate", "Procedura"]
    duplicate = next(each for each in found if isinstance(each, Duplicate))
    assert [each.procedura for each in duplicate.found] == [Procedura.objects.get()]
    assert Azienda.objects.filter(codice_fiscale=CF).count() == 1
    assert_kept()


def test_a_number_given_by_two_at_once_is_of_one():
    people = [make_nucleo("BG"), make_nucleo("LO")]

    def work(index):
        said = header(codice_fiscale=partita_iva(index + 1), codice_pratica="VOL-1")
        own = [site(("BG", "LO")[index], index)]
        return services.create(by=people[index], testata=said, siti=own)

    found = at_once(work)
    assert sorted(type(each).__name__ for each in found) == ["Procedura", "ValidationError"]
    refused = next(each for each in found if isinstance(each, ValidationError))
    assert refused.message_dict == {
        "codice_pratica": [
            "Il numero VOL-1 è già di una procedura di un'altra provincia: controllarlo."
        ]
    }
    assert Procedura.objects.count() == 1
    assert_kept()


def test_who_joins_and_who_corrects_at_once_are_both_there():
    bergamo, lodi = make_nucleo("BG"), make_nucleo("LO")
    made = services.create(by=bergamo, testata=header(), siti=[site("BG", 1)])
    own = made.unita.get()

    def work(index):
        if index:
            return services.add_sites(by=lodi, pk=made.pk, testata=header(), siti=[site("LO", 2)])
        changed = site("BG", 5, codice=own.codice, id=own.pk)
        said = said_of(made, causale="Altra")
        return services.update(by=bergamo, pk=made.pk, versione=1, testata=said, siti=[changed])

    found = at_once(work)
    assert [type(each) for each in found] == [Procedura, Procedura]
    made.refresh_from_db()
    assert (made.causale, made.versione) == ("Altra", 3)
    assert sorted(made.unita.values_list("comune", "lavoratori")) == [("016024", 5), ("098031", 2)]
    assert_kept()


def test_a_site_with_the_code_of_another_nucleos_is_refused(shared):
    procedura, people, _ = shared
    with pytest.raises(ValidationError) as refused:
        services.update(
            by=people[0],
            pk=procedura.pk,
            versione=2,
            testata=said_of(procedura),
            siti=[site("BG", 3, codice="U2")],
        )
    assert refused.value.message_dict == {
        "0.codice": ["L'identificativo U2 è già di un'altra unità."]
    }
    assert procedura.unita.count() == 2


def test_a_site_elsewhere_is_refused_also_by_the_service():
    with pytest.raises(ValidationError) as refused:
        services.create(by=make_nucleo("BG"), testata=header(), siti=[site("LO", 3)])
    assert refused.value.message_dict == {"0.comune": ["Lodi (LO) non è nella propria provincia."]}
    assert not Procedura.objects.exists()


def test_an_unrelated_site_stays_what_it_is():
    bergamo = make_nucleo("BG")
    other = make_unita("BG", 4)
    made = services.create(by=bergamo, testata=header(), siti=[site("BG", 1)])
    forged = site("BG", 9, codice=other.codice, id=other.pk)
    with pytest.raises(Exception, match="Un'unità non è di questa procedura"):
        services.update(by=bergamo, pk=made.pk, versione=1, testata=said_of(made), siti=[forged])
    other.refresh_from_db()
    assert other.lavoratori == 4


@pytest.mark.parametrize("how", ["unisci", "distinta"])
def test_a_form_sent_twice_at_once_is_taken_once(how):
    found = services.create(by=make_nucleo("LO"), testata=header(), siti=[site("LO", 2)])
    bergamo = make_nucleo("BG")
    said = {"by": bergamo, "testata": header(), "siti": [site("BG", 1)]}

    def work(index):
        if how == "unisci":
            return services.add_sites(pk=found.pk, **said)
        return services.create(distinta="Altro stabilimento", **said)

    answers = at_once(work)
    assert {type(each) for each in answers} == {Procedura, ValidationError}
    assert Procedura.objects.count() == (1 if how == "unisci" else 2)
    assert UnitaProduttiva.objects.count() == 2
