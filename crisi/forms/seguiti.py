"""The rows of what a meeting asks for, and that one was done or is open again."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from crisi.services.tavoli import AHEAD, LATEST_TERM, Richiesta
from porfse.errors import BadInput
from porfse.forms import GiornoField

MOST_ROWS = 50
_COUNT = "righe"  # the hidden field that says how many rows were sent
_FIELDS = ("id", "descrizione", "provincia", "entro", "togli")
_REGION = ("", "Regione")


class SeguitoForm(forms.Form):
    """Something that the meeting asks for; an empty row is none."""

    id = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    descrizione = forms.CharField(label="Che cosa va fatto", max_length=300)
    provincia = forms.ChoiceField(label="A carico di", required=False)
    entro = GiornoField(label="Entro il")
    togli = forms.BooleanField(required=False, label="Togli questo seguito")

    def __init__(self, *args: Any, province: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, empty_permitted=True, use_required_attribute=False, **kwargs)
        self.fields["provincia"].choices = [_REGION, *province]  # type: ignore[attr-defined]
        last = timezone.localdate() + AHEAD + LATEST_TERM
        self.fields["entro"].latest = last  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A row that goes need not be right."""
        given = super().clean() or {}
        if given.get("togli"):
            self._errors.clear()
        return given

    @property
    def vuota(self) -> bool:
        return not self.cleaned_data.get("descrizione")


class Righe:
    """All the rows of a form.

    Args:
        data: what was sent; None shows the rows as `valori` have them.
        valori: a row for each.
    """

    def __init__(
        self,
        province: Sequence[tuple[str, str]],
        *,
        data: QueryDict | None = None,
        valori: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        number = _count(data) if data is not None else len(valori)
        self.forms = [
            SeguitoForm(
                data,
                prefix=f"seguiti-{place}",
                initial=valori[place] if data is None else None,
                province=province,
            )
            for place in range(number)
        ]

    def __iter__(self) -> Any:
        return iter(self.forms)

    def __len__(self) -> int:
        return len(self.forms)

    def is_valid(self) -> bool:
        """Judge every row, so that each shows its errors."""
        return not [form for form in self.forms if not form.is_valid()]

    @property
    def errors(self) -> bool:
        return any(form.is_bound and form.errors for form in self.forms)

    def kept(self) -> list[SeguitoForm]:
        """The valid rows that ask for something."""
        return [form for form in self.forms if not form.vuota and not form.cleaned_data["togli"]]

    def richieste(self) -> list[Richiesta]:
        """What the valid rows ask for."""
        return [
            Richiesta(given["descrizione"], given["entro"], given["provincia"] or None, given["id"])
            for given in (form.cleaned_data for form in self.kept())
        ]

    def tolti(self) -> list[int]:
        """Keys of the follow-ups to take away."""
        given = [form.cleaned_data for form in self.forms]
        return [each["id"] for each in given if each.get("togli") and each.get("id")]

    def show(self, place: int, field: str, error: Sequence[str]) -> None:
        """Put what a service refuses of one of `richieste` beside its field."""
        self.kept()[place].add_error(field, list(error))


def _count(data: QueryDict) -> int:
    text = data.get(_COUNT, "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None
    if number is None or number > MOST_ROWS:
        raise BadInput(
            f"Le righe dei seguiti non sono leggibili, o sono più di {MOST_ROWS}: ricaricare la"
            " pagina e ripetere."
        )
    return number


def typed(data: QueryDict) -> list[dict[str, Any]]:
    """Return the rows as they were typed, not yet judged."""
    return [
        {name: data.get(f"seguiti-{place}-{name}", "") for name in _FIELDS}
        for place in range(_count(data))
    ]


class FattoForm(forms.Form):
    """On which day it was done."""

    giorno = GiornoField(label="Fatto il")


class RiapriForm(forms.Form):
    """Why it is still to do."""

    motivo = forms.CharField(max_length=300)
