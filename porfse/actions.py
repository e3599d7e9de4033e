"""Names of the code as words: actions of the register, and names of what it records."""

import re

# What a name of the code cannot write: an accent, capitals.
_SPELLED = {"ue": "UE", "pal": "PAL", "unita": "unità"}


def spelled(name: str) -> str:
    """Return `procedura unità aggiunte` for `procedura.unita_aggiunte`."""
    return " ".join(_SPELLED.get(word, word) for word in re.split(r"[._ ]", name))


def action_words(action: str) -> str:
    """Return `Utente: password provvisoria` for `utente.password_provvisoria`."""
    words = ": ".join(spelled(part) for part in action.lower().split("."))
    return words[:1].upper() + words[1:]
