"""How long the stretches of a measure last: median and quartiles, kept with its sums."""

from collections.abc import Collection, Mapping

from django.db import connection

from measures.figures import is_example
from measures.misura import Misura, Tempo, misura_of
from measures.models import SintesiTempi
from measures.tables.core import TempiRigheTable
from porfse.figures import FigureError, Leaf, Rows, Source, Unit, Value, leaf

_INSERT = """
    INSERT INTO {table} (misura, esempio, tratto, numero, non_noti,
                         primo_quartile, mediana, terzo_quartile)
    SELECT %s, esempio, %s, count(giorni), count(*) - count(giorni), {quartiles}
    FROM (SELECT esempio, {a} - {da} AS giorni FROM {rows} WHERE stato = ANY(%s)) AS tratti
    GROUP BY esempio
"""
_QUARTILES = ", ".join(
    f"(percentile_cont({part}) WITHIN GROUP (ORDER BY giorni))::numeric"
    for part in ("0.25", "0.5", "0.75")
)
# Name of the figure: the column that it reads, and what it is.
FIELDS = {
    "misura_tempo_noti": ("numero", "di quante è noto"),
    "misura_tempo_non_noti": ("non_noti", "di quante non è noto"),
    "misura_tempo_primo": ("primo_quartile", "primo quartile dei giorni"),
    "misura_tempo_mediana": ("mediana", "mediana dei giorni"),
    "misura_tempo_terzo": ("terzo_quartile", "terzo quartile dei giorni"),
}


def rebuild(misura: Misura) -> None:
    """Write how long the stretches of a measure last as its rows stand now."""
    SintesiTempi.objects.filter(misura=misura.slug).delete()
    for name, stretch in misura.tempi.items():
        statement = _INSERT.format(
            table=SintesiTempi._meta.db_table,
            rows=misura.model._meta.db_table,
            quartiles=_QUARTILES,
            a=stretch.a,
            da=stretch.da,
        )
        states = list(map(str, misura.fasi[stretch.fase].stati))
        with connection.cursor() as cursor:
            cursor.execute(statement, [misura.slug, name, states])


def figures(misura: Misura, tratto: str, *, fonte: str) -> dict[str, Leaf]:
    """Return the figures of a stretch, by the column that each reads."""
    return {
        column: leaf(name, misura=misura.slug, tratto=tratto, fonte=fonte)
        for name, (column, _) in FIELDS.items()
    }


class Times(Source):
    names = tuple(FIELDS)
    params = ("misura", "tratto", "fonte")
    permission = "measures.view_misure"

    def label(self, leaf: Leaf) -> str:
        misura, stretch = _asked(leaf)
        source = "dati di esempio" if _example(leaf) else "dati acquisiti"
        what = FIELDS[leaf.name][1]
        return f"{misura.nome}, {stretch.nome[0].lower()}{stretch.nome[1:]}: {what}, {source}"

    def evaluate(self, leaves: Collection[Leaf]) -> Mapping[Leaf, Value]:
        slugs = {_asked(item)[0].slug for item in leaves}
        found = {
            (row.misura, row.esempio, row.tratto): row
            for row in SintesiTempi.objects.filter(misura__in=slugs)
        }
        return {item: _value(item, found.get(_place(item))) for item in leaves}

    def rows(self, leaf: Leaf) -> Rows:
        slug, example, stretch = _place(leaf)
        rows = SintesiTempi.objects.filter(misura=slug, esempio=example, tratto=stretch)
        value = _value(leaf, rows.first())
        note = (
            "Giorni di calendario fra le due date di ciascuna riga, calcolati insieme a ogni flusso"
            " acquisito; chi non ha una delle due date è contato a parte."
        )
        return Rows(TempiRigheTable(rows), value.amount, note=note)


def _asked(leaf: Leaf) -> tuple[Misura, Tempo]:
    misura = misura_of(leaf.get("misura") or "")
    stretch = misura.tempi.get(leaf.get("tratto") or "")
    if stretch is None:
        raise FigureError(f"La misura «{misura.nome}» non ha il tratto «{leaf.get('tratto')}».")
    if leaf.get("fonte") not in (None, "caricata", "esempio"):
        raise FigureError("La fonte è «caricata» o «esempio».")
    return misura, stretch


def _example(leaf: Leaf) -> bool:
    return is_example(leaf)


def _place(leaf: Leaf) -> tuple[str, bool, str]:
    _asked(leaf)
    return leaf.get("misura") or "", _example(leaf), leaf.get("tratto") or ""


def _value(leaf: Leaf, row: SintesiTempi | None) -> Value:
    amount = getattr(row, FIELDS[leaf.name][0]) if row else None
    missing = "" if amount is not None else "nessuna riga con le due date"
    return Value(amount, Unit.NUMERO, missing=missing, example=_example(leaf))
