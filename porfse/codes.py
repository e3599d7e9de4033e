"""The codes of people and companies, their check characters verified.

Millions are checked in one flow, which the library that we test against (python-stdnum) is too slow
for. Source of the tables: D.M. 23.12.1976 (codice fiscale) and its rules for homonyms (omocodia).
"""

import re

_FORM = re.compile(
    r"[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]"
).fullmatch
_ODD_VALUES = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)
_ODD_LETTERS = (
    *(1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS = "0123456789"
_ODD = dict(zip(_LETTERS, _ODD_LETTERS, strict=True)) | dict(zip(_DIGITS, _ODD_VALUES, strict=True))
_EVEN = {letter: number for number, letter in enumerate(_LETTERS)} | {
    digit: number for number, digit in enumerate(_DIGITS)
}
_MONTHS = "ABCDEHLMPRST"
_LONGEST = dict(zip(_MONTHS, (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), strict=True))
_LETTER_FOR = dict(zip(_DIGITS, "LMNPQRSTUV", strict=True))  # what replaces a digit for homonyms


_DIGIT_FOR = str.maketrans({letter: digit for digit, letter in _LETTER_FOR.items()})


def _births(month: str, day: int) -> set[str]:
    """A birthday as a codice fiscale may write it; women's days are forty more."""
    return {
        month + first + second
        for number in (day, day + 40)
        for first in (str(number // 10), _LETTER_FOR[str(number // 10)])
        for second in (str(number % 10), _LETTER_FOR[str(number % 10)])
    }


_LEAP_DAYS = frozenset(_births("B", 29))
_BIRTHS = frozenset().union(
    *(_births(month, day) for month, last in _LONGEST.items() for day in range(1, last + 1))
)


def check_character(first: str) -> str:
    """Return the last character of a codice fiscale from its first fifteen, in capitals."""
    total = sum(map(_ODD.__getitem__, first[::2])) + sum(map(_EVEN.__getitem__, first[1::2]))
    return _LETTERS[total % 26]


def is_codice_fiscale(text: str) -> bool:
    """Say whether sixteen capitals and digits are a person's codice fiscale.

    The check character must be right, the day of birth one that its month has (women's are forty
    more); digits may be replaced by letters, as for homonyms.
    """
    if not (_FORM(text) and text[8:11] in _BIRTHS and check_character(text[:15]) == text[15]):
        return False
    # The 29th of February; 1900 is taken for 2000.
    return text[8:11] not in _LEAP_DAYS or int(text[6:8].translate(_DIGIT_FOR)) % 4 == 0


def is_partita_iva(text: str) -> bool:
    """Say whether eleven digits bear the right check digit (also a company's codice fiscale)."""
    if len(text) != 11 or not (text.isascii() and text.isdigit()):
        return False
    doubled = (2 * int(digit) for digit in text[1:10:2])
    total = sum(map(int, text[0:10:2])) + sum(number - 9 * (number > 9) for number in doubled)
    return (10 - total % 10) % 10 == int(text[10])


def masked(codice_fiscale: str) -> str:
    """Return a codice fiscale as pages show it: the first three characters and the last."""
    return f"{codice_fiscale[:3]}{'•' * 12}{codice_fiscale[-1:]}" if codice_fiscale else ""
