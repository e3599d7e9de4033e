"""What a reader chooses of the table: period, criterion, source, comparison, measure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone

from crisi.confronti import MISURE, Misura
from crisi.selection import (
    AVVIATE,
    CALCOLATA,
    CRITERI,
    FONTI,
    PUBBLICATA,
    Selection,
    inside,
    sources,
)
from porfse.errors import BadInput
from porfse.periods import PeriodError, Periodo

PARTS = ((12, 1), *((3, number) for number in range(1, 5)), *((2, n) for n in range(1, 7)))
AUTOMATIC = "pubblicata se c'è, altrimenti calcolata"


@dataclass(frozen=True)
class Scelta:
    """What is to be shown.

    Attributes:
        affianca: the other source of the same period, beside it; None if it is not asked for.
        confronto: the same source in another period; None likewise.
    """

    base: Selection
    affianca: Selection | None
    confronto: Selection | None
    misura: Misura


class TavolaForm(forms.Form):
    """Everything is in the address; nothing chosen shows the latest published table."""

    periodo = forms.CharField(max_length=20, widget=forms.Select)
    criterio = forms.ChoiceField(
        label="Procedure", choices=list(CRITERI.items()), initial=AVVIATE, required=False
    )
    fonte = forms.ChoiceField(required=False)
    misura = forms.ChoiceField(
        label="Misura della mappa e del confronto",
        choices=[(code, misura.nome) for code, misura in MISURE.items()],
        required=False,
    )
    confronto = forms.CharField(
        label="Confronto con", max_length=20, required=False, widget=forms.Select
    )
    affianca = forms.BooleanField(
        label="Affianca pubblicata e calcolata dello stesso anno", required=False
    )

    def __init__(
        self, data: Mapping[str, Any], *, published: Sequence[int], started: Sequence[int]
    ) -> None:
        """Offer the periods of some years.

        Args:
            data: the address.
            published: years with a published table, in order.
            started: the years in which the first procedures began.
        """
        self.published = published
        today = timezone.localdate()
        default = published[-1] if published else today.year
        super().__init__({"periodo": str(default), **_given(data)}, auto_id="%s")
        years = range(today.year, min([*started, *published, today.year]) - 1, -1)
        offered = [(f"Anno {year}", _parts(year)) for year in years]
        self.fields["periodo"].widget.choices = _with(offered, self.data["periodo"])
        self.fields["confronto"].widget.choices = [
            ("", "nessun confronto"),
            *_with(offered, self.data.get("confronto", "")),
        ]
        self.fields["fonte"].choices = [  # type: ignore[attr-defined]
            ("", AUTOMATIC),
            *((name, FONTI[name]) for name in sources()),
        ]

    def chosen(self) -> Scelta:
        """Return what the reader has asked for.

        Raises:
            BadInput: a value that does not exist, or two that do not go together.
        """
        if not self.is_valid():
            wrong = self[next(iter(self.errors))]
            raise BadInput(
                f"«{wrong.label}»: il valore richiesto non esiste, sceglierlo dall'elenco."
            )
        found = self.cleaned_data
        periodo, criterio = _period(found["periodo"]), found["criterio"] or AVVIATE
        printable = periodo.mesi == 12 and periodo.anno in self.published and criterio == AVVIATE
        fonte = found["fonte"] or (PUBBLICATA if printable else CALCOLATA)
        base = Selection(periodo, criterio, fonte)
        self._check_published(base)
        return Scelta(
            base,
            self._beside(base) if found["affianca"] else None,
            self._other(base, found["confronto"]) if found["confronto"] else None,
            MISURE[found["misura"] or "lavoratori"],
        )

    def _check_published(self, asked: Selection) -> None:
        if asked.fonte != PUBBLICATA:
            return
        if asked.criterio != AVVIATE:
            raise BadInput(
                "La tabella pubblicata non distingue avviate e in corso: per le procedure in corso"
                " scegliere la fonte «calcolata dalle procedure»."
            )
        if asked.periodo.mesi != 12 or asked.periodo.anno not in self.published:
            known = ", ".join(map(str, self.published)) or "nessun anno"
            raise BadInput(
                f"Non c'è una tabella pubblicata {inside(asked.periodo)}: c'è per {known}."
                " Scegliere uno di questi anni, oppure la fonte «calcolata dalle procedure»."
            )

    def _beside(self, base: Selection) -> Selection:
        if base.fonte not in (PUBBLICATA, CALCOLATA):
            raise BadInput(
                "I dati di esempio non si affiancano a quelli pubblicati: togliere la scelta"
                " «affianca»."
            )
        if base.fonte == PUBBLICATA:
            return Selection(base.periodo, base.criterio, CALCOLATA)
        printed = Selection(base.periodo, fonte=PUBBLICATA)
        self._check_published(printed)
        return printed

    def _other(self, base: Selection, text: str) -> Selection:
        other = Selection(_period(text), base.criterio, base.fonte)
        if other.periodo == base.periodo:
            raise BadInput("Il confronto è con un periodo diverso da quello mostrato: sceglierlo.")
        self._check_published(other)
        return other


def criterion(text: str) -> str:
    """Read a criterion; nothing is the usual one.

    Raises:
        BadInput: there is no such criterion.
    """
    if text and text not in CRITERI:
        raise BadInput("Le procedure sono «avviate» o «in corso»: sceglierlo dall'elenco.")
    return text or AVVIATE


def _given(data: Mapping[str, Any]) -> dict[str, str]:
    return {name: text for name in TavolaForm.base_fields if (text := data.get(name, "").strip())}


def _parts(year: int) -> list[tuple[str, str]]:
    """The periods of a year that have begun."""
    periods = (Periodo(year, months, number) for months, number in PARTS)
    today = timezone.localdate()
    return [(str(periodo), periodo.nome) for periodo in periods if periodo.inizio <= today]


def _with(offered: Sequence[tuple[str, Any]], text: str) -> list[tuple[str, Any]]:
    """Add a period that the address names and the list has not: it is shown as chosen."""
    known = {value for _, group in offered for value, _ in group}
    return list(offered) if text in known or not text else [(text, text), *offered]


def _period(text: str) -> Periodo:
    """Read a period that has begun.

    Raises:
        PeriodError: unreadable, before the first year or not begun yet.
    """
    found = Periodo.parse(text)
    first = settings.EARLIEST_DATE.year
    if found.anno < first:
        raise PeriodError(f"Il periodo {found} è troppo indietro: il primo anno è {first}.")
    if found.inizio > timezone.localdate():
        raise PeriodError(f"Il periodo {found} non è ancora iniziato: sceglierne uno precedente.")
    return found
