"""The address that a machine watches: what answers, what does not, and no login."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

URL = "/salute/"
WELL = {"database": "ok", "redis": "ok"}
NO_DATABASE = {"database": "non raggiungibile", "redis": "ok"}


def aside(work: Callable[[], object]) -> object:
    """Do something in a thread, which has a database connection of its own."""

    def run() -> object:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


@pytest.mark.django_db
def test_all_is_well_and_no_login_is_asked(client):
    answer = client.get(URL)
    assert (answer.status_code, answer.json()) == (200, WELL)
    assert client.head(URL).status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert not answer.cookies


@pytest.mark.django_db
def test_it_is_only_read(client):
    assert client.post(URL).status_code == 405


@pytest.mark.django_db
def test_redis_that_does_not_answer_is_a_503(client, settings, tmp_path):
    dead = f"unix://{tmp_path}/nessuno.sock?db=0"
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": dead}}
    answer = client.get(URL)
    assert answer.status_code == 503
    assert answer.json() == {"database": "ok", "redis": "non raggiungibile"}


@pytest.mark.django_db
def test_a_database_that_does_not_answer_is_a_503(tmp_path):
    def ask():
        connection.settings_dict = {**connection.settings_dict, "HOST": str(tmp_path)}
        return Client().get(URL)

    answer = aside(ask)
    assert (answer.status_code, answer.json()) == (503, NO_DATABASE)


@pytest.mark.django_db
def test_a_database_that_died_after_an_earlier_request_is_a_503(tmp_path):
    def ask():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (process,) = cursor.fetchone()
        assert kill(process)
        connection.settings_dict = {**connection.settings_dict, "HOST": str(tmp_path)}
        connection.close_if_unusable_or_obsolete()  # as at the start of each request
        return Client().get(URL)

    answer = aside(ask)
    assert (answer.status_code, answer.json()) == (503, NO_DATABASE)


def kill(process: int) -> bool:
    """End a process of the database server from a third connection; wait until it is gone."""

    def end() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [process])
            return cursor.fetchone()[0]

    return aside(end)


@pytest.mark.django_db
def test_it_answers_in_clear_where_all_else_goes_to_https(settings):
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get(URL).status_code == 200
    moved = Client().get("/privacy/")
    assert (moved.status_code, moved.url) == (301, "https://testserver/privacy/")
