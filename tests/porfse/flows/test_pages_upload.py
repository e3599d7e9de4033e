"""The upload in the browser: straight to the disk, or nothing is left of it."""

import errno
import io
import os
import subprocess
import sys
import tracemalloc
from datetime import date
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test import Client

from porfse.flows import files
from porfse.models import ExpectedFlow, Flow
from tests.factories.flows import acquired, csv_bytes, payment, received

pytestmark = pytest.mark.django_db
URL = "/flussi/carica/"
BASE_DIR = Path(__file__).resolve().parents[3]


@pytest.fixture
def operatore(as_role) -> Client:
    return as_role("operatore")


def send(browser: Client, content: bytes | None = None, **fields):
    data = csv_bytes([payment()]) if content is None else content
    file = SimpleUploadedFile(fields.pop("name", "maggio.csv"), data, "text/csv")
    return browser.post(URL, {"fonte": "inps-cigd", "file": file, **fields})


def left() -> list[str]:
    return [path.name for path in files.folder().iterdir()]


def test_a_file_comes_in_with_its_note(operatore, django_capture_on_commit_callbacks):
    content = csv_bytes([payment()])
    expected = ExpectedFlow.objects.create(
        sorgente="inps-cigd", periodo="2021-04", entro=date(2021, 5, 15)
    )
    with django_capture_on_commit_callbacks() as queued:
        answer = send(
            operatore,
            content,
            protocollo="T1.2021.77",
            protocollo_data="2021-05-03",
            righe_dichiarate="1",
            importo_dichiarato="1.300,00",
            attesi=[expected.pk],
        )
    flow = Flow.objects.get()
    assert answer.url == f"/flussi/{flow.pk}/"
    assert (flow.stato, flow.nome_file, flow.dimensione) == ("caricato", "maggio.csv", len(content))
    assert (flow.protocollo, flow.protocollo_data) == ("T1.2021.77", date(2021, 5, 3))
    assert (flow.righe_dichiarate, flow.importo_dichiarato) == (1, Decimal("1300.00"))
    assert ExpectedFlow.objects.get().flusso == flow
    assert files.path_of(flow).read_bytes() == content
    assert flow.sha256 == files.store([content]).sha256
    assert len(queued) == 1


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"content": b""}, "file"),
        ({"fonte": "niente"}, "fonte"),
        ({"protocollo_data": "2021-05-03"}, "protocollo"),
        ({"protocollo": "1", "protocollo_data": "9999-01-01"}, "protocollo_data"),
        ({"righe_dichiarate": "-1"}, "righe_dichiarate"),
        ({"righe_dichiarate": "9999999999"}, "righe_dichiarate"),
        ({"importo_dichiarato": "molto"}, "importo_dichiarato"),
        ({"protocollo": "x\0"}, "protocollo"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_kept(operatore, fields, wrong):
    answer = send(operatore, **fields)
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [wrong]
    assert (Flow.objects.count(), left()) == (0, [])


def test_no_file_is_said(operatore):
    answer = operatore.post(URL, {"fonte": "inps-cigd"})
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == ["file"]


def test_a_file_answers_what_its_own_source_is_expected_to_send(operatore):
    other = ExpectedFlow.objects.create(sorgente="altra", periodo="x", entro=date(2021, 1, 1))
    ExpectedFlow.objects.create(sorgente="inps-cigd", periodo="x", entro=date(2021, 1, 1))
    answer = send(operatore, attesi=[other.pk])
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == ["attesi"]


def test_a_file_beyond_the_limit_is_refused_and_removed(operatore, settings):
    settings.FLOW_MAX_BYTES = 1 << 20
    answer = send(operatore, b"x" * ((1 << 20) + 1))
    assert answer.status_code == 413
    assert answer.context["form"].errors["file"] == [
        "Il file supera la dimensione ammessa (1 MiB): dividerlo in più invii."
    ]
    assert (Flow.objects.count(), left()) == (0, [])
    assert send(operatore, b"x" * (1 << 20)).status_code == 302


def test_a_full_disk_is_said_and_leaves_nothing(operatore, monkeypatch):
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    answer = send(operatore)
    assert answer.status_code == 507
    assert "Lo spazio su disco è esaurito" in answer.context["form"].errors["file"][0]
    assert (Flow.objects.count(), left()) == (0, [])


def test_a_second_file_of_the_same_request_is_not_read(operatore):
    two = [SimpleUploadedFile(name, csv_bytes([payment()])) for name in ("uno.csv", "due.csv")]
    assert operatore.post(URL, {"fonte": "inps-cigd", "file": two}).status_code == 302
    assert Flow.objects.get().nome_file == "uno.csv"
    assert len(left()) == 1


def test_the_same_bytes_as_an_acquired_flow_are_refused_on_its_page(operatore):
    content = csv_bytes([payment()])
    acquired(content)
    page = operatore.get(send(operatore, content).url).content.decode()
    assert "Lo stesso file è già stato acquisito" in page
    assert Flow.objects.filter(stato="rifiutato").count() == 1


@pytest.mark.parametrize("role", ["gestore", "lettore", "amministratore", "certificatore"])
def test_others_may_not_send_and_nothing_of_it_is_written(as_role, role):
    assert send(as_role(role)).status_code == 403
    assert left() == []


def test_a_forged_form_is_refused_and_leaves_nothing(as_role):
    browser = as_role("operatore")
    browser.handler.enforce_csrf_checks = True
    assert send(browser).status_code == 403
    assert (Flow.objects.count(), left()) == (0, [])


def test_the_calendar_leads_to_the_form_with_its_choices_made(operatore):
    item = ExpectedFlow.objects.create(
        sorgente="inps-cigd", periodo="2999-01", entro=date(2999, 2, 1)
    )
    link = f"/flussi/carica/?fonte=inps-cigd&amp;atteso={item.pk}"
    assert link in operatore.get("/flussi/calendario/").content.decode()
    page = operatore.get(link.replace("&amp;", "&")).content.decode()
    assert f'name="attesi" value="{item.pk}" id="id_attesi_0" checked' in page


class Sent(io.RawIOBase):
    """A form with a file of so many MiB, made while it is read."""

    def __init__(self, head: bytes, mib: int, tail: bytes) -> None:
        self._parts = iter([head, *[b"0123456\n" * (1 << 17)] * mib, tail])
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        while size < 0 or not self._rest:
            part = next(self._parts, None)
            if part is None:
                break
            self._rest += part
        found, self._rest = (
            (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
        )
        return found


@pytest.mark.django_db(transaction=True)  # as in production a request may close the connection
def test_twenty_mebibytes_leave_the_memory_flat(operatore):
    operatore.get(URL)
    cookies = {name: morsel.value for name, morsel in operatore.cookies.items()}
    part = '--x\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n'
    head = "".join(
        (
            part.format("csrfmiddlewaretoken", "") + cookies["csrftoken"] + "\r\n",
            part.format("fonte", "") + "inps-cigd\r\n",
            part.format("file", '; filename="grande.csv"\r\nContent-Type: text/csv'),
        )
    ).encode()
    tail = b"\r\n--x--\r\n"
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": URL,
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        "CONTENT_LENGTH": str(len(head) + (20 << 20) + len(tail)),
        "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": Sent(head, 20, tail),
    }
    told = []
    application = get_wsgi_application()
    tracemalloc.start()
    try:
        application(environ, lambda status, _headers: told.append(status))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert told == ["302 Found"]
    assert Flow.objects.get().dimensione == 20 << 20
    assert peak < 8 << 20


WITHOUT_BROKER = """
import django; django.setup()
from django.contrib.messages.storage.cookie import CookieStorage
from django.test import RequestFactory
from functools import partial
from porfse import tasks
from porfse.models import Flow
from porfse.workers import start
request = RequestFactory().get("/")
request._messages = CookieStorage(request)
start(request, partial(tasks.queue, Flow.objects.get()))
print(*request._messages)
"""


@pytest.mark.django_db(transaction=True)
def test_without_a_broker_the_flow_is_kept_and_the_page_says_that_it_will_start(tmp_path):
    flow = received([payment()])
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database_name()}").geturl()
    environment = os.environ | {
        "DATABASE_URL": address,
        "REDIS_URL": f"unix://{tmp_path}/nowhere.sock?db=0",
        "DJANGO_SETTINGS_MODULE": "porfse.settings",
    }
    command = [sys.executable, "-c", WITHOUT_BROKER]
    told = subprocess.run(
        command, env=environment, cwd=BASE_DIR, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    assert "inizierà da solo entro pochi minuti" in told.stdout
    assert Flow.objects.get(pk=flow.pk).stato == "caricato"


def database_name() -> str:
    return connection.settings_dict["NAME"]
