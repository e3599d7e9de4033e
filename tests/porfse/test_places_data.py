"""The committed places: complete, coherent with each other, small enough to embed in a page."""

import csv
import json
import re
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

PLACES = Path(__file__).parents[2] / "fixtures" / "places"

COMUNI_PER_PROVINCIA = {
    "BG": 243,
    "BS": 205,
    "CO": 147,
    "CR": 113,
    "LC": 84,
    "LO": 60,
    "MB": 55,
    "MI": 133,
    "MN": 64,
    "PV": 184,
    "SO": 77,
    "VA": 136,
}


def read(name):
    with (PLACES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def province():
    return read("province.csv")


@pytest.fixture(scope="module")
def comuni():
    return read("comuni.csv")


@pytest.fixture(scope="module")
def soppressi():
    return read("comuni_soppressi.csv")


@pytest.fixture(scope="module")
def features():
    return json.loads((PLACES / "province.geojson").read_text(encoding="utf-8"))["features"]


def edges(feature):
    """Return the undirected segments of a boundary, each a frozenset of two points."""
    geometry = feature["geometry"]
    polygons = (
        [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    )
    rings = [ring for polygon in polygons for ring in polygon]
    return [frozenset((tuple(a), tuple(b))) for ring in rings for a, b in pairwise(ring)]


def test_province_are_those_of_the_12_nuclei(province):
    assert [row["sigla"] for row in province] == sorted(COMUNI_PER_PROVINCIA)
    assert all(row["nome"] for row in province)


def test_only_milano_is_a_citta_metropolitana(province):
    tipi = {row["sigla"]: row["tipo"] for row in province}
    assert tipi.pop("MI") == "città metropolitana"
    assert set(tipi.values()) == {"provincia"}


def test_every_comune_of_every_provincia_is_there(comuni):
    assert Counter(row["provincia"] for row in comuni) == COMUNI_PER_PROVINCIA
    assert len(comuni) == 1501


@pytest.mark.parametrize("column", ["codice_istat", "nome", "codice_catastale"])
def test_comuni_are_told_apart_by(column, comuni):
    assert [value for value, n in Counter(row[column] for row in comuni).items() if n > 1] == []


@pytest.mark.parametrize(
    ("codice_istat", "nome", "codice_catastale", "provincia"),
    [
        ("015146", "Milano", "F205", "MI"),
        ("017029", "Brescia", "B157", "BS"),
        ("016024", "Bergamo", "A794", "BG"),
    ],
)
def test_comuni_that_decide_the_azione(codice_istat, nome, codice_catastale, provincia, comuni):
    found = next(row for row in comuni if row["codice_istat"] == codice_istat)
    assert (found["nome"], found["codice_catastale"]) == (nome, codice_catastale)
    assert found["provincia"] == provincia


@pytest.mark.parametrize("name", ["comuni.csv", "comuni_soppressi.csv"])
def test_codes_are_well_formed_and_agree_with_the_provincia(name, province):
    prefix = {row["sigla"]: row["codice_istat"] for row in province}
    assert all(re.fullmatch(r"\d{3}", code) for code in prefix.values())
    for row in read(name):
        assert re.fullmatch(prefix[row["provincia"]] + r"\d{3}", row["codice_istat"]), row
        assert re.fullmatch(r"[A-M]\d{3}", row["codice_catastale"]), row


def test_names_are_clean(comuni, soppressi):
    for row in comuni + soppressi:
        assert re.fullmatch(r"[A-ZÀ-Ù][\w' -]*\w", row["nome"]), row
        assert "  " not in row["nome"], row
        assert not re.search(r" (Con|Di|Del|E|Ed|Al|In) ", row["nome"]), row


def test_suppressed_comuni_flow_into_one_of_today_in_the_same_provincia(comuni, soppressi):
    today = {row["codice_istat"]: row["provincia"] for row in comuni}
    for row in soppressi:
        assert row["codice_istat"] not in today, row
        assert today[row["confluito_in"]] == row["provincia"], row
        assert date.fromisoformat(row["soppresso_il"]) >= date(2020, 1, 1), row


def test_suppressed_comuni_are_all_there(comuni, soppressi):
    names = {row["codice_istat"]: row["nome"] for row in comuni}
    assert {(row["nome"], names[row["confluito_in"]]) for row in soppressi} == {
        ("Albaredo Arnaboldi", "Campospinoso Albaredo"),
        ("Bardello", "Bardello con Malgesso e Bregano"),
        ("Bregano", "Bardello con Malgesso e Bregano"),
        ("Lirio", "Montalto Pavese"),
        ("Malgesso", "Bardello con Malgesso e Bregano"),
        ("Ronago", "Uggiate con Ronago"),
        ("Uggiate-Trevano", "Uggiate con Ronago"),
    }


def test_boundaries_are_small_and_say_only_the_sigla(features):
    assert (PLACES / "province.geojson").stat().st_size <= 55_000
    assert [feature["properties"] for feature in features] == [
        {"sigla": sigla} for sigla in sorted(COMUNI_PER_PROVINCIA)
    ]


def test_boundaries_lie_in_lombardia(features):
    points = {point for feature in features for edge in edges(feature) for point in edge}
    assert all(8.4 < longitude < 11.5 for longitude, _ in points)
    assert all(44.6 < latitude < 46.7 for _, latitude in points)


def test_neighbours_share_the_same_border(features):
    owners = Counter(edge for feature in features for edge in set(edges(feature)))
    assert max(owners.values()) == 2
    for feature in features:
        shared = [edge for edge in edges(feature) if owners[edge] == 2]
        assert len(shared) >= 20, feature["properties"]
