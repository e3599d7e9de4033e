"""Two wrote the same procedure: what each says, field by field, and who chooses which stays."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from crisi.forms.procedure import TIPI, TestataForm
from crisi.forms.testo import RIGA, Riga, Testo
from porfse.periods import italian

REGISTRATO, SCRITTO = "registrato", "scritto"
_SITE = {"comune": "comune", "lavoratori": "lavoratori coinvolti", "codice": "identificativo"}


@dataclass(frozen=True)
class Differenza:
    """A field that stands otherwise than a person has written it.

    Attributes:
        nome: of the field in the form, as `unita-0-comune`; `unita-0` is a whole row.
        scelta: what is proposed: what stands, unless the person has changed the field himself.
        testo: what the person has written, as it stands in the field; empty for a whole row.
    """

    nome: str
    etichetta: str
    registrato: str
    scritto: str
    scelta: str
    testo: str = ""


def differences(mine: Testo, now: Testo, read: Testo | None) -> list[Differenza]:
    """Return where what a person sends and what stands differ.

    Args:
        mine: what he sends.
        now: what stands.
        read: what stood when he opened the form; None if that is not known.
    """
    known = read or Testo()
    found = [
        Differenza(
            name,
            str(TestataForm.base_fields[name].label or name).lower(),
            in_words(name, now.testata[name]),
            in_words(name, mine.testata[name]),
            _proposed(mine.testata[name], known.testata.get(name)),
            mine.testata[name],
        )
        for name in mine.testata
        if mine.testata[name] != now.testata[name]
    ]
    standing, read_rows = _by_id(now), _by_id(known)
    for number, row in enumerate(mine.righe):
        if row["id"]:
            found += _of_row(number, row, standing.get(row["id"]), read_rows.get(row["id"]))
    return found


def _proposed(mine: str, read: str | None) -> str:
    return REGISTRATO if mine == read else SCRITTO


def _by_id(testo: Testo) -> dict[str, Riga]:
    return {row["id"]: row for row in testo.righe if row["id"]}


def _of_row(number: int, mine: Riga, now: Riga | None, read: Riga | None) -> Iterator[Differenza]:
    label = f"unità {mine['codice'] or (now or mine)['codice'] or number + 1}"
    if now is None:
        if not mine["togli"]:
            yield Differenza(f"unita-{number}", label, "tolta", _told(mine), REGISTRATO)
    elif mine["togli"]:
        if now != read:
            yield Differenza(f"unita-{number}", label, _told(now), "da togliere", REGISTRATO)
    else:
        for name, words in _SITE.items():
            # A code that was blanked stays as it is.
            if mine[name] != now[name] and not (name == "codice" and not mine[name]):
                yield Differenza(
                    f"unita-{number}-{name}",
                    f"{label}, {words}",
                    in_words(name, now[name]),
                    in_words(name, mine[name]),
                    _proposed(mine[name], read[name] if read else None),
                    mine[name],
                )


def _told(row: Riga) -> str:
    return f"{row['comune']}, lavoratori {in_words('lavoratori', row['lavoratori'])}"


def in_words(name: str, text: str) -> str:
    """Return the text of a field as a person reads it."""
    if name == "tipo_linea":
        return dict(TIPI).get(text, text)
    if name == "alta_complessita":
        return "sì" if text else "no"
    if name == "obbligo_pal":
        return {"": "non noto", "si": "sì"}.get(text, text)
    if name.startswith("data_") and text:
        return italian(date.fromisoformat(text))
    return text or ("n.d." if name == "lavoratori" else "—")


def chosen(mine: Testo, now: Testo, choices: Mapping[str, str]) -> Testo:
    """Return what a person sends after he has chosen, for each field, which stays.

    A site that somebody took away meanwhile and that he keeps is sent as a new one. Those that
    somebody added are there as well.

    Args:
        choices: what the form sends, with `scelta-unita-0-comune` (`registrato` or `scritto`) and
            `visto-unita-0-comune`, the text beside it: a field that was typed on goes as typed.
    """
    keep = {
        name
        for key, choice in choices.items()
        if key.startswith("scelta-") and choice == REGISTRATO
        if not _typed_on(name := key.removeprefix("scelta-"), choices)
    }
    header = {
        name: now.testata[name] if name in keep else text for name, text in mine.testata.items()
    }
    standing = _by_id(now)
    sent = [
        _chosen_row(f"unita-{number}", row, standing, keep) for number, row in enumerate(mine.righe)
    ]
    rows = [row for row in sent if row is not None]
    named = {row["id"] for row in rows}
    return Testo(header, rows + [row for key, row in standing.items() if key not in named])


def _typed_on(name: str, sent: Mapping[str, str]) -> bool:
    """Whether a field says something else than what the choice was offered for."""
    typed = sent.get(name, "")
    return typed != sent.get(f"visto-{name}", typed)


def _chosen_row(
    prefix: str, mine: Riga, standing: Mapping[str, Riga], keep: set[str]
) -> Riga | None:
    if not mine["id"]:
        return mine
    now = standing.get(mine["id"])
    if now is None:
        gone = prefix in keep or mine["togli"]
        return None if gone else {**mine, "id": ""}
    if prefix in keep:
        return now
    return {name: (now if f"{prefix}-{name}" in keep else mine)[name] for name in RIGA}
