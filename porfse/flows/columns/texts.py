"""Columns of words and codes."""

import re
from collections.abc import Callable, Collection
from typing import Any

from porfse.codes import is_codice_fiscale, is_partita_iva
from porfse.flows.columns.base import Column, Fault, Parser, plain_text

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Testo(Column):
    """Words, of at most `longest` characters."""

    def __init__(self, name: str, *, longest: int = 200, **options: object) -> None:
        super().__init__(name, **options)  # type: ignore[arg-type]
        self.longest = longest

    def of_text(self, text: str) -> str:
        text = plain_text(text)
        if len(text) > self.longest or "\0" in text:
            raise Fault(self.code)
        return text.translate(_ESCAPES)

    def parser(self) -> Parser:
        if not self.distinct:
            return super().parser()
        longest, slow = self.longest, super().parser()

        def parse(cell: Any) -> str | None:
            # An identifier of letters and digits is what it is; anything else goes the long way.
            try:
                return cell if cell.isalnum() and len(cell) <= longest else slow(cell)
            except AttributeError:  # a number of XLSX
                return slow(cell)

        return parse


class Scelta(Column):
    """One of some values, written exactly."""

    def __init__(
        self, name: str, values: Collection[str], *, code: str = "E001", **options: object
    ):
        super().__init__(name, **options)  # type: ignore[arg-type]
        self.values = frozenset(values)
        self.code = code  # type: ignore[misc]

    def of_text(self, text: str) -> str:
        if text not in self.values:
            raise Fault(self.code)
        return text


class Noto(Column):
    """A code that must be known; `known` gives the codes, once for each file."""

    def __init__(
        self, name: str, known: Callable[[], Collection[str]], *, code: str, **options: object
    ) -> None:
        super().__init__(name, **options)  # type: ignore[arg-type]
        self.known = known
        self.code = code  # type: ignore[misc]
        self.values: frozenset[str] = frozenset()

    def fresh(self) -> "Noto":
        options = {"aliases": self.aliases, "required": self.required, "distinct": self.distinct}
        mine = type(self)(self.name, self.known, code=self.code, **options)
        mine.values = frozenset(self.known())
        return mine

    def of_text(self, text: str) -> str:
        if text not in self.values:
            raise Fault(self.code)
        return text


class Schema(Column):
    """A text of a fixed form, given by a regular expression over ASCII."""

    def __init__(self, name: str, pattern: str, *, code: str, **options: object) -> None:
        super().__init__(name, **options)  # type: ignore[arg-type]
        self._match = re.compile(pattern, re.ASCII).fullmatch
        self.code = code  # type: ignore[misc]

    def of_text(self, text: str) -> str:
        if not self._match(text):
            raise Fault(self.code)
        return text


class CodiceFiscale(Column):
    """A person's codice fiscale, its check character and omocodia verified."""

    code = "E002"

    def of_text(self, text: str) -> str:
        upper = text.upper()
        if not is_codice_fiscale(upper):
            raise Fault(self.code)
        return upper


class CodiceAzienda(CodiceFiscale):
    """A company's codice fiscale: eleven digits with their check digit, or of the person it is."""

    def of_text(self, text: str) -> str:
        return text if is_partita_iva(text) else super().of_text(text)
