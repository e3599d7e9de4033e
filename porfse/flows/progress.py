"""How far a validation has come: kept in the cache, so that any page and any worker can tell."""

import logging
from dataclasses import asdict, dataclass
from time import time

from django.core.cache import cache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)
_KEEP = 3600  # seconds


@dataclass(frozen=True)
class Progress:
    """Rows done of about how many, since when (seconds of the clock)."""

    righe: int
    attese: int
    inizio: float
    aggiornato: float
    fase: str

    @property
    def percentuale(self) -> int:
        """From 0 to 99: the end is when the state says so."""
        return min(99, 100 * self.righe // self.attese) if self.attese else 0

    @property
    def velocita(self) -> int:
        """Rows a second."""
        return int(self.righe / max(self.aggiornato - self.inizio, 0.001))

    @property
    def secondi_rimanenti(self) -> int | None:
        """Seconds that the rows left will take at this speed."""
        left = max(self.attese - self.righe, 0)
        return -(-left // self.velocita) if self.velocita else None


class Reporter:
    """Tells the progress of one flow."""

    def __init__(self, flow: int, expected: int) -> None:
        self._flow = flow
        self._expected = expected
        self._start = time()
        self._rows = 0
        self.rows(0)

    def rows(self, done: int) -> None:
        """Tell how many rows were read."""
        self._rows = done
        self._tell("lettura")

    def phase(self, name: str) -> None:
        """Tell what is done after the reading."""
        self._tell(name)

    def _tell(self, phase: str) -> None:
        now = Progress(self._rows, max(self._expected, self._rows), self._start, time(), phase)
        try:
            cache.set(_key(self._flow), asdict(now), _KEEP)
        except RedisError as error:  # what is told of the work must not end the work
            log.warning("flusso %s: avanzamento non registrato (%s)", self._flow, error)


def progress_of(flow: int) -> Progress | None:
    """Return the last that was told of a flow's validation."""
    found = cache.get(_key(flow))
    return Progress(**found) if found else None


def forget(flow: int) -> None:
    """Nothing is in progress any more."""
    try:
        cache.delete(_key(flow))
    except RedisError as error:
        log.warning("flusso %s: avanzamento non rimosso (%s)", flow, error)


def _key(flow: int) -> str:
    return f"flusso-avanzamento-{flow}"
