"""Places: provinces and comuni. Source and licence: fixtures/places/README.md."""

from datetime import date

from porfse.models import Comune, Provincia, User
from porfse.seeding import read_csv, upsert


def load(*, by: User) -> None:
    """Load the provinces and all comuni, those that have ceased included."""
    provinces = [
        Provincia(
            sigla=row["sigla"],
            nome=row["nome"],
            codice_istat=row["codice_istat"],
            citta_metropolitana=row["tipo"] == "città metropolitana",
        )
        for row in read_csv("places/province.csv", delimiter=",")
    ]
    upsert(Provincia, provinces, key="sigla")
    for name in ("places/comuni.csv", "places/comuni_soppressi.csv"):
        upsert(Comune, [_comune(row) for row in read_csv(name, delimiter=",")], key="codice_istat")


def _comune(row: dict[str, str]) -> Comune:
    ceased = row.get("soppresso_il")
    return Comune(
        codice_istat=row["codice_istat"],
        nome=row["nome"],
        codice_catastale=row["codice_catastale"],
        provincia_id=row["provincia"],
        soppresso_il=date.fromisoformat(ceased) if ceased else None,
        confluito_in_id=row.get("confluito_in") or None,
    )
