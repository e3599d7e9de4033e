from dataclasses import replace

from reports.builders.parole import fronte
from reports.documento import Avviso
from tests.reports.documenti import BOZZA, CONSOLIDATO, ricco


def test_a_published_front_tells_what_it_was_published_in_spite_of():
    quarter = Avviso("R111", "attenzione", "Trimestre non aperto.")
    front = replace(CONSOLIDATO, avvisi=(quarter, *CONSOLIDATO.avvisi, quarter))
    told = dict(fronte(ricco(), front))
    assert told["Segnalazioni"] == "R111 (2), W201"
    assert told["Decisione"] == CONSOLIDATO.decisione


def test_a_front_without_decision_tells_of_no_warnings():
    assert not {"Segnalazioni", "Decisione"} & dict(fronte(ricco(), BOZZA)).keys()
