"""What is taken back of a payment is no payment: it has no commitment to wait for."""

import pytest

from tests.factories.programme import make_initiative
from tests.programme.test_flow_avanzamento import check
from tests.programme.test_flow_avanzamento_igrue import rows, warnings

pytestmark = pytest.mark.django_db


def test_a_correction_before_the_commitment_bears_the_code_of_its_balance_alone():
    flow = check(
        rows(
            make_initiative("I").pk,
            ("liquidazione", "31/01/2022", "5,00"),
            ("liquidazione", "01/02/2022", "-6,00"),
            ("impegno", "02/02/2022", "100,00"),
        )
    )
    assert warnings(flow) == {2: ["W205"], 3: ["W204"]}
