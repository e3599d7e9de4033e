"""What an app declares of itself before Django is ready."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """A page that can be reached from the side: its name, its URL name, and who may open it.

    Attributes:
        area: of the navigation; that of the app if it is not given.
        prima: a permission; who has it begins the day on this page.
    """

    nome: str
    url_name: str
    permission: str
    area: str = ""
    prima: str = ""
