"""How far the building of an edition has come: kept in the cache, so that any page can tell."""

import logging
from collections.abc import Collection
from dataclasses import asdict, dataclass
from time import time

from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import RedisError

from reports.models import Edizione
from reports.report import FORMATI

log = logging.getLogger(__name__)
_KEEP = 3600  # seconds
_SILENCE = 30  # seconds without news after which the page says so
DATI, CONTROLLI, REGISTRO = "dati", "controlli", "registro"
_NAMES = {
    DATI: "Lettura dei dati",
    CONTROLLI: "Controlli",
    REGISTRO: "Registrazione della bozza",
}


def name_of(fase: str) -> str:
    """Return a phase in words."""
    return _NAMES.get(fase) or f"Preparazione del file {FORMATI[fase].partition(' (')[0]}"


@dataclass(frozen=True)
class Progress:
    """The phase that has begun, how many ended before it, of how many; seconds of the clock."""

    fase: str
    finite: int
    fasi: int
    aggiornato: float

    @property
    def percentuale(self) -> int:
        """From 0 to 99: the end is when the state says so."""
        return min(99, 100 * self.finite // self.fasi)


class Reporter:
    """Tells the progress of one edition.

    Attributes:
        fase: the one that has begun last.
    """

    def __init__(self, edizione: int, formati: Collection[str]) -> None:
        self._edizione = edizione
        self._phases = [DATI, CONTROLLI, *formati, REGISTRO]
        self.fase = DATI

    def begin(self, fase: str) -> None:
        """Tell that a phase begins."""
        self.fase = fase
        now = Progress(fase, self._phases.index(fase), len(self._phases), time())
        try:
            cache.set(_key(self._edizione), asdict(now), _KEEP)
        except RedisError as error:  # what is told of the work must not end the work
            log.warning("edizione %s: avanzamento non registrato (%s)", self._edizione, error)


def forget(edizione: int) -> None:
    """Nothing is in progress any more."""
    try:
        cache.delete(_key(edizione))
    except RedisError as error:
        log.warning("edizione %s: avanzamento non rimosso (%s)", edizione, error)


@dataclass(frozen=True)
class Avanzamento:
    """How far an edition has come, in words; `percento` None while nobody can tell."""

    fase: str
    percento: int | None = None
    dettagli: tuple[str, ...] = ()


def advancement(edizione: Edizione) -> Avanzamento | None:
    """Return how far an edition in progress has come; None if none is."""
    match edizione.stato:
        case Edizione.Stato.IN_CODA:
            name, percent, seconds = "In attesa di un elaboratore libero", None, _waited(edizione)
        case Edizione.Stato.IN_COSTRUZIONE:
            told = _told(edizione.pk)
            name = name_of(told.fase) if told else "Costruzione in corso"
            percent = told.percentuale if told else None
            seconds = int(time() - told.aggiornato) if told else 0
        case _:
            return None
    if edizione.interrotta_da_id:
        name = "Interruzione richiesta: ha effetto al termine della fase in corso"
    return Avanzamento(name, percent, _details(edizione.messaggio, seconds))


def _details(message: str, seconds: int) -> tuple[str, ...]:
    silence = (
        f"nessuna notizia da {_duration(seconds)}: se il servizio di elaborazione non risponde, la"
        " costruzione riprende da sola entro pochi minuti dal suo ripristino"
    )
    return (*([message] if message else []), *([silence] if seconds >= _SILENCE else []))


def _waited(edizione: Edizione) -> int:
    return int((timezone.now() - edizione.in_coda_dal).total_seconds())


def _told(edizione: int) -> Progress | None:
    try:
        found = cache.get(_key(edizione))
    except RedisError:  # the work goes on without it: the page says that it cannot tell
        return None
    return Progress(**found) if found else None


def _duration(seconds: int) -> str:
    if seconds < 90:
        return f"{seconds} secondi"
    minutes = (seconds + 30) // 60
    return f"{minutes} minuti" if minutes < 120 else f"{minutes // 60} ore"


def _key(edizione: int) -> str:
    return f"report-avanzamento-{edizione}"
