"""Forms of an account; the rules are the services', here is only what a field can hold."""

from dataclasses import fields

from django import forms
from django.http import QueryDict

from porfse.administration.services import Account, fingerprint, state_of
from porfse.models import Provincia, User
from porfse.roles import ROLES


class UtenteForm(forms.Form):
    """Who a person is and what he may do."""

    first_name = forms.CharField(label="Nome", max_length=150)
    last_name = forms.CharField(label="Cognome", max_length=150, required=False)
    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        help_text="Vale anche per accedere e per reimpostare la password.",
    )
    ruoli = forms.MultipleChoiceField(
        label="Ruoli",
        choices=[(role.slug, role.label) for role in ROLES],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Scegliere almeno un ruolo."},
    )
    provincia = forms.ModelChoiceField(
        Provincia.objects.all(),
        label="Provincia",
        required=False,
        empty_label="nessuna",
        help_text="Il territorio del Nucleo; gli altri ruoli non ne hanno.",
    )

    def account(self) -> Account:
        """Return what the services take."""
        names = {field.name for field in fields(Account)}
        return Account(**{name: v for name, v in self.cleaned_data.items() if name in names})


class NuovaUtenzaForm(UtenteForm):
    username = forms.CharField(
        label="Nome utente",
        max_length=150,
        help_text="Non si potrà cambiare. Maiuscole e minuscole non contano.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    field_order = ("username",)


class ModificaUtenzaForm(UtenteForm):
    """`visto` is the digest of what the administrator was shown."""

    is_active = forms.TypedChoiceField(
        label="Utenza attiva",
        choices=[(True, "sì"), (False, "no")],
        coerce=lambda value: value == "True",
        help_text="Chi è disattivato esce subito e non può rientrare; ciò che ha fatto resta.",
    )
    visto = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None = None, *, person: User) -> None:
        super().__init__(data, initial={**state_of(person), "visto": fingerprint(person)})
