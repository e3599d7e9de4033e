import datetime as dt

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_filters.fields import ModelChoiceField

from porfse.actions import action_words
from porfse.administration.queries import named
from porfse.administration.words import type_words
from porfse.forms import GiornoField
from porfse.models import AuditEvent, User
from porfse.roles import ROLES


class GiornoFilter(django_filters.Filter):
    field_class = GiornoField


class PersonaField(ModelChoiceField):
    def label_from_instance(self, obj: User) -> str:
        return named(obj)


class PersonaFilter(django_filters.ModelChoiceFilter):
    field_class = PersonaField


class UtentiFilter(django_filters.FilterSet):
    """People by role, state, or words of name, user name and e-mail."""

    nome = django_filters.CharFilter(label="Nome, utente o e-mail", method="with_words")
    ruolo = django_filters.ChoiceFilter(
        label="Ruolo",
        field_name="groups__name",
        choices=[(role.slug, role.label) for role in ROLES],
        empty_label="tutti",
    )
    stato = django_filters.ChoiceFilter(
        label="Stato",
        method="in_state",
        choices=[("attive", "attive"), ("disattivate", "disattivate")],
        empty_label="tutte",
    )

    def with_words(self, people: QuerySet[User], _name: str, value: str) -> QuerySet[User]:
        fields = ("username", "first_name", "last_name", "email")
        for word in value.split():
            people = people.filter(
                Q(*((f"{field}__icontains", word) for field in fields), _connector=Q.OR)
            )
        return people

    def in_state(self, people: QuerySet[User], _name: str, value: str) -> QuerySet[User]:
        return people.filter(is_active=value == "attive")


class RegistroFilter(django_filters.FilterSet):
    """Operations by who, what, on which object, and when."""

    chi = PersonaFilter(
        label="Chi", field_name="actor", queryset=User.objects.all(), empty_label="tutti"
    )
    operazione = django_filters.ChoiceFilter(
        label="Operazione", field_name="action", empty_label="tutte"
    )
    oggetto = django_filters.ChoiceFilter(
        label="Oggetto", field_name="object_type", empty_label="tutti"
    )
    codice = django_filters.CharFilter(label="Codice dell'oggetto", field_name="object_id")
    dal = GiornoFilter(label="Dal", method="since")
    al = GiornoFilter(label="Al", method="until")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        # Read for each request: what has been recorded, and nothing else.
        kinds = AuditEvent.objects.order_by().values_list("action", "object_type").distinct()
        actions, types = map(set, zip(*kinds, strict=True)) if kinds else (set(), set())
        for name, found, words in (
            ("operazione", actions, action_words),
            ("oggetto", types, type_words),
        ):
            self.filters[name].extra["choices"] = sorted((key, words(key)) for key in found)

    def since(self, events: QuerySet[AuditEvent], _name: str, day: dt.date) -> QuerySet[AuditEvent]:
        return events.filter(at__gte=_midnight(day))

    def until(self, events: QuerySet[AuditEvent], _name: str, day: dt.date) -> QuerySet[AuditEvent]:
        return events.filter(at__lt=_midnight(day + dt.timedelta(days=1)))


def _midnight(day: dt.date) -> dt.datetime:
    # Not `at__date`: a moment can be looked up in the index.
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))
