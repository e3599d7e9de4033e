"""The rows of a measure that a reader asks for, and how many they are without counting them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import QuerySet, Sum

from measures.misura import Dimensione, Misura
from measures.models import Istanza, SintesiMisura
from measures.scope import Ambito
from measures.tables.core import company_code
from porfse import audit, exports, roles
from porfse.models import Azienda, Provincia, User

LIMIT = 1_000  # rows that a text may find
PERMISSION = "measures.view_istanze"
_CHUNK = 2_000


class FiltroForm(forms.Form):
    """What a list is narrowed by: a phase, a state, the dimensions of the measure, a text."""

    testo = forms.CharField(
        label="Impresa o codice",
        max_length=80,
        required=False,
        help_text="L'inizio del nome, il codice fiscale o il codice per intero.",
    )

    def __init__(self, misura: Misura, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.misura = misura
        phases = [(key, fase.nome) for key, fase in misura.fasi.items()]
        self.fields["fase"] = _choice("Fase", phases)
        self.fields["stato"] = _choice("Stato", misura.model.Stato.choices)  # type: ignore[attr-defined]
        for name, dimension in narrowing(misura).items():
            self.fields[name] = _dimension(name, dimension)

    def asked(self) -> "Richiesta":
        """Return what is asked for; the form must be valid."""
        given = {name: value for name, value in self.cleaned_data.items() if value}
        states = self.misura.fasi[given["fase"]].stati if "fase" in given else None
        if "stato" in given:
            chosen = given["stato"]
            states = (chosen,) if states is None or chosen in states else ()
        return Richiesta(
            stati=None if states is None else tuple(map(str, states)),
            parti={
                name: str(getattr(given[name], "pk", given[name]))
                for name in narrowing(self.misura)
                if name in given
            },
            testo=given.get("testo", ""),
        )


def narrowing(misura: Misura) -> dict[str, Dimensione]:
    """Return the dimensions that a list can be narrowed by."""
    return {name: item for name, item in misura.dimensioni.items() if item.filtro}


def _choice(label: str, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=[("", "qualsiasi"), *choices], required=False)


def _dimension(name: str, dimension: Dimensione) -> forms.Field:
    if name == "provincia":
        return forms.ModelChoiceField(
            Provincia.objects.all(), label=dimension.nome, required=False, empty_label="qualsiasi"
        )
    if dimension.voci and not dimension.aperta:
        return _choice(dimension.nome, list(dimension.voci.items()))
    form = rf"\A(?:{dimension.forma})\Z"
    return forms.RegexField(form, label=dimension.nome, max_length=40, required=False)


@dataclass(frozen=True)
class Richiesta:
    """What a reader asks for.

    Attributes:
        stati: None for all.
        parti: the value of each dimension that narrows.
    """

    stati: tuple[str, ...] | None = None
    parti: Mapping[str, str] = field(default_factory=dict)
    testo: str = ""


@dataclass(frozen=True)
class Trovate:
    """The rows that were asked for.

    Attributes:
        totale: how many they are.
        altre: whether a text found more than LIMIT, of which only so many are shown.
    """

    righe: QuerySet[Istanza]
    totale: int
    altre: bool = False


def find(scope: Ambito, asked: Richiesta) -> Trovate:
    """Return the rows that are asked for; how many is read from the sums where they tell it."""
    misura = scope.misura
    rows: QuerySet[Istanza] = misura.model.objects.filter(esempio=scope.esempio)
    rows = rows.select_related("azienda", "comune")
    if not scope.righe or asked.stati == ():
        return Trovate(rows.none(), 0)
    if asked.stati is not None and set(asked.stati) != set(misura.model.Stato.values):  # type: ignore[attr-defined]
        rows = rows.filter(stato__in=asked.stati)
    for name, value in asked.parti.items():
        rows = rows.filter(narrowing(misura)[name].filtro(value))  # type: ignore[misc]
    if asked.testo:
        return _by_text(rows, asked.testo, example=scope.esempio)
    total = _known_total(scope, asked)
    total = rows.count() if total is None else total
    if asked.parti and total <= LIMIT:
        # Found by their own indexes: else the database walks all rows in order to come across them.
        rows = _ordered_later(rows)
    return Trovate(rows if total else rows.none(), total)


def _ordered_later(rows: QuerySet[Istanza]) -> QuerySet[Istanza]:
    """The same rows, at most LIMIT, found first and put in order afterwards."""
    few = rows.order_by().select_related(None).values("pk")[:LIMIT]
    return rows.model._default_manager.filter(pk__in=few).select_related("azienda", "comune")


def _by_text(rows: QuerySet[Istanza], text: str, *, example: bool) -> Trovate:
    """The row with that code; else those of the company with that code, or whose name begins so."""
    code = "".join(text.split()).upper()
    own = rows.filter(codice__in={text, code})
    numbers = list(own.order_by().values_list("pk", flat=True))
    more = False
    if not numbers:
        companies, more = _companies(text, code, example=example)
        found = rows.filter(azienda__in=companies).order_by()
        numbers = list(found.values_list("pk", flat=True)[: LIMIT + 1])
    shown = numbers[:LIMIT]
    return Trovate(rows.filter(pk__in=shown), len(shown), altre=more or len(numbers) > LIMIT)


def _companies(text: str, code: str, *, example: bool) -> tuple[list[int], bool]:
    """The companies that a text means, at most LIMIT, and whether there are more."""
    known = Azienda.objects.filter(esempio=example)
    found = list(known.filter(codice_fiscale=code).values_list("pk", flat=True))
    if not found:
        named = known.filter(denominazione__istartswith=text).order_by()
        found = list(named.values_list("pk", flat=True)[: LIMIT + 1])
    return found[:LIMIT], len(found) > LIMIT


def _known_total(scope: Ambito, asked: Richiesta) -> int | None:
    """How many rows there are by the smallest cut that has what is asked for; None if none has."""
    cuts = [cut for cut in scope.misura.cuts() if set(asked.parti) <= set(cut)]
    if not cuts:
        return None
    sums = SintesiMisura.objects.filter(
        misura=scope.misura.slug,
        esempio=scope.esempio,
        taglio="+".join(min(cuts, key=len)),
        **asked.parti,
    )
    if asked.stati is not None:
        sums = sums.filter(stato__in=asked.stati)
    return sums.aggregate(total=Sum("numero"))["total"] or 0


@transaction.atomic
def record_export(*, by: User, misura: Misura, criteria: Mapping[str, str]) -> None:
    """Put into the register who takes rows out, and which.

    Raises:
        PermissionDenied: the person may not see rows.
    """
    roles.require(by, PERMISSION)
    audit.record(
        by=by, action="istanze.esportate", on=by, misura=misura.slug, criteri=dict(criteria)
    )


def header(misura: Misura) -> list[str]:
    """Return the names of the columns of a file."""
    own = [str(column.verbose_name) for _, column in misura.colonne]
    return [
        *("Codice", "Impresa", "Codice fiscale", "Comune", "Provincia", "Stato"),
        *("Dal", "Ammissione o esito", "Liquidazione", "Ammesso", "Liquidato"),
        *own,
        "Dati",
    ]


def cells(misura: Misura, row: Istanza) -> list[Any]:
    """Return a row as a file has it: `azienda` and `comune` must have been read with it."""
    company = row.azienda
    return [
        row.codice,
        company.denominazione if company else None,
        company_code(company) if company else None,
        row.comune.nome,
        row.comune.provincia_id,
        row.stato_nome,
        *(row.data_inizio, row.data_ammissione, row.data_liquidazione),
        *(row.concesso, row.liquidato),
        *(getattr(row, name) for name, _ in misura.colonne),
        "esempio" if row.esempio else "acquisiti",
    ]


def stream(misura: Misura, rows: QuerySet[Istanza]) -> Iterator[bytes]:
    """Yield the rows as CSV, some thousands at a time; memory does not grow with their number."""
    yield exports.as_csv([header(misura)])
    found = rows.order_by("-data_inizio", "codice").iterator(chunk_size=_CHUNK)
    while chunk := list(islice(found, _CHUNK)):
        yield exports.as_csv(cells(misura, row) for row in chunk).removeprefix(b"\xef\xbb\xbf")
