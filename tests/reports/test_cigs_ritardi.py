"""What was registered late is told: what has come to the report since the last one, and gone."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from time_machine import travel

from crisi.models import Procedura, UnitaProduttiva
from crisi.services.history import record_version
from porfse.models import User
from reports.documento import Documento
from tests.factories.crisi import COMUNI, LINEA, make_azienda, make_procedura, make_unita
from tests.reports.test_cigs_bimestrale import (
    at,
    documento,
    entered,
    figures,
    rows,
    tabella,
    value,
    written,
)

pytestmark = pytest.mark.django_db
B4, B5 = "2025-B4", "2025-B5"  # made on 5 September and on 5 November
SPRING, SEPTEMBER, NOVEMBER = at(2025, 4, 1), at(2025, 9, 20), at(2025, 11, 6)
TOLD = ("pratica", "motivo", "avvio", "fine", "lavoratori")
LATE = ("ritardi", *TOLD)
GONE = ("uscite", *TOLD)


def known(**fields: object) -> Procedura:
    """A procedure of Bergamo of ten workers, P unless told otherwise, registered in spring."""
    found = make_unita("BG", **{"codice_pratica": "P"} | fields).procedura
    entered(found, SPRING)
    written(found, SPRING)
    return found


@pytest.fixture
def other() -> Procedura:
    """One that nothing happens to."""
    return known(codice_pratica="ferma")


@pytest.mark.parametrize(
    ("end", "why"),
    [
        (None, "inserita il 20.09.2025"),
        (date(2025, 10, 5), "inserita il 20.09.2025"),
        (date(2025, 8, 20), "inserita il 20.09.2025, già conclusa"),
    ],
)
def test_one_that_began_before_and_was_entered_since_is_late(other, end, why):
    procedura = make_unita(
        "BG", 7, codice_pratica="P", data_avvio=date(2025, 8, 1), data_fine=end
    ).procedura
    entered(procedura, SEPTEMBER)
    written(procedura, SEPTEMBER)
    shown = f"{end:%d.%m.%Y}" if end else "—"
    for found in (documento(), documento("BG")):
        assert rows(found, *LATE) == [("P", why, "01.08.2025", shown, "7")]
        assert rows(found, "nuove", "pratica") == rows(found, "uscite", "pratica") == []
    news = dict(rows(documento(), "unita", "unita", "novita"))
    assert [text for unita, text in news.items() if unita.startswith("P /")] == [
        *(["registrata in ritardo"] if end is None else []),
        *(["registrata in ritardo, conclusa"] if end == date(2025, 10, 5) else []),
    ]
    assert figures(documento())["nuove"] == 0


def test_one_that_began_in_the_period_is_new_and_not_late(other):
    procedura = make_unita("BG", codice_pratica="P", data_avvio=date(2025, 9, 1)).procedura
    entered(procedura, SEPTEMBER)
    found = documento()
    assert rows(found, "nuove", "pratica") == [("P",)]
    assert rows(found, *LATE) == []


def test_what_the_report_before_told_is_not_late_in_the_next(other):
    procedura = make_unita("BG", codice_pratica="P", data_avvio=date(2025, 8, 1)).procedura
    entered(procedura, SEPTEMBER)
    assert rows(documento(periodo="2025-B6"), *LATE) == []
    entered(procedura, at(2025, 11, 5))
    assert len(rows(documento(periodo="2025-B6"), *LATE)) == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"data_fine": date(2025, 8, 20)}, "conclusa il 20.08.2025"),
        ({"data_fine": date(2025, 5, 2)}, "conclusa il 02.05.2025"),
        ({"stato": Procedura.Stato.RITIRATA}, "ritirata"),
        ({"data_avvio": date(2025, 9, 3)}, "con avvio il 03.09.2025"),
        ({"data_avvio": date(2025, 11, 3)}, "con avvio il 03.11.2025"),
        ({"tipo": "LIC", "linea_guida": "D"}, "di licenziamento collettivo"),
    ],
)
def test_one_that_has_gone_since_is_told_as_the_report_before_had_it(other, change, why):
    procedura = known(data_fine=date(2025, 12, 31))
    written(procedura, SEPTEMBER, **change)
    UnitaProduttiva.objects.filter(procedura=procedura).update(lavoratori=99)
    for found in (documento(), documento("BG")):
        assert rows(found, *GONE) == [("P", why, "01.03.2025", "31.12.2025", "10")]
        assert rows(found, "uscite", "luoghi")[0][0].startswith("Bergamo")
        assert rows(found, *LATE) == []


def test_one_that_ended_in_the_two_months_before_has_gone_too(other):
    known(data_fine=date(2025, 8, 31))
    assert rows(documento(), *GONE) == [
        ("P", "conclusa il 31.08.2025", "01.03.2025", "31.08.2025", "10")
    ]


def test_one_that_ended_in_the_period_has_not_gone(other):
    written(known(), SEPTEMBER, data_fine=date(2025, 9, 1))
    assert rows(documento(), *GONE) == []
    assert rows(documento(), "concluse", "pratica") == [("P",)]


@pytest.mark.parametrize(
    ("then", "why"),
    [
        ({"stato": Procedura.Stato.RITIRATA}, "nel report precedente ritirata"),
        ({"data_fine": date(2025, 5, 2)}, "nel report precedente conclusa il 02.05.2025"),
        ({"data_avvio": date(2025, 9, 9)}, "nel report precedente con avvio il 09.09.2025"),
        (
            {"tipo": "LIC", "linea_guida": "D"},
            "nel report precedente di licenziamento collettivo",
        ),
    ],
)
def test_one_that_has_come_back_since_is_late(other, then, why):
    procedura = known(**then)
    now = {"stato": "aperta", "data_fine": None, "data_avvio": date(2025, 3, 1)}
    written(procedura, SEPTEMBER, **now, tipo="CIGS_MIN", linea_guida="A")
    assert rows(documento(), *LATE) == [("P", why, "01.03.2025", "—", "10")]


def test_a_provincia_tells_of_a_site_that_came_or_went(other):
    procedura = known()
    away = make_unita("MI", 5, procedura=procedura)
    written(procedura, SPRING)
    away.delete()
    make_unita("LO", 6, procedura=procedura)
    written(procedura, SEPTEMBER)
    gone, late, same = documento("MI"), documento("LO"), documento()
    assert rows(gone, *GONE) == [("P", "senza unità nel territorio", "01.03.2025", "—", "5")]
    assert "Bergamo" not in str(gone.capitoli[3:])
    assert rows(late, *LATE) == [
        ("P", "nel report precedente senza unità nel territorio", "01.03.2025", "—", "6")
    ]
    assert rows(same, *LATE) == rows(same, *GONE) == []


def test_what_is_gone_is_told_even_if_nothing_is_left():
    procedura = known()
    written(procedura, SEPTEMBER, stato=Procedura.Stato.RITIRATA)
    assert len(rows(documento(), *GONE)) == 1
    assert len(rows(documento("BG"), *GONE)) == 1
    assert documento("SO").vuoto


def test_totals_and_words_of_what_came_and_went(other):
    make_unita("BG", None, procedura=known(data_fine=date(2025, 8, 1)))
    late = make_unita("BG", 4).procedura
    entered(late, SEPTEMBER)
    entered(make_unita("BG", data_avvio=date(2025, 9, 5)).procedura, SEPTEMBER)
    found = documento()
    assert value(found, "ritardi", "totale", "lavoratori") == 4
    assert value(found, "uscite", "totale", "lavoratori") == 10
    changes = next(each for each in found.capitoli if each.titolo == "Che cosa è cambiato")
    words = (
        "Procedure in corso nel report precedente: 2; uscite: 1; avviate nel bimestre: 1;"
        " registrate in ritardo: 1; in corso ora: 3."
    )
    assert changes.testi == (words,)
    assert any("fino al 05.09.2025, ore 06:00" in text for text in found.avvertenze)


def test_of_what_was_not_registered_yet_nothing_is_late():
    """Such as all procedures, of the periods before the system was there."""
    entered(make_unita("BG").procedura, NOVEMBER)
    found = documento()
    assert {"ritardi", "uscite"}.isdisjoint(table.nome for table in found.tabelle)
    assert any(
        text.startswith("Nessuna procedura era registrata il 05.11.2025, ore 06:00")
        for text in found.avvertenze
    )
    assert rows(found, "unita", "novita") == [("",)]


# --- Whatever happens -----------------------------------------------------------------------------
DAYS = st.sampled_from(
    [date(2025, month, day) for month in (6, 7, 8, 9, 10, 11) for day in (1, 30)]
)


@st.composite
def standings(draw: st.DrawFn) -> dict[str, Any]:
    """The fields of a procedure, with the provinces of its sites."""
    start, end = draw(DAYS), draw(st.none() | DAYS)
    kind = draw(st.sampled_from(("CIGS_MIN", "CIGS_MIN", "CIGS_REG", "LIC")))
    return {
        "tipo": kind,
        "linea_guida": LINEA[kind],
        "data_avvio": min(start, end or start),
        "data_fine": max(start, end) if end else None,
        "stato": draw(st.sampled_from(("aperta", "aperta", "aperta", "ritirata"))),
        "province": draw(st.sets(st.sampled_from(("BG", "MI")), min_size=1)),
    }


HISTORIES = st.lists(
    st.tuples(st.lists(standings(), max_size=2), st.lists(standings(), max_size=2)),
    min_size=1,
    max_size=5,
)


def stand(found: Procedura | None, fields: Mapping[str, Any], company: Any) -> Procedura:
    """Enter a procedure, or change it and its sites; its version is kept."""
    header = {name: value for name, value in fields.items() if name != "province"}
    if found is None:
        found = make_procedura(header.pop("tipo"), azienda=company, **header)
    else:
        for name, new in header.items():
            setattr(found, name, new)
        found.versione += 1
        found.save()
    found.unita.exclude(comune__provincia__in=fields["province"]).delete()
    for sigla in fields["province"]:
        UnitaProduttiva.objects.get_or_create(
            procedura=found, comune_id=COMUNI[sigla], defaults={"codice": sigla, "lavoratori": 1}
        )
    record_version(found, by=User.objects.sistema())
    return found


def in_corso(found: Documento) -> set[str]:
    return {row.chiave.split("/")[0] for row in tabella(found, "unita").righe if not row.totale}


def listed(found: Documento, nome: str) -> set[str]:
    if nome not in {table.nome for table in found.tabelle}:
        return set()
    return {row.chiave for row in tabella(found, nome).righe if not row.totale}


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(HISTORIES)
def test_now_is_what_the_report_before_told_with_what_came_and_without_what_went(histories):
    """What the report before told is read from one that is made at its time."""
    with transaction.atomic():
        company = make_azienda()
        made: list[Procedura | None] = [None] * len(histories)
        with travel(SPRING, tick=False):
            entered(make_unita("BG").procedura, SPRING)  # so that there was a report
            for place, (before, _) in enumerate(histories):
                for fields in before:
                    made[place] = stand(made[place], fields, company)
        with travel(at(2025, 9, 4), tick=False):
            before = {place: in_corso(documento(place, B4)) for place in ("", "BG", "MI")}
        with travel(SEPTEMBER, tick=False):
            for place, (_, after) in enumerate(histories):
                for fields in after:
                    made[place] = stand(made[place], fields, company)
        with travel(NOVEMBER, tick=False):
            found = {place: documento(place, B5) for place in before}
        transaction.set_rollback(True)
    for place, report in found.items():
        now, new = in_corso(report), listed(report, "nuove")
        late, gone = listed(report, "ritardi") & now, listed(report, "uscite")
        assert now == before[place] - gone | new | late
        assert len(now) == len(before[place]) - len(gone) + len(new) + len(late)
        assert gone <= before[place]
        assert not listed(report, "ritardi") & before[place]
