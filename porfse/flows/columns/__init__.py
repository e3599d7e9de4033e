"""The kinds of columns: each turns a cell of a file into text for COPY, or says what is wrong.

A cell is text; from XLSX also a number (`int`, `float`) or a date. Nothing is guessed: a value that
could be read in two ways is an error of its row.
"""

from porfse.flows.columns.base import NULL, Cell, Column, Fault, Parser, plain_text
from porfse.flows.columns.measures import Giorno, Importo, Intero, Mese, Quantita
from porfse.flows.columns.texts import CodiceAzienda, CodiceFiscale, Noto, Scelta, Schema, Testo

__all__ = [
    "NULL",
    "Cell",
    "CodiceAzienda",
    "CodiceFiscale",
    "Column",
    "Fault",
    "Giorno",
    "Importo",
    "Intero",
    "Mese",
    "Noto",
    "Parser",
    "Quantita",
    "Scelta",
    "Schema",
    "Testo",
    "plain_text",
]
