"""Which meetings a reader asks for."""

import django_filters
from django.db.models import QuerySet

from crisi.lavoro import meeting_of
from crisi.models import Tavolo
from porfse.models import Provincia


class TavoliFilter(django_filters.FilterSet):
    """Meetings by kind, year, and the provincia that they concern."""

    tipo = django_filters.ChoiceFilter(
        label="Tipo", choices=Tavolo.Tipo.choices, empty_label="tutti"
    )
    anno = django_filters.NumberFilter(
        label="Anno", field_name="data__year", min_value=2014, max_value=2099
    )
    provincia = django_filters.ModelChoiceFilter(
        label="Provincia",
        queryset=Provincia.objects.all(),
        method="of_provincia",
        empty_label="tutte",
    )

    def of_provincia(self, rows: QuerySet[Tavolo], _name: str, value: Provincia) -> QuerySet:
        return rows.filter(meeting_of(value.pk))
