"""Tables of the flows of the crises: what a person entered against what a flow says."""

from collections.abc import Mapping
from typing import Any

import django_tables2 as tables
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from crisi.flows import parole
from crisi.models import Conflitto
from porfse.administration.queries import named
from porfse.models import User
from porfse.tables import LONG, Tabella


class ConflittiTable(Tabella):
    """Conflicts of a flow; with what to choose, for who decides.

    Args:
        comuni: the names of the comuni that occur, by ISTAT code.
        decide: whether the choice can be made here.
    """

    caption = "Dati inseriti a mano che il flusso descrive in altro modo"
    empty = "Nessun conflitto: il flusso non contraddice dati inseriti a mano."
    codice_pratica = tables.Column(verbose_name="Pratica", orderable=False)
    id_unita = tables.Column(verbose_name="Unità", orderable=False, default=parole.NESSUNO)
    campo = tables.Column(verbose_name="Dato", orderable=False)
    in_archivio = tables.Column(
        verbose_name="In archivio", orderable=False, attrs=LONG, empty_values=()
    )
    nel_flusso = tables.Column(
        verbose_name="Nel flusso", orderable=False, attrs=LONG, empty_values=()
    )
    scelta = tables.Column(verbose_name="Quale vale", orderable=False, empty_values=())
    deciso_da = tables.Column(verbose_name="Deciso da", orderable=False, default=parole.NESSUNO)

    def __init__(self, *args: Any, comuni: Mapping[str, str], decide: bool, **kwargs: Any) -> None:
        self.comuni, self.decide = comuni, decide
        super().__init__(*args, **kwargs)

    def render_campo(self, value: str) -> str:
        return parole.field(value)

    def render_in_archivio(self, value: str | None, record: Conflitto) -> str:
        return parole.told(record.campo, value, self.comuni)

    def render_nel_flusso(self, value: str | None, record: Conflitto) -> str:
        return parole.told(record.campo, value, self.comuni)

    def render_deciso_da(self, value: User) -> str:
        return named(value)

    def value_scelta(self, record: Conflitto) -> str:
        return dict(parole.choices(record.campo)).get(record.scelta, "da decidere")

    def render_scelta(self, record: Conflitto) -> SafeString | str:
        if not self.decide:
            return self.value_scelta(record)
        unit = f", unità {record.id_unita}" if record.id_unita else ""
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            (
                (value, SafeString(" selected" * (record.scelta == value)), label)
                for value, label in [("", "da decidere"), *parole.choices(record.campo)]
                if value or not record.scelta
            ),
        )
        return format_html(
            '<select name="scelta-{0}" aria-label="{1}">{2}</select>'
            '<input type="hidden" name="vista-{0}" value="{3}">',
            record.pk,
            f"Quale vale: {self.render_campo(record.campo)}, pratica {record.codice_pratica}{unit}",
            options,
            record.scelta,
        )
