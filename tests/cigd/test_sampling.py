"""Samples of what is stored: populations frozen with their hash, drawn again the same."""

import io
import json
from datetime import date
from decimal import Decimal
from hashlib import sha256

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import connection

from cigd import drawing, sampling
from cigd.models import Campione, Pagamento
from cigd.plans import population
from cigd.population import Filters
from porfse.errors import NotThere
from porfse.flows.errors import NotNow
from porfse.models import AuditEvent, Flow
from tests.factories.flows import payment
from tests.factories.pool import LODI, MILANO, in_pool, recovery
from tests.factories.samples import drawn, plan


@pytest.fixture
def flow(db):
    """Six payments, 1,110.00 euro, two of them in Milano; 40.00 recovered."""
    first = payment(comune_istat=MILANO, importo="500,00")
    rows = [
        first,
        payment(comune_istat=MILANO, importo="10,00", data_pagamento="01/09/2020"),
        *(payment(comune_istat=LODI, importo="150,00") for _ in range(4)),
        recovery(first, "-40,00"),
    ]
    return in_pool(*rows)


def lines(*flows):
    rows = Pagamento.objects.filter(flusso__in=flows, tipo="P").order_by("flusso", "riga")
    return "".join(f"{row.flusso_id};{row.id_pagamento};{row.importo}\n" for row in rows)


def items(sample):
    return list(sample.elementi.values_list("id_pagamento", flat=True))


def test_the_population_is_frozen_with_its_hash(flow):
    sample = drawn("semplice", 2)
    assert (sample.pagamenti, sample.importo) == (6, Decimal("1110.00"))
    assert (sample.recuperi, sample.importo_recuperi) == (1, Decimal("-40.00"))
    assert sample.sha256 == sha256(lines(flow).encode()).hexdigest()
    assert sample.flussi == [flow.pk]
    strata = sample.strati.values_list(
        "azione", "provincia", "pagamenti", "importo", "importo_recuperi"
    )
    assert list(strata) == [
        ("8.6.1", "MI", 2, Decimal("510.00"), Decimal("-40.00")),
        ("9.8.1", "LO", 4, Decimal("600.00"), Decimal(0)),
    ]
    assert sum(row.estratti for row in sample.strati.all()) == 2


def test_what_is_drawn_is_what_the_pure_drawing_says(flow):
    population_ = [
        drawing.Item(row.flusso_id, row.riga, row.id_pagamento, row.importo, ("", ""))
        for row in Pagamento.objects.filter(flusso=flow, tipo="P").order_by("riga")
    ]
    expected = [one.item.id_pagamento for one in drawing.simple(population_, 3, "s1")]
    assert items(drawn("semplice", 3, seme="s1")) == expected


def test_recoveries_are_never_drawn(flow):
    everything = drawn("semplice", 6)
    assert everything.elementi.count() == 6
    assert all(row.importo > 0 for row in everything.elementi.all())


def test_strata_get_their_shares(flow):
    sample = drawn("stratificato", 3, ripartizione="numero")
    assert [row.estratti for row in sample.strati.all()] == [1, 2]
    rich = drawn("stratificato", 4, ripartizione="importo")  # quotas 1.84 and 2.16
    assert [row.estratti for row in rich.strati.all()] == [2, 2]


def test_monetary_units_take_the_large_for_certain(flow):
    sample = drawn("mus", 3)
    assert sample.intervallo == Decimal("370.00")
    certain = sample.elementi.filter(certo=True)
    assert [row.importo for row in certain] == [Decimal("500.00")]
    # Of the other 610.00, one or two intervals.
    assert sample.elementi.filter(certo=False).count() in (1, 2)


@pytest.mark.parametrize(
    ("filters", "number"),
    [
        ({"azione": "8.6.1"}, 2),
        ({"azione": "9.8.1"}, 4),
        ({"dal": date(2020, 9, 1)}, 1),
        ({"al": date(2020, 8, 31)}, 5),
        ({"dal": date(2020, 5, 15), "al": date(2020, 5, 15)}, 5),
        # A month of competence is in the period whatever day is named.
        ({"periodo": "competenza", "dal": date(2020, 3, 20)}, 6),
        ({"periodo": "competenza", "dal": date(2020, 4, 1)}, 0),
    ],
)
def test_filters_narrow_the_population(flow, filters, number):
    found = population(Filters(flussi=(), **filters))
    assert found.totale.pagamenti.pagamenti == number


def test_a_flow_may_be_chosen(flow):
    other = in_pool(payment(importo="77,00"))
    assert population(Filters((other.pk,))).totale.pagamenti.importo == Decimal("77.00")
    assert population(Filters(())).totale.pagamenti.pagamenti == 7
    with pytest.raises(NotThere, match="non è fra quelli acquisiti"):
        population(Filters((other.pk, other.pk + 1)))


def test_real_payments_and_examples_never_meet(db):
    example = in_pool(payment(importo="5,00"), example=True)
    assert drawn("semplice", 1).esempio is True
    real = in_pool(payment(importo="7,00"))
    sample = drawn("semplice", 1)
    assert (sample.esempio, sample.flussi) == (False, [real.pk])
    with pytest.raises(NotThere):
        drawn("semplice", 1, flussi=(example.pk,))


@pytest.mark.parametrize(
    ("args", "fields", "word"),
    [
        (("semplice", 7), {}, "numero"),
        (("semplice", 0), {}, "numero"),
        (("stratificato", 1), {"ripartizione": "numero"}, "numero"),
        (("stratificato", 3), {}, "ripartizione"),
        (("semplice", 3), {"ripartizione": "numero"}, "ripartizione"),
        (("altro", 3), {}, "metodo"),
        (("mus", 3), {"seme": "due parole"}, "seme"),
        (("mus", 3), {"azione": "1.1"}, "azione"),
        (("mus", 3), {"periodo": "altro"}, "periodo"),
        (("mus", 1), {"dal": date(2021, 1, 2), "al": date(2021, 1, 1)}, "al"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_by_field(flow, args, fields, word):
    with pytest.raises(ValidationError) as error:
        drawn(*args, **fields)
    assert list(error.value.message_dict) == [word]
    assert not Campione.objects.exists()


def test_an_empty_population_is_refused(flow):
    with pytest.raises(ValidationError, match="Nessun pagamento"):
        drawn("semplice", 1, dal=date(2021, 12, 1))


def test_without_flows_there_is_nothing_to_draw(db):
    with pytest.raises(NotThere, match="Nessun flusso"):
        drawn()


def test_the_same_sample_is_drawn_once(flow):
    first = drawn("semplice", 2)
    with pytest.raises(ValidationError, match=f"n. {first.pk}"):
        drawn("semplice", 2)
    drawn("semplice", 2, seme="altro")
    assert Campione.objects.count() == 2


def test_what_was_not_shown_is_not_drawn_from(flow, user):
    seen = population(Filters(())).totale
    in_pool(payment())
    with pytest.raises(NotNow, match="anteprima"):
        sampling.draw(by=user("controllore"), plan=plan(), seen=seen)


@pytest.mark.parametrize(
    "role", ["lettore", "gestore", "operatore", "certificatore", "amministratore"]
)
def test_only_who_verifies_draws(flow, user, role):
    with pytest.raises(PermissionDenied):
        sampling.draw(by=user(role), plan=plan())


def test_a_draw_is_recorded(flow, user):
    person = user("controllore")
    sample = sampling.draw(by=person, plan=plan())
    event = AuditEvent.objects.get(action="campione.estratto")
    assert (event.actor, event.object_id) == (person, str(sample.pk))
    assert event.details["sha256"] == sample.sha256


@pytest.mark.parametrize(
    ("method", "share"), [("semplice", ""), ("stratificato", "importo"), ("mus", "")]
)
def test_a_sample_is_drawn_again_the_same(flow, method, share):
    sample = drawn(method, 3, ripartizione=share)
    in_pool(payment())  # a later flow changes nothing: the flows are kept
    assert sampling.differences(sample) == []


def test_a_payment_that_changes_is_found_out(flow):
    sample = drawn("semplice", 6)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cigd_pagamento SET importo = importo + 0.01"
            " WHERE flusso_id = %s AND id_pagamento = %s",
            [flow.pk, items(sample)[0]],
        )
    found = sampling.differences(sample)
    assert found[0] == "Importo della popolazione: era 1110.00, ora è 1110.01."
    assert any(line.startswith("Impronta SHA-256: era") for line in found)


def test_a_flow_of_a_population_cannot_be_cancelled(flow):
    assert sampling.why_not_cancel(flow) == ""
    sample = drawn("semplice", 1)
    assert f"n. {sample.pk}" in sampling.why_not_cancel(flow)
    assert sampling.why_not_cancel(in_pool(payment())) == ""


def test_samples_of_examples_go_with_them(user):
    example = in_pool(payment(), example=True)
    sample = drawn("semplice", 1)
    real = in_pool(payment())
    kept = drawn("semplice", 1)
    sampling.forget_example(example, by=user("operatore"))
    sampling.forget_example(real, by=user("operatore"))
    assert list(Campione.objects.all()) == [kept]
    assert AuditEvent.objects.get(action="campione.eliminato").object_id == str(sample.pk)


def draw_sample(*args):
    out = io.StringIO()
    call_command("draw_sample", *args, stdout=out)
    return out.getvalue()


def test_the_command_draws_and_checks(flow):
    made = json.loads(draw_sample("--method", "mus", "--n", "3", "--seed", "s", "--json"))
    sample = Campione.objects.get(pk=made["id"])
    assert made["interval"] == "370.00"
    assert made["amount"] == "1110.00"
    assert [row["id"] for row in made["elements"]] == items(sample)
    assert "sono gli stessi" in draw_sample("--check", str(sample.pk))
    Flow.objects.filter(pk=flow.pk).update(stato="annullato")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM cigd_pagamento WHERE flusso_id = %s", [flow.pk])
    out = io.StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("draw_sample", "--check", str(sample.pk), "--json", stdout=out)
    assert end.value.code == 1
    assert json.loads(out.getvalue())["same"] is False


def test_the_command_narrows_and_names_who_draws(flow, user):
    person = user("controllore")
    args = ("--method", "stratificato", "--n", "2", "--seed", "s", "--by", "numero", "--azione",
            "9.8.1", "--flusso", str(flow.pk), "--dal", "2020-05-01", "--al", "2020-05-31",
            "--user", person.username)  # fmt: skip
    assert "600,00" in draw_sample(*args)
    sample = Campione.objects.get()
    assert (sample.estratto_da, sample.pagamenti) == (person, 4)


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ((), 2),
        (("--method", "mus", "--n", "1"), 2),
        (("--check", "1", "--n", "1"), 2),
        (("--check", "999"), 1),
        (("--method", "mus", "--n", "99", "--seed", "s"), 1),
        (("--method", "mus", "--n", "1", "--seed", "s", "--dal", "ieri"), 1),
        (("--method", "mus", "--n", "1", "--seed", "s", "--user", "nessuno"), 1),
        (("--method", "mus", "--n", "1", "--seed", "s", "--flusso", "999"), 1),
    ],
)
def test_a_wrong_command_says_so(flow, args, code):
    with pytest.raises(CommandError) as error:
        call_command("draw_sample", *args)
    assert error.value.returncode == code
    assert not Campione.objects.exists()


def test_the_command_refuses_who_may_not(flow, user):
    lettore = user("lettore").username
    with pytest.raises(CommandError, match="permesso"):
        draw_sample("--method", "mus", "--n", "1", "--seed", "s", "--user", lettore)
