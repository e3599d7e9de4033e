"""Which high-complexity cases a reader asks for."""

from datetime import date
from typing import Any

import django_filters
from django.db.models import QuerySet

from crisi.complesse import stale_before
from crisi.filters import PeriodoField
from crisi.models import Procedura
from porfse.errors import BadInput
from porfse.models import Provincia


class TrimestreFilter(django_filters.Filter):
    """A quarter; it chooses which numbers are shown, not which rows."""

    field_class = PeriodoField

    def filter(self, qs: QuerySet, value: Any) -> QuerySet:
        if value is not None and value.mesi != 3:
            raise BadInput("Il trimestre non è valido: scriverlo come 2025-T3.")
        return qs


class ComplesseFilter(django_filters.FilterSet):
    """Cases by company, kind, provincia, and whether nothing is heard of them."""

    azienda = django_filters.CharFilter(
        label="Azienda contiene", field_name="azienda__denominazione", lookup_expr="icontains"
    )
    tipo = django_filters.ChoiceFilter(
        label="Tipo", choices=Procedura.Tipo.choices, empty_label="tutti"
    )
    provincia = django_filters.ModelChoiceFilter(
        label="Provincia",
        queryset=Provincia.objects.all(),
        method="in_provincia",
        empty_label="tutte",
    )
    novita = django_filters.ChoiceFilter(
        label="Aggiornamento",
        choices=[("ferme", "solo senza novità"), ("recenti", "solo con novità")],
        method="by_news",
        empty_label="tutte",
    )
    trimestre = TrimestreFilter(label="PAL del trimestre (come 2025-T3)")

    def __init__(self, *args: Any, oggi: date, **kwargs: Any) -> None:
        self.oggi = oggi
        super().__init__(*args, **kwargs)

    def in_provincia(self, rows: Any, _name: str, value: Provincia) -> QuerySet:
        return rows.with_site_in(value.pk)

    def by_news(self, rows: QuerySet, _name: str, value: str) -> QuerySet:
        first = stale_before(self.oggi)
        return rows.filter(ultimo__lt=first) if value == "ferme" else rows.filter(ultimo__gte=first)
