import pytest

from porfse.flows import columns as c
from porfse.flows.errors import Refused
from porfse.flows.header import known, layout_of, plain

COLUMNS = (
    c.Testo("id_pagamento", aliases=("identificativo",)),
    c.Testo("comune_istat"),
    c.Importo("importo"),
    c.Testo("nota", required=False),
)


@pytest.mark.parametrize(
    "name", ["comune_istat", "COMUNE ISTAT", "Comune-Istat", "comuneistat", "Cómune  Istat"]
)
def test_names_match_without_case_accents_spaces_and_signs(name):
    assert plain(name) == "comuneistat"


def test_the_header_decides_the_order_and_what_is_not_declared_is_dropped():
    layout = layout_of(["Importo", "IBAN", "Identificativo", "", "COMUNE ISTAT"], COLUMNS)
    assert layout.places == (2, 4, 0, None)
    assert layout.ignored == ("IBAN", "(colonna 4 senza nome)")
    assert layout.width == 5
    assert known(["Importo", "IBAN", "Identificativo"], COLUMNS) == 2


def test_a_missing_column_is_named():
    with pytest.raises(Refused, match=r"mancano le colonne: comune_istat, importo\."):
        layout_of(["id_pagamento"], COLUMNS)


def test_a_column_twice_is_refused_under_whatever_name():
    with pytest.raises(Refused, match="«id_pagamento» compare due volte"):
        layout_of(["id_pagamento", "identificativo", "comune_istat", "importo"], COLUMNS)


def test_data_in_the_place_of_a_header_is_no_header():
    with pytest.raises(Refused, match="La prima riga non è un'intestazione"):
        layout_of(["P0001", "015146", "12,50"], COLUMNS)
