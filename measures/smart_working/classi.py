"""The size class of a company by its employees (Commission recommendation 2003/361/EC).

It is not the grid of the call, which has steps of its own.
"""

from django.db.models import Q

CLASSI = {
    "micro": "Microimpresa (meno di 10 dipendenti)",
    "piccola": "Piccola impresa (tra 10 e 49 dipendenti)",
    "media": "Media impresa (tra 50 e 249 dipendenti)",
    "grande": "Grande impresa (250 dipendenti e oltre)",
}
_FIRST = {"micro": 0, "piccola": 10, "media": 50, "grande": 250}  # the least employees of a class


def bounds(classe: str) -> tuple[int, int | None]:
    """Return the least and the most employees of a class, None without an end."""
    later = [first for first in _FIRST.values() if first > _FIRST[classe]]
    return _FIRST[classe], min(later) - 1 if later else None


def class_sql(column: str) -> str:
    """Return SQL for the class of a number of employees."""
    cases = " ".join(
        f"WHEN {column} >= {first} THEN '{name}'" for name, first in reversed(_FIRST.items())
    )
    return f"CASE {cases} END"


def class_of(dipendenti: int) -> str:
    """Return the class of a number of employees."""
    return next(name for name, first in reversed(_FIRST.items()) if dipendenti >= first)


def of_class(classe: str) -> Q:
    """Return the condition on the rows of a class."""
    low, high = bounds(classe)
    condition = Q(dipendenti__gte=low)
    return condition if high is None else condition & Q(dipendenti__lte=high)
