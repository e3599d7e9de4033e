"""What stands in the form of a procedure, as text: typed, kept in a draft, or stored.

The form, its draft and the comparison with what somebody else wrote speak of the same texts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import QueryDict

from crisi.models import Procedura, VersioneProcedura
from crisi.scope import own_provincia
from crisi.services import history
from porfse.errors import BadInput
from porfse.models import User

TESTATA = (
    *("codice_fiscale", "denominazione", "tipo_linea", "causale", "codice_pratica"),
    *("data_avvio", "data_fine", "alta_complessita", "obbligo_pal"),
)
RIGA = ("id", "togli", "comune", "lavoratori", "codice")
MOST_ROWS = 100
Riga = dict[str, str]


@dataclass
class Testo:
    """The texts of a form: those of the header by field, and those of each site."""

    testata: dict[str, str] = field(default_factory=dict)
    righe: list[Riga] = field(default_factory=list)

    @classmethod
    def blank(cls) -> "Testo":
        """A form with nothing in it but the row of a first site."""
        return cls(dict.fromkeys(TESTATA, ""), [blank_row()])

    @classmethod
    def sent(cls, data: QueryDict) -> "Testo":
        """Read what a form sent, whatever it says.

        Raises:
            BadInput: the count of its rows is not one.
        """
        count = data.get("righe", "")
        if not (count.isascii() and count.isdigit()) or int(count[:4]) > MOST_ROWS:
            raise BadInput(
                f"Il modulo non è leggibile, o ha più di {MOST_ROWS} unità: riaprirlo e riprovare."
            )
        return cls(
            {name: data.get(name, "") for name in TESTATA},
            [
                {name: data.get(f"unita-{number}-{name}", "") for name in RIGA}
                for number in range(int(count))
            ],
        )

    @classmethod
    def stored(cls, content: Mapping[str, Any], *, user: User) -> "Testo":
        """The texts of a version of a procedure (`VersioneProcedura.contenuto`): own sites only."""
        own = own_provincia(user)
        return cls(
            {
                "codice_fiscale": content["codice_fiscale"],
                "denominazione": content["azienda"],
                "tipo_linea": f"{content['tipo']}-{content['linea_guida']}",
                "causale": content["causale"],
                "codice_pratica": content["codice_pratica"],
                "data_avvio": content["data_avvio"],
                "data_fine": content["data_fine"] or "",
                "alta_complessita": "on" if content["alta_complessita"] else "",
                "obbligo_pal": {None: "", True: "si", False: "no"}[content["obbligo_pal"]],
            },
            [_row(site) for site in content["unita"] if site["provincia"] == own],
        )

    @classmethod
    def from_draft(cls, kept: Mapping[str, Any]) -> "Testo":
        """The texts of a draft (`Bozza.dati`)."""
        return cls({**dict.fromkeys(TESTATA, ""), **kept["testata"]}, list(kept["righe"]))

    def kept(self) -> dict[str, Any]:
        """What a draft keeps."""
        return {"testata": self.testata, "righe": self.righe}

    def add_row(self) -> None:
        """Make room for one more site.

        Raises:
            BadInput: there are too many.
        """
        if len(self.righe) >= MOST_ROWS:
            raise BadInput(f"Le unità di un modulo sono al massimo {MOST_ROWS}: inviare queste.")
        self.righe.append(blank_row())

    def remove_row(self, number: int) -> None:
        """Take a row away; that of a site of the archive stays, marked, until it is sent."""
        if number < len(self.righe):
            if self.righe[number]["id"]:
                self.righe[number]["togli"] = "sì"
            else:
                del self.righe[number]

    def restore_row(self, number: int) -> None:
        """Take the mark off again."""
        if number < len(self.righe):
            self.righe[number]["togli"] = ""


def blank_row() -> Riga:
    """Return room for one more site."""
    return dict.fromkeys(RIGA, "")


def is_blank(row: Riga) -> bool:
    """Whether it is room for a site that nobody has used."""
    return not any(row[name].strip() for name in RIGA)


def _row(site: Mapping[str, Any]) -> Riga:
    workers = site["lavoratori"]
    return {
        "id": str(site["id"]),
        "togli": "",
        "comune": site["comune_nome"].rsplit(" (", 1)[0],
        "lavoratori": "" if workers is None else str(workers),
        "codice": site["codice"],
    }


def standing(procedura: Procedura, *, user: User) -> Testo:
    """The texts of a procedure as it stands; with two queries whatever its sites."""
    prefetch_related_objects([procedura], "azienda", "unita__comune")
    return Testo.stored(history.snapshot(procedura), user=user)


def as_read(procedura: Procedura, versione: int, *, user: User) -> Testo | None:
    """The texts of a procedure as it stood at a version; None if that was not kept."""
    kept = VersioneProcedura.objects.filter(procedura=procedura, versione=versione).first()
    return Testo.stored(kept.contenuto, user=user) if kept else None
