"""Forms of the outbox and of its addresses; the rules are the services'."""

from typing import Any

from django import forms

from porfse.models import Provincia
from reports.models import Destinatario

_NAME = Destinatario._meta.get_field("nome").max_length


class DestinatarioForm(forms.Form):
    """A person or an office, and where to write to."""

    nome = forms.CharField(label="Persona o ufficio", max_length=_NAME)
    email = forms.EmailField(label="Indirizzo", max_length=254)


class NuovoDestinatarioForm(DestinatarioForm):
    provincia = forms.ModelChoiceField(
        Provincia.objects.all(),
        label="Territorio",
        required=False,
        empty_label="Regione",
        help_text="Riceve i report di questo territorio. Non si potrà cambiare.",
    )
    field_order = ("provincia",)


class ModificaDestinatarioForm(DestinatarioForm):
    attivo = forms.TypedChoiceField(
        label="Riceve i report",
        choices=[(True, "sì"), (False, "no")],
        coerce=lambda value: value == "True",
        help_text="Un destinatario non si elimina: ciò che gli è stato inviato resta registrato.",
    )


class RipetiForm(forms.Form):
    """Asks once more where the mail may have arrived already."""

    def __init__(self, *args: Any, incerto: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if incerto:
            self.fields["conferma"] = forms.BooleanField(
                label="Il messaggio può arrivare due volte: inviarlo comunque",
                error_messages={"required": "Confermare, oppure tornare indietro."},
            )
