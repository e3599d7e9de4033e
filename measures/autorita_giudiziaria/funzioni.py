"""The functions that projects fill, such as "agente di rete": projects and recipients of each.

A project may fill several functions: the numbers of the functions don't add up to the projects.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.utils.text import slugify

from measures.autorita_giudiziaria.models import FunzioneProgetti, Progetto
from measures.autorita_giudiziaria.tables import FunzioneTable
from measures.figures import CARICATA, ESEMPIO, is_example
from porfse.figures import FigureError, Leaf, Rows, Source, Unit, Value

# Name of the figure: the column that it reads, its unit, what it is.
FIELDS = {
    "giudiziaria_progetti": ("progetti", Unit.NUMERO, "progetti"),
    "giudiziaria_destinatari": ("destinatari", Unit.PERSONE, "destinatari"),
    "giudiziaria_non_noti": ("non_noti", Unit.NUMERO, "progetti senza numero di destinatari"),
}


def rebuild() -> None:
    """Write the sums of each function as the projects stand now."""
    found: defaultdict[tuple[bool, str], list[tuple[str, int | None]]] = defaultdict(list)
    projects = Progetto.objects.exclude(stato=Progetto.Stato.REVOCATO).order_by("codice")
    for example, functions, recipients in projects.values_list(
        "esempio", "funzioni", "destinatari"
    ):
        for slug, name in {slugify(name): name for name in functions}.items():
            if slug:  # without one it would have no page
                found[example, slug].append((name, recipients))
    FunzioneProgetti.objects.all().delete()
    FunzioneProgetti.objects.bulk_create(
        FunzioneProgetti(
            esempio=example,
            funzione=slug,
            nome=rows[0][0],
            progetti=len(rows),
            destinatari=_known([number for _, number in rows]),
            non_noti=sum(number is None for _, number in rows),
        )
        for (example, slug), rows in found.items()
    )


def _known(numbers: list[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


class Functions(Source):
    names = tuple(FIELDS)
    params = ("funzione", "fonte")
    permission = "measures.view_misure"

    def label(self, leaf: Leaf) -> str:
        kind = "dati di esempio" if _example(leaf) else "dati acquisiti"
        found = FunzioneProgetti.objects.filter(funzione=leaf.get("funzione")).first()
        name = found.nome if found else leaf.get("funzione")
        return f"Funzione «{name}»: {FIELDS[leaf.name][2]}, {kind}"

    def evaluate(self, leaves: Collection[Leaf]) -> Mapping[Leaf, Value]:
        rows = {(row.esempio, row.funzione): row for row in FunzioneProgetti.objects.all()}
        return {item: _value(item, rows.get(_place(item))) for item in leaves}

    def rows(self, leaf: Leaf) -> Rows:
        example, slug = _place(leaf)
        row = FunzioneProgetti.objects.filter(esempio=example, funzione=slug).first()
        return Rows(
            FunzioneTable(_by_state(example=example, slug=slug)),
            _value(leaf, row).amount,
            note="Progetti non revocati con la funzione, per provincia e stato; un progetto può"
            " averne più d'una, e conta in ciascuna.",
        )


def _by_state(*, example: bool, slug: str) -> list[dict[str, Any]]:
    projects = Progetto.objects.filter(esempio=example).exclude(stato=Progetto.Stato.REVOCATO)
    written = {name for names in projects.values_list("funzioni", flat=True) for name in names}
    return list(
        projects.filter(funzioni__overlap=[name for name in written if slugify(name) == slug])
        .order_by("comune__provincia", "stato")
        .values("stato", provincia=F("comune__provincia"))
        .annotate(
            progetti=Count("pk"),
            noti=Sum("destinatari"),
            non_noti=Count("pk", filter=Q(destinatari=None)),
        )
    )


def _value(leaf: Leaf, row: FunzioneProgetti | None) -> Value:
    column, unit, _ = FIELDS[leaf.name]
    number = getattr(row, column) if row else None
    missing = "" if number is not None else "nessun progetto ne dice il numero"
    amount = None if number is None else Decimal(number)
    return Value(amount, unit, missing=missing, example=_example(leaf))


def _example(leaf: Leaf) -> bool:
    if (leaf.get("fonte") or CARICATA) not in (CARICATA, ESEMPIO):
        raise FigureError("La fonte è «caricata» o «esempio».")
    return is_example(leaf)


def _place(leaf: Leaf) -> tuple[bool, str]:
    if not leaf.get("funzione"):
        raise FigureError("Manca la funzione della cifra: aprirla dalla sua pagina.")
    return _example(leaf), leaf.get("funzione") or ""
