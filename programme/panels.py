"""What other areas show on the page of an initiative: the programme does not know which.

An area registers a `Panel` when Django starts; the page asks each for the initiative it shows.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django_tables2 import Table

from porfse.figures import Board
from porfse.models import User
from programme.models import Iniziativa
from programme.progress import View


@dataclass(frozen=True)
class Shown:
    """A panel of one page.

    Attributes:
        template: the part of the page, which finds `contesto` as `pannello`.
        tables: its tables by name; the page exports them like its own.
    """

    template: str
    contesto: Mapping[str, Any]
    tables: Mapping[str, Table] = field(default_factory=dict)


class Panel(ABC):
    """Subclasses belong to the area whose data they show.

    Attributes:
        permission: who does not have it does not see the panel.
    """

    permission: ClassVar[str]

    @abstractmethod
    def on(self, board: Board, node: Iniziativa, view: View, user: User) -> Shown | None:
        """Put the figures of an initiative on the board of its page; None if there is no panel.

        The board is loaded afterwards: tables and properties read the figures when shown.
        """


_PANELS: list[Panel] = []


def register(panel: Panel) -> None:
    """Make a panel known."""
    _PANELS.append(panel)


def panels_on(board: Board, node: Iniziativa, view: View, user: User) -> list[Shown]:
    """Return the panels of an initiative that a person may see, in the order of their areas."""
    allowed = (panel for panel in _PANELS if user.has_perm(panel.permission))
    asked = (panel.on(board, node, view, user) for panel in allowed)
    return [shown for shown in asked if shown is not None]
