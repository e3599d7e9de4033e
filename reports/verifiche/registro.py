"""Whether the ledger of the programme keeps the rules of every monitoring system."""

from collections.abc import Iterator
from datetime import date

from porfse.figures import Board
from programme.igrue import Checks
from programme.models import Asse, Iniziativa
from programme.progress import View
from reports.documento import Avviso


def igrue(al: date) -> Iterator[Avviso]:
    """Yield the rules that are broken at a day: code, gravity, where, and by how much."""
    board = Board()
    initiatives = Iniziativa.objects.select_related("asse")
    checks = Checks(board, View(al), Asse.objects.all(), initiatives)
    board.load()
    for each in checks.broken():
        text = f"{each.testo[:1].upper()}{each.testo[1:]}: {each.scarto.text}."
        yield Avviso(each.codice, each.gravita, text, str(each.dove))
