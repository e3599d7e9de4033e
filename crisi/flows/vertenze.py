"""The flow `vertenze-online`: procedures and their sites, as the Region's system has them."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from crisi.flows import (
    esempio,
    vertenze_anteprima,
    vertenze_lavoratori,
    vertenze_ritiro,
    vertenze_scrittura,
)
from crisi.flows.confronto import Confronto
from crisi.flows.decisioni import Decidibile
from crisi.flows.noti import DOPPIONE
from crisi.models import Conflitto, Procedura
from porfse.errors import BadInput
from porfse.flows import columns as c
from porfse.flows.late import Late
from porfse.flows.source import Change, Checker, Elenco, PartialChecker
from porfse.flows.stage import Stage
from porfse.models import Comune, Flow, User

_YEARS_AHEAD = 10  # an end is planned when a procedure begins
# What describes the pratica: the same in each of its rows.
_HEADER = (
    "tipo", "linea_guida", "denominazione_azienda", "codice_fiscale_azienda", "coalesce(ateco, '')",
    "causale", "data_avvio::text", "coalesce(data_fine::text, '')", "alta_complessita",
)  # fmt: skip
_DISAGREE = """
    SELECT riga FROM (
        SELECT riga, {values} <> first_value({values}) OVER (
            PARTITION BY codice_pratica ORDER BY riga
        ) AS diversa FROM {stage}
    ) righe WHERE diversa
"""


def _comuni() -> set[str]:
    return set(Comune.objects.values_list("codice_istat", flat=True))


class VertenzeOnline(Decidibile):
    slug = "vertenze-online"
    nome = "Vertenze On Line"
    columns = (
        c.Testo("codice_pratica", longest=40, aliases=("pratica", "numero_pratica")),
        c.Scelta("tipo", Procedura.Tipo.values, aliases=("tipo_procedura",)),
        c.Scelta("linea_guida", ("A", "B", "C", "D"), code="E020"),
        c.Testo("denominazione_azienda", aliases=("ragione sociale", "azienda")),
        c.CodiceAzienda("codice_fiscale_azienda", aliases=("codice_fiscale", "cf_azienda")),
        c.Testo("ateco", longest=10, required=False, aliases=("codice_ateco",)),
        c.Testo("causale", longest=120),
        c.Giorno("data_avvio"),
        c.Giorno("data_fine", required=False, ahead=_YEARS_AHEAD),
        c.Testo("id_unita", longest=40, distinct=True, aliases=("unita", "id_unita_produttiva")),
        c.Noto("comune_istat", _comuni, code="E005", aliases=("codice_istat_comune",)),
        c.Intero("lavoratori", required=False, present=True, aliases=("lavoratori_coinvolti",)),
        c.Scelta("alta_complessita", ("S", "N")),
    )
    key = "id_unita"
    within = ("codice_pratica",)
    amount = "lavoratori"
    euro = False
    amount_label = "Lavoratori dichiarati"
    group = "(SELECT provincia_id FROM porfse_comune WHERE codice_istat = s.comune_istat)"
    group_label = "Provincia"
    example_rows = 180
    codes = {
        "E002": "codice fiscale dell'azienda errato: carattere di controllo o forma",
        "E004": "data non leggibile o impossibile, avvio nel futuro, oppure fine che precede"
        " l'avvio",
        "E005": "codice ISTAT che non è di un comune lombardo",
        "E006": "unità ripetuta nella stessa pratica (è tenuta la prima riga che la porta)",
        "E020": "linea guida non prevista per il tipo: A per CIGS_MIN, B o C per CIGS_REG, D per"
        " LIC",
        "E021": "lavoratori: non è un numero intero da 0 in su (vuoto se non noto)",
        "E022": "la riga descrive la pratica in modo diverso dalla prima riga della stessa pratica",
    }

    def checker(self) -> Checker:
        return self.refused_checker()

    def refused_checker(self) -> PartialChecker:
        kind, guide = self.position("tipo"), self.position("linea_guida")
        start, end = self.position("data_avvio"), self.position("data_fine")
        guides = Procedura.LINEE_GUIDA

        def check(cells: Sequence[str | None]) -> Sequence[str]:
            wrong = []
            tipo, linea = cells[kind], cells[guide]
            if tipo is not None and linea is not None and linea not in guides[tipo]:
                wrong.append("E020")
            avvio, fine = cells[start], cells[end]
            # Days are ISO texts: they compare as they stand.
            if avvio is not None and fine not in (None, c.NULL) and fine < avvio:
                wrong.append("E004")
            return wrong

        return check

    def late_errors(self, late: Late) -> int:
        values = f"ARRAY[{', '.join(_HEADER)}]"
        return late.add("E022", _DISAGREE.format(values=values, stage=late.stage.table))

    def prepare(self, stage: Stage) -> None:
        Confronto(stage).prepare()

    def changes(self, stage: Stage) -> list[Change]:
        return vertenze_lavoratori.workers(Confronto(stage))

    def preview(self, stage: Stage) -> list[Elenco]:
        return vertenze_anteprima.lists(Confronto(stage))

    def impossible(self, flow: Flow) -> str:
        return Confronto(Stage(flow, self)).impossible()

    def decided(self, flow: Flow, changed: Iterable[Conflitto]) -> None:
        comparison = Confronto(Stage(flow, self))
        if not any(item.campo.startswith(DOPPIONE) for item in changed):
            comparison.refresh_closed()
            return
        wrong = comparison.twice()
        if wrong:
            raise BadInput(wrong)
        # What is the same procedure is compared field by field.
        comparison.store_conflicts()

    def acquire(self, stage: Stage, *, by: User) -> None:
        vertenze_scrittura.write(Confronto(stage), by=by)

    def obstacle(self, flow: Flow) -> str:
        return "" if flow.esempio else vertenze_ritiro.obstacle(flow)

    def cancel(self, flow: Flow, *, by: User) -> None:
        vertenze_ritiro.restore(flow, by=by)

    def forget_example(self, flow: Flow, *, by: User) -> None:
        vertenze_ritiro.forget(flow, by=by)

    def example(self, *, rows: int, seed: int, defects: Decimal) -> Iterable[Sequence[str]]:
        return esempio.procedures(rows=rows, seed=seed, defects=defects)
