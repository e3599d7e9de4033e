"""What people enter on the certifiable expenditure."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from cigd.batches import balanced_until
from cigd.models import Stato
from cigd.positions import DECISIONS, payment_of
from cigd.scope import scope
from cigd.warned import Waiting
from porfse import money
from porfse.errors import NotThere
from porfse.forms import GiornoField
from porfse.models import User
from porfse.periods import AnnoContabile, italian
from programme.forms import AttoForm

_FIRST_YEAR = 2014
BLANK = ("", "—")  # first, so that nothing is decided that nobody has chosen


class ControlloForm(forms.Form):
    nota = forms.CharField(
        label="Che cosa è stato controllato",
        max_length=300,
        help_text="Resta registrato con il nome di chi lo dichiara.",
    )


class AnnullaControlloForm(forms.Form):
    """Why a check is taken back, and which: that of the moment that the page showed."""

    visto = forms.CharField(widget=forms.HiddenInput, max_length=40)
    motivo = forms.CharField(label="Motivo dell'annullamento", max_length=250)

    def clean_visto(self) -> datetime:
        try:
            return datetime.fromisoformat(self.cleaned_data["visto"])
        except ValueError as error:
            raise forms.ValidationError("Riaprire la pagina e ripetere.") from error


class SegnalazioneForm(forms.Form):
    """A decision on all payments of a flow that bear a code."""

    codice = forms.ChoiceField(
        label="Segnalazione",
        error_messages={
            "invalid_choice": "Nessun pagamento con questa segnalazione attende una decisione:"
            " sceglierne una dall'elenco."
        },
    )
    stato = forms.ChoiceField(
        label="Decisione",
        error_messages={
            "invalid_choice": "La decisione ora non è possibile: sceglierne una dall'elenco."
        },
    )
    motivo = forms.CharField(label="Motivo", max_length=300)

    def __init__(
        self, *args: Any, waiting: Mapping[str, Waiting], words: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        codes = [
            (code, f"{code} – {words[code]} (in attesa: {money.number(found.righe)})")
            for code, found in waiting.items()
        ]
        may = [
            (item.value, item.label)
            for item in DECISIONS
            if any(found.allows(item) for found in waiting.values())
        ]
        fields: Any = self.fields
        fields["codice"].choices = [BLANK, *codes]
        fields["stato"].choices = [BLANK, *may]


class PagamentoForm(forms.Form):
    """A decision on one payment; only the certifying authority withdraws."""

    flusso_id = forms.TypedChoiceField(label="Flusso", coerce=int)
    id_pagamento = forms.CharField(label="Identificativo del pagamento", max_length=20)
    stato = forms.ChoiceField(label="Decisione")
    motivo = forms.CharField(label="Motivo", max_length=300)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        may = [*DECISIONS] if user.has_perm("cigd.check_flow") else []
        may += [Stato.RITIRATO] if user.has_perm("cigd.certify") else []
        fields: Any = self.fields
        fields["stato"].choices = [BLANK, *((item.value, item.label) for item in may)]
        flows = [(pk, f"Flusso {pk}") for pk in scope().flussi]
        fields["flusso_id"].choices = [BLANK, *flows]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if "flusso_id" in found and "id_pagamento" in found:
            try:
                payment_of(found["flusso_id"], found["id_pagamento"])
            except NotThere as error:
                self.add_error("id_pagamento", str(error))
        return found


class SpostamentoForm(AttoForm):
    """The decision to move the excess of 8.6.1."""

    motivo = forms.CharField(label="Motivo", max_length=300)
    conferma = forms.BooleanField(
        label="Ho letto quali pagamenti si spostano: quelli certificabili che non entrano nel"
        " massimale dell'azione 8.6.1, nell'ordine, fin dove la 9.8.1 ha capienza."
    )


class LottoForm(AttoForm):
    """The payment application that a batch is for, and the act that it rests on."""

    domanda_numero = forms.CharField(label="Domanda di pagamento, numero", max_length=16)
    domanda_data = GiornoField(
        label="Domanda di pagamento, data",
        help_text="Da questa data dipendono l'anno contabile, il tasso UE e i massimali. Non può"
        " precedere quella di un lotto già certificato.",
    )
    field_order = ("domanda_numero", "domanda_data")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if last := balanced_until():
            self.fields["domanda_data"].help_text += (
                f" Indicare un giorno dopo il {italian(last)}: la spesa fino a quel giorno è in un"
                " saldo pubblicato."
            )


class AnnullaForm(forms.Form):
    reason = forms.CharField(label="Motivo dell'annullamento", max_length=300)


class TassoForm(forms.Form):
    """The EU rate of an accounting year, as a percentage."""

    anno = forms.TypedChoiceField(label="Anno contabile (1° luglio – 30 giugno)", coerce=int)
    tasso = forms.CharField(label="Tasso UE, in percentuale", max_length=8, help_text="Ad es. 50")
    motivazione = forms.CharField(label="Atto o norma che lo stabilisce", max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        last = AnnoContabile.of(timezone.localdate()).start
        years = [AnnoContabile(start) for start in range(last, _FIRST_YEAR - 1, -1)]
        fields: Any = self.fields
        fields["anno"].choices = [(year.start, str(year)) for year in years]

    def clean_tasso(self) -> Decimal:
        text = self.cleaned_data["tasso"].strip().removesuffix("%")
        try:
            percentage = money.parse_amount(text)
        except money.AmountError as error:
            raise forms.ValidationError("Scrivere il tasso come 50 oppure 52,75.") from error
        if not 0 < percentage <= 100:
            raise forms.ValidationError("Il tasso è maggiore di zero e al massimo 100.")
        return percentage / 100
