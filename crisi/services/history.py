"""The versions of a procedure: kept whole at each change, told field by field."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import prefetch_related_objects

from crisi.models import Procedura, UnitaProduttiva, VersioneProcedura
from crisi.scope import own_provincia, sees_all
from porfse.codes import masked
from porfse.models import Flow, User
from porfse.periods import italian

# As stored, and as told.
HEADER = {
    "codice_pratica": "numero della pratica",
    "tipo": "tipo",
    "linea_guida": "linea guida",
    "azienda": "azienda",
    "codice_fiscale": "codice fiscale dell'azienda",
    "causale": "causale",
    "data_avvio": "data di avvio",
    "data_fine": "data di fine",
    "alta_complessita": "alta complessità",
    "obbligo_pal": "attivazione delle PAL obbligatoria",
    "stato": "stato",
}
SITE = {
    "codice": "identificativo",
    "comune_nome": "comune",
    "lavoratori": "lavoratori coinvolti",
    "presa_in_carico_il": "presa in carico il",
}
_BATCH = 1_000  # versions written with one statement
_UNKNOWN = {"lavoratori": "n.d.", "obbligo_pal": "non noto"}


@dataclass(frozen=True)
class Change:
    """A field that differs between two versions, in words.

    Attributes:
        dove: the site it is of, as `U1, Lodi (LO)`; empty for the procedure itself.
        campo: the name of the field.
        prima: what it was; `—` if there was nothing.
        dopo: what it became.
    """

    dove: str
    campo: str
    prima: str
    dopo: str


def record_version(
    procedura: Procedura, *, by: User, flusso: Flow | None = None
) -> VersioneProcedura:
    """Keep a procedure and all its sites as they stand, under its present `versione`.

    To be called in the transaction of the change, after the number was raised.
    """
    return record_versions([procedura], by=by, flusso=flusso)[0]


def record_versions(
    procedure: Iterable[Procedura], *, by: User, flusso: Flow | None = None
) -> list[VersioneProcedura]:
    """Keep many procedures as they stand, with a few statements whatever their number."""
    listed = list(procedure)
    for each in listed:
        # What was read before the change would be kept instead of what stands.
        getattr(each, "_prefetched_objects_cache", {}).pop("unita", None)
    prefetch_related_objects(listed, "azienda", "unita__comune")
    return VersioneProcedura.objects.bulk_create(
        (
            VersioneProcedura(
                procedura=each,
                versione=each.versione,
                contenuto=snapshot(each),
                autore=by,
                flusso=flusso,
            )
            for each in listed
        ),
        batch_size=_BATCH,
    )


def snapshot(procedura: Procedura) -> dict[str, Any]:
    """Return the fields of a procedure and of all its sites (`unita`) as JSON keeps them.

    A day is `2025-03-01`; what is not known is None. `azienda_id` and, of a site, `id` and
    `comune` (ISTAT) are the keys by which a version may be restored.
    """
    fields = {name: _plain(getattr(procedura, name, None)) for name in HEADER}
    company = procedura.azienda
    fields |= {
        "azienda": company.denominazione,
        "codice_fiscale": company.codice_fiscale,
        "azienda_id": company.pk,
        "campi_a_mano": list(procedura.campi_a_mano),
    }
    sites = sorted(procedura.unita.all(), key=lambda site: site.codice)
    return fields | {"unita": [_site(each) for each in sites]}


def _site(site: UnitaProduttiva) -> dict[str, Any]:
    return {
        "id": site.pk,
        "codice": site.codice,
        "comune": site.comune_id,
        "comune_nome": str(site.comune),
        "provincia": site.comune.provincia_id,
        "lavoratori": site.lavoratori,
        "presa_in_carico_il": _plain(site.presa_in_carico_il),
        "presa_in_carico_da": site.presa_in_carico_da_id,
        "campi_a_mano": list(site.campi_a_mano),
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def changes(old: VersioneProcedura | None, new: VersioneProcedura, *, user: User) -> list[Change]:
    """Return what differs between two versions, field by field.

    Sites that the person may not see are left out; the codice fiscale of a person is covered for
    who does not edit the procedure.

    Args:
        old: the earlier one; None if the other is the first.
    """
    # Of the first version only what is not blank is told.
    before = old.contenuto if old else {"codice_pratica": ""}
    found = [
        Change("", label, _told(name, before.get(name), user), _told(name, value, user))
        for name, label in HEADER.items()
        if (value := new.contenuto.get(name)) != before.get(name)
    ]
    was, now = _visible_sites(before, user), _visible_sites(new.contenuto, user)
    for key in {**was, **now}:
        found += _site_changes(was.get(key), now.get(key), user)
    return found


def _visible_sites(content: Mapping[str, Any], user: User) -> dict[int, dict[str, Any]]:
    everything, own = sees_all(user), own_provincia(user)
    return {
        each["id"]: each
        for each in content.get("unita", [])
        if everything or each["provincia"] == own
    }


def _site_changes(
    was: Mapping[str, Any] | None, now: Mapping[str, Any] | None, user: User
) -> list[Change]:
    known = now or was or {}
    where = f"{known['codice']}, {known['comune_nome']}"
    if was is None:
        return [Change(where, "unità", "—", f"aggiunta, {_workers(known)}")]
    if now is None:
        return [Change(where, "unità", _workers(known), "rimossa")]
    return [
        Change(where, label, _told(name, was.get(name), user), _told(name, now.get(name), user))
        for name, label in SITE.items()
        if was.get(name) != now.get(name)
    ]


def _workers(site: Mapping[str, Any]) -> str:
    number = site["lavoratori"]
    return "lavoratori n.d." if number is None else f"lavoratori {number}"


def _told(name: str, value: Any, user: User) -> str:
    """A stored value in the words of the pages."""
    if value is None or value == "":
        return _UNKNOWN.get(name, "—")
    if isinstance(value, bool):
        return "sì" if value else "no"
    if name == "tipo":
        return str(Procedura.Tipo(value).label)
    if name.startswith("data_") or name.endswith("_il"):
        return italian(date.fromisoformat(value))
    if name == "codice_fiscale" and len(value) == 16 and own_provincia(user) is None:
        return masked(value)
    return str(value)
