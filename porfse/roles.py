"""Who may do what: the one table of roles.

A role is a group of the same name, made by `manage.py sync_roles`; what it may do is read from here
at every request, so that the database holds no second copy that could differ.
"""

from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.db import transaction

from porfse.models import User
from porfse.models.people import SYSTEM_USERNAME

READ = (
    *("programme.view_programma", "cigd.view_cigd", "crisi.view_crisi", "measures.view_misure"),
    "reports.view_reports",
)
READ_REGION = (
    *("crisi.view_procedure", "crisi.view_regione", "crisi.view_cruscotto"),
    "measures.view_istanze",
)
READ_PAYMENTS = ("porfse.view_flows", "cigd.view_pagamenti")


@dataclass(frozen=True)
class Role:
    """A role: the name of its group, how it is shown, and its permissions as `app.codename`."""

    slug: str
    label: str
    permissions: tuple[str, ...] = ()
    writes: bool = True


ROLES = (
    Role("lettore", "Utente in consultazione", (*READ, *READ_REGION), writes=False),
    Role(
        "nucleo",
        "Nucleo Territoriale Crisi e Politiche Attive",
        (
            *READ,
            "crisi.view_procedure",
            "crisi.edit_procedure",
            "crisi.load_pal",
            "crisi.write_note",
        ),
    ),
    Role(
        "gestore",
        "Autorità di Gestione",
        (
            *READ,
            *READ_REGION,
            *READ_PAYMENTS,
            "porfse.plan_flows",
            "programme.add_movimenti",
            "programme.change_iniziativa",
            "programme.retire_fonte",
            "cigd.move_excess",
            "crisi.manage_trimestri",
            "crisi.manage_tavoli",
            "crisi.write_note",
            "reports.build_reports",
            "reports.publish_reports",
            "reports.send_reports",
            "reports.write_texts",
            "reports.review_texts",
        ),
    ),
    Role(
        "operatore",
        "Operatore flussi",
        (
            *READ,
            *READ_PAYMENTS,
            "measures.view_istanze",
            "porfse.load_flows",
            "porfse.plan_flows",
            "crisi.load_pal",
        ),
    ),
    Role(
        "certificatore",
        "Autorità di Certificazione",
        (
            *READ,
            *READ_PAYMENTS,
            "programme.add_certificazioni",
            "cigd.certify",
            "cigd.check_flow",
        ),
    ),
    Role(
        "controllore",
        "Controlli di primo livello",
        (*READ, *READ_PAYMENTS, "cigd.view_persone", "cigd.check_flow", "cigd.verify"),
    ),
    Role(
        "amministratore",
        "Amministratore di sistema",
        ("porfse.manage_users", "porfse.view_audit"),
    ),
)
BY_SLUG = {role.slug: role for role in ROLES}


@transaction.atomic
def sync() -> None:
    """Make a group for each role.

    Raises:
        LookupError: the table names a permission that no model declares.
    """
    known = {
        f"{app}.{codename}"
        for app, codename in Permission.objects.values_list("content_type__app_label", "codename")
    }
    for role in ROLES:
        missing = set(role.permissions) - known
        if missing:
            raise LookupError(f"{role.slug}: permessi inesistenti: {', '.join(sorted(missing))}")
        Group.objects.get_or_create(name=role.slug)


def roles_of(user: User) -> list[Role]:
    """Return a person's roles, in the order of the table."""
    return [role for role in ROLES if role.slug in user.role_names]


def require(user: User, permission: str) -> None:
    """Let a service go on only for who may; commands act as the user `sistema`.

    Raises:
        PermissionDenied: the person has no role with this permission.
    """
    if user.username != SYSTEM_USERNAME and not user.has_perm(permission):
        raise PermissionDenied
