"""Who may do what: the table alone decides, whatever the database holds."""

import io

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from porfse import roles
from porfse.models import User
from porfse.roles import ROLES, Role

pytestmark = pytest.mark.django_db

READ = "programme.view_programma"
CIGD = "cigd.view_cigd"
PAYMENTS = ("porfse.view_flows", "cigd.view_pagamenti")
ENTER = "programme.add_movimenti"
CERTIFY = "programme.add_certificazioni"
SLUGS = [
    *("lettore", "nucleo", "gestore", "operatore", "certificatore", "controllore"),
    "amministratore",
]


def fresh(person: User) -> User:
    """The same person as the next request sees him: roles are read once for each."""
    return User.objects.get(pk=person.pk)


def test_the_roles_are_those_of_the_design_and_only_the_reader_does_not_write():
    assert [role.slug for role in ROLES] == SLUGS
    assert [role.slug for role in ROLES if not role.writes] == ["lettore"]
    assert roles.BY_SLUG["gestore"].label == "Autorità di Gestione"


def test_each_role_has_its_group_and_a_second_time_changes_nothing():
    before = list(Group.objects.order_by("pk").values())
    assert {row["name"] for row in before} == set(SLUGS)
    roles.sync()
    assert list(Group.objects.order_by("pk").values()) == before


def test_a_missing_group_is_made():
    Group.objects.filter(name="nucleo").delete()
    out = io.StringIO()
    call_command("sync_roles", stdout=out)
    assert Group.objects.filter(name="nucleo").count() == 1
    assert out.getvalue() == f"Ruoli allineati: {', '.join(SLUGS)}.\n"


def test_a_permission_that_no_model_declares_is_refused_and_nothing_is_written(monkeypatch):
    wrong = Role("errato", "Errato", (READ, "porfse.zz", "porfse.aa"))
    monkeypatch.setattr(roles, "ROLES", (Role("nuovo", "Nuovo", (READ,)), wrong))
    with pytest.raises(LookupError) as refusal:
        roles.sync()
    assert str(refusal.value) == "errato: permessi inesistenti: porfse.aa, porfse.zz"
    assert not Group.objects.filter(name__in=["nuovo", "errato"]).exists()
    with pytest.raises(CommandError, match=r"errato: permessi inesistenti"):
        call_command("sync_roles")


ALL = {READ, CIGD, "crisi.view_crisi", "measures.view_misure", "reports.view_reports"}
REGION = {
    "crisi.view_procedure",
    "crisi.view_regione",
    "crisi.view_cruscotto",
    "measures.view_istanze",
}


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("lettore", ALL | REGION),
        (
            "nucleo",
            ALL
            | {
                "crisi.view_procedure",
                "crisi.edit_procedure",
                "crisi.load_pal",
                "crisi.write_note",
            },
        ),
        (
            "gestore",
            ALL
            | REGION
            | {
                *PAYMENTS,
                ENTER,
                "programme.change_iniziativa",
                "programme.retire_fonte",
                "porfse.plan_flows",
                "cigd.move_excess",
                "crisi.manage_trimestri",
                "crisi.manage_tavoli",
                "crisi.write_note",
                "reports.build_reports",
                "reports.publish_reports",
                "reports.send_reports",
                "reports.write_texts",
                "reports.review_texts",
            },
        ),
        (
            "operatore",
            ALL
            | {
                *PAYMENTS,
                "measures.view_istanze",
                "porfse.load_flows",
                "porfse.plan_flows",
                "crisi.load_pal",
            },
        ),
        (
            "certificatore",
            ALL | {*PAYMENTS, CERTIFY, "cigd.certify", "cigd.check_flow"},
        ),
        (
            "controllore",
            ALL | {*PAYMENTS, "cigd.view_persone", "cigd.check_flow", "cigd.verify"},
        ),
        ("amministratore", {"porfse.manage_users", "porfse.view_audit"}),
    ],
)
def test_what_a_role_may_do(user, role, expected):
    assert user(role).get_all_permissions() == expected


def test_two_roles_add_up_and_come_in_the_order_of_the_table(user):
    both = user("certificatore", "gestore")
    assert [role.slug for role in roles.roles_of(both)] == ["gestore", "certificatore"]
    assert both.has_perms([ENTER, CERTIFY])
    assert not both.has_perm("porfse.manage_users")


def test_permissions_given_in_the_database_count_for_nothing(user):
    manage = Permission.objects.get(codename="manage_users")
    Group.objects.get(name="lettore").permissions.add(manage)
    reader = user("lettore")
    reader.user_permissions.add(manage)
    assert not fresh(reader).has_perm("porfse.manage_users")
    assert not fresh(reader).has_module_perms("porfse")


def test_a_group_outside_the_table_gives_nothing(user):
    stranger = user()
    stranger.groups.add(Group.objects.create(name="superiore"))
    assert roles.roles_of(fresh(stranger)) == []
    assert fresh(stranger).get_all_permissions() == set()


def test_a_role_taken_away_is_gone_at_the_next_request(user):
    person = user("gestore")
    assert person.has_perm(ENTER)
    person.groups.clear()
    assert not fresh(person).has_perm(ENTER)


def test_who_is_not_active_may_do_nothing(user):
    person = user("gestore", is_active=False)
    assert not person.has_perm(ENTER)
    assert person.get_all_permissions() == set()


def test_no_permission_is_about_one_object(user):
    person = user("gestore")
    assert not person.has_perm(ENTER, person)


def test_services_let_in_who_may_and_the_system(user):
    roles.require(user("gestore"), ENTER)
    roles.require(User.objects.sistema(), ENTER)
    for person in (user("lettore"), user(), user("gestore", is_active=False)):
        with pytest.raises(PermissionDenied):
            roles.require(person, ENTER)


def test_a_name_like_that_of_the_system_gives_nothing(user):
    for name in ("sistema2", "sistema."):
        with pytest.raises(PermissionDenied):
            roles.require(user("lettore", username=name), ENTER)
