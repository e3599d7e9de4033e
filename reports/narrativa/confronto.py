"""What changed between two versions of a text, word by word."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORDS = re.compile(r"\n|\S+[^\S\n]*|[^\S\n]+")  # with the blanks that follow


@dataclass(frozen=True)
class Tratto:
    """A stretch of words: `uguale`, `tolto` or `aggiunto`."""

    tipo: str
    testo: str


def confronta(prima: str, dopo: str) -> list[Tratto]:
    """Return the words of both texts in order: those kept, taken away, added.

    Blanks alone are no difference: of what is kept, they are those of the second text.
    """
    old, new = (_WORDS.findall(text.replace("\r\n", "\n")) for text in (prima, dopo))
    matcher = SequenceMatcher(None, *([word.rstrip(" \t") for word in text] for text in (old, new)))
    found: list[Tratto] = []
    for kind, a, b, c, d in matcher.get_opcodes():
        before, after = "".join(old[a:b]), "".join(new[c:d])
        if kind == "equal":
            found.append(Tratto("uguale", after))
            continue
        found += [Tratto("tolto", before)] if before else []
        found += [Tratto("aggiunto", after)] if after else []
    return found
