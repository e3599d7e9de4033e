"""The forms of the quarters: a row of the grid, and the steps of the workflow."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from crisi.models import AvanzamentoPAL, Strumento, UnitaProduttiva
from crisi.models.pal import PASSI
from crisi.services.pal import NUMERI, VALORI, Riga, values_of
from crisi.services.trimestri import LONGEST
from crisi.trimestri import quarter
from porfse import money
from porfse.errors import BadInput
from porfse.forms import GiornoField

LARGEST = 999_999  # workers of a site
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(\.[0-9]{3})+|[0-9]{1,6}")
_MOTIVO = 400  # characters; the service may put some words before it


class LavoratoriField(forms.CharField):
    """A number of workers, `1.615` or `1615`; blank is not known, and cleans to None."""

    def __init__(self, **kwargs: Any) -> None:
        look = {"inputmode": "numeric", "autocomplete": "off", "size": 5}
        super().__init__(required=False, max_length=12, widget=forms.TextInput(look), **kwargs)

    def clean(self, value: Any) -> int | None:  # type: ignore[override]
        text = super().clean(value)
        if not text:
            return None
        if text.startswith(("-", money.MINUS)):
            raise forms.ValidationError("Non può essere negativo.")
        if not _GROUPED.fullmatch(text) or int(text.replace(".", "")) > LARGEST:
            raise forms.ValidationError("Scrivere un numero intero, al più 999.999.")
        return int(text.replace(".", ""))


class RigaForm(forms.Form):
    """The row of a site; what is left as it stands is not judged again."""

    use_required_attribute = False
    vista = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    ripresa = forms.CharField(required=False, max_length=1, widget=forms.HiddenInput)
    sospesi = LavoratoriField(label="Sospesi")
    step1 = LavoratoriField(label="STEP 1")
    step2 = LavoratoriField(label="STEP 2")
    step3 = LavoratoriField(label="STEP 3")
    step4 = LavoratoriField(label="STEP 4")
    no_pal = LavoratoriField(label="NO PAL")
    motivo_esonero = forms.CharField(
        label="Motivo dell'esonero", required=False, max_length=200, widget=forms.TextInput
    )
    strumenti = forms.MultipleChoiceField(
        label="Strumenti",
        choices=Strumento.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    altro_strumento = forms.CharField(label="Quale altro", required=False, max_length=120)

    def __init__(
        self, *args: Any, unita: UnitaProduttiva, stored: AvanzamentoPAL | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, prefix=str(unita.pk), **kwargs)
        self.unita = unita
        self.stored = stored
        for name, field in self.fields.items():
            if name != "strumenti":
                field.widget.attrs["aria-label"] = f"{field.label}, unità {unita}"

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("altro_strumento") and Strumento.ALTRO not in found.get("strumenti", ()):
            found["strumenti"] = [*found.get("strumenti", ()), Strumento.ALTRO]
        if not self.errors and not self._unchanged():
            self._judge(found)
        return found

    def _unchanged(self) -> bool:
        stored = values_of(self.stored) if self.stored else None
        return self.riga.vuota if stored is None else self.riga.valori == stored

    def _judge(self, found: Mapping[str, Any]) -> None:
        row = self.riga
        steps = sum(found[name] or 0 for name in PASSI)
        if found["sospesi"] is None and any(found[name] is not None for name in PASSI):
            self.add_error("sospesi", "Indicare i lavoratori sospesi.")
        elif found["sospesi"] is None and not row.vuota:
            self.add_error("sospesi", "Indicare i lavoratori sospesi, o svuotare la riga.")
        if row.eccede:
            self.add_error(
                "sospesi",
                f"I passi e gli esonerati sono {money.number(steps)}: più dei sospesi.",
            )
        if found["no_pal"] and not found["motivo_esonero"]:
            self.add_error("motivo_esonero", "Indicare il motivo dell'esonero.")
        if Strumento.ALTRO in found["strumenti"] and not found["altro_strumento"]:
            self.add_error("altro_strumento", "Indicare quale.")

    @property
    def riga(self) -> Riga:
        """The row as it was typed; to be asked of a form without errors.

        Raises:
            BadInput: the key of the row that was seen is not one.
        """
        values = {name: self.cleaned_data[name] for name in VALORI}
        return Riga(
            unita_id=self.unita.pk,
            **values | {"strumenti": tuple(values["strumenti"])},
            vista=_key(self.cleaned_data["vista"]),
        )

    @property
    def numeri(self) -> list[forms.BoundField]:
        return [self[name] for name in NUMERI]

    @property
    def taken_up(self) -> bool:
        """Whether its values are those of the quarter before, and not saved yet."""
        return self["ripresa"].value() == "1"


def _key(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise BadInput("Il modulo non è leggibile: ricaricare la pagina e compilarlo di nuovo.")
    return int(text)


def _later(label: str, days: int, **kwargs: Any) -> GiornoField:
    """A day from the past up to so many days ahead."""
    field = GiornoField(label=label, **kwargs)
    field.latest = timezone.localdate() + timedelta(days=days)
    return field


class VuotoForm(forms.Form):
    """Nothing to fill in: only to confirm."""


class MotivoForm(forms.Form):
    """A step that wants its reason."""

    motivo = forms.CharField(
        label="Motivo", max_length=_MOTIVO, widget=forms.Textarea(attrs={"rows": 3})
    )


class RestituisciForm(MotivoForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["motivo"].label = "Integrazioni richieste"


class TrasmettiForm(forms.Form):
    """A quarter that is complete: there may be something to say of it."""

    motivo = forms.CharField(
        label="Nota per l'Autorità di Gestione",
        max_length=_MOTIVO,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class TrasmettiIncompletoForm(MotivoForm):
    """A quarter of which sites have no data: why is to be said."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reason = self.fields["motivo"]
        reason.label = "Perché mancano dati"
        reason.error_messages["required"] = "Compilare i dati che mancano, o scrivere il perché."


class RiapriForm(MotivoForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = f"Compreso; al più tra {LONGEST} giorni. Dopo, il trimestre si chiude da solo."
        self.fields["fino_al"] = _later("Riaperto fino al", LONGEST, help_text=words)
        self.order_fields(["fino_al", "motivo"])


class ScadenzaForm(MotivoForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["entro"] = _later("Da trasmettere entro", 366)
        self.order_fields(["entro", "motivo"])


class ApriForm(forms.Form):
    """Open a quarter for the twelve nuclei."""

    trimestre = forms.CharField(
        label="Trimestre", max_length=7, help_text="Già finito; scriverlo come 2025-T3."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["entro"] = _later("Da trasmettere entro", 366)

    def clean_trimestre(self) -> str:
        text = self.cleaned_data["trimestre"].strip()
        try:
            quarter(text)
        except BadInput as reason:
            raise forms.ValidationError(str(reason)) from reason
        return text
