"""What the ledger knows of the financial data of art. 112 of reg. (UE) 1303/2013, at a day."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from porfse.figures import Board, rapporto
from porfse.models import Fonte
from porfse.periods import italian
from programme.models import GRANDEZZE, Asse, Perimetro, VersionePiano
from programme.progress import View
from programme.querysets import NON_RIPARTITO
from reports.queries.aggiornamento import Aggiornamento
from reports.queries.tavole import Row, known

NOTE = {  # the quantities that the tables show, and under which key
    "selezionate": "impegnate",
    "liquidate": "liquidate",
    "certificata": "certificata",
}


@dataclass(frozen=True)
class DatiFinanziari:
    """Rows of loaded figures: each asse, what is not split between them if anything, the programme.

    Attributes:
        righe: `asse`, `chiave`, `totale`, the figures of NOTE with their share of `dotazione`
            (`quota_…`), and `ordinarie`: the operations selected without the Covid wage support.
        dati: how old they are.
        documenti: the sources of the movements and of the plan, each once.
    """

    righe: tuple[Row, ...]
    dati: Aggiornamento
    documenti: tuple[str, ...]

    @property
    def noti(self) -> bool:
        """Whether any amount is known."""
        return any(map(known, self.righe))

    @property
    def totale(self) -> Row:
        return self.righe[-1]

    def perimetro(self, grandezza: str) -> str:
        """Return what a quantity includes of the Covid wage support, in words."""
        return self.totale[grandezza].scope


def dati_finanziari(al: date) -> DatiFinanziari:
    """Read the amounts of each asse at a day, in euro, as the pages of the programme do."""
    board, view = Board(), View(al)
    rows = [
        _row(board, view, f"Asse {asse.pk} – {asse.nome}", asse.pk) for asse in Asse.objects.all()
    ]
    unsplit = _row(board, view, "Non ripartito tra gli assi", NON_RIPARTITO)
    total = _row(board, view, "Programma", None) | {"totale": True}
    board.load()
    apart = [unsplit] if known(unsplit) else []
    return DatiFinanziari((*rows, *apart, total), Aggiornamento.at(al), _sources(al))


def _row(board: Board, view: View, name: str, asse: str | None) -> Row:
    row: Row = {"asse": name, "chiave": asse or "programma"}
    for key, quantity in NOTE.items():
        row[key] = board(view.amount(quantity, asse=asse))
    ordinary = View(view.al, Perimetro.ORDINARIA.value)
    row["ordinarie"] = board(ordinary.amount(NOTE["selezionate"], asse=asse))
    if asse != NON_RIPARTITO:  # what is of no asse has no endowment to be a share of
        endowment = view.endowment(asse)
        row["dotazione"] = board(endowment)
        for key, quantity in NOTE.items():
            row[f"quota_{key}"] = board(rapporto(view.amount(quantity, asse=asse), endowment))
    return row


def _sources(al: date) -> tuple[str, ...]:
    """Documents and flows, not their sections: title and day of their data."""
    used = Q()
    for name in NOTE.values():
        movements = GRANDEZZE[name].objects.in_force().up_to(al).order_by()
        used |= Q(pk__in=movements.values("fonte"))
    plan = VersionePiano.objects.filter(data__lte=al).order_by("data").last()
    if plan:
        used |= Q(pk__in=plan.dotazioni.values("fonte"))
    found = Fonte.objects.filter(used).order_by("data", "documento")
    titles = found.values_list("titolo", "data")
    return tuple(dict.fromkeys(f"{title} (dati al {italian(day)})" for title, day in titles))
