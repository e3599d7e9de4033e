import datetime as dt
from typing import Any

import django_tables2 as tables

from porfse.actions import action_words
from porfse.administration.queries import condition_of, labels, named, slugs_of
from porfse.administration.words import one_line, type_words
from porfse.models import AuditEvent, User
from porfse.periods import moment
from porfse.tables import LONG, Tabella


class MomentoColumn(tables.Column):
    """A moment, to the minute; exported as it is."""

    def render(self, value: dt.datetime) -> str:
        return moment(value)

    def value(self, value: Any) -> Any:
        return value


class UtentiTable(Tabella):
    caption = "Utenti"
    username = tables.Column(
        verbose_name="Utente", linkify=("amministrazione:utente", {"pk": tables.A("pk")})
    )
    nome = tables.Column(
        accessor="get_full_name", order_by=("last_name", "first_name"), default="—"
    )
    email = tables.Column(verbose_name="E-mail")
    ruoli = tables.Column(accessor="pk", orderable=False, attrs=LONG)
    provincia = tables.Column(default="—")
    stato = tables.Column(accessor="pk", order_by=("-is_active", "username"))
    secondo_fattore = tables.Column(verbose_name="Secondo fattore")
    last_login = MomentoColumn(verbose_name="Ultimo accesso", default="mai")

    class Meta:
        order_by = ("username",)

    def render_ruoli(self, record: User) -> str:
        return labels(slugs_of(record)) or "nessuno"

    def render_stato(self, record: User) -> str:
        return condition_of(record)

    def render_secondo_fattore(self, *, value: bool) -> str:
        return "sì" if value else "no"


class RegistroTable(Tabella):
    """Operations, the last first; files have the details too."""

    caption = "Operazioni"
    at = MomentoColumn(
        verbose_name="Quando", linkify=("amministrazione:operazione", {"pk": tables.A("pk")})
    )
    actor = tables.Column(verbose_name="Chi", order_by="actor__username")
    action = tables.Column(verbose_name="Operazione")
    object_type = tables.Column(verbose_name="Oggetto")
    object_id = tables.Column(verbose_name="Codice")
    details = tables.Column(verbose_name="Dettagli", visible=False, empty_values=())

    class Meta:
        order_by = ("-at",)

    def render_actor(self, value: User) -> str:
        return named(value)

    def render_action(self, value: str) -> str:
        return action_words(value)

    def render_object_type(self, value: str) -> str:
        return type_words(value)

    def render_details(self, record: AuditEvent) -> str:
        return one_line(record)
