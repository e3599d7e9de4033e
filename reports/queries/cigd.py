"""The CIGD at a day, in sums alone: payments, caps, certifiable and certified, verifications.

What of that day cannot be known any more is not given: see `Lettura`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.utils import timezone

from cigd import certifiable, progress
from cigd.azioni import AZIONE_ALTRI, AZIONE_COMUNI
from cigd.figures import AZIONI, amount
from cigd.figures_pool import pool
from cigd.figures_verifiche import VOCI, sample
from cigd.models import (
    Campione,
    ControlloAnnullato,
    ControlloFlusso,
    Lotto,
    Spostamento,
    Stato,
    Verifica,
)
from cigd.results import results
from cigd.scope import Scope, scope
from porfse.figures import Board, Figure, rapporto
from porfse.models import Flow, Provincia
from programme.models import Azione
from reports.documento import Cella
from reports.queries.cigd_giorno import Giorno, after, giorno, unchanged

Row = dict[str, Any]
_UNDECIDED = (Lotto.Stato.IN_PREPARAZIONE, Lotto.Stato.PRONTO, Lotto.Stato.IN_CERTIFICAZIONE)


@dataclass(frozen=True)
class Lettura:
    """Rows of figures that have their values, as the pages of the CIGD show them.

    Attributes:
        al: the day of all of them: of what is paid by its date of payment, of what is certified by
            that of its payment application, of the rest by when it was recorded.
        quadro: the board that the figures are on.
        flussi: those with a payment by then.
        controlli: when each of them was checked at the desk, if it was.
        massimali: one row for each day on which an act changed the allocation.
        fonti_massimali: the documents that say so.
        certificabile: None if the states of the payments at that day are not known; then `stati`
            and `pool_flussi` are empty.
        lotti: certified batches; `in_attesa` are those that wait for a decision.
        lotti_azioni: the content of each certified batch in each azione.
        campioni: `noto` says whether its results are those of that day.
        esiti: `tipo`, `esito`, `numero`, `irregolare`, `tagliato` of the verifications.
        verifiche_dopo: how many of the same samples were recorded, or changed, afterwards.
    """

    al: date
    ambito: Scope
    quadro: Giorno
    flussi: Sequence[Flow]
    controlli: dict[int, date]
    azioni: Sequence[Row]
    massimali: Sequence[Row]
    fonti_massimali: Sequence[str]
    mesi: Sequence[Row]
    province: Sequence[Row]
    per_flusso: Sequence[Row]
    capienza: Sequence[Row]
    stati: Sequence[Row]
    pool_flussi: Sequence[Row]
    certificabile: Figure | None
    spostamenti: Sequence[Spostamento]
    lotti: Sequence[Row]
    lotti_azioni: Sequence[Row]
    in_attesa: int
    campioni: Sequence[Row]
    esiti: Sequence[Row]
    verifiche_dopo: int

    @property
    def totale(self) -> Row:
        """Allocation, payments and what is left, of both azioni together."""
        return self.azioni[-1]

    @property
    def esempio(self) -> bool:
        """Whether anything of that day is an example."""
        found = (self.flussi, self.lotti, self.spostamenti, self.campioni)
        return self.ambito.esempio and any(found)

    @property
    def certificata(self) -> Cella:
        """What the batches declared; without any, and without payments, nobody knows."""
        if not self.lotti and not self.flussi:
            return Cella(nota="nessun pagamento e nessun lotto")
        return Cella(sum((row["importo"].amount for row in self.lotti), Decimal(0)))


def lettura(al: date) -> Lettura:
    """Read the CIGD at a day; as many queries whatever there is."""
    counted = scope()
    board = giorno(counted, al)
    flows = list(Flow.objects.filter(pk__in=board.flussi).select_related("fonte").order_by("pk"))
    movements = list(progress.moves(al))
    found = Lettura(
        al=al,
        ambito=counted,
        quadro=board,
        flussi=flows,
        controlli=_checks(flows, al),
        azioni=progress.azione_rows(board, al, Azione.objects.filter(pk__in=AZIONI).order_by("pk")),
        massimali=progress.cap_rows(board, movements),
        fonti_massimali=list(dict.fromkeys(str(movement.fonte) for movement in movements)),
        mesi=progress.month_rows(board),
        province=_by_provincia(board),
        per_flusso=progress.flow_rows(board, flows),
        capienza=certifiable.cap_rows(board, al),
        **_pool(board, known=bool(flows) and unchanged(board, flows, counted, al)),
        **_certification(board, counted, al),
        **_verifications(board, counted, al),
    )
    board.load()
    progress.judged(found.azioni)
    return found


def _pool(board: Giorno, *, known: bool) -> Row:
    if not known:
        return {"stati": (), "pool_flussi": (), "certificabile": None}
    return {
        "stati": certifiable.state_rows(board),
        "pool_flussi": certifiable.flow_rows(board, board.flussi),
        "certificabile": board(pool(stato=Stato.CERTIFICABILE)),
    }


def _certification(board: Board, counted: Scope, al: date) -> Row:
    moved = Spostamento.objects.filter(esempio=counted.esempio, deciso_il__lt=after(al))
    batches = Lotto.objects.filter(esempio=counted.esempio, domanda_data__lte=al).order_by("pk")
    certified = list(batches.filter(stato=Lotto.Stato.CERTIFICATO))
    contents = [(each, certifiable.content_rows(board, each)) for each in certified]
    return {
        "spostamenti": list(moved.select_related("atto").order_by("pk")),
        "lotti": [{"lotto": each, **rows[-1]} for each, rows in contents],
        "lotti_azioni": [{"lotto": each, **row} for each, rows in contents for row in rows[:-1]],
        "in_attesa": batches.filter(stato__in=_UNDECIDED).count(),
    }


def _verifications(board: Board, counted: Scope, al: date) -> Row:
    samples = Campione.objects.filter(esempio=counted.esempio, estratto_il__lt=after(al))
    recorded = Verifica.objects.filter(elemento__campione__in=samples)
    later = recorded.filter(registrata_il__gte=after(al))
    changed = list(later.values_list("elemento__campione", flat=True))
    return {
        "campioni": _samples(board, samples, changed),
        "esiti": _outcomes(recorded.filter(registrata_il__lt=after(al))),
        "verifiche_dopo": len(changed),
    }


def _checks(flows: Sequence[Flow], al: date) -> dict[int, date]:
    """When each flow was checked at the desk, if it was on a day, whatever was undone later."""
    then = {"flusso__in": [flow.pk for flow in flows], "controllato_il__lt": after(al)}
    undone = ControlloAnnullato.objects.filter(annullato_il__gte=after(al), **then)
    rows = [
        *undone.values_list("flusso", "controllato_il"),
        *ControlloFlusso.objects.filter(**then).values_list("flusso", "controllato_il"),
    ]
    return {flow: timezone.localdate(when) for flow, when in rows}


def _by_provincia(board: Board) -> list[Row]:
    rows = progress.provincia_rows(board, Provincia.objects.all())
    for row in rows:
        place = row.get("sigla")
        row |= {
            "comuni": board(amount(azione=AZIONE_COMUNI, provincia=place)),
            "altri": board(amount(azione=AZIONE_ALTRI, provincia=place)),
        }
    return rows


def _samples(board: Board, found: QuerySet[Campione], changed: Collection[int]) -> list[Row]:
    """Each sample with all its figures, its error rates and what they say of the threshold.

    Args:
        changed: samples with a verification that was recorded after the day.
    """
    samples = list(found.order_by("pk"))
    verdicts = results(each.pk for each in samples)
    rows = []
    for each in samples:
        part = {voce: sample(each.pk, voce) for voce in VOCI}
        rows.append(
            {
                "campione": each,
                "noto": each.pk not in changed,
                "verdetto": verdicts[each.pk].esito,
                **{voce: board(figure) for voce, figure in part.items()},
                "tasso": board(rapporto(part["irregolare"], part["controllato"])),
                "tasso_proiettato": board(rapporto(part["errore"], part["popolazione"])),
            }
        )
    return rows


def _outcomes(rows: QuerySet[Verifica]) -> list[Row]:
    sums = {
        "numero": Count("pk"),
        "irregolare": Sum("importo_irregolare"),
        "tagliato": Sum("decurtazione"),
    }
    return list(rows.order_by("tipo", "esito").values("tipo", "esito").annotate(**sums))
