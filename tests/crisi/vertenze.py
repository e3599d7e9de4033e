"""A pratica that a person entered, and rows of a flow that tell it otherwise."""

from datetime import date

from crisi.models import Conflitto, Procedura
from porfse.flows import services
from porfse.models import Flow, User
from tests.crisi.test_flow_vertenze import vertenza
from tests.factories.crisi import make_procedura, make_unita

HAND = {
    "campi_a_mano": ["causale", "data_avvio", "data_fine", "tipo", "azienda", "alta_complessita"]
}


def by_hand(**fields: object) -> Procedura:
    """The pratica V-1 with one site in Bergamo, as `row` tells it but for `fields`."""
    values = {
        "codice_pratica": "V-1",
        "causale": "Crisi aziendale",
        "data_avvio": date(2025, 3, 3),
    }
    found = make_procedura(**values | fields)
    make_unita("BG", 40, procedura=found, codice="U1")
    return found


def row(found: Procedura, **fields: object) -> dict[str, str]:
    """A row that agrees with a procedure by hand, but for `fields`."""
    known = {
        "codice_pratica": "V-1",
        "codice_fiscale_azienda": found.azienda.codice_fiscale,
        "denominazione_azienda": found.azienda.denominazione,
    }
    return vertenza(**known | fields)


def procedure(pk: int) -> Procedura:
    return Procedura.objects.get(pk=pk)


def conflicts(flow: Flow) -> list[tuple]:
    return list(
        Conflitto.objects.filter(flusso=flow).values_list(
            "id_unita", "campo", "in_archivio", "nel_flusso", "scelta"
        )
    )


def finish(flow: Flow, by: User) -> Flow:
    services.ask_acquisition(flow.pk, by=by)
    return services.acquire(flow.pk, by=by)
