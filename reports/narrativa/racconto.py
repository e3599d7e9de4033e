"""A text with its figures told: as words for a report, as links for a page."""

from collections.abc import Mapping

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from porfse.figures import Board, Figure
from reports.models import Testo
from reports.narrativa.forme import in_brackets, origin, reading, words
from reports.narrativa.nomi import Nome, nomi
from reports.narrativa.sintassi import ErroreTesto, Paragrafo, Pezzo, Segnaposto, errori, leggi
from reports.parametri import Parametri
from reports.report import Report

UNAPPROVED = "[Testo non ancora approvato]"


class Racconto:
    """A text whose figures are asked of a board; load it before telling.

    Raises:
        ErroreTesto: the text cannot be read, or names a figure that does not exist.
    """

    def __init__(self, board: Board, testo: str, names: Mapping[str, Nome]) -> None:
        wrong = errori(testo, names)
        if wrong:
            raise ErroreTesto(wrong)
        self.nomi = names
        self.paragrafi = leggi(testo)
        self._figures: dict[str, Figure] = {
            piece.nome: board(names[piece.nome].espressione)
            for pieces in self.paragrafi
            for piece in pieces
            if isinstance(piece, Segnaposto)
        }

    def testi(self) -> tuple[str, ...]:
        """Return the paragraphs in words."""
        return tuple(
            "".join(
                piece if isinstance(piece, str) else self._told(piece, pieces) for piece in pieces
            )
            for pieces in self.paragrafi
        )

    def collegati(self) -> list[SafeString]:
        """Return the paragraphs with each figure as a link to what makes it."""
        return [
            format_html_join("", "{}", ((self._linked(piece, pieces),) for piece in pieces))
            for pieces in self.paragrafi
        ]

    def _told(self, place: Segnaposto, beside: Paragrafo) -> str:
        said = (*self._reading(place, beside), *origin(self._of(place)))
        return self._words(place) + in_brackets(said)

    def _linked(self, piece: Pezzo, beside: Paragrafo) -> str:
        """The link of a figure says its origin by itself."""
        if isinstance(piece, str):
            return piece
        words = self._words(piece) + in_brackets(self._reading(piece, beside))
        return self._of(piece).linked(words)

    def _reading(self, place: Segnaposto, beside: Paragrafo) -> list[str]:
        places = (piece for piece in beside if isinstance(piece, Segnaposto))
        return reading(self._of(place), {self._of(each).expression for each in places})

    def _of(self, place: Segnaposto) -> Figure:
        return self._figures[place.nome]

    def _words(self, place: Segnaposto) -> str:
        return words(self._of(place), place.forma, signed=self.nomi[place.nome].segno)


class Capitoli:
    """The written chapters of a report for a period, as they stand now.

    Raises:
        ErroreTesto: a text names a figure that is no more; it says in which chapter.
    """

    def __init__(self, board: Board, report: Report, parametri: Parametri) -> None:
        rows = Testo.objects.filter(report=report.slug, periodo=parametri.testo).exclude(testo="")
        written = list(rows)
        names = nomi(report, parametri) if written else {}
        self._told = {row.capitolo: _told(board, row, report, names) for row in written}
        self._approved = {row.capitolo for row in written if row.stato == Testo.Stato.APPROVATO}

    def testi(self, capitolo: str) -> tuple[str, ...]:
        """Return the paragraphs of a chapter, empty if nobody has written it; board loaded.

        A text that is not approved says so, whoever publishes it.
        """
        found = self._told.get(capitolo)
        if found is None:
            return ()
        mark = () if capitolo in self._approved else (UNAPPROVED,)
        return (*mark, *found.testi())


def _told(board: Board, row: Testo, report: Report, names: Mapping[str, Nome]) -> Racconto:
    try:
        return Racconto(board, row.testo, names)
    except ErroreTesto as error:
        title = report.testi.get(row.capitolo, row.capitolo)
        raise ErroreTesto(
            [f"Il testo del capitolo «{title}» va corretto.", *error.errori]
        ) from error
