"""The sites of the CIGS procedures, as the two-monthly report reads and counts them."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple, Self

from crisi.models import Procedura, UnitaProduttiva
from porfse.periods import Periodo

TIPI = (Procedura.Tipo.CIGS_MIN, Procedura.Tipo.CIGS_REG)
# In the order of the fields of `Sito`.
_FIELDS = (
    *("pk", "codice", "lavoratori", "presa_in_carico_il"),
    *("comune", "comune__nome", "comune__provincia", "comune__provincia__nome"),
    *("procedura", "procedura__codice_pratica", "procedura__azienda__denominazione"),
    *("procedura__tipo", "procedura__linea_guida", "procedura__causale"),
    *("procedura__data_avvio", "procedura__data_fine", "procedura__alta_complessita"),
    "procedura__inserita_il",
)


def pratica(codice: str, procedura: int) -> str:
    """Return the number of a procedure, as the pages write one that has none yet."""
    return codice or f"n. {procedura}"


class Sito(NamedTuple):
    """A site of a CIGS procedure; `lavoratori` None is not known, which is not zero."""

    pk: int
    codice: str
    lavoratori: int | None
    presa_in_carico: date | None
    comune: str  # ISTAT
    comune_nome: str
    sigla: str
    provincia: str
    procedura: int
    codice_pratica: str
    azienda: str
    tipo: str
    linea_guida: str
    causale: str
    avvio: date
    fine: date | None
    alta_complessita: bool
    inserita: datetime

    @property
    def pratica(self) -> str:
        return pratica(self.codice_pratica, self.procedura)

    @property
    def chiave(self) -> str:
        """What tells it from the others, also after its number or its code were corrected."""
        return f"{self.procedura}/{self.pk}"

    @property
    def tipo_nome(self) -> str:
        """Ministeriale or regionale: that it is a CIGS, the report says."""
        return str(Procedura.Tipo(self.tipo).label).removeprefix("CIGS ")

    def in_corso(self, periodo: Periodo) -> bool:
        """Whether its procedure runs for at least a day of a period (`running_in`)."""
        ended = self.fine is not None and self.fine < periodo.inizio
        return self.avvio <= periodo.fine and not ended

    def avviata(self, periodo: Periodo) -> bool:
        return periodo.inizio <= self.avvio <= periodo.fine

    def conclusa(self, periodo: Periodo) -> bool:
        return self.fine is not None and periodo.inizio <= self.fine <= periodo.fine


class Somma(NamedTuple):
    """What some sites add up to; `lavoratori` None: there are sites, and none declares them."""

    procedure: int
    unita: int
    lavoratori: int | None
    non_noti: int

    @classmethod
    def of(cls, siti: Collection[Sito]) -> Self:
        known = [sito.lavoratori for sito in siti if sito.lavoratori is not None]
        workers = None if siti and not known else sum(known)
        return cls(
            len({sito.procedura for sito in siti}), len(siti), workers, len(siti) - len(known)
        )


def siti(periodo: Periodo, provincia: str, *, esempio: bool) -> list[Sito]:
    """Return those in corso in a period or in the one before, by provincia, comune and company."""
    running = Procedura.objects.running_in(periodo) | Procedura.objects.running_in(
        periodo.precedente
    )
    rows = UnitaProduttiva.objects.filter(
        procedura__in=running.filter(tipo__in=TIPI, esempio=esempio)
    )
    if provincia:
        rows = rows.filter(comune__provincia=provincia)
    return sorted((Sito(*row) for row in rows.order_by().values_list(*_FIELDS)), key=_order)


def _order(sito: Sito) -> tuple[Any, ...]:
    return (
        sito.provincia, sito.comune_nome, sito.azienda.casefold(), sito.procedura, sito.codice
    )  # fmt: skip
