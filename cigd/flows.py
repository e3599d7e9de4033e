"""The flow `inps-cigd`: what INPS pays for the Covid wage support. Layout: FLOWS, `inps-cigd`."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Sum

from cigd import checks, pool, sampling
from cigd.azioni import azione_sql
from cigd.example import payments
from cigd.models import Pagamento, SintesiAzione
from porfse.flows import columns as c
from porfse.flows.late import Late
from porfse.flows.source import Change, Checker, PartialChecker, Source
from porfse.flows.stage import Stage
from porfse.models import Comune, Flow, User


def _comuni() -> set[str]:
    return set(Comune.objects.values_list("codice_istat", flat=True))


class InpsCigd(Source):
    slug = "inps-cigd"
    nome = "Pagamenti INPS della CIGD"
    columns = (
        c.Testo("id_pagamento", longest=20, distinct=True, aliases=("identificativo",)),
        c.Scelta("tipo", ("P", "R")),
        c.Testo("id_pagamento_origine", longest=20, required=False),
        c.CodiceFiscale("codice_fiscale", aliases=("cf",)),
        c.Schema("matricola_inps", r"\d{10}", code="E009", aliases=("matricola",)),
        c.Testo("denominazione_azienda", aliases=("ragione sociale",)),
        c.Noto("comune_istat", _comuni, code="E005", aliases=("codice_istat_comune",)),
        c.Testo("numero_decreto", longest=40),
        c.Giorno("data_decreto"),
        c.Mese(
            "mese_competenza",
            first=settings.CIGD_MESI[0],
            last=settings.CIGD_MESI[1],
            outside="E008",
        ),
        c.Quantita("ore"),
        c.Importo("importo"),
        c.Giorno("data_pagamento"),
    )
    key = "id_pagamento"
    amount = "importo"
    group = azione_sql("s.comune_istat")
    group_label = "Azione"
    personal = ("codice_fiscale",)
    example_rows = 5_000
    table = Pagamento
    tried = "le decisioni, gli spostamenti, i lotti, i campioni e le verifiche di prova"
    codes = {
        "E002": "codice fiscale errato: carattere di controllo o forma",
        "E003": "importo o ore non leggibili, importo zero, segno non coerente con il tipo"
        " (P positivo, R negativo)",
        "E005": "codice ISTAT che non è di un comune lombardo",
        "E008": "mese di competenza fuori dal periodo ammissibile (02/2020 – 12/2021)",
        "E009": "matricola INPS che non è di 10 cifre",
        "E010": "recupero senza un pagamento di origine accettato dello stesso lavoratore, o che"
        " con gli altri recuperi lo supera",
        "W101": "pagato prima dell'inizio del mese di competenza",
        "W102": f"più di {settings.CIGD_ORE_MENSILI} ore nel mese per lavoratore e azienda",
        "W103": "lavoratore pagato per lo stesso mese da due matricole",
        "W104": "pagamenti del lavoratore nel mese oltre il massimale",
        "W105": "pagamento anteriore alla data del decreto",
    }

    def checker(self) -> Checker:
        place = self.position
        kind, origin, amount = place("tipo"), place("id_pagamento_origine"), place("importo")
        decree, month, paid = (
            place("data_decreto"),
            place("mese_competenza"),
            place("data_pagamento"),
        )
        null = c.NULL

        def check(cells: Sequence[str]) -> Sequence[str]:
            # Days are ISO texts: they compare as they stand.
            day = cells[paid]
            if cells[kind] == "P":
                if cells[amount][0] != "-" and day >= cells[month] and day >= cells[decree]:
                    return ()  # nearly all rows
                wrong = ["E003"] if cells[amount][0] == "-" else []
            else:
                wrong = [] if cells[amount][0] == "-" else ["E003"]
                if cells[origin] == null:
                    wrong.append("E001")
            if wrong:
                return wrong
            early = ["W101"] if day < cells[month] else []
            return [*early, "W105"] if day < cells[decree] else early

        return check

    def refused_checker(self) -> PartialChecker:
        place = self.position
        kind, origin, amount = place("tipo"), place("id_pagamento_origine"), place("importo")

        def check(cells: Sequence[str | None]) -> Sequence[str]:
            value = cells[amount]
            wrong_sign = {"P": "-", "R": ""}.get(cells[kind] or "")
            wrong = []
            if value is not None and wrong_sign is not None:
                negative = value.startswith("-")
                if negative == bool(wrong_sign):
                    wrong.append("E003")
            if cells[kind] == "R" and cells[origin] == c.NULL:
                wrong.append("E001")
            return wrong

        return check

    def stored(self, stage: Stage) -> tuple[str, Sequence[Any]] | None:
        flows = checks.acquired_like(stage.flow)
        if not flows:
            return None
        [(least,)] = stage.execute(f"SELECT min(id_pagamento) FROM {stage.table}")
        [(greatest,)] = stage.execute(
            "SELECT max(id_pagamento) FROM cigd_pagamento WHERE flusso_id = ANY(%s)", [flows]
        )
        refused = stage.execute(
            'SELECT min(identificativo COLLATE "C") FROM porfse_flowrow WHERE flusso_id = %s'
            " AND identificativo <> ''",
            [stage.flow.pk],
        )[0][0]
        first = min((key for key in (least, refused) if key), default=None)
        if first is None or greatest is None or first > greatest:
            return None  # new identifiers begin where the stored ones end
        return "SELECT id_pagamento FROM cigd_pagamento WHERE flusso_id = ANY(%s)", [flows]

    def late_errors(self, late: Late) -> int:
        return checks.wrong_recoveries(late)

    def warn(self, stage: Stage) -> None:
        checks.warn(stage)

    def prepare(self, stage: Stage) -> None:
        stage.execute(
            f"CREATE TABLE {stage.part('comuni')} AS SELECT comune_istat, mese_competenza AS mese,"
            " count(*) FILTER (WHERE tipo = 'P') AS pagamenti,"
            " count(*) FILTER (WHERE tipo = 'R') AS recuperi,"
            " sum(CASE tipo WHEN 'P' THEN ore ELSE -ore END) AS ore, sum(importo) AS importo"
            # The page of the comuni reads those of one comune together: they are to lie together.
            f" FROM {stage.table} GROUP BY 1, 2 ORDER BY 1, 2"
        )

    def changes(self, stage: Stage) -> list[Change]:
        before = dict(
            SintesiAzione.objects.filter(flusso__in=checks.acquired_like(stage.flow))
            .values_list("azione")
            .annotate(Sum("importo"))
        )
        here = {group["key"]: Decimal(group["amount"]) for group in stage.flow.gruppi}
        return [
            {
                "voce": f"Pagamenti dell'azione {azione}",
                "oggi": before.get(azione, Decimal(0)),
                "flusso": here.get(azione, Decimal(0)),
                "dopo": before.get(azione, Decimal(0)) + here.get(azione, Decimal(0)),
            }
            for azione in sorted(before.keys() | here.keys())
        ]

    def acquire(self, stage: Stage, *, by: User) -> None:
        stage.attach()
        stage.execute(
            "INSERT INTO cigd_sintesicomune"
            " (flusso_id, comune_id, mese, pagamenti, recuperi, ore, importo)"
            f" SELECT {stage.flow.pk}, comune_istat, mese, pagamenti, recuperi, ore, importo"
            f" FROM {stage.part('comuni')}"
        )
        stage.execute(
            "INSERT INTO cigd_sintesiazione"
            " (flusso_id, azione_id, provincia_id, mese, pagamenti, recuperi, ore, importo)"
            f" SELECT {stage.flow.pk}, {azione_sql('comune_istat')}, p.provincia_id, mese,"
            " sum(pagamenti), sum(recuperi), sum(ore), sum(importo)"
            f" FROM {stage.part('comuni')} c JOIN porfse_comune p ON p.codice_istat = comune_istat"
            " GROUP BY 2, 3, 4"
        )
        pool.on_acquired(stage.flow)

    def example(self, *, rows: int, seed: int, defects: Decimal) -> Iterable[Sequence[str]]:
        return payments(rows=rows, seed=seed, defects=defects)

    def obstacle(self, flow: Flow) -> str:
        return (
            checks.recovered_by(flow) or pool.why_not_cancel(flow) or sampling.why_not_cancel(flow)
        )

    def cancel(self, flow: Flow, *, by: User) -> None:
        pool.on_cancelled(flow)
        self._remove_sums(flow)

    def forget_example(self, flow: Flow, *, by: User) -> None:
        sampling.forget_example(flow, by=by)
        pool.forget_example(flow, by=by)
        self._remove_sums(flow)

    def _remove_sums(self, flow: Flow) -> None:
        with connection.cursor() as cursor:
            for table in ("cigd_sintesiazione", "cigd_sintesicomune"):
                cursor.execute(f"DELETE FROM {table} WHERE flusso_id = %s", [flow.pk])
