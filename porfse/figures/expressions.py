"""The language of figures: `rapporto(impegnate(al=2020-12-31,asse=I),dotazione(asse=I))`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from porfse.errors import BadInput

MAX_LENGTH = 4_000  # characters; the longest figure of a page has about 1,000
MAX_DEPTH = 8
_TOKEN = re.compile(r"[A-Za-z0-9_.+:-]+|[(),=]")


class FigureError(BadInput):
    """The expression cannot be understood; the message is in Italian, for the reader."""


@dataclass(frozen=True)
class Leaf:
    """A named query with its parameters, sorted by name."""

    name: str
    params: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.name}({','.join(f'{key}={value}' for key, value in self.params)})"

    def get(self, key: str) -> str | None:
        """Return the value of a parameter, or None if it is not given."""
        return dict(self.params).get(key)

    def leaves(self) -> Iterator["Leaf"]:
        yield self


@dataclass(frozen=True)
class Operation:
    """An operation over other expressions."""

    operator: str
    operands: tuple["Expression", ...]

    def __str__(self) -> str:
        return f"{self.operator}({','.join(map(str, self.operands))})"

    def leaves(self) -> Iterator[Leaf]:
        for operand in self.operands:
            yield from operand.leaves()


Expression = Leaf | Operation
# Operator: how many operands at least and at most.
OPERATORS = {"somma": (1, 40), "differenza": (2, 2), "rapporto": (2, 2)}


def leaf(name: str, **params: object) -> Leaf:
    """Name a query; a parameter that is None or empty is left out, a date is written as ISO."""
    given = {
        key: value.isoformat() if isinstance(value, date) else str(value)
        for key, value in params.items()
        if value not in (None, "")
    }
    return Leaf(name, tuple(sorted(given.items())))


def somma(*operands: Expression) -> Operation:
    """The sum of figures of one unit."""
    return Operation("somma", operands)


def differenza(minuend: Expression, subtrahend: Expression) -> Operation:
    """The first less the second, of one unit."""
    return Operation("differenza", (minuend, subtrahend))


def rapporto(numerator: Expression, denominator: Expression) -> Operation:
    """The first as a percentage of the second."""
    return Operation("rapporto", (numerator, denominator))


def parse(text: str) -> Expression:
    """Read an expression from its text.

    Raises:
        FigureError: the text is not an expression, or is too long or too deep.
    """
    if len(text) > MAX_LENGTH:
        raise FigureError("L'indirizzo della cifra è troppo lungo.")
    tokens = _TOKEN.findall(text)
    if not tokens or "".join(tokens) != text:
        raise FigureError(
            "L'indirizzo della cifra non è leggibile: aprire la cifra dalla sua pagina."
        )
    parser = _Parser(tokens)
    expression = parser.expression()
    if parser.position != len(tokens):
        raise FigureError("L'indirizzo della cifra contiene caratteri in più.")
    return expression


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.position = 0

    def peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.peek()
        wrong = token != expected if expected else token in ("(", ")", ",", "=")
        if not token or wrong:
            raise FigureError(
                "L'indirizzo della cifra è incompleto: aprire la cifra dalla sua pagina."
            )
        self.position += 1
        return token

    def expression(self, depth: int = 1) -> Expression:
        if depth > MAX_DEPTH:
            raise FigureError("L'indirizzo della cifra è troppo annidato.")
        name = self.take()
        self.take("(")
        built = self.operation(name, depth) if name in OPERATORS else self.leaf(name)
        self.take(")")
        return built

    def operation(self, name: str, depth: int) -> Operation:
        operands = [self.expression(depth + 1)]
        while self.peek() == ",":
            self.take(",")
            operands.append(self.expression(depth + 1))
        low, high = OPERATORS[name]
        if not low <= len(operands) <= high:
            raise FigureError(f"L'operazione «{name}» non ha il numero giusto di operandi.")
        return Operation(name, tuple(operands))

    def leaf(self, name: str) -> Leaf:
        params: dict[str, str] = {}
        while self.peek() not in (")", ""):
            if params:
                self.take(",")
            key = self.take()
            self.take("=")
            if key in params:
                raise FigureError(f"Il parametro «{key}» è ripetuto.")
            params[key] = self.take()
        return Leaf(name, tuple(sorted(params.items())))
