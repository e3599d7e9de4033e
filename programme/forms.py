from typing import Any

from django import forms
from django.utils.text import Truncator

from porfse.errors import BadInput
from porfse.forms import GiornoField, ImportoField
from porfse.models import Atto
from programme.models import (
    Asse,
    Azione,
    Iniziativa,
    Movimento,
    Perimetro,
    SpesaCertificata,
)
from programme.n3 import LAST_DEADLINE, deadline_day
from programme.progress import View


class SimulazioneForm(forms.Form):
    """If X € are certified by D."""

    totale = ImportoField(label="Spesa che si certificherebbe", positive=True, help_text="In euro.")
    quota_ue = ImportoField(
        label="di cui quota UE",
        required=False,
        positive=True,
        help_text="Serve per i target in quota UE: il tasso dipende dall'anno contabile.",
    )
    entro = GiornoField(label="Entro il", latest=LAST_DEADLINE)

    def __init__(self, *args: Any, view: View, **kwargs: Any) -> None:
        self.view = view
        super().__init__(*args, **kwargs)

    def clean_entro(self) -> Any:
        try:
            return deadline_day(self.cleaned_data["entro"], self.view)
        except BadInput as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        total, share = data.get("totale"), data.get("quota_ue")
        if total and share and share > total:
            self.add_error("quota_ue", "La quota UE non può superare la spesa.")
        return {"by": data.get("entro"), "total": total, "eu_share": share}


class AttoForm(forms.Form):
    """The act that a movement rests on."""

    atto_tipo = forms.ChoiceField(label="Tipo di atto", choices=Atto.Tipo.choices)
    atto_numero = forms.CharField(label="Numero dell'atto", max_length=40)
    atto_data = GiornoField(label="Data dell'atto")


class AzioneField(forms.ModelChoiceField):
    """An azione, by code and title: its code alone says nothing to who chooses."""

    def label_from_instance(self, obj: Azione) -> str:
        return Truncator(f"{obj.pk} – {obj.titolo}").chars(80)


class MovimentoForm(AttoForm):
    """A movement of one of the four quantities; the fields in the order of the office's work."""

    asse = forms.ModelChoiceField(Asse.objects.all(), label="Asse")
    azione = AzioneField(Azione.objects.select_related("obiettivo"), label="Azione", required=False)
    iniziativa = forms.ModelChoiceField(
        Iniziativa.objects.all(), label="Iniziativa", required=False
    )
    data = GiornoField(label="Data del movimento")
    importo = ImportoField(label="Importo", help_text="In euro; negativo per una riduzione.")
    perimetro = forms.ChoiceField(
        label="Perimetro",
        choices=[
            (value, label)
            for value, label in Perimetro.choices
            if value != Perimetro.NON_DICHIARATA
        ],
    )
    quota_ue = ImportoField(label="di cui quota UE", zero=True, help_text="In euro.")
    domanda_numero = forms.CharField(label="Domanda di pagamento, numero", max_length=20)
    domanda_data = GiornoField(label="Domanda di pagamento, data")
    descrizione = forms.CharField(label="Note", max_length=300, required=False)
    # Made with the empty form: the same form sent twice is one movement.
    riferimento = forms.RegexField(r"^m-[0-9a-f]{12}$", widget=forms.HiddenInput)
    field_order = (
        "asse",
        "azione",
        "iniziativa",
        "data",
        "importo",
        "quota_ue",
        "perimetro",
        "domanda_numero",
        "domanda_data",
    )

    def __init__(self, *args: Any, model: type[Movimento], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if model is not SpesaCertificata:
            for name in ("quota_ue", "domanda_numero", "domanda_data"):
                del self.fields[name]


class StornoForm(AttoForm):
    """What reverses a movement: its act, its day and why."""

    data = GiornoField(label="Data dello storno")
    descrizione = forms.CharField(label="Motivo dello storno", max_length=300)
    field_order = ("data", "descrizione")


class IniziativaForm(forms.ModelForm):
    """What an official may change of an initiative; `versione` tells whether someone else did."""

    versione = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    class Meta:
        model = Iniziativa
        fields = ("nome", "azione", "priorita", "stato", "descrizione", "covid")
        field_classes = {"azione": AzioneField}
        labels = {"priorita": "Priorità d'investimento"}
        widgets = {"descrizione": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asse = self.instance.asse_id
        self.fields["azione"].queryset = Azione.objects.filter(obiettivo__asse=asse)
        self.fields["priorita"].queryset = self.fields["priorita"].queryset.filter(asse=asse)
        self.initial["versione"] = self.instance.versione


class RitiroForm(forms.Form):
    """Why published balances leave, and that the reader has seen which."""

    motivo = forms.CharField(label="Motivo del ritiro", max_length=300)
    conferma = forms.BooleanField(
        label="Ho letto quali fonti escono dai calcoli e che effetto ha sui totali."
    )
