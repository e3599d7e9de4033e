"""The rows of a PAL flow held against those in force: what was seen, what a person had entered."""

from collections.abc import Iterator
from dataclasses import dataclass

from crisi.flows.pal_controlli import resolved
from crisi.models import AvanzamentoPAL, Conflitto, Strumento
from crisi.models.pal import PASSI
from crisi.services.pal import Riga, values_of
from porfse import money
from porfse.flows.stage import Stage
from porfse.tables import ND

NUMERI = ("sospesi", *PASSI)
_PAROLE = dict(zip(NUMERI, ("sospesi", *(f"STEP {n}" for n in range(1, 5)), "NO PAL"), strict=True))
# A file without the column says nothing of the instruments that are known.
_KNOWN_INSTRUMENTS = """
    UPDATE {stage} s SET strumenti = nullif(array_to_string(a.strumenti, ','), '')
    FROM ({resolved}) r
    JOIN crisi_avanzamentopal a ON a.unita_id = r.unita_id AND a.trimestre = r.trimestre
        AND a.sostituito_il IS NULL
    WHERE s.riga = r.riga
"""
_SEEN = """
    CREATE TABLE {viste} AS
    SELECT r.trimestre, r.unita_id, r.codice_pratica, a.id AS avanzamento_id
    FROM ({resolved}) r
    LEFT JOIN crisi_avanzamentopal a ON a.unita_id = r.unita_id AND a.trimestre = r.trimestre
        AND a.sostituito_il IS NULL
"""
_CHANGED = """
    SELECT v.codice_pratica FROM {viste} v
    LEFT JOIN crisi_avanzamentopal a ON a.unita_id = v.unita_id AND a.trimestre = v.trimestre
        AND a.sostituito_il IS NULL
    WHERE a.id IS DISTINCT FROM v.avanzamento_id ORDER BY 1 LIMIT 1
"""


@dataclass(frozen=True)
class Arrivo:
    """A row of the flow, and the one in force for the same site and quarter, if there is one."""

    trimestre: str
    codice_pratica: str
    id_unita: str
    riga: Riga
    in_vigore: AvanzamentoPAL | None

    @property
    def a_mano(self) -> bool:
        """Whether a person entered the row in force, and the flow says otherwise."""
        stored = self.in_vigore
        return (
            stored is not None
            and stored.flusso_id is None
            and self.riga.valori != values_of(stored)
        )


def arrivals(stage: Stage) -> Iterator[Arrivo]:
    """Yield the accepted rows whose site is there, in the order of the file.

    What the flow does not carry stays: the name of the other instrument, which it has never, and
    the reason of the exempt where it is not sent.
    """
    names = ("trimestre", "codice_pratica", "id_unita", "unita_id", "motivo_esonero", "strumenti")
    found = stage.execute(
        f"SELECT {', '.join((*names, *NUMERI))} FROM ({resolved(stage)}) r"  # noqa: S608
        " WHERE unita_id IS NOT NULL ORDER BY riga"
    )
    quarters = {row[0] for row in found}
    standing = {
        (row.trimestre, row.unita_id): row
        for row in AvanzamentoPAL.objects.in_force().filter(trimestre__in=quarters)
    }
    for trimestre, pratica, code, unita, motivo, strumenti, *numbers in found:
        before = standing.get((trimestre, unita))
        values = dict(zip(NUMERI, numbers, strict=True))
        if before and values["no_pal"] and not motivo:
            motivo = before.motivo_esonero  # noqa: PLW2901
        sent = instruments(strumenti or "")
        other = before.altro_strumento if before and Strumento.ALTRO in sent else ""
        riga = Riga(
            unita_id=unita,
            **values,
            motivo_esonero=motivo or "",
            strumenti=sent,
            altro_strumento=other,
            vista=before.pk if before else None,
        )
        yield Arrivo(trimestre, pratica, code, riga, before)


def instruments(text: str) -> tuple[str, ...]:
    """Return the codes of a cell, `dul, fc`, in the order of their list."""
    sent = {code.strip().lower() for code in text.split(",")}
    return tuple(code for code in Strumento.values if code in sent)


def prepare(stage: Stage) -> None:
    """Keep which rows were in force, and store the conflicts; a choice stands while both do."""
    if "strumenti" in stage.absent:
        stage.execute(_KNOWN_INSTRUMENTS.format(stage=stage.table, resolved=resolved(stage)))
    stage.execute(_SEEN.format(viste=stage.part("viste"), resolved=resolved(stage)))
    old = Conflitto.objects.filter(flusso=stage.flow)
    before = {_key(item): item for item in old.exclude(scelta="")}
    fresh = [_conflict(stage, each) for each in arrivals(stage) if each.a_mano]
    for item in fresh:
        decided = before.get(_key(item))
        if decided:
            item.scelta, item.deciso_da = decided.scelta, decided.deciso_da
            item.deciso_il = decided.deciso_il
    old.delete()
    Conflitto.objects.bulk_create(fresh, batch_size=2_000)


def _key(item: Conflitto) -> tuple[str, ...]:
    return item.codice_pratica, item.id_unita, item.campo, item.in_archivio, item.nel_flusso


def _conflict(stage: Stage, each: Arrivo) -> Conflitto:
    assert each.in_vigore is not None  # noqa: S101 – `a_mano` says so
    return Conflitto(
        flusso=stage.flow,
        codice_pratica=each.codice_pratica,
        id_unita=each.id_unita,
        campo=each.trimestre,
        in_archivio=in_words(values_of(each.in_vigore)),
        nel_flusso=in_words(each.riga.valori),
    )


def in_words(values: dict[str, object]) -> str:
    """Return the values of a row as people read them, in one line."""
    told = [
        f"{words} {ND if (number := values[name]) is None else money.number(number)}"
        for name, words in _PAROLE.items()
    ]
    if values["motivo_esonero"]:
        told[-1] += f" ({values['motivo_esonero']})"
    names = [Strumento(code).label for code in values["strumenti"]]
    if values["altro_strumento"]:
        names[-1] += f" ({values['altro_strumento']})"
    return "; ".join([*told, *([f"strumenti {', '.join(names)}"] if names else [])])


def changed_since(stage: Stage) -> str:
    """Return a pratica one of whose rows was written after the validation; empty if none."""
    found = stage.execute(_CHANGED.format(viste=stage.part("viste")))
    return str(found[0][0]) if found else ""
