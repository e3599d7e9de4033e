"""The flow `pal-trimestrale`: how far the active policies of each site are at the end of a quarter.

A nucleo loads its own provincia; who loads flows for the Region, all of them.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from crisi.flows import esempio, pal_anteprima, pal_controlli, pal_righe, pal_scrittura
from crisi.flows.decisioni import Decidibile
from crisi.models.pal import PASSI, Strumento
from porfse.flows import columns as c
from porfse.flows.late import Late
from porfse.flows.source import Change, Checker, Elenco, PartialChecker
from porfse.flows.stage import Stage
from porfse.models import Flow, Provincia, User
from porfse.models.people import SYSTEM_USERNAME

_CODE = f"(?i:{'|'.join(Strumento.values)})"
_STRUMENTI = rf"{_CODE}(\s*,\s*{_CODE})*"


def _province() -> set[str]:
    return set(Provincia.objects.values_list("pk", flat=True))


class PalTrimestrale(Decidibile):
    slug = "pal-trimestrale"
    nome = "Monitoraggio trimestrale PAL"
    columns = (
        c.Noto("provincia", _province, code="E001", aliases=("sigla", "sigla_provincia")),
        c.Schema("trimestre", r"20\d\d-T[1-4]", code="E004"),
        c.Testo("codice_pratica", longest=40, aliases=("pratica", "numero_pratica")),
        c.Testo("id_unita", longest=40, aliases=("unita", "id_unita_produttiva")),
        c.Intero("sospesi", aliases=("lavoratori_sospesi",)),
        *(c.Intero(name) for name in PASSI),
        c.Testo("motivo_esonero", required=False, aliases=("motivo dell'esonero",)),
        c.Schema("strumenti", _STRUMENTI, code="E027", required=False),
    )
    key = "id_unita"
    within = ("trimestre", "codice_pratica")
    amount = "step4"
    euro = False
    amount_label = "Lavoratori in STEP 4"
    group = "s.provincia"
    group_label = "Provincia"
    permission = "crisi.load_pal"
    after = ("vertenze-online",)
    example_rows = 300
    codes = {
        "E001": "manca un valore obbligatorio, oppure la provincia non è una sigla lombarda",
        "E004": "trimestre non leggibile: si scrive come 2025-T3",
        "E006": "unità ripetuta nello stesso trimestre (è tenuta la prima riga che la porta)",
        "E021": "non è un numero intero da 0 in su",
        "E023": "i lavoratori nei passi e gli esonerati superano i sospesi",
        "E024": "pratica o unità sconosciuta, oppure che non rileva le PAL nel trimestre"
        " (licenziamento collettivo, pratica ritirata o avviata dopo il trimestre)",
        "E025": "l'unità è in un'altra provincia, oppure la provincia non è quella di chi invia",
        "E026": "il trimestre della provincia non è aperto alle modifiche: fino a quando lo è, e"
        " che cosa fare, è scritto nell'anteprima del flusso e nella pagina del trimestre",
        "E027": "strumenti: codici separati da virgola, fra dul, fc, gol e altro",
        "W301": "passi ed esonerati oltre i lavoratori dell'unità",
        "W302": "sospesi cambiati di oltre la metà rispetto al trimestre precedente",
        "W303": "la procedura è finita prima del trimestre",
        "W304": "la quota di attivazione della provincia scende rispetto al trimestre precedente",
        "W306": "ci sono esonerati (no_pal) senza il motivo dell'esonero",
    }

    def may_load(self, user: User) -> bool:
        # Whoever loads for one provincia must have one.
        own = user.provincia_id is not None
        return super().may_load(user) and (own or user.has_perm("porfse.load_flows"))

    def provincia_of(self, user: User) -> str | None:
        if user.username == SYSTEM_USERNAME or user.has_perm("porfse.load_flows"):
            return None
        return user.provincia_id

    def checker(self) -> Checker:
        return self.refused_checker()

    def refused_checker(self) -> PartialChecker:
        suspended = self.position("sospesi")
        steps = [self.position(name) for name in PASSI]

        def check(cells: Sequence[str | None]) -> Sequence[str]:
            limit, values = cells[suspended], [cells[place] for place in steps]
            known = [int(value) for value in values if value not in (None, c.NULL)]
            if limit in (None, c.NULL) or sum(known) <= int(limit):
                return ()
            return ("E023",)

        return check

    def late_errors(self, late: Late) -> int:
        return pal_controlli.wrong_sites(late) + pal_controlli.closed_quarters(late)

    def warn(self, stage: Stage) -> None:
        pal_controlli.warn(stage)

    def prepare(self, stage: Stage) -> None:
        pal_righe.prepare(stage)

    def changes(self, stage: Stage) -> list[Change]:
        return pal_anteprima.active(stage)

    def preview(self, stage: Stage) -> list[Elenco]:
        return pal_anteprima.lists(stage)

    def acquire(self, stage: Stage, *, by: User) -> None:
        pal_scrittura.write(stage, by=by)

    def obstacle(self, flow: Flow) -> str:
        return "" if flow.esempio else pal_scrittura.obstacle(flow)

    def cancel(self, flow: Flow, *, by: User) -> None:
        pal_scrittura.restore(flow, by=by)

    def forget_example(self, flow: Flow, *, by: User) -> None:
        pal_scrittura.forget(by=by)

    def prepare_example(self, *, by: User) -> None:
        pal_scrittura.open_for_example(by=by)

    def example(self, *, rows: int, seed: int, defects: Decimal) -> Iterable[Sequence[str]]:
        return esempio.progress(rows=rows, seed=seed, defects=defects)
