"""Characters that can be shown: what no typeface has leaves a visible sign in its place.

A name is whole in the files of numbers; the document says so where it replaces something.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Any

from porfse.fonts import font

SOSTITUTO = "\ufffd"
INTERI = ("disegno", "alternativa")  # texts that are not set on lines
LUNGA = 24  # letters of a word that is broken anywhere
_PEZZO = 6
_SPAZIO_NULLO = "\u200b"
_A_CAPO = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
_PAROLA_LUNGA = re.compile(rf"[^\s\u00a0]{{{LUNGA + 1},}}")
# Without a sign of their own in Unicode: control, surrogate, private use, not assigned.
_SENZA_SEGNO = {"Cc", "Cs", "Co", "Cn"}
_UNITI = {"Cf", "Mn", "Me"}  # belong to the sign before
_DIREZIONE = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # turn what follows
Mostrabile = Callable[[str], bool]


def stampabile(contenuto: dict[str, Any], mostrabile: Mostrabile) -> dict[str, Any]:
    """Return a content whose texts can all be shown; its `sostituiti` says if any was changed.

    Args:
        contenuto: dictionaries, lists, texts and numbers; no long word of a text is wider than a
            line, but for those named INTERI.
        mostrabile: says of a character beyond our typeface whether another has it.
    """
    replaced = False

    def clean(value: Any, *, whole: bool = False) -> Any:
        nonlocal replaced
        match value:
            case str():
                text = testo(value, mostrabile)
                replaced = replaced or (SOSTITUTO in text and SOSTITUTO not in value)
                return text if whole else spezzabile(text)
            case dict():
                return {key: clean(item, whole=key in INTERI) for key, item in value.items()}
            case list():
                return [clean(item) for item in value]
        return value

    return clean(contenuto) | {"sostituiti": replaced}


def testo(text: str, mostrabile: Mostrabile) -> str:
    """Return a text on one line, its letters composed, what can't be shown replaced by a sign."""
    if text.isascii() and text.isprintable():
        return text
    composed = unicodedata.normalize("NFC", _A_CAPO.sub(" ", text))
    return _altri().sub(lambda found: _shown(found[0], mostrabile), composed)


def spezzabile(text: str) -> str:
    """Let a word that is too long for a line be broken anywhere, without a hyphen."""
    return text if len(text) <= LUNGA else _PAROLA_LUNGA.sub(_in_pieces, text)


def _in_pieces(found: re.Match[str]) -> str:
    word = found[0]
    return _SPAZIO_NULLO.join(word[at : at + _PEZZO] for at in range(0, len(word), _PEZZO))


@cache
def _altri() -> re.Pattern[str]:
    """What our typeface does not have."""
    own = "".join(character for character in font().advances if character.isprintable())
    return re.compile(rf"[^{re.escape(own)}\u00a0]+")


def _shown(run: str, mostrabile: Mostrabile) -> str:
    shown = ""
    for character in run:
        if shown.endswith(SOSTITUTO) and unicodedata.category(character) in _UNITI:
            continue  # part of the sign that was replaced
        known = _has_sign(character) and mostrabile(character)
        shown += character if known else SOSTITUTO
    return shown


def _has_sign(character: str) -> bool:
    return character not in _DIREZIONE and unicodedata.category(character) not in _SENZA_SEGNO
