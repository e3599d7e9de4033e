"""What people enter about flows."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils import timezone

from porfse.flows import calendar
from porfse.flows.services import Note
from porfse.flows.source import Source, source_of
from porfse.flows.uploads import FIELD
from porfse.forms import GiornoField, ImportoField
from porfse.models import ExpectedFlow

_MOST_ROWS = 2_147_483_647  # what the column holds
_LAST_YEARS = 5


class AttesiField(forms.ModelMultipleChoiceField):
    """Expected flows, in words."""

    def label_from_instance(self, obj: ExpectedFlow) -> str:
        return calendar.label(obj)


class CaricaForm(forms.Form):
    """A file, and what the sender's note says of it."""

    fonte = forms.ChoiceField(label="Fonte")
    file = forms.FileField(
        label="File",
        max_length=255,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
        help_text="CSV o XLSX, con i nomi delle colonne nella prima riga.",
    )
    protocollo = forms.CharField(
        label="Protocollo della nota di trasmissione", max_length=40, required=False
    )
    protocollo_data = GiornoField(label="Data della nota", required=False)
    righe_dichiarate = forms.IntegerField(
        label="Righe dichiarate nella nota",
        min_value=0,
        max_value=_MOST_ROWS,
        required=False,
        help_text="Si confrontano con quelle del file prima di acquisire.",
    )
    importo_dichiarato = ImportoField(
        label="Importo dichiarato nella nota",
        zero=True,
        required=False,
        help_text="In euro, o il totale dei lavoratori se la fonte conta lavoratori; si confronta"
        " con la somma del file prima di acquisire.",
    )
    attesi = AttesiField(
        ExpectedFlow.objects.none(),
        label="Risponde ai flussi attesi",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, sources: list[Source], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fonte"].choices = [(source.slug, source.nome) for source in sources]  # type: ignore[attr-defined]
        expected = calendar.open_for(sources)
        self.fields["attesi"].queryset = expected  # type: ignore[attr-defined]
        if not expected:
            del self.fields["attesi"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        asked = data.get("fonte")
        if asked and any(item.sorgente != asked for item in data.get("attesi", ())):
            self.add_error("attesi", "Scegliere solo flussi attesi della fonte indicata.")
        number, day = data.get("protocollo"), data.get("protocollo_data")
        if day and not number:
            self.add_error("protocollo", "Indicare il protocollo, oppure togliere la data.")
        return data

    def refuse(self, message: str) -> None:
        """Say beside the file why it was not kept, in place of its being missing."""
        self.errors.pop(FIELD, None)
        self.add_error(FIELD, message)

    def note(self) -> Note:
        """Return what the sender's note says."""
        data = self.cleaned_data
        return Note(
            protocollo=data["protocollo"],
            protocollo_data=data["protocollo_data"],
            righe_dichiarate=data["righe_dichiarate"],
            importo_dichiarato=data["importo_dichiarato"],
            attesi=[item.pk for item in data.get("attesi", ())],
        )


class AcquisizioneForm(forms.Form):
    """Acquire a flow; what stands against it asks for a field of its own."""

    conferma = forms.BooleanField(
        label="Acquisire anche se più del 5% delle righe è in errore",
        help_text="Le righe in errore restano fuori: si rimandano al mittente.",
    )
    decisione = forms.CharField(
        label="Motivo per cui si acquisisce malgrado le differenze dalla nota",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, obstacles: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not obstacles["errori"]:
            del self.fields["conferma"]
        if not obstacles["differenze"]:
            del self.fields["decisione"]


class ScartoForm(forms.Form):
    """Throw a flow away."""

    motivo = forms.CharField(label="Motivo dello scarto", max_length=300, required=False)


class AnnullamentoForm(forms.Form):
    """Take an acquired flow back."""

    motivo = forms.CharField(
        label="Motivo dell'annullamento", max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )


class MeseField(forms.CharField):
    """A month, picked or typed: `2021-03` or `03/2021`; cleans to its first day."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"type": "month"}))
        super().__init__(max_length=7, **kwargs)

    def clean(self, value: Any) -> date | None:
        text = super().clean(value)
        first, _, second = text.replace("/", "-").partition("-")
        year, month = (first, second) if len(first) == 4 else (second, first)
        if not (text.isascii() and year.isdigit() and len(year) == 4 and month.isdigit()):
            raise forms.ValidationError("Mese non leggibile: scriverlo come 2021-03 o 03/2021.")
        today = timezone.localdate()
        if not (1 <= int(month) <= 12 and 2014 <= int(year) <= today.year + _LAST_YEARS):
            raise forms.ValidationError(
                f"Mese fuori dal periodo: scegliere fra 01/2014 e 12/{today.year + _LAST_YEARS}."
            )
        return date(int(year), int(month), 1)


class AttesoForm(forms.Form):
    """One expected flow, or a series of months."""

    fonte = forms.ChoiceField(label="Fonte")
    primo_mese = MeseField(label="Mese dei dati", help_text="Il primo, se i mesi sono più di uno.")
    mesi = forms.IntegerField(
        label="Numero di mesi", min_value=1, max_value=calendar.MOST_MONTHS, initial=1
    )
    giorno = forms.IntegerField(
        label="Giorno entro cui deve arrivare",
        min_value=1,
        validators=[MaxValueValidator(31)],
        initial=15,
        help_text="Del mese successivo a quello dei dati; in un mese più corto, l'ultimo giorno.",
    )
    nota = forms.CharField(label="Nota", max_length=200, required=False)

    def __init__(self, *args: Any, sources: list[Source], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fonte"].choices = [(source.slug, source.nome) for source in sources]  # type: ignore[attr-defined]

    def plan(self, *, by: Any) -> list[ExpectedFlow]:
        """Enter what the form describes."""
        data = self.cleaned_data
        return calendar.plan(
            source_of(data["fonte"]),
            by=by,
            first=data["primo_mese"],
            months=data["mesi"],
            day=data["giorno"],
            note=data["nota"],
        )
