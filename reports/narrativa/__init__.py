"""Texts in which figures are named, not typed: `{impegnate_asse_1|mln}`.

A text is paragraphs, parted by blank lines; `{{` and `}}` are braces. What a name stands for is an
expression of `porfse.figures`, read anew each time the text is told.
"""

from reports.narrativa.forme import FORME
from reports.narrativa.nomi import Nome, nomi
from reports.narrativa.racconto import Capitoli, Racconto
from reports.narrativa.sintassi import ErroreTesto, Segnaposto, errori, leggi

__all__ = [
    "FORME",
    "Capitoli",
    "ErroreTesto",
    "Nome",
    "Racconto",
    "Segnaposto",
    "errori",
    "leggi",
    "nomi",
]
