"""Every number on a page is an expression over named queries, and its link opens what makes it.

`leaf("impegnate", asse="I", al=date)` names a query; `rapporto`, `differenza` and `somma` combine.
The text of an expression is its address: the page of explanation parses it, evaluates it again and
shows the rows of a query or the operands of an operation (docs/adr/0003).
"""

from porfse.figures.board import Board, Figure
from porfse.figures.expressions import (
    Expression,
    FigureError,
    Leaf,
    Operation,
    differenza,
    leaf,
    parse,
    rapporto,
    somma,
)
from porfse.figures.sources import Rows, Source, Unit, Value, evaluate, raw, register, source_of

__all__ = [
    "Board",
    "Expression",
    "Figure",
    "FigureError",
    "Leaf",
    "Operation",
    "Rows",
    "Source",
    "Unit",
    "Value",
    "differenza",
    "evaluate",
    "leaf",
    "parse",
    "rapporto",
    "raw",
    "register",
    "somma",
    "source_of",
]
