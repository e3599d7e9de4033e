"""Where what a report of the programme shows comes from, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from porfse.models import Fonte
from porfse.periods import italian
from programme.models import (
    GRANDEZZE,
    Destinatari,
    Dotazione,
    Indicatore,
    TargetN3,
    ValoreIndicatore,
)
from reports.queries.aggiornamento import DESTINATARI, INDICATORI, Aggiornamento

_PUBLISHED = Fonte.Genere.PUBBLICATA
_OTHERS = {
    Fonte.Genere.FLUSSO: "flussi acquisiti",
    Fonte.Genere.INSERITA: "movimenti inseriti con il loro atto",
}


@dataclass(frozen=True)
class Fonti:
    """The sources of each kind of data up to a day, and all of them, each once.

    Attributes:
        registro: of the ledger; the others by name.
        tutte: each of them, once; `listed` tells them.
        dati: how old they are.
    """

    registro: str
    piano: str
    destinatari: str
    indicatori: str
    target: str
    tutte: tuple[Fonte, ...]
    dati: Aggiornamento


def fonti(al: date) -> Fonti:
    """Return the sources of what is known of the programme at a day."""
    rows: dict[str, list[QuerySet[Any]]] = {
        "registro": [model.objects.in_force().up_to(al) for model in GRANDEZZE.values()],
        "piano": [Dotazione.objects.filter(versione__data__lte=al)],
        "destinatari": [Destinatari.objects.filter(data__lte=al)],
        "indicatori": [
            ValoreIndicatore.objects.filter(data__lte=al),
            Indicatore.objects.filter(valori__data__lte=al),
        ],
        "target": [TargetN3.objects.filter(fonte__data__lte=al)],
    }
    found = {name: _sources(parts) for name, parts in rows.items()}
    every = {source.pk: source for sources in found.values() for source in sources}
    data = Aggiornamento.at(al)
    words = {
        "registro": data.titolo(f"Registro dei movimenti del programma al {italian(al)}"),
        "piano": f"Piano finanziario in vigore al {italian(al)}",
        "destinatari": data.titolo(f"Destinatari raggiunti al {italian(al)}", DESTINATARI),
        "indicatori": data.titolo(f"Indicatori del programma al {italian(al)}", INDICATORI),
        "target": "Target N+3 pubblicati e registro dei movimenti del programma",
    }
    return Fonti(
        **{name: _words(start, found[name]) for name, start in words.items()},
        tutte=tuple(every.values()),
        dati=data,
    )


def _sources(parts: Iterable[QuerySet[Any]]) -> list[Fonte]:
    wanted = Q()
    for rows in parts:
        wanted |= Q(pk__in=rows.order_by().values("fonte"))
    return list(Fonte.objects.filter(wanted).order_by("documento", "data", "sezione"))


def _words(start: str, sources: Iterable[Fonte]) -> str:
    """What they are, the documents by title, the rest by kind."""
    kinds = {
        f"«{source.titolo}»" if source.genere == _PUBLISHED else _OTHERS[source.genere]: None
        for source in sources
    }
    return f"{start}: {'; '.join(kinds)}." if kinds else f"{start}."


def listed(sources: Iterable[Fonte]) -> tuple[str, ...]:
    """Return a line for each document, with its sections, and for each other source."""
    lines: dict[str, list[str]] = {}
    for source in sorted(sources, key=lambda each: (each.documento, each.data, each.sezione)):
        title = source.titolo
        if source.genere != _PUBLISHED:
            title = f"{source.titolo} ({source.get_genere_display()}, {italian(source.data)})"
        lines.setdefault(title, []).extend(filter(None, [source.sezione]))
    return tuple(
        f"{title}: {'; '.join(dict.fromkeys(sections))}." if sections else f"{title}."
        for title, sections in lines.items()
    )
