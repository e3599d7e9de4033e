"""Which mails of the outbox, and which addresses, a reader asks for."""

import django_filters
from django.db.models import QuerySet

from porfse.models import Provincia
from reports.models import Destinatario, Invio
from reports.report import reports
from reports.services.consegna import da_chiarire, da_curare, smarriti

NON_NOTO = "non_noto"
DA_CURARE = "da_curare"
DA_CHIARIRE = "da_chiarire"
CONDIZIONI = {NON_NOTO: smarriti, DA_CURARE: da_curare, DA_CHIARIRE: da_chiarire}
REGIONE = "regione"
STATI = [*Invio.Stato.choices, (NON_NOTO, "esito non noto")]
SCELTE = [
    *STATI,
    (DA_CURARE, "non inviato, ancora da inviare"),
    (DA_CHIARIRE, "esito non noto, ancora da chiarire"),
]


class InviiFilter(django_filters.FilterSet):
    """Mails by state, report and provincia; `edizione` comes from the page of an edition."""

    stato = django_filters.ChoiceFilter(
        label="Stato", choices=SCELTE, method="in_state", empty_label="tutti"
    )
    report = django_filters.ChoiceFilter(
        label="Report", field_name="edizione__report", empty_label="tutti"
    )
    territorio = django_filters.ChoiceFilter(
        label="Territorio", method="of_place", empty_label="tutti"
    )
    edizione = django_filters.NumberFilter(label="Edizione", field_name="edizione", min_value=1)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.filters["report"].extra["choices"] = [(item.slug, item.titolo) for item in reports()]
        self.filters["territorio"].extra["choices"] = places()

    def in_state(self, rows: QuerySet[Invio], _name: str, value: str) -> QuerySet[Invio]:
        if value in CONDIZIONI:
            return rows.filter(CONDIZIONI[value]())
        found = rows.filter(stato=value)
        return found.exclude(smarriti()) if value == Invio.Stato.IN_INVIO else found

    def of_place(self, rows: QuerySet[Invio], _name: str, value: str) -> QuerySet[Invio]:
        return rows.filter(edizione__provincia=None if value == REGIONE else value)


class DestinatariFilter(django_filters.FilterSet):
    """Addresses by territory, and by whether mail goes there."""

    territorio = django_filters.ChoiceFilter(
        label="Territorio", method="of_place", empty_label="tutti"
    )
    stato = django_filters.ChoiceFilter(
        label="Stato",
        choices=[("attivi", "attivi"), ("disattivati", "disattivati")],
        method="in_state",
        empty_label="tutti",
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.filters["territorio"].extra["choices"] = places()

    def of_place(
        self, rows: QuerySet[Destinatario], _name: str, value: str
    ) -> QuerySet[Destinatario]:
        return rows.filter(provincia=None if value == REGIONE else value)

    def in_state(
        self, rows: QuerySet[Destinatario], _name: str, value: str
    ) -> QuerySet[Destinatario]:
        return rows.filter(attivo=value == "attivi")


def places() -> list[tuple[str, str]]:
    """The Region and its provinces, as a reader chooses among them."""
    return [(REGIONE, "Regione"), *((item.pk, item.nome) for item in Provincia.objects.all())]
