"""What a reader may ask of the list of procedures; kept in the address."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from crisi.models import Procedura, UnitaProduttiva
from crisi.stato import ended_on, open_on
from porfse.models import Provincia
from porfse.periods import PeriodError, Periodo

AVVIATE, IN_CORSO = "avviate", "in_corso"
_YES_NO = [("true", "sì"), ("false", "no")]


class PeriodoField(forms.CharField):
    """A period as `2025-T3`; cleans to a Periodo."""

    def clean(self, value: Any) -> Periodo | None:
        text = super().clean(value)
        try:
            return Periodo.parse(text.upper()) if text else None
        except PeriodError as error:
            raise forms.ValidationError(str(error)) from error


class PeriodoFilter(django_filters.Filter):
    field_class = PeriodoField


class ProcedureFilter(django_filters.FilterSet):
    """The procedures that a person may see, narrowed."""

    azienda = django_filters.CharFilter(label="Azienda", method="by_company", max_length=200)
    pratica = django_filters.CharFilter(
        label="Numero della pratica", field_name="codice_pratica", lookup_expr="iexact"
    )
    tipo = django_filters.ChoiceFilter(
        label="Tipo", choices=Procedura.Tipo.choices, empty_label="tutti"
    )
    provincia = django_filters.ModelChoiceFilter(
        label="Provincia",
        queryset=Provincia.objects.all(),
        empty_label="tutte",
        method="by_provincia",
    )
    stato = django_filters.ChoiceFilter(
        label="Stato", choices=Procedura.Stato.choices, empty_label="tutti", method="by_state"
    )
    periodo = PeriodoFilter(label="Periodo (2025, 2025-T3, 2025-B5)", method="by_period")
    criterio = django_filters.ChoiceFilter(
        label="Nel periodo",
        choices=[(AVVIATE, "avviate"), (IN_CORSO, "in corso")],
        empty_label=None,
        method="with_period",
    )
    # Not BooleanFilters, which take any word for "all".
    complessita = django_filters.ChoiceFilter(
        label="Alta complessità", choices=_YES_NO, empty_label="tutte", method="by_complexity"
    )
    obbligo = django_filters.ChoiceFilter(
        label="Obbligo PAL",
        choices=[*_YES_NO, ("nd", "non noto")],
        empty_label="tutte",
        method="by_obligation",
    )

    def __init__(self, *args: Any, all_provinces: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not all_provinces:
            del self.filters["provincia"]

    def by_company(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(azienda__denominazione__icontains=value)

    def by_provincia(self, rows: QuerySet, name: str, value: Provincia) -> QuerySet:
        sites = UnitaProduttiva.objects.filter(procedura=OuterRef("pk"), comune__provincia=value.pk)
        return rows.filter(Exists(sites))

    def by_state(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        oggi = timezone.localdate()
        of_today = {Procedura.Stato.APERTA: open_on(oggi), Procedura.Stato.CONCLUSA: ended_on(oggi)}
        return rows.filter(of_today.get(Procedura.Stato(value), Q(stato=value)))

    def by_period(self, rows: Any, name: str, value: Periodo) -> QuerySet:
        running = self.form.cleaned_data.get("criterio") == IN_CORSO
        return rows.running_in(value) if running else rows.started_in(value)

    def with_period(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Nothing of its own: it says how the period is meant."""
        return rows

    def by_complexity(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(alta_complessita=value == "true")

    def by_obligation(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        wanted = {"true": True, "false": False, "nd": None}[value]
        return rows.filter(Q(obbligo_pal=wanted), tipo=Procedura.Tipo.CIGS_MIN)
