"""Figures of the certifiable expenditure: by state, certified, and of each batch."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, Sum
from django.urls import reverse

from cigd.caps import AZIONI, certified
from cigd.models import Causale, Lotto, LottoAzione, LottoRiga, SintesiPool, Stato
from cigd.scope import scope
from cigd.tables_certificazione import LottoAzioneTable, LottoRigheTable, PoolTable
from porfse.figures import FigureError, Leaf, Rows, Source, Unit, Value, leaf
from porfse.periods import italian
from programme.figures.days import day_of
from programme.tables import MovimentiTable

READ = "cigd.view_cigd"
_NONE = "nessun flusso acquisito"


def pool(**params: object) -> Leaf:
    """Euro of the payments in a state, less cuts and recoveries."""
    return leaf("cigd_pool", **params)


def number(**params: object) -> Leaf:
    """How many payments and recoveries are in a state."""
    return leaf("cigd_pool_numero", **params)


def declared(azione: str | None = None, *, al: date | None = None) -> Leaf:
    """Euro of CIGD certified up to a day, or at any date."""
    return leaf("cigd_certificata", azione=azione, al=al)


def _chosen(leaf: Leaf, **allowed: Collection[str]) -> dict[str, Any]:
    """Return the parameters of a leaf, those with a list of values held to it.

    Raises:
        FigureError: a value is not in its list, or a number is not one.
    """
    found: dict[str, Any] = dict(leaf.params)
    for name, value in found.items():
        if name in allowed and value not in allowed[name]:
            raise FigureError(f"Il parametro «{name}» non può essere «{value[:20]}».")
        if name in ("flusso", "lotto"):
            if not value.isdigit() or len(value) > 18:
                raise FigureError(f"Il parametro «{name}» è un numero, non «{value[:20]}».")
            found[name] = int(value)
    return found


class Pool(Source):
    """`cigd_pool(azione, stato, flusso)`, from the sums by state alone."""

    names = ("cigd_pool", "cigd_pool_numero")
    params = ("azione", "stato", "flusso")
    permission = READ

    def label(self, leaf: Leaf) -> str:
        found = _chosen(leaf, azione=AZIONI, stato=Stato.values)
        parts = [
            "Pagamenti e recuperi della CIGD, numero"
            if leaf.name == "cigd_pool_numero"
            else "Pagamenti della CIGD al netto di recuperi e decurtazioni"
        ]
        parts += [f"stato «{Stato(found['stato']).label}»"] if "stato" in found else []
        parts += [f"azione {found['azione']}"] if "azione" in found else []
        parts += [f"flusso {found['flusso']}"] if "flusso" in found else []
        return ", ".join(parts)

    def evaluate(self, leaves: Collection[Leaf]) -> Mapping[Leaf, Value]:
        counted = scope()
        rows = list(
            SintesiPool.objects.filter(flusso__in=counted.flussi).values_list(
                "azione", "stato", "flusso", "pagamenti", "recuperi", "importo", "taglio"
            )
        )
        values = {}
        for item in leaves:
            found = _chosen(item, azione=AZIONI, stato=Stato.values)
            counts = item.name == "cigd_pool_numero"
            unit = Unit.NUMERO if counts else Unit.EURO
            if not counted.flussi:
                values[item] = Value(None, unit, missing=_NONE)
                continue
            wanted = [found.get(name) for name in self.params]
            mine = [
                row
                for row in rows
                if all(want in (None, have) for want, have in zip(wanted, row[:3], strict=True))
            ]
            worth = sum((row[3] + row[4] if counts else row[5] - row[6] for row in mine), 0)
            values[item] = Value(Decimal(worth), unit, example=counted.esempio)
        return values

    def rows(self, leaf: Leaf) -> Rows:
        found = _chosen(leaf, azione=AZIONI, stato=Stato.values)
        counted = scope()
        rows = SintesiPool.objects.filter(flusso__in=counted.flussi, **found)
        worth = (
            F("pagamenti") + F("recuperi")
            if leaf.name == "cigd_pool_numero"
            else F("importo") - F("taglio")
        )
        total = rows.aggregate(total=Sum(worth))["total"] or 0
        return Rows(
            PoolTable(rows.order_by("flusso", "azione", "stato")),
            Decimal(total) if counted.flussi else None,
            note="Somme per flusso, azione e stato, aggiornate con ogni decisione sui pagamenti. Di"
            " un pagamento decurtato i recuperi contano per quanto la decurtazione ne lascia.",
            link=("Apri la spesa certificabile", reverse("cigd:certificabile")),
        )


class Declared(Source):
    """`cigd_certificata(al, azione)`: what is declared to the Commission, whoever entered it.

    Without `al`, at any date: that is what a batch is held to.
    """

    names = ("cigd_certificata",)
    params = ("al", "azione")
    permission = READ

    def label(self, leaf: Leaf) -> str:
        azione, day = self._params(leaf)
        parts = ["Spesa certificata della CIGD"]
        parts += [f"azione {azione}"] if azione else []
        return ", ".join([*parts, f"al {italian(day)}"] if day else parts)

    def _params(self, leaf: Leaf) -> tuple[str | None, date | None]:
        azione = _chosen(leaf, azione=AZIONI).get("azione")
        return azione, day_of(leaf) if leaf.get("al") else None

    def evaluate(self, leaves: Collection[Leaf]) -> Mapping[Leaf, Value]:
        asked = {item: self._params(item) for item in leaves}
        counted = scope()
        days = sorted({day or date.max for _, day in asked.values()})
        groups = list(certified(None, example=counted.esempio).grouped(days))
        values = {}
        for item, (azione, day) in asked.items():
            column = f"importo_{days.index(day or date.max)}"
            mine = [row[column] for row in groups if azione in (None, row["codice_azione"])]
            worth = sum(filter(None, mine), Decimal(0))
            values[item] = Value(worth, Unit.EURO, example=counted.esempio)
        return values

    def rows(self, leaf: Leaf) -> Rows:
        azione, day = self._params(leaf)
        rows = certified(azione, example=scope().esempio, al=day)
        until = f"fino al {italian(day)}" if day else "di ogni data"
        return Rows(
            MovimentiTable(rows.with_context(), share=True),
            rows.total() or Decimal(0),
            note=f"Movimenti di spesa certificata con perimetro CIGD, {until}: quelli dei lotti"
            " e quelli inseriti o acquisiti in altro modo.",
            link=("Apri le certificazioni", reverse("cigd:certificazioni")),
        )


# What is kept of a batch in an azione: the column, and what it is in words.
KEPT = {
    "massimale": "massimale alla data della domanda",
    "gia_certificato": "già certificato",
    "quota_ue": "quota UE",
    "attesa_importo": "importo che non entra nel massimale",
    "successivi_importo": "importo pagato dopo la data della domanda",
    "attesa_recuperi_importo": "recuperi di pagamenti non certificati",
}


class Batch(Source):
    """`cigd_lotto(lotto, azione, causale)`: entries; `cigd_lotto_dato(lotto, azione, dato)`."""

    names = ("cigd_lotto", "cigd_lotto_dato")
    params = ("lotto", "azione", "causale", "dato")
    permission = READ

    def label(self, leaf: Leaf) -> str:
        found = self._params(leaf)
        parts = [f"Lotto n. {found['lotto']}"]
        parts += [f"azione {found['azione']}"] if "azione" in found else []
        parts += [str(Causale(found["causale"]).label)] if "causale" in found else []
        return ", ".join([*parts, KEPT[found["dato"]] if "dato" in found else "importo"])

    def _params(self, leaf: Leaf) -> dict[str, Any]:
        found = _chosen(leaf, azione=AZIONI, causale=Causale.values, dato=KEPT)
        kept = leaf.name == "cigd_lotto_dato"
        if "lotto" not in found or kept != ("dato" in found) or (kept and "causale" in found):
            raise FigureError("L'indirizzo della cifra è incompleto: aprirla dalla sua pagina.")
        return found

    def evaluate(self, leaves: Collection[Leaf]) -> Mapping[Leaf, Value]:
        asked = {item: self._params(item) for item in leaves}
        batches = {found["lotto"] for found in asked.values()}
        examples = dict(Lotto.objects.filter(pk__in=batches).values_list("pk", "esempio"))
        lines = list(
            LottoRiga.objects.filter(lotto__in=batches).values(
                "lotto", "azione", "causale", "importo"
            )
        )
        kept = list(LottoAzione.objects.filter(lotto__in=batches).values("lotto", "azione", *KEPT))
        return {
            item: _batch_value(found, kept if "dato" in found else lines, examples)
            for item, found in asked.items()
        }

    def rows(self, leaf: Leaf) -> Rows:
        found = self._params(leaf)
        column = found.pop("dato", "importo")
        model = LottoAzione if leaf.name == "cigd_lotto_dato" else LottoRiga
        rows = model.objects.filter(**found).select_related("lotto")
        table = LottoAzioneTable(rows) if model is LottoAzione else LottoRigheTable(rows)
        batch = Lotto.objects.filter(pk=found["lotto"]).first()
        return Rows(
            table,
            Decimal(rows.aggregate(total=Sum(column))["total"] or 0) if batch else None,
            note="Come registrato nel lotto quando è stato contato.",
            link=(f"Apri il {batch}", batch.get_absolute_url()) if batch else None,
        )


def _batch_value(
    found: Mapping[str, Any], rows: Collection[Mapping[str, Any]], examples: Mapping[int, bool]
) -> Value:
    if found["lotto"] not in examples:
        return Value(None, Unit.EURO, missing="il lotto non esiste")
    column = found.get("dato", "importo")
    levels = {name: value for name, value in found.items() if name != "dato"}
    mine = [row[column] for row in rows if all(row[key] == levels[key] for key in levels)]
    return Value(sum(mine, Decimal(0)), Unit.EURO, example=examples[found["lotto"]])
