import django_filters
from django import forms

from programme.models import (
    Asse,
    Azione,
    Iniziativa,
    Movimento,
    ObiettivoSpecifico,
    Perimetro,
    Priorita,
)
from programme.querysets import NON_ATTRIBUITO, NON_RIPARTITO


def _choices(model: type, *extra: tuple[str, str]) -> list[tuple[str, str]]:
    return [*extra, *((str(node.pk), str(node)[:80]) for node in model.objects.all())]


class MovimentiFilter(django_filters.FilterSet):
    """The ledger, narrowed; the same parameters as a figure, kept in the address."""

    al = django_filters.DateFilter(label="Fino al", field_name="data", lookup_expr="lte")
    dal = django_filters.DateFilter(label="Dal", field_name="data", lookup_expr="gte")
    asse = django_filters.ChoiceFilter(label="Asse", method="level", empty_label="tutti")
    priorita = django_filters.ChoiceFilter(label="Priorità", method="level", empty_label="tutte")
    obiettivo = django_filters.ChoiceFilter(
        label="Obiettivo specifico", method="level", empty_label="tutti"
    )
    azione = django_filters.ChoiceFilter(label="Azione", method="level", empty_label="tutte")
    iniziativa = django_filters.ChoiceFilter(
        label="Iniziativa", method="level", empty_label="tutte"
    )
    perimetro = django_filters.ChoiceFilter(
        label="Perimetro", choices=Perimetro.choices, empty_label="tutti"
    )
    natura = django_filters.ChoiceFilter(
        label="Natura", choices=Movimento.Natura.choices, empty_label="tutte"
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        # Choices are read for each request, so that a new initiative is there at once.
        self.filters["asse"].extra["choices"] = _choices(
            Asse, (NON_RIPARTITO, "Non ripartito tra gli assi")
        )
        self.filters["priorita"].extra["choices"] = _choices(Priorita)
        self.filters["obiettivo"].extra["choices"] = _choices(ObiettivoSpecifico)
        self.filters["azione"].extra["choices"] = _choices(Azione)
        self.filters["iniziativa"].extra["choices"] = _choices(
            Iniziativa, (NON_ATTRIBUITO, "Non attribuito a iniziative")
        )
        for name in ("al", "dal"):
            self.filters[name].extra["widget"] = forms.DateInput(
                attrs={"type": "date"}, format="%Y-%m-%d"
            )

    def level(self, queryset: object, name: str, value: str) -> object:
        return queryset.within({name: value})


class IniziativeFilter(django_filters.FilterSet):
    """The initiatives of an asse, a state, or with some words in the name."""

    nome = django_filters.CharFilter(label="Nome contiene", lookup_expr="icontains")
    asse = django_filters.ModelChoiceFilter(
        label="Asse", queryset=Asse.objects.all(), empty_label="tutti"
    )
    stato = django_filters.ChoiceFilter(
        label="Stato", choices=Iniziativa.Stato.choices, empty_label="tutti"
    )
    covid = django_filters.BooleanFilter(label="Covid-19")

    class Meta:
        model = Iniziativa
        fields = ("nome", "asse", "stato", "covid")
