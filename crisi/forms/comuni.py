"""A comune as a person writes it: by name, or by ISTAT code; each nucleo enters its own."""

import re
import unicodedata
from collections import defaultdict

from porfse.errors import BadInput
from porfse.models import Comune
from porfse.periods import italian

_ISTAT = re.compile(r"[0-9]{6}")
_SIGLA = re.compile(r"\s*\([A-Za-z]{2}\)$")


class Comuni:
    """All comuni, read once for a form whatever its rows."""

    def __init__(self, sigla: str) -> None:
        self.sigla = sigla
        self._by_name: dict[str, list[Comune]] = defaultdict(list)
        self._by_code: dict[str, Comune] = {}
        for comune in Comune.objects.select_related("provincia", "confluito_in"):
            self._by_name[_plain(comune.nome)].append(comune)
            self._by_code[comune.pk] = comune

    def own(self) -> list[Comune]:
        """Those of the provincia that exist today, by name."""
        return [
            comune
            for comune in self._by_code.values()
            if comune.provincia_id == self.sigla and not comune.soppresso_il
        ]

    def read(self, text: str, *, kept: Comune | None = None) -> Comune:
        """Return the comune that a person means: `Lodi`, `lodi (LO)` or `098031`.

        Args:
            kept: the one that stands already, which may stay although it has ceased.

        Raises:
            BadInput: there is none, there are several, it has ceased, or it is of another nucleo.
        """
        written = " ".join(text.split())
        if kept and written in (kept.nome, kept.pk):
            return kept
        found = self._found(written)
        own = [comune for comune in found if comune.provincia_id == self.sigla]
        standing = [comune for comune in own if not comune.soppresso_il] or own
        if len(standing) > 1:
            codes = ", ".join(f"{comune.pk} ({comune.nome})" for comune in standing)
            raise BadInput(f"Più comuni hanno questo nome: scrivere il codice ISTAT, {codes}.")
        if not standing:
            raise BadInput(_elsewhere(found, written))
        if standing[0].soppresso_il:
            raise BadInput(_ceased(standing[0]))
        return standing[0]

    def _found(self, written: str) -> list[Comune]:
        if _ISTAT.fullmatch(written):
            return [self._by_code[written]] if written in self._by_code else []
        return self._by_name.get(_plain(_SIGLA.sub("", written)), [])


def _plain(name: str) -> str:
    """A name without capitals, accents, apostrophes and spaces: `Cantu'` is `Cantù`."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def _elsewhere(found: list[Comune], written: str) -> str:
    if not found:
        return (
            f"«{written[:60]}» non è un comune lombardo: sceglierlo dall'elenco, o scriverne il"
            " codice ISTAT di 6 cifre."
        )
    province = " e ".join(sorted({comune.provincia.nome for comune in found}))
    return (
        f"{found[0].nome} è in provincia di {province}: lo inserisce il Nucleo di {province}."
        " Qui si inseriscono solo le unità della propria provincia."
    )


def _ceased(comune: Comune) -> str:
    day = italian(comune.soppresso_il) if comune.soppresso_il else ""
    into = f" ed è confluito in {comune.confluito_in.nome}" if comune.confluito_in else ""
    return f"Il comune di {comune.nome} è soppresso dal {day}{into}: indicare quello di oggi."
