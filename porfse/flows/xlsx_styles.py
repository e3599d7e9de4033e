"""Which numbers of an XLSX file are days: a day is stored as a number, and its format tells."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from porfse.flows.xlsx_xml import Attributes

DAY, TIME = "day", "time"
# Formats that have a number and no code of their own (ECMA-376, part 1, 18.8.30).
_BUILT_IN = {
    **dict.fromkeys([*range(14, 18), 22, *range(27, 32), 36, *range(50, 55), 57, 58], DAY),
    **dict.fromkeys([*range(18, 22), *range(32, 36), 45, 46, 47, 55, 56], TIME),
}
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_GENERAL = re.compile(r"general|standard|am/pm|a/p", re.IGNORECASE)
_LONGEST = 255  # characters of a format code that a spreadsheet takes
_LAST = 2_958_465  # 31.12.9999, the last day that a sheet knows
_EPOCH_1900 = datetime(1899, 12, 30)  # noqa: DTZ001 – the days of a sheet have no time zone
_EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
_NO_DAY = 60  # sheets count a 29.02.1900, which never was


def kind_of(code: str) -> str:
    """Return what a format code makes of a number: `DAY`, `TIME`, or "" for a number."""
    if len(code) > _LONGEST:
        return ""
    letters = _GENERAL.sub("", _LITERAL.sub("", code.partition(";")[0])).lower()
    if "d" in letters or "y" in letters:
        return DAY
    if "h" in letters or "s" in letters:
        return TIME
    return DAY if "m" in letters else ""


def dated(elements: Iterable[tuple[str, Attributes]]) -> dict[str, str]:
    """Return the styles that make a number a day or a time, by the number that cells give.

    Args:
        elements: `numFmt`, `cellStyleXfs`, `cellXfs` and `xf` of the part of styles, in order.
    """
    codes: dict[str, str] = {}
    found: dict[str, str] = {}
    place, group = 0, ""
    for name, attributes in elements:
        if name == "numFmt":
            codes.setdefault(attributes.get("numFmtId", ""), attributes.get("formatCode", ""))
        elif name != "xf":
            place, group = 0, name
        elif group == "cellXfs":
            number = attributes.get("numFmtId", "0")
            kind = kind_of(codes[number]) if number in codes else _built_in(number)
            if kind:
                found[str(place)] = kind
            place += 1
    return found


def _built_in(number: str) -> str:
    return _BUILT_IN.get(int(number), "") if number.isascii() and number.isdigit() else ""


def day_of(serial: float, *, since_1904: bool) -> date | None:
    """Return the day that a number stands for, a `datetime` if it has a time of day.

    None if there is no such day: the number is then shown for what it is.
    """
    if since_1904:
        if not 0 <= serial <= _LAST - 1462:
            return None
        moment = _EPOCH_1904 + timedelta(days=serial)
    else:
        if not 1 <= serial <= _LAST or _NO_DAY <= serial < _NO_DAY + 1:
            return None
        moment = _EPOCH_1900 + timedelta(days=serial + (serial < _NO_DAY))
    return whole(moment)


def whole(moment: datetime) -> date:
    """Return a day where the time is midnight, to the half millisecond that a number can miss."""
    near = moment + timedelta(microseconds=500)
    near -= timedelta(microseconds=near.microsecond % 1000)
    return near if near.time() != datetime.min.time() else near.date()


def clock(serial: float) -> str:
    """Return a time or a length of time as text, `36:00:00`; no column takes it for a number."""
    seconds = round(abs(serial) * 86_400)
    sign = "-" if serial < 0 and seconds else ""
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
