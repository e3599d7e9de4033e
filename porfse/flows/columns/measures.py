"""Columns of what is counted and measured: days, months, amounts, hours, numbers."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils import timezone

from porfse.flows.columns.base import Cell, Column, Fault, Parser

_FIRST_DAY = date(1990, 1, 1)


@lru_cache(maxsize=2)
def _days(last: date) -> dict[str, str]:
    """Every day up to `last` in both forms, as ISO."""
    found = {}
    for number in range((last - _FIRST_DAY).days + 1):
        day = _FIRST_DAY + timedelta(days=number)
        iso = day.isoformat()
        found[iso] = found[f"{day:%d/%m/%Y}"] = iso
    return found


class Giorno(Column):
    """A day, `DD/MM/YYYY` or `YYYY-MM-DD`, not after today in Rome.

    Args:
        ahead: years after this one whose days are good too: of what is planned.
    """

    sql = "date"
    code = "E004"

    def __init__(self, name: str, *, ahead: int = 0, **options: object) -> None:
        super().__init__(name, **options)  # type: ignore[arg-type]
        self.ahead = ahead

    def of_text(self, text: str) -> str:
        found = _days(self._last()).get(text)
        if found is None:
            raise Fault(self.code)
        return found

    def of_other(self, cell: Cell) -> str:
        if isinstance(cell, date) and not isinstance(cell, datetime):
            return self.of_text(cell.isoformat())
        raise Fault(self.code)

    def _last(self) -> date:
        today = timezone.localdate()
        return date(today.year + self.ahead, 12, 31) if self.ahead else today


_MONTH = re.compile(r"(?:(?P<a>\d\d)/(?P<year_a>\d{4})|(?P<year_b>\d{4})-(?P<b>\d\d))", re.ASCII)


class Mese(Column):
    """A month, `MM/YYYY` or `YYYY-MM`, as its first day; out of the bounds it is `outside`."""

    sql = "date"
    code = "E004"

    def __init__(
        self, name: str, *, first: date, last: date, outside: str, **options: object
    ) -> None:
        super().__init__(name, **options)  # type: ignore[arg-type]
        self.first, self.last, self.outside = first, last, outside

    def of_text(self, text: str) -> str:
        parts = _MONTH.fullmatch(text)
        if not parts:
            raise Fault(self.code)
        year = int(parts["year_a"] or parts["year_b"])
        month = int(parts["a"] or parts["b"])
        if not (1 <= month <= 12 and year >= 1):
            raise Fault(self.code)
        return self._within(date(year, month, 1))

    def of_other(self, cell: Cell) -> str:
        if isinstance(cell, date) and cell.day == 1 and not isinstance(cell, datetime):
            return self._within(cell)
        raise Fault(self.code)

    def _within(self, day: date) -> str:
        if day > timezone.localdate():
            raise Fault(self.code)
        if not self.first <= day <= self.last:
            raise Fault(self.outside)
        return day.isoformat()


_PLAIN = re.compile(r"[+-]?\d{1,10}", re.ASCII).fullmatch
_COMMA = re.compile(
    r"[+-]?(?:\d{1,10}|\d{1,3}(?:\.\d{3}){1,2}|\d(?:\.\d{3}){3})(?:,\d{1,2})?", re.ASCII
).fullmatch
_POINT = re.compile(r"[+-]?\d{1,10}(?:\.\d{1,2})?", re.ASCII).fullmatch
_USUAL = re.compile(r"-?[1-9]\d{0,9},\d\d", re.ASCII).fullmatch
_AMBIGUOUS = re.compile(r"[+-]?\d{1,3}\.\d{3}", re.ASCII).fullmatch


class Importo(Column):
    """An amount in euro; the first value with a separator sets the style for the whole column.

    `1.234` tells no style and is wrong until another value has told it: it may be a thousand or one
    and a fraction. XLSX numbers are taken as they print, at most two decimals. More
    than ten digits before the decimals are a mistake.
    """

    sql = "numeric(15,2)"
    code = "E003"

    def __init__(self, name: str, *, zero: bool = False, **options: object) -> None:
        super().__init__(name, **options)  # type: ignore[arg-type]
        self.zero = zero
        self._style: Callable[[str], object] | None = None

    def fresh(self) -> "Importo":
        options = {"aliases": self.aliases, "required": self.required, "distinct": self.distinct}
        return type(self)(self.name, zero=self.zero, **options)

    def of_text(self, text: str) -> str:
        if self._style is None and not _PLAIN(text):
            if _AMBIGUOUS(text):
                raise Fault(self.code)
            self._style = _COMMA if _COMMA(text) else _POINT if _POINT(text) else None
        if not (self._style or _PLAIN)(text):
            raise Fault(self.code)
        plain = text.replace(".", "").replace(",", ".") if self._style is _COMMA else text
        return self._checked(plain)

    def alone(self, text: str) -> str:
        return f"{text},00" if _AMBIGUOUS(text) else text

    def parser(self) -> Parser:
        slow = super().parser()

        def parse(cell: Any) -> str | None:
            # Most amounts are new: the usual form is cheaper to check than to remember.
            try:
                if self._style is _COMMA and _USUAL(cell):
                    return cell.replace(",", ".")
            except TypeError:  # a number of XLSX
                return slow(cell)
            return slow(cell)

        return parse

    def of_other(self, cell: Cell) -> str:
        if not isinstance(cell, int | float):
            raise Fault(self.code)
        value = Decimal(repr(cell))
        if not value.is_finite() or abs(value) >= 10**10 or value != round(value, 2):
            raise Fault(self.code)
        return self._checked(format(value, "f"))

    def _checked(self, plain: str) -> str:
        if not self.zero and not plain.strip("+-0."):
            raise Fault(self.code)
        return plain


class Quantita(Importo):
    """A number of zero or more with at most two decimals: hours."""

    sql = "numeric(9,2)"

    def __init__(self, name: str, *, zero: bool = True, **options: object) -> None:
        super().__init__(name, zero=zero, **options)

    def parser(self) -> Parser:
        return Column.parser(self)  # few values, and none below zero

    def _checked(self, plain: str) -> str:
        whole = plain.lstrip("+").partition(".")[0]
        if plain.startswith("-") or len(whole.lstrip("0")) > 6:
            raise Fault(self.code)
        return plain


class Intero(Column):
    """A whole number of zero or more (at least `least`); an empty one is not known, not zero."""

    sql = "integer"
    code = "E021"

    def __init__(self, name: str, *, least: int = 0, **options: object) -> None:
        super().__init__(name, **options)  # type: ignore[arg-type]
        self.least = least

    def of_text(self, text: str) -> str:
        if not (text.isascii() and text.isdigit() and len(text) <= 9):
            raise Fault(self.code)
        return self.of_other(int(text))

    def of_other(self, cell: Cell) -> str:
        if not isinstance(cell, int | float) or cell % 1 or not self.least <= cell <= 999_999_999:
            raise Fault(self.code)
        return str(int(cell))
