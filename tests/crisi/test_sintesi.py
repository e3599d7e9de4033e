"""The monthly summary equals what the procedures add up to, whatever is done to them."""

import random
from datetime import date

from django.db import connection, transaction
from django.db.models import F

from crisi.models import Procedura, SintesiMese, UnitaProduttiva
from tests.factories.crisi import make_procedura, make_unita

_RECOUNT = """
    SELECT p.esempio, date_trunc('month', giorno)::date, c.provincia_id, p.tipo, verso,
           count(*), coalesce(sum(u.lavoratori), 0), count(*) - count(u.lavoratori)
    FROM crisi_unitaproduttiva u
    JOIN crisi_procedura p ON p.id = u.procedura_id
    JOIN porfse_comune c ON c.codice_istat = u.comune_id
    CROSS JOIN LATERAL (VALUES ('avvio', p.data_avvio), ('fine', p.data_fine)) v (verso, giorno)
    WHERE giorno IS NOT NULL AND p.stato <> 'ritirata'
    GROUP BY 1, 2, 3, 4, 5
"""
_FIELDS = ("esempio", "mese", "provincia", "tipo", "verso", "unita", "lavoratori", "non_noti")


def assert_kept() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_RECOUNT)
        counted = set(cursor.fetchall())
    assert set(SintesiMese.objects.exclude(unita=0).values_list(*_FIELDS)) == counted
    assert not SintesiMese.objects.filter(unita=0).exclude(lavoratori=0, non_noti=0)


def kept() -> list[tuple]:
    return list(SintesiMese.objects.order_by("mese", "verso").values_list(*_FIELDS))


def test_a_site_counts_in_the_month_of_its_procedure_and_its_comune(db):
    make_unita("BG", 12, data_avvio=date(2025, 3, 31), data_fine=date(2025, 9, 1))
    assert kept() == [
        (False, date(2025, 3, 1), "BG", "CIGS_MIN", "avvio", 1, 12, 0),
        (False, date(2025, 9, 1), "BG", "CIGS_MIN", "fine", 1, 12, 0),
    ]


def test_workers_not_known_are_counted_apart_and_are_not_zero(db):
    first = make_unita("LO", None)
    make_unita("LO", 0, procedura=first.procedura)
    assert kept() == [(False, date(2025, 3, 1), "LO", "CIGS_MIN", "avvio", 2, 0, 1)]


def test_withdrawn_procedures_leave_and_come_back(db):
    site = make_unita("MI", 5)
    Procedura.objects.filter(pk=site.procedura_id).update(stato="ritirata")
    assert kept() == [(False, date(2025, 3, 1), "MI", "CIGS_MIN", "avvio", 0, 0, 0)]
    Procedura.objects.filter(pk=site.procedura_id).update(stato="aperta")
    assert_kept()


def test_what_is_rolled_back_leaves_nothing(db):
    with transaction.atomic():
        make_unita("MI", 5)
        transaction.set_rollback(True)
    assert kept() == []


def test_examples_are_summed_apart(db):
    make_unita("BG", 3, esempio=True)
    make_unita("BG", 4)
    assert sorted((row[0], row[6]) for row in kept()) == [(False, 4), (True, 3)]


def test_any_order_of_changes_leaves_the_sums_of_what_stands(db):
    chance = random.Random(7)  # noqa: S311
    for _ in range(60):
        what = chance.randrange(6)
        sites, procedures = UnitaProduttiva.objects.all(), Procedura.objects.all()
        if what < 2 or not sites:
            tipo = chance.choice(Procedura.Tipo.values)
            procedure = make_procedura(tipo, data_avvio=date(2025, chance.randrange(1, 13), 4))
            for sigla in chance.sample(["BG", "MI", "SO"], 2):
                make_unita(sigla, chance.choice([None, 0, 7]), procedura=procedure)
        elif what == 2:
            sites.filter(pk=chance.choice(sites).pk).update(lavoratori=chance.choice([None, 9]))
        elif what == 3:
            sites.filter(pk=chance.choice(sites).pk).update(comune="012133")
        elif what == 4:
            procedures.filter(pk=chance.choice(procedures).pk).update(
                data_fine=F("data_avvio"), stato=chance.choice(["conclusa", "ritirata"])
            )
        else:
            chance.choice(procedures).delete()
        assert_kept()
