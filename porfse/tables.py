"""The base of every table, and the answer of a page that has some."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

import django_tables2 as tables
from django.core.paginator import EmptyPage, PageNotAnInteger
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString

from porfse import exports, money
from porfse.errors import NotThere
from porfse.figures import Figure
from porfse.outgoing import outgoing
from porfse.periods import italian

PAGE_SIZE = 50
NUMERIC = {"th": {"class": "numero"}, "td": {"class": "numero"}, "tf": {"class": "numero"}}
LONG = {"td": {"class": "lungo"}}  # words that want width, also on a small screen
ND = "n.d."


class Tabella(tables.Table):
    """A table with a caption, sorted columns, pages of 50 rows, and exports of all its rows."""

    caption: ClassVar[str] = ""
    empty: ClassVar[str] = "Nessun dato."
    of_period: ClassVar[bool] = True  # whether its rows are of the period of the page

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Not in Meta: a table that has no Meta of its own would not inherit it.
        kwargs.setdefault("attrs", {"class": "table table-sm tabella"})
        kwargs.setdefault("default", ND)
        kwargs.setdefault("empty_text", self.empty)
        super().__init__(*args, **kwargs)

    def is_example(self, record: Any) -> bool | None:
        """Say whether a row is of example data; None if the row cannot tell."""
        if isinstance(record, Mapping):
            return record.get("esempio")
        # What is loaded, so that no row asks the database for it.
        return getattr(record, "__dict__", {}).get("esempio")

    def about(self, context: Mapping[str, Any]) -> Iterable[str]:
        """Return the lines that a file has above its header, of what the page was asked."""
        return ()


class ImportoColumn(tables.Column):
    """An amount in euro; exported as a number."""

    attrs: ClassVar = NUMERIC
    words = False  # a blank of a file stays blank, so that its column can be added up

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("attrs", NUMERIC)
        super().__init__(*args, **kwargs)

    def render(self, value: Decimal) -> str:
        return money.euro(value)

    def value(self, value: Any) -> Any:
        return value


class NumeroColumn(ImportoColumn):
    """A count."""

    def render(self, value: Decimal | int) -> str:
        return money.number(value)


class DataColumn(tables.Column):
    words = False

    def render(self, value: date) -> str:
        return italian(value)

    def value(self, value: Any) -> Any:
        return value


class CifraColumn(ImportoColumn):
    """A figure that explains itself; exported as a number: cents, whole people, two decimals of %.

    Args:
        style: a property of `porfse.figures.Figure`: `full`, `mln`, `delta` or `short`.
    """

    def __init__(self, *args: Any, style: str = "full", **kwargs: Any) -> None:
        self.style = style
        kwargs.setdefault("default", "—")  # no such figure here, which is not "n.d."
        super().__init__(*args, orderable=False, **kwargs)

    def render(self, value: Figure) -> SafeString:  # type: ignore[override]
        return getattr(value, self.style)

    def value(self, value: Any) -> Any:
        return value.exported if isinstance(value, Figure) else None


def respond(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    tables_: Mapping[str, tables.Table],
) -> HttpResponse:
    """Render a page with its tables, or export one of them (`?assi-formato=csv`).

    Each table goes to the template under its name, which prefixes its parameters in the address.

    Raises:
        NotThere: there is no such page of a table.
    """
    for name, table in tables_.items():
        table.prefix = f"{name}-"
        kind = request.GET.get(f"{name}-formato")
        if kind:
            tables.RequestConfig(request, paginate=False).configure(table)
            file = outgoing(table, request, context)
            return exports.export(kind, name + file.ending, file.rows, about=file.about)
        _paginate(request, table)
    return render(request, template, {"export_formats": exports.FORMATS, **context, **tables_})


def _paginate(request: HttpRequest, table: tables.Table) -> None:
    # Not RequestConfig's own paging: it lets the address choose the size and forgives any number.
    tables.RequestConfig(request, paginate=False).configure(table)
    try:
        number = int(request.GET.get(table.prefixed_page_field, "1"))
        table.paginate(page=number, per_page=PAGE_SIZE)
    except (ValueError, EmptyPage, PageNotAnInteger) as error:
        raise NotThere("La pagina richiesta non esiste: tornare alla prima pagina.") from error
