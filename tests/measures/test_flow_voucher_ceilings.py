"""The ceilings of workers and companies, over a file and what is stored."""

import pytest

from measures.formazione_continua.models import Voucher
from measures.models import ParametroAvviso
from porfse.flows import services
from porfse.flows.errors import NotNow
from porfse.models import Flow, FlowRow, User
from tests.factories import flows
from tests.factories.crisi import partita_iva
from tests.factories.flows import codice_fiscale
from tests.factories.misure import voucher

pytestmark = pytest.mark.django_db
SOURCE = "voucher-formazione"
ANNA, BRUNO = codice_fiscale(1001), codice_fiscale(1002)
ALFA, BETA = partita_iva(2001), partita_iva(2002)


def validated(*rows: dict[str, str], **options: object) -> Flow:
    return flows.validated(list(rows), source=SOURCE, **options)


def acquired(*rows: dict[str, str], **options: object) -> Flow:
    flow = flows.acquired(list(rows), source=SOURCE, **options)
    assert flow.stato == "acquisito", flow.messaggio
    return flow


def cancelled(flow: Flow) -> Flow:
    return services.cancel(flow.pk, by=User.objects.sistema(), reason="prova")


def found(codice: str) -> Voucher:
    return Voucher.objects.select_related("azienda").get(codice=codice)


def refused(flow: Flow) -> dict[str, list[str]]:
    return dict(FlowRow.objects.filter(flusso=flow).values_list("identificativo", "codici"))


def of(worker: str, codice: str, importo: int, day: str = "10/06/2020", **more: object) -> dict:
    return voucher(
        id_voucher=codice, codice_fiscale_lavoratore=worker, importo=f"{importo},00",
        data_concessione=day, **more,
    )  # fmt: skip


def many(number: int, importo: int, **more: object) -> list[dict]:
    """Vouchers of as many workers of one company."""
    return [voucher(importo=f"{importo},00", **more) for _ in range(number)]


def test_the_row_that_exceeds_the_ceiling_of_a_worker_is_refused_in_order_of_date_and_id():
    flow = validated(
        of(ANNA, "V-4", 300, "12/06/2020"),
        of(ANNA, "V-3", 900, "11/06/2020"),
        of(ANNA, "V-2", 900, "11/06/2020"),
        of(ANNA, "V-1", 900, "10/06/2020"),
        of(BRUNO, "V-5", 2000, "10/06/2020"),
    )
    # 900 + 900, the third exceeds and does not count, so that neither does 300 fit: 2.100.
    assert refused(flow) == {"V-3": ["E042"], "V-4": ["E042"]}


def test_a_refused_row_leaves_its_room_to_the_next():
    flow = validated(
        of(ANNA, "V-1", 1500, "10/06/2020"),
        of(ANNA, "V-2", 600, "11/06/2020"),
        of(ANNA, "V-3", 500, "12/06/2020"),
    )
    assert refused(flow) == {"V-2": ["E042"]}


def test_exactly_the_ceiling_is_right():
    assert validated(of(ANNA, "V-1", 1500), of(ANNA, "V-2", 500)).codici == {}


def test_a_worker_has_one_ceiling_in_all_companies():
    flow = validated(
        of(ANNA, "V-1", 1500, codice_fiscale_azienda=ALFA),
        of(ANNA, "V-2", 600, codice_fiscale_azienda=BETA),
    )
    assert refused(flow) == {"V-2": ["E042"]}


def test_what_is_stored_counts_and_what_is_revoked_does_not():
    acquired(of(ANNA, "V-1", 1500), of(BRUNO, "V-2", 1500, stato="revocato"))
    flow = validated(
        of(ANNA, "V-3", 600), of(BRUNO, "V-4", 600), of(ANNA, "V-5", 2000, stato="revocato")
    )
    assert refused(flow) == {"V-3": ["E042"]}


def test_examples_do_not_count_for_real_vouchers(settings):
    acquired(of(ANNA, "V-1", 1500), example=True)
    assert validated(of(ANNA, "V-2", 600)).codici == {}


def test_the_row_that_exceeds_the_ceiling_of_a_company_is_refused():
    acquired(*many(24, 2000, codice_fiscale_azienda=ALFA))
    flow = validated(
        of(ANNA, "V-1", 1500, codice_fiscale_azienda=ALFA),
        of(BRUNO, "V-2", 600, codice_fiscale_azienda=ALFA),
        of(BRUNO, "V-3", 600, codice_fiscale_azienda=BETA),
    )
    assert refused(flow) == {"V-2": ["E043"]}


def test_a_row_may_exceed_both_ceilings():
    acquired(*many(24, 2000, codice_fiscale_azienda=ALFA), of(ANNA, "V-1", 500))
    flow = validated(
        of(ANNA, "V-2", 2000, codice_fiscale_azienda=ALFA),
        of(BRUNO, "V-3", 2000, codice_fiscale_azienda=ALFA),
    )
    assert refused(flow) == {"V-2": ["E042"]}
    both = validated(of(ANNA, "V-4", 2000, codice_fiscale_azienda=ALFA), *many(
        1, 2000, codice_fiscale_azienda=ALFA, data_concessione="01/01/2020"
    ))  # fmt: skip
    assert refused(both) == {"V-4": ["E042", "E043"]}


def test_ceilings_are_parameters_of_the_call():
    ParametroAvviso.objects.filter(chiave="massimale_lavoratore").update(valore=3000)
    assert validated(of(ANNA, "V-1", 2500)).codici == {}
    ParametroAvviso.objects.filter(chiave__startswith="massimale").delete()
    assert validated(of(ANNA, "V-1", 90_000)).codici == {}


def test_a_voucher_sent_again_counts_once():
    row = of(ANNA, "V-1", 1500)
    acquired(row)
    flow = validated(row | {"stato": "rendicontato"}, of(ANNA, "V-2", 500))
    assert flow.codici == {}


def test_an_update_that_asks_for_more_frees_what_it_had():
    acquired(of(ANNA, "V-1", 1000))
    flow = validated(of(ANNA, "V-1", 1500), of(ANNA, "V-2", 600), of(ANNA, "V-3", 500))
    assert refused(flow) == {"V-2": ["E042"]}


def test_a_revocation_leaves_its_room_also_to_an_earlier_row_of_its_file():
    row = of(ANNA, "V-1", 1500, "10/06/2020")
    acquired(row)
    flow = acquired(of(ANNA, "V-0", 2000, "01/06/2020"), row | {"stato": "revocato"})
    assert flow.codici == {}
    assert found("V-0").stato == "concesso"


def test_an_update_that_is_refused_leaves_the_stored_voucher_in_its_place():
    acquired(of(ANNA, "V-1", 1500, "10/06/2020"))
    flow = validated(
        of(ANNA, "V-0", 400, "01/06/2020"),  # with the 1.500 stored
        of(ANNA, "V-1", 1900, "10/06/2020"),  # 2.300
        of(ANNA, "V-2", 200, "11/06/2020"),  # 2.100 with the stored ones
        of(ANNA, "V-3", 100, "12/06/2020"),  # 2.000
    )
    assert refused(flow) == {"V-1": ["E042"], "V-2": ["E042"]}


def test_a_voucher_that_passes_to_another_worker_frees_the_first_from_its_place_on():
    acquired(of(ANNA, "V-1", 1500, "10/06/2020"))
    flow = validated(
        of(ANNA, "V-0", 600, "09/06/2020"),
        of(BRUNO, "V-1", 1500, "10/06/2020"),
        of(ANNA, "V-2", 2000, "11/06/2020"),
        of(BRUNO, "V-3", 600, "12/06/2020"),
    )
    assert refused(flow) == {"V-0": ["E042"], "V-3": ["E042"]}


def test_a_row_refused_because_it_goes_backwards_frees_no_room():
    acquired(of(ANNA, "V-1", 1500, stato="liquidato"))
    flow = validated(of(ANNA, "V-1", 1500, stato="revocato"), of(ANNA, "V-2", 600))
    assert refused(flow) == {"V-1": ["E044"], "V-2": ["E042"]}


def test_a_revocation_is_not_taken_back_once_its_room_is_used():
    row = of(ANNA, "V-1", 1500)
    acquired(row)
    second = acquired(row | {"stato": "revocato"})
    third = acquired(of(ANNA, "V-2", 600))
    with pytest.raises(NotNow, match="voucher di un lavoratore supererebbero il massimale"):
        cancelled(second)
    cancelled(third)
    cancelled(second)
    assert found("V-1").stato == "concesso"


def test_nor_where_it_is_the_company_that_would_exceed():
    row = of(ANNA, "V-1", 2000, codice_fiscale_azienda=ALFA)
    acquired(row, *many(24, 2000, codice_fiscale_azienda=ALFA))
    second = acquired(row | {"stato": "revocato"})
    acquired(of(BRUNO, "V-2", 600, codice_fiscale_azienda=ALFA))
    with pytest.raises(NotNow, match="voucher di un'impresa supererebbero il massimale"):
        cancelled(second)
