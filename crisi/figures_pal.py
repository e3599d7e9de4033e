"""Figures of the active policies by quarter: workers in each step, sites by instrument."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from crisi.models import AvanzamentoPAL, Procedura, Strumento
from crisi.scope import own_provincia, sees_all
from crisi.tables.trimestri import AggregatiTable
from crisi.trimestri import quarter
from porfse.errors import BadInput
from porfse.figures import FigureError, Leaf, Operation, Rows, Source, Unit, Value, leaf, rapporto
from porfse.models import Provincia, User

# What is asked, and its words: numbers of workers; then numbers of sites.
LAVORATORI = {
    "sospesi": "Lavoratori sospesi",
    "step1": "Lavoratori allo STEP 1, presa in carico",
    "step2": "Lavoratori allo STEP 2, determinazione degli strumenti",
    "step3": "Lavoratori allo STEP 3, incontri",
    "step4": "Lavoratori allo STEP 4, attivazione delle PAL",
    "no_pal": "Lavoratori esonerati (NO PAL)",
}
UNITA = {
    "unita": "Unità produttive con dati",
    **{name.value: f"Unità produttive che usano {name.label}" for name in Strumento},
}
QUOTE = {"quota4": "step4", "quota_no": "no_pal"}  # shares of the suspended
Group = tuple[str, str, bool]  # quarter, sigla, example


@dataclass(frozen=True)
class Sums:
    """Of a group: its sites, those that do not tell the number, and the sum of the others."""

    unita: int
    non_noti: int
    valore: int | None


@dataclass(frozen=True)
class _Asked:
    """A leaf, read."""

    passo: str
    noto: str | None
    trimestre: str
    provincia: str | None
    esempio: bool

    @property
    def measure(self) -> tuple[str, str | None]:
        return self.passo, self.noto

    def holds(self, group: Group) -> bool:
        trimestre, sigla, example = group
        return (trimestre, example) == (self.trimestre, self.esempio) and self.provincia in (
            None,
            sigla,
        )


def pal(
    passo: str,
    *,
    trimestre: str,
    provincia: str | None = None,
    esempio: bool = False,
    noto: str | None = None,
) -> Leaf:
    """The workers of a step (`LAVORATORI`), or the sites (`UNITA`), of the rows in force.

    Args:
        noto: count only the rows in which this other number is known, so that a share is of
            the same workers.
    """
    params = {"passo": passo, "trimestre": trimestre, "provincia": provincia, "noto": noto}
    return leaf("crisi_pal", **params, esempio=1 if esempio else None)


def quota(passo: str, **where: Any) -> Operation:
    """The share of the suspended that a step has, over rows that tell both numbers."""
    return rapporto(pal(passo, noto="sospesi", **where), pal("sospesi", noto=passo, **where))


class Policies(Source):
    names = ("crisi_pal",)
    params = ("passo", "trimestre", "provincia", "esempio", "noto")
    permission = "crisi.view_crisi"

    def may_read(self, user: User, leaf: Leaf) -> bool:
        """Say whether a person reads a figure: of one provincia the Region, or its own nucleo."""
        sigla = _read(leaf).provincia
        own = sigla is None or sees_all(user) or sigla == own_provincia(user)
        return own and user.has_perm(self.permission)

    def label(self, leaf: Leaf) -> str:
        asked = _read(leaf)
        parts = [(LAVORATORI | UNITA)[asked.passo], quarter(asked.trimestre).nome]
        if asked.provincia:
            parts.append(f"provincia {asked.provincia}")
        if asked.noto:
            parts.append(f"dove è noto anche: {LAVORATORI[asked.noto].lower()}")
        if asked.esempio:
            parts.append("dati di esempio")
        return ", ".join(parts)

    def evaluate(self, leaves: Collection[Leaf]) -> Mapping[Leaf, Value]:
        asked = {leaf: _read(leaf) for leaf in leaves}
        _exist({item.provincia for item in asked.values() if item.provincia})
        measures = sorted({item.measure for item in asked.values()}, key=str)
        sums = _sums(asked.values(), measures)
        return {
            leaf: _value(item, [group[item.measure] for key, group in sums.items()
                                if item.holds(key)])
            for leaf, item in asked.items()
        }  # fmt: skip

    def rows(self, leaf: Leaf) -> Rows:
        asked = _read(leaf)
        return _rows(asked, _parts(asked))

    def rows_for(self, user: User, leaf: Leaf) -> Rows:
        """Return the rows that a person reads: the provinces that are not his are one sum."""
        asked = _read(leaf)
        parts = _parts(asked)
        return _rows(asked, parts if sees_all(user) else _joined(parts, own_provincia(user)))


def _parts(asked: _Asked) -> dict[str, Sums]:
    """What a figure adds up, by sigla."""
    groups = sorted(_sums([asked], [asked.measure]).items())
    return {key[1]: group[asked.measure] for key, group in groups if asked.holds(key)}


def _rows(asked: _Asked, parts: Mapping[str, Sums]) -> Rows:
    table = [
        {"trimestre": asked.trimestre, "provincia": place, "unita": part.unita,
         "non_noti": part.non_noti, "valore": part.valore}
        for place, part in parts.items()
    ]  # fmt: skip
    return Rows(
        AggregatiTable(table),
        _value(asked, list(parts.values())).amount,
        "Somme delle righe in vigore inserite dai Nuclei, senza le procedure ritirate."
        " Un numero non noto non entra nella somma e non vale zero.",
    )


def _joined(parts: Mapping[str, Sums], own: str | None) -> dict[str, Sums]:
    """Sum all provinces but one; what none of them knows is not known."""
    others = [part for sigla, part in parts.items() if sigla != own]
    known = [part.valore for part in others if part.valore is not None]
    found = {own: parts[own]} if own in parts else {}
    if others:
        found["altre"] = Sums(
            sum(part.unita for part in others),
            sum(part.non_noti for part in others),
            sum(known) if known else None,
        )
    return found


def _read(leaf: Leaf) -> _Asked:
    """Raises FigureError if a parameter cannot be understood."""
    passo, noto = leaf.get("passo") or "", leaf.get("noto")
    if passo not in LAVORATORI | UNITA:
        known = ", ".join(LAVORATORI | UNITA)
        raise FigureError(f"Il passo «{passo[:20]}» non esiste: {known}.")
    if noto is not None and (noto not in LAVORATORI or passo not in LAVORATORI):
        raise FigureError(f"«{noto[:20]}» non è un numero di lavoratori: {', '.join(LAVORATORI)}.")
    try:
        trimestre = str(quarter(leaf.get("trimestre") or ""))
    except BadInput as reason:
        raise FigureError(str(reason)) from reason
    provincia, esempio = leaf.get("provincia"), leaf.get("esempio") or "0"
    if esempio not in ("0", "1"):
        raise FigureError("«esempio» vale 1 per i dati di esempio, 0 per gli altri.")
    return _Asked(passo, noto, trimestre, provincia, esempio == "1")


def _exist(sigle: set[str]) -> None:
    wrong = sigle - set(Provincia.objects.filter(pk__in=sigle).values_list("pk", flat=True))
    if wrong:
        raise FigureError(f"La provincia «{min(wrong)[:20]}» non è lombarda.")


def counted() -> QuerySet[AvanzamentoPAL]:
    """The rows that count: in force, of procedures that are not withdrawn."""
    return AvanzamentoPAL.objects.in_force().exclude(
        unita__procedura__stato=Procedura.Stato.RITIRATA
    )


def _sums(
    asked: Iterable[_Asked], measures: Sequence[tuple[str, str | None]]
) -> dict[Group, dict[tuple[str, str | None], Sums]]:
    """Sum every measure that is asked for, by quarter, provincia and kind, in one query."""
    columns: dict[str, Any] = {}
    for place, (passo, noto) in enumerate(measures):
        known = Q(**{f"{noto}__isnull": False}) if noto else Q(pk__isnull=False)
        columns[f"unita{place}"] = Count("pk", filter=known)
        if passo in LAVORATORI:
            columns[f"noti{place}"] = Count(passo, filter=known)
            columns[f"valore{place}"] = Sum(passo, filter=known)
        else:
            used = Q() if passo == "unita" else Q(strumenti__contains=[passo])
            columns[f"noti{place}"] = columns[f"unita{place}"]
            columns[f"valore{place}"] = Count("pk", filter=known & used)
    rows = (
        counted()
        .filter(trimestre__in={item.trimestre for item in asked})
        .order_by()
        .values(
            "trimestre",
            sigla=F("unita__comune__provincia"),
            esempio=F("unita__procedura__esempio"),
        )
        .annotate(**columns)
    )
    return {
        (row["trimestre"], row["sigla"], row["esempio"]): {
            measure: Sums(
                row[f"unita{place}"],
                row[f"unita{place}"] - row[f"noti{place}"],
                row[f"valore{place}"],
            )
            for place, measure in enumerate(measures)
        }
        for row in rows
    }


def _value(asked: _Asked, parts: Sequence[Sums]) -> Value:
    unit = Unit.NUMERO if asked.passo in UNITA else Unit.PERSONE
    if asked.passo == "unita":  # no site with data is none; what its workers got is not known
        return Value(Decimal(sum(part.unita for part in parts)), unit, example=asked.esempio)
    if not any(part.unita for part in parts):
        return Value(None, unit, missing="nessuna unità con dati", example=asked.esempio)
    known = [part.valore for part in parts if part.valore is not None]
    if not known:
        return Value(None, unit, missing="numero non noto", example=asked.esempio)
    unknown = sum(part.non_noti for part in parts)
    return Value(
        Decimal(sum(known)),
        unit,
        missing=f"n.d. per {unknown} unità" if unknown else "",
        example=asked.esempio,
    )
