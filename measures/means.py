"""The mean amount granted: what is granted, divided by how many it is granted to."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from measures.figures import Measured
from measures.misura import Misura
from porfse.figures import Leaf, Rows, Source, Value, leaf

_SUMS = Measured()


def mean(misura: Misura, fase: str, **params: object) -> Leaf:
    """Mean euro granted to those that came to a phase; `fonte` as for the sums."""
    return leaf("misura_media", misura=misura.slug, fase=fase, **params)


class Mean(Source):
    names = ("misura_media",)
    params = Measured.params
    permission = Measured.permission

    def label(self, leaf: Leaf) -> str:
        return f"Media per riga di: {_SUMS.label(_parts(leaf)[0])}"

    def evaluate(self, leaves: Collection[Leaf]) -> Mapping[Leaf, Value]:
        sums = _SUMS.evaluate({part for item in leaves for part in _parts(item)})
        return {item: _divided(*(sums[part] for part in _parts(item))) for item in leaves}

    def rows(self, leaf: Leaf) -> Rows:
        parts = _parts(leaf)
        sums = _SUMS.evaluate(parts)
        granted, number = (value.unit.show(value.amount) for value in map(sums.get, parts) if value)
        note = f"L'importo ammesso diviso il numero: {granted} / {number}."
        return Rows(None, _divided(*map(sums.__getitem__, parts)).amount, note=note)


def _parts(item: Leaf) -> tuple[Leaf, Leaf]:
    return Leaf("misura_concesso", item.params), Leaf("misura_numero", item.params)


def _divided(granted: Value, number: Value) -> Value:
    if granted.amount is None or number.amount is None:
        return replace(granted, amount=None, missing=granted.missing or number.missing)
    if not number.amount:
        return replace(granted, amount=None, missing="nessuna riga")
    return replace(granted, amount=granted.amount / number.amount)
