"""Every report of the catalogue, with figures, with examples and with nothing: its files open."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from zipfile import ZipFile

import page
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from pptx import Presentation
from python_calamine import CalamineWorkbook

from porfse.periods import Periodo
from reports.builders import build
from reports.documento import Documento
from reports.parametri import Cadenza
from reports.report import Report, report_of, reports
from tests.reports.documenti import BOZZA
from tests.reports.letto import Letto

pytestmark = pytest.mark.django_db  # so that there is a database for what they share
UNLIMITED = page.SafetyLimits.unlimited()
ROWS = 180  # of each flow of examples
PROVINCIA = "BG"
# When the documents that the programme published speak of.
PUBLISHED = {Cadenza.ANNO: "2020", Cadenza.DATA: "2021-09-30"}


@dataclass(frozen=True)
class Caso:
    """What a report is asked for, as on the command line."""

    slug: str
    periodo: str
    provincia: str = ""

    def __str__(self) -> str:
        return "-".join(filter(None, (self.slug, self.periodo, self.provincia)))


def latest(cadenza: Cadenza) -> str:
    """The last period that has ended."""
    today = timezone.localdate()
    if cadenza is Cadenza.DATA:
        return (today - timedelta(days=1)).isoformat()
    return str(Periodo.of(today, cadenza.mesi).precedente)


def first(cadenza: Cadenza) -> str:
    """The first period that may be asked for, when nothing had happened yet."""
    if cadenza is Cadenza.DATA:
        return settings.EARLIEST_DATE.isoformat()
    return str(Periodo.of(settings.EARLIEST_DATE, cadenza.mesi))


def with_data(report: Report) -> Iterator[Caso]:
    yield Caso(report.slug, latest(report.cadenza))
    if report.cadenza in PUBLISHED:
        yield Caso(report.slug, PUBLISHED[report.cadenza])
    if report.provinciale:
        yield Caso(report.slug, latest(report.cadenza), PROVINCIA)


WITH_DATA = [caso for report in reports() for caso in with_data(report)]
WITHOUT = [Caso(report.slug, first(report.cadenza)) for report in reports()]
CASI = [*WITH_DATA, *WITHOUT]


@pytest.fixture(scope="module")
def documenti(django_db_setup, django_db_blocker, tmp_path_factory) -> dict[Caso, Documento]:
    """The documents of all reports, read while flows and procedures of examples are there."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr(settings, "MEDIA_ROOT", tmp_path_factory.mktemp("media"))
        patch.setattr(settings, "DEMO", True)
        call_command("demo_flows", rows=ROWS, stdout=io.StringIO())
        call_command("demo_crisi", stdout=io.StringIO())
        made = {caso: documento(caso) for caso in CASI}
        transaction.set_rollback(True)
    return made


def documento(caso: Caso) -> Documento:
    report = report_of(caso.slug)
    return report.documento(report.leggi(caso.periodo, caso.provincia))


@cache
def pdf(document: Documento) -> bytes:
    return build("pdf", document, BOZZA).contenuto


@pytest.mark.parametrize("caso", CASI, ids=str)
def test_every_report_is_pdf_ua_1(documenti, caso):
    found = page.validate_pdf_bytes(pdf(documenti[caso]), profile="ua1", limits=UNLIMITED)
    assert {failure.rule_id for failure in found.failures} == set()


@pytest.mark.parametrize("report", reports(), ids=lambda report: report.slug)
def test_every_report_has_something_to_tell(documenti, report):
    told = [documenti[caso] for caso in WITH_DATA if caso.slug == report.slug]
    assert not all(document.vuoto for document in told)


@pytest.mark.parametrize("caso", CASI, ids=str)
def test_a_report_of_nothing_says_so_and_no_other_does(documenti, caso):
    document = documenti[caso]
    assert ("Nessun dato. Per " in Letto(pdf(document)).tree.text) is document.vuoto


def test_before_the_programme_there_is_nothing_but_its_approval(documenti):
    told = {caso.slug for caso in WITHOUT if not documenti[caso].vuoto}
    assert told == {"relazione-annuale"}  # the decision is of December of the first year


@pytest.mark.parametrize("caso", CASI, ids=str)
def test_a_report_with_examples_says_so_on_every_page(documenti, caso):
    document = documenti[caso]
    letto = Letto(pdf(document))
    assert len(letto.artifacts) == len(letto.pages)
    for texts in letto.artifacts.values():
        assert ("DATI DI ESEMPIO" in "".join(texts)) is document.esempio


@pytest.mark.parametrize("caso", CASI, ids=str)
def test_every_workbook_opens_with_a_sheet_for_each_table(documenti, caso):
    document = documenti[caso]
    content = build("xlsx", document, BOZZA).contenuto
    found = CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names
    tables = [table.nome for table in document.tabelle]
    assert found[: len(tables) + 1] == ["Report", *tables]
    assert found[len(tables) + 1 :] in ([], ["Dati dei grafici"])


@pytest.mark.parametrize("caso", CASI, ids=str)
def test_the_other_files_open_too(documenti, caso):
    document = documenti[caso]
    made = {
        formato: build(formato, document, BOZZA).contenuto
        for formato in report_of(caso.slug).formati
        if formato not in ("pdf", "xlsx")
    }
    files = ZipFile(io.BytesIO(made.pop("csv"))).namelist()
    named = [name for name in files if not name.startswith(("LEGGIMI", "indicatori"))]
    assert len(named) == len(list(document.tabelle))
    assert len(json.loads(made.pop("json"))["capitoli"]) == len(document.capitoli)
    for content in made.values():
        slides = Presentation(io.BytesIO(content)).slides
        assert len(slides) > 1
        assert all(slide.shapes.title.text_frame.text for slide in slides)
