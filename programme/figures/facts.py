"""Queries over what is counted beside the ledger: endowments, recipients, indicators, targets."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum
from django.urls import reverse

from porfse import money
from porfse.figures import FigureError, Leaf, Rows, Source, Unit, Value
from porfse.periods import italian
from programme.figures.days import day_of
from programme.models import Asse, Destinatari, Dotazione, Indicatore, TargetN3, VersionePiano
from programme.tables import DestinatariTable, DotazioniTable, TargetN3Table, ValoriTable

READ = "programme.view_programma"


class Endowment(Source):
    """`dotazione(al, asse)`: of the version of the plan in force at the date, in euro."""

    names = ("dotazione",)
    params = ("al", "asse")
    permission = READ

    def label(self, leaf: Leaf) -> str:
        asse = _asse_of(leaf)
        return f"Dotazione, {asse}, piano finanziario in vigore al {italian(day_of(leaf))}"

    def evaluate(self, leaves: Collection[Leaf]) -> Mapping[Leaf, Value]:
        rows = list(
            VersionePiano.objects.order_by("data").values_list(
                "data", "numero", "dotazioni__asse", "dotazioni__importo"
            )
        )
        return {leaf: self._value(leaf, rows) for leaf in leaves}

    def _value(self, leaf: Leaf, rows: list[tuple[date, str, str | None, Decimal | None]]) -> Value:
        past = [row for row in rows if row[0] <= day_of(leaf)]
        if not past:
            return Value(None, Unit.EURO, missing="nessun piano finanziario a questa data")
        current = [row for row in past if row[0] == past[-1][0]]
        asse = leaf.get("asse")
        amounts = [row[3] for row in current if row[3] is not None and asse in (None, row[2])]
        if not amounts:
            return Value(None, Unit.EURO, missing="importi di questa versione non pubblicati")
        return Value(sum(amounts, Decimal(0)), Unit.EURO)

    def rows(self, leaf: Leaf) -> Rows:
        version = VersionePiano.objects.filter(data__lte=day_of(leaf)).last()
        endowments = Dotazione.objects.filter(versione=version).select_related(
            "asse", "versione__decisione", "fonte"
        )
        if leaf.get("asse"):
            endowments = endowments.filter(asse=leaf.get("asse"))
        return Rows(
            DotazioniTable(endowments),
            _total(endowments, "importo"),
            note=f"Piano finanziario in vigore: {version or 'nessuno'}.",
            link=("Apri il piano finanziario", reverse("programme:piano")),
        )


class Recipients(Source):
    """`destinatari(al, asse, gruppo)`: people reached; without `gruppo`, men and women."""

    names = ("destinatari",)
    params = ("al", "asse", "gruppo")
    permission = READ
    groups: Mapping[str, tuple[str, ...]] = {
        "": Destinatari.SESSO,
        "vulnerabili": Destinatari.VULNERABILI,
        **{group: (group,) for group in Destinatari.Gruppo.values},
    }

    def label(self, leaf: Leaf) -> str:
        asse = _asse_of(leaf)
        group = leaf.get("gruppo") or ""
        shown = Destinatari.Gruppo(group).label if group in Destinatari.Gruppo.values else group
        of = f" ({shown})" if shown else ""
        return f"Destinatari{of}, {asse}, al {italian(day_of(leaf))}"

    def evaluate(self, leaves: Collection[Leaf]) -> Mapping[Leaf, Value]:
        facts = list(Destinatari.objects.order_by("data"))
        return {leaf: self._value(self._facts(leaf, facts)) for leaf in leaves}

    def _value(self, facts: list[Destinatari]) -> Value:
        if not facts:
            return Value(None, Unit.PERSONE, missing="dato non pubblicato")
        return Value(Decimal(sum(fact.numero for fact in facts)), Unit.PERSONE)

    def _facts(self, leaf: Leaf, facts: Iterable[Destinatari]) -> list[Destinatari]:
        """The latest snapshot of each asse and group, up to the date."""
        group = leaf.get("gruppo") or ""
        if group not in self.groups:
            raise FigureError(f"Il gruppo di destinatari «{group}» non esiste.")
        day, asse = day_of(leaf), leaf.get("asse")
        latest = {
            (fact.asse_id, fact.gruppo): fact
            for fact in facts
            if fact.data <= day
            and fact.gruppo in self.groups[group]
            and asse in (None, fact.asse_id)
        }
        return list(latest.values())

    def rows(self, leaf: Leaf) -> Rows:
        facts = self._facts(leaf, Destinatari.objects.order_by("data"))
        chosen = Destinatari.objects.filter(pk__in=[fact.pk for fact in facts])
        return Rows(
            DestinatariTable(chosen.select_related("asse", "fonte")),
            _total(chosen, "numero"),
            note="Persone raggiunte dall'avvio del programma, ultimo dato pubblicato alla data.",
            link=("Apri i destinatari", reverse("programme:destinatari")),
        )


class Indicator(Source):
    """`indicatore(codice, al)`: the latest value up to the date; `target(codice)`: that of 2023."""

    names = ("indicatore", "target")
    params = ("codice", "al")
    permission = READ

    def label(self, leaf: Leaf) -> str:
        indicator = self._indicator(leaf)
        what = "Target 2023" if leaf.name == "target" else f"Valore al {italian(day_of(leaf))}"
        return f"{what} dell'indicatore «{indicator.nome}», Asse {indicator.asse_id}"

    def _indicator(self, leaf: Leaf) -> Indicatore:
        found = Indicatore.objects.filter(pk=leaf.get("codice")).first()
        if found is None:
            raise FigureError(f"L'indicatore «{leaf.get('codice')}» non esiste.")
        return found

    def evaluate(self, leaves: Collection[Leaf]) -> Mapping[Leaf, Value]:
        indicators = Indicatore.objects.prefetch_related("valori").in_bulk()
        return {
            leaf: self._value(leaf, indicators.get(leaf.get("codice") or "")) for leaf in leaves
        }

    def _value(self, leaf: Leaf, indicator: Indicatore | None) -> Value:
        if indicator is None:
            raise FigureError(f"L'indicatore «{leaf.get('codice')}» non esiste.")
        unit = Unit(indicator.unita)
        if leaf.name == "target":
            return Value(
                indicator.target_2023,
                unit,
                missing="" if indicator.target_2023 else "nessun target",
            )
        day = day_of(leaf)
        past = [item.valore for item in indicator.valori.all() if item.data <= day]
        return (
            Value(past[-1], unit)
            if past
            else Value(None, unit, missing="nessun dato a questa data")
        )

    def rows(self, leaf: Leaf) -> Rows:
        indicator = self._indicator(leaf)
        link = ("Apri gli indicatori", reverse("programme:indicatori"))
        if leaf.name == "target":
            return Rows(
                None,
                indicator.target_2023,
                note=f"Target al 2023 stampato dalla fonte: {indicator.fonte}.",
                link=link,
            )
        value = indicator.valori.filter(data__lte=day_of(leaf)).order_by("-data")[:1]
        return Rows(
            ValoriTable(value.select_related("fonte", "indicatore")),
            value[0].valore if value else None,
            note="Ultimo valore pubblicato alla data.",
            link=link,
        )


class N3Target(Source):
    """`target_n3(anno)`: to be certified by 31 December of the year, in euro."""

    names = ("target_n3",)
    params = ("anno",)
    permission = READ

    def label(self, leaf: Leaf) -> str:
        if not TargetN3.objects.filter(anno=_year(leaf)).exists():
            raise FigureError(f"Non esiste un target N+3 al «{leaf.get('anno')}».")
        return f"Target di spesa N+3 al {leaf.get('anno')}"

    def evaluate(self, leaves: Collection[Leaf]) -> Mapping[Leaf, Value]:
        targets = {str(target.anno): target for target in TargetN3.objects.all()}
        values = {}
        for leaf in leaves:
            target = targets.get(leaf.get("anno") or "")
            missing = "" if target else "target non pubblicato"
            values[leaf] = Value(target and target.importo, Unit.EURO, missing=missing)
        return values

    def rows(self, leaf: Leaf) -> Rows:
        targets = TargetN3.objects.filter(anno=_year(leaf)).select_related("fonte")
        return Rows(
            TargetN3Table(targets),
            _total(targets, "importo"),
            note="Importo da certificare entro il 31 dicembre dell'anno, pena il disimpegno.",
            link=("Apri la pagina N+3", reverse("programme:n3")),
        )


class Assumption(Source):
    """`ipotesi(importo)`: an amount that the reader supposes in a simulation, in euro."""

    names = ("ipotesi",)
    params = ("importo",)
    permission = READ

    def label(self, leaf: Leaf) -> str:
        return f"Ipotesi di simulazione: {money.euro(self._amount(leaf))}"

    def _amount(self, leaf: Leaf) -> Decimal:
        try:
            return money.parse_amount(leaf.get("importo") or "")
        except money.AmountError as error:
            raise FigureError(str(error)) from error

    def evaluate(self, leaves: Collection[Leaf]) -> Mapping[Leaf, Value]:
        return {leaf: Value(self._amount(leaf), Unit.EURO) for leaf in leaves}

    def rows(self, leaf: Leaf) -> Rows:
        return Rows(
            None,
            self._amount(leaf),
            note="Importo scelto da chi legge nella simulazione: non è un dato del programma.",
            link=("Apri la pagina N+3", reverse("programme:n3")),
        )


def _year(leaf: Leaf) -> int:
    text = leaf.get("anno") or ""
    return int(text) if len(text) == 4 and text.isascii() and text.isdigit() else 0


def _asse_of(leaf: Leaf) -> str:
    code = leaf.get("asse")
    if code and not Asse.objects.filter(pk=code).exists():
        raise FigureError(f"Non esiste: asse «{code}».")
    return f"Asse {code}" if code else "programma"


def _total(rows: QuerySet[Any], field: str) -> Decimal | None:
    total = rows.aggregate(total=Sum(field))["total"]
    return None if total is None else Decimal(total)
