"""What a reader may ask of the archive of the reports; kept in the address."""

from typing import Any

import django_filters
from django import forms
from django.core.validators import RegexValidator
from django.db.models import QuerySet

from porfse.models import Provincia, User
from reports.models import Edizione
from reports.models.edizioni import BUILD
from reports.report import reports

REGIONE = "regione"
IN_VIGORE, SOSTITUITA = "in_vigore", "sostituita"
Stato = Edizione.Stato
_PERIODO = RegexValidator(r"^20[0-9]{2}(-[TB][0-9]|-[0-9]{2}(-[0-9]{2})?)?$")
_PUBLISHED = [
    (Stato.PUBBLICATA.value, "consolidato"),
    (IN_VIGORE, "consolidato, in vigore"),
    (SOSTITUITA, "consolidato, sostituito da una rettifica"),
]


class PeriodoField(forms.CharField):
    """A period, or the beginning of one: `2025`, `2025-B5`, `2021-09`; cleans to capitals."""

    default_validators = (_PERIODO,)

    def to_python(self, value: Any) -> str:
        return super().to_python(value).upper()


class PeriodoFilter(django_filters.Filter):
    field_class = PeriodoField


class EdizioniFilter(django_filters.FilterSet):
    """Editions by report, period, place and state.

    Args:
        user: chooses among the reports that he may read; who builds none sees no other states.
    """

    report = django_filters.ChoiceFilter(label="Report", empty_label="tutti")
    periodo = PeriodoFilter(
        label="Anno o periodo (2025, 2025-B5, 2021-09-30)", lookup_expr="startswith"
    )
    territorio = django_filters.ChoiceFilter(
        label="Territorio", empty_label="tutti", method="by_place"
    )
    stato = django_filters.ChoiceFilter(label="Stato", empty_label="tutti", method="by_state")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["report"].extra["choices"] = [
            (report.slug, report.titolo)
            for report in reports()
            if report.readable_by(user, user.provincia_id or "")
        ] + self._gone()
        places = [(each.pk, each.nome) for each in Provincia.objects.all()]
        self.filters["territorio"].extra["choices"] = [(REGIONE, "Regione"), *places]
        unpublished = [choice for choice in Stato.choices if choice[0] != Stato.PUBBLICATA]
        states = [*_PUBLISHED, *(unpublished if user.has_perm(BUILD) else ())]
        self.filters["stato"].extra["choices"] = states

    def _gone(self) -> list[tuple[str, str]]:
        """The reports that are not in the catalogue any more, of which there are editions."""
        known = [report.slug for report in reports()]
        gone = self.queryset.exclude(report__in=known).order_by("report")
        return [(slug, slug) for slug in gone.values_list("report", flat=True).distinct()]

    def filter_queryset(self, queryset: QuerySet[Edizione]) -> QuerySet[Edizione]:
        """What was discarded shows to who asks for it."""
        found = super().filter_queryset(queryset)
        asked = self.form.cleaned_data["stato"]
        return found if asked else found.exclude(stato=Stato.SCARTATA)

    def by_place(self, rows: QuerySet[Edizione], _name: str, value: str) -> QuerySet[Edizione]:
        return rows.filter(provincia=None if value == REGIONE else value)

    def by_state(self, rows: Any, _name: str, value: str) -> QuerySet[Edizione]:
        if value == IN_VIGORE:
            return rows.in_force()
        return rows.superseded() if value == SOSTITUITA else rows.filter(stato=value)
