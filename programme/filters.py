import django_filters
from django import forms
from django.db.models import QuerySet

from porfse.errors import BadInput
from porfse.models import Fonte
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


def filtered(filters: django_filters.FilterSet) -> QuerySet:
    """Return the rows that the reader has asked for.

    Raises:
        BadInput: a filter has a value that it cannot have; all rows would be the wrong answer.
    """
    if not filters.is_valid():
        wrong = ", ".join(str(filters.form.fields[name].label) for name in filters.form.errors)
        raise BadInput(f"Un filtro non è valido ({wrong}): tornare all'elenco e sceglierlo.")
    return filters.qs


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
    # Hidden: it comes from the figure of a source, and the page says which one.
    fonte = django_filters.ModelChoiceFilter(
        label="Fonte", queryset=Fonte.objects.all(), widget=forms.HiddenInput
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
    # Not a BooleanFilter, which takes any word for "all".
    covid = django_filters.ChoiceFilter(
        label="Covid-19",
        choices=[("true", "sì"), ("false", "no")],
        empty_label="tutte",
        method="about_covid",
    )

    class Meta:
        model = Iniziativa
        fields = ("nome", "asse", "stato", "covid")

    def about_covid(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(covid=value == "true")
