"""What is left behind, and what must not be touched."""

import os
import time

import pytest
from django.db import connection

from porfse.flows import files, housekeeping, services
from porfse.flows.stage import SCHEMA, tables_of
from porfse.models import Flow, User
from tests.factories.flows import acquired, payment, validated

pytestmark = pytest.mark.django_db


def parts() -> list[str]:
    """The tables that make up the payments."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = 'cigd_pagamento'::regclass ORDER BY 1"
        )
        return [name for (name,) in cursor.fetchall()]


def test_tables_that_no_flow_needs_are_dropped():
    waiting = validated([payment()])
    kept = tables_of(waiting.pk)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {SCHEMA}.inps_cigd_987654321 (riga integer)")
        cursor.execute(f"CREATE TABLE {SCHEMA}.inps_cigd_987654321_comuni (riga integer)")
    housekeeping.tidy()
    assert tables_of(987654321) == []
    assert tables_of(waiting.pk) == kept != []


def test_the_part_of_a_cancelled_flow_goes_and_the_others_stay():
    gone, stays = acquired([payment()]), acquired([payment()])
    services.cancel(gone.pk, by=User.objects.sistema(), reason="prova")
    assert f"flussi.inps_cigd_{gone.pk}" in parts()
    housekeeping.tidy()
    assert f"flussi.inps_cigd_{gone.pk}" not in parts()
    assert f"flussi.inps_cigd_{stays.pk}" in parts()
    assert tables_of(gone.pk) == []
    housekeeping.tidy()
    assert f"flussi.inps_cigd_{stays.pk}" in parts()


def test_files_that_no_flow_has_are_removed_unless_they_are_coming_in():
    flow = validated([payment()])
    old, young = files.folder() / "vecchio", files.folder() / "giovane"
    for path in (old, young):
        path.write_bytes(b"x")
    hours_ago = time.time() - 7200
    for path in (old, files.path_of(flow)):
        os.utime(path, (hours_ago, hours_ago))
    housekeeping.tidy()
    assert not old.exists()
    assert young.exists()
    assert files.path_of(Flow.objects.get(pk=flow.pk)).exists()
    young.unlink()


def test_a_table_tells_its_flow():
    assert housekeeping.number_of("flussi.inps_cigd_12") == 12
    assert housekeeping.number_of("flussi.inps_cigd_12_comuni") == 12
