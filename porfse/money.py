"""Amounts in euro: `Decimal` with cents, rounded half-up only when shown, in Italian format."""

import re
from decimal import ROUND_HALF_UP, Decimal

from porfse.errors import BadInput

CENT = Decimal("0.01")
MILLION = Decimal(1_000_000)
_ITALIAN = re.compile(r"[+-]?([1-9][0-9]{0,2}(\.[0-9]{3})+|[0-9]+)(,[0-9]{1,2})?")
_PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]{1,2})?")
_SWAP = str.maketrans(",.", ".,")
MINUS = "\u2212"


class AmountError(BadInput):
    """The text is not an amount; the message is in Italian, for the reader."""


def half_up(value: Decimal, places: int) -> Decimal:
    """Round half away from zero, as an office does."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def number(value: Decimal | int, places: int = 0, *, signed: bool = False) -> str:
    """Return `1.234.567,89`; a negative number bears a true minus sign."""
    rounded = half_up(Decimal(value), places)
    text = f"{abs(rounded):,.{places}f}".translate(_SWAP)
    if rounded < 0:
        return f"{MINUS}{text}"
    return f"+{text}" if signed and rounded > 0 else text


def euro(value: Decimal, *, signed: bool = False) -> str:
    """Return `1.234.567,89 €`."""
    return f"{number(value, 2, signed=signed)}\u00a0€"


def mln(value: Decimal, *, signed: bool = False) -> str:
    """Return `236,70 Mln€`, from euro."""
    return f"{number(value / MILLION, 2, signed=signed)}\u00a0Mln€"


def percento(value: Decimal, *, signed: bool = False) -> str:
    """Return `12,5%`."""
    return f"{number(value, 1, signed=signed)}%"


def parse_amount(text: str) -> Decimal:
    """Read `1.234,56`, `1234,56` or `1234.56`; `1.234` is above a thousand, as Italians write it.

    Raises:
        AmountError: the text is not an amount with at most two decimals, or is beyond 13 digits.
    """
    compact = text.strip().removesuffix("€").strip().replace(MINUS, "-")
    if _ITALIAN.fullmatch(compact):
        plain = compact.replace(".", "").replace(",", ".")
    elif _PLAIN.fullmatch(compact):
        plain = compact
    else:
        raise AmountError("Importo non leggibile: scrivere ad esempio 1.234.567,89.")
    amount = Decimal(plain)
    if abs(amount) >= Decimal(10) ** 13:
        raise AmountError("Importo troppo grande: al massimo 13 cifre prima della virgola.")
    return amount.quantize(CENT)
