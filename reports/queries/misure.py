"""What Smart Working and Formazione Continua have come to: as published, and by their rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from measures import avvisi
from measures.endowment import endowment, uses
from measures.figures import PUBBLICATA, granted, number
from measures.formazione_continua import massimali, modalita
from measures.formazione_continua.massimali import PARAMETRI, Soggetto
from measures.means import mean
from measures.misura import UNKNOWN, Misura, misura_of
from measures.models import ParametroAvviso, StatisticaPubblicata
from measures.progress import funnel_rows, loss_rows, part_rows, provincia_rows, voice_row
from measures.scope import Ambito
from measures.smart_working.griglia import by_grid
from porfse.figures import Board, differenza, rapporto, somma
from porfse.models import Flow, Fonte, Provincia
from porfse.periods import italian
from reports.queries.misure_giorno import Giorno, Righe, Stampato, righe, stampato

Row = dict[str, Any]
SMART_WORKING, FORMAZIONE = "smart-working", "formazione-continua"
_FASE = "beneficiarie"  # of Smart Working: those in force
_OWN = ("numero", "concesso", "liquidato")  # columns of the rows, not of what is published


@dataclass(frozen=True)
class Quadro:
    """What every measure has at a day: rows of loaded figures, each named by `nome`.

    Attributes:
        righe_al: the day of the last flow that wrote the rows; None if they are not shown.
        taciute: there are real rows, but none that tells of the day.
        usi: how much of the endowment each kind of data uses (`measures.endowment.Uso`).
        dotazioni: the endowments of its acts, the oldest first.
        fonti_pubblicate, fonti_dotazioni: documents, in words, each once.
        flussi: what was acquired, in words; empty if no rows are shown.
    """

    al: date
    ambito: Ambito
    righe_al: date | None
    taciute: bool
    fasi: tuple[Row, ...]
    perdite: tuple[Row, ...]
    province: tuple[Row, ...]
    usi: tuple[Row, ...]
    dotazioni: tuple[Row, ...]
    fonti_pubblicate: tuple[str, ...]
    fonti_dotazioni: tuple[str, ...]
    flussi: str


@dataclass(frozen=True)
class SmartWorking:
    """Those in force by size class, provisions and sector, and all that is printed of it.

    Attributes:
        griglia: the published amounts of the classes against the grid of the call, if the day is
            theirs.
        stampate: each figure on its own day.
    """

    quadro: Quadro
    classi: tuple[Row, ...]
    griglia: tuple[Row, ...]
    gruppi: tuple[Row, ...]
    settori: tuple[Row, ...]
    stampate: tuple[Row, ...]


@dataclass(frozen=True)
class Formazione:
    """Vouchers by mode, by month and mode, and their holders by the part of the ceiling they use.

    Attributes:
        parametri: the ceilings, as the call sets them.
    """

    quadro: Quadro
    modalita: tuple[Row, ...]
    mesi: tuple[Row, ...]
    massimali: tuple[Row, ...]
    parametri: tuple[Row, ...]


def misure(al: date) -> tuple[SmartWorking, Formazione]:
    """Read both measures at a day, as far as it is known what they were."""
    asked = [misura_of(SMART_WORKING), misura_of(FORMAZIONE)]
    found = stampato(asked, al)
    board, (smart, training) = Giorno(found), righe(asked, found)
    provinces = list(Provincia.objects.all())
    smart_parts = _smart_parts(board, smart.ambito, found)
    training_parts = _training_parts(board, training.ambito)
    smart_quadro = _quadro(board, smart, found, provinces)
    training_quadro = _quadro(board, training, found, provinces)
    # The parameters of a call have no day: they are told once something is known of its measure.
    known = training_quadro.dotazioni or training.flussi or training.ambito.al
    board.load()
    return (
        SmartWorking(smart_quadro, **smart_parts),
        Formazione(training_quadro, **training_parts, parametri=_ceilings() if known else ()),
    )


def _quadro(board: Board, rows: Righe, found: Stampato, provinces: Iterable[Provincia]) -> Quadro:
    scope = rows.ambito
    misura, history = scope.misura, found.history(scope.misura.slug)
    return Quadro(
        al=found.al,
        ambito=scope,
        righe_al=rows.flussi[-1].fonte.data if rows.flussi else None,
        taciute=rows.taciute,
        fasi=tuple(funnel_rows(board, scope)),
        perdite=tuple(loss_rows(board, scope)),
        province=tuple(provincia_rows(board, scope, provinces)),
        usi=tuple(vars(use) for use in uses(board, scope)),
        dotazioni=tuple(
            {
                "nome": italian(row.fonte.data),
                "importo": board(endowment(misura, row.ordine)),
                "atto": str(row.atto or "n.d."),
                "parole": row.parole,
                "fonte": str(row.fonte),
            }
            for row in history
        ),
        fonti_pubblicate=_documents(row.fonte for row in found.of(misura.slug)),
        fonti_dotazioni=_documents(row.fonte for row in history),
        flussi=_flows(misura, rows.flussi),
    )


def _smart_parts(board: Board, scope: Ambito, found: Stampato) -> dict[str, tuple[Row, ...]]:
    classes = part_rows(board, scope, _FASE, "classe")
    sectors = part_rows(board, scope, _FASE, "settore")
    sectors[-1:-1] = _other_sectors(board, scope, sectors)
    stamped = sorted(found.of(SMART_WORKING), key=lambda row: row.data, reverse=True)
    # The grid is held against the latest classes alone.
    later = {(row.misura, row.dimensione) for row in found.successive}
    latest = scope.publishes(_FASE, "classe") and (SMART_WORKING, "classe") not in later
    return {
        "classi": _with_means(board, scope, classes, "classe"),
        "griglia": tuple(
            _against_grid(board, scope, row) for row in classes if latest and "voce" in row
        ),
        "gruppi": _with_means(board, scope, part_rows(board, scope, _FASE, "gruppo"), "gruppo"),
        "settori": tuple(sectors),
        "stampate": tuple(_stamped(board, scope.misura, row) for row in stamped),
    }


def _training_parts(board: Board, scope: Ambito) -> dict[str, tuple[Row, ...]]:
    modes = part_rows(board, scope, modalita.FASE, "gruppo") if scope.righe else []
    return {
        "modalita": tuple(modes),
        "mesi": tuple(modalita.month_rows(board, scope)),
        "massimali": tuple(massimali.distribution(board, scope)),
    }


def _with_means(
    board: Board, scope: Ambito, rows: Sequence[Row], dimensione: str
) -> tuple[Row, ...]:
    """Add the mean amount of each row, of the kinds of data that it has."""
    for row in rows:
        cut = {dimensione: row["voce"]} if "voce" in row else {}
        for prefix, kind in (("pub_", PUBBLICATA), ("", scope.righe)):
            if f"{prefix}concesso" in row:
                row[f"{prefix}media"] = board(mean(scope.misura, _FASE, fonte=kind, **cut))
    return tuple(rows)


def _against_grid(board: Board, scope: Ambito, row: Row) -> Row:
    stamped = granted(scope.misura, _FASE, fonte=PUBBLICATA, classe=row["voce"])
    expected = by_grid(row["voce"])
    return {
        "nome": row["nome"],
        "pubblicato": board(stamped),
        "griglia": board(expected),
        "differenza": board(differenza(stamped, expected)),
    }


def _other_sectors(board: Board, scope: Ambito, rows: Sequence[Row]) -> list[Row]:
    """What the total has beside the printed sectors, and what the rows do not tell."""
    *named, total = rows
    unknown = voice_row(board, scope, "ATECO non indicato", _FASE, settore=UNKNOWN)
    unknown = {name: unknown[name] for name in ("nome", *_OWN) if name in unknown}
    others: Row = {"nome": "Altri settori"}
    for field in ("pub_numero", *_OWN):
        if field in total:
            less = [row[field].expression for row in (*named, unknown) if field in row]
            others[field] = board(differenza(total[field].expression, somma(*less)))
    shown = [others, unknown] if scope.righe else [others]
    for row in shown:
        for prefix in ("pub_", ""):
            if f"{prefix}numero" in row:
                parts = (each[f"{prefix}numero"].expression for each in (row, total))
                row[f"{prefix}quota"] = board(rapporto(*parts))
    return shown


def _stamped(board: Board, misura: Misura, row: StatisticaPubblicata) -> Row:
    """A published statistic with its figures, of its own day."""
    where = {row.dimensione: row.voce} if row.dimensione else {}
    name = misura.fasi[row.fase].nome
    if where:
        name = f"{name}, {misura.dimensioni[row.dimensione].voci.get(row.voce, row.voce)}"
    asked = {"fonte": PUBBLICATA, "al": row.data, **where}
    return {
        "nome": name,
        "data": row.data,
        "parole": row.parole,
        "numero": board(number(misura, row.fase, **asked)),
        "importo": board(granted(misura, row.fase, **asked)),
    }


def _ceilings() -> tuple[Row, ...]:
    rows = {row.chiave: row for row in ParametroAvviso.objects.filter(misura=FORMAZIONE, da=None)}
    return tuple(
        {
            "nome": str(Soggetto(holder).label),
            "valore": avvisi.value(FORMAZIONE, key),
            "fonte": rows[key].fonte,
            "parole": rows[key].parole,
        }
        for holder, key in PARAMETRI.items()
        if key in rows
    )


def _documents(sources: Iterable[Fonte]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{item} (dati al {italian(item.data)})" for item in sources))


def _flows(misura: Misura, flows: Sequence[Flow]) -> str:
    """The flows whose rows are shown: how many of each source, and the last."""
    told = []
    for source in misura.sorgenti:
        found = [flow for flow in flows if flow.sorgente == source.slug]
        if found:
            last = f"flusso n. {found[-1].pk}, dati al {italian(found[-1].fonte.data)}"
            many = f"{len(found)} flussi acquisiti, l'ultimo è il {last}"
            told.append(f"{source.nome}: {last if len(found) == 1 else many}")
    return "; ".join(told)
