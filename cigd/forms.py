"""What a reader may ask for: a provincia, payments, a person."""

import re
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from cigd.azioni import AZIONE_ALTRI, AZIONE_COMUNI
from cigd.figures import AZIONI, month_of
from cigd.models import Pagamento
from cigd.querysets import PagamentoQuerySet
from cigd.scope import SOURCE, Scope
from porfse.codes import is_codice_fiscale
from porfse.errors import BadInput
from porfse.flows.source import source_of
from porfse.models import Comune, Flow, FlowWarning, Provincia

_ITALIAN_MONTH = re.compile(r"(\d{1,2})[/.](\d{4})")


class ProvinciaForm(forms.Form):
    """One provincia, or all."""

    provincia = forms.ModelChoiceField(Provincia.objects.all(), required=False, empty_label="tutte")

    def chosen(self) -> str:
        """Return the sigla, empty for all.

        Raises:
            BadInput: there is no such provincia; all of them would be the wrong answer.
        """
        if not self.is_valid():
            raise BadInput("La provincia richiesta non esiste: sceglierla dall'elenco.")
        found = self.cleaned_data["provincia"]
        return found.pk if found else ""


class RicercaForm(forms.Form):
    """Payments by an exact identifier, or those of a flow, narrowed."""

    id_pagamento = forms.CharField(label="Identificativo", max_length=20, required=False)
    matricola = forms.RegexField(
        r"^\d{10}$",
        label="Matricola INPS",
        required=False,
        error_messages={"invalid": "La matricola INPS è di 10 cifre: scriverla per intero."},
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    flusso = forms.ModelChoiceField(Flow.objects.none(), required=False, empty_label="tutti")
    azione = forms.ChoiceField(
        choices=[("", "tutte"), *((azione, azione) for azione in AZIONI)], required=False
    )
    provincia = forms.ModelChoiceField(Provincia.objects.all(), required=False, empty_label="tutte")
    comune = forms.CharField(max_length=80, required=False, help_text="Nome o codice ISTAT.")
    mese = forms.CharField(
        label="Mese di competenza",
        max_length=10,
        required=False,
        widget=forms.TextInput(attrs={"type": "month"}),
    )

    segnalazione = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, counted: Scope, needs_one: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = source_of(SOURCE).codes.items()
        warnings = [(code, f"{code}: {words}") for code, words in codes if code.startswith("W")]
        self.fields["segnalazione"].choices = [("", "tutte"), *warnings]  # type: ignore[attr-defined]
        self.counted = counted
        self.needs_one = needs_one
        self.fields["flusso"].queryset = Flow.objects.filter(pk__in=counted.flussi)  # type: ignore[attr-defined]

    def asked(self) -> bool:
        """Say whether the reader has asked for anything."""
        return any(self.data.get(name, "").strip() for name in self.fields)

    def clean_comune(self) -> Comune | None:
        text = self.cleaned_data["comune"]
        if not text:
            return None
        found = list(Comune.objects.filter(Q(pk=text) | Q(nome__iexact=text))[:2])
        if len(found) != 1:
            raise forms.ValidationError(
                f"«{text[:40]}» non è un comune lombardo: scriverne il nome per intero o il codice"
                " ISTAT di 6 cifre."
            )
        return found[0]

    def clean_mese(self) -> date | None:
        text = self.cleaned_data["mese"]
        italian = _ITALIAN_MONTH.fullmatch(text)
        try:
            written = f"{italian[2]}-{int(italian[1]):02d}" if italian else text
            return month_of(written) if text else None
        except BadInput as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        exact = any(found.get(name) for name in ("id_pagamento", "matricola", "flusso"))
        if self.needs_one and not self.errors and not exact:
            raise forms.ValidationError(
                "Indicare un identificativo, una matricola o un flusso: i pagamenti sono troppi"
                " per elencarli tutti."
            )
        return found

    @property
    def exact(self) -> bool:
        """Whether few payments can match: an index finds them."""
        return bool(self.cleaned_data["id_pagamento"] or self.cleaned_data["matricola"])

    def payments(self) -> PagamentoQuerySet:
        """Return the payments of the flows that count which the (valid) form asks for."""
        chosen = self.cleaned_data
        flows = [chosen["flusso"].pk] if chosen["flusso"] else list(self.counted.flussi)
        rows = Pagamento.objects.filter(flusso__in=flows)
        for field, name in (
            ("id_pagamento", "id_pagamento"),
            ("matricola_inps", "matricola"),
            ("comune", "comune"),
            ("comune__provincia", "provincia"),
            ("mese_competenza", "mese"),
        ):
            if chosen[name]:
                rows = rows.filter(**{field: chosen[name]})
        if chosen["segnalazione"]:
            own = FlowWarning.objects.filter(flusso=OuterRef("flusso"), riga=OuterRef("riga"))
            rows = rows.filter(Exists(own.filter(codice=chosen["segnalazione"])))
        listed = Q(comune__in=settings.CIGD_COMUNI_861)
        by_azione = {AZIONE_COMUNI: listed, AZIONE_ALTRI: ~listed}
        return rows.filter(by_azione[chosen["azione"]]) if chosen["azione"] else rows

    def criteria(self) -> dict[str, str]:
        """Return what was asked for, for the address of the export and for the register."""
        return {
            name: f"{value:%Y-%m}" if isinstance(value, date) else str(getattr(value, "pk", value))
            for name, value in self.cleaned_data.items()
            if value
        }


class PersonaForm(forms.Form):
    """A person's payments; the code never stands in an address."""

    codice_fiscale = forms.CharField(
        label="Codice fiscale",
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_codice_fiscale(self) -> str:
        text = self.cleaned_data["codice_fiscale"].replace(" ", "").upper()
        if not is_codice_fiscale(text):
            raise forms.ValidationError("Il codice fiscale non è corretto: controllarlo.")
        return text


class MotivoForm(forms.Form):
    """Why a codice fiscale is to be seen whole."""

    motivo = forms.CharField(label="Motivo della consultazione", max_length=300)
