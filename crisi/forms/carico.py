"""What a nucleo says when it takes charge of sites, or takes that back."""

from django import forms

from porfse.forms import GiornoField


class CaricoForm(forms.Form):
    """On which day; the sites are chosen in the table."""

    giorno = GiornoField(label="Data della presa in carico", help_text="Oggi o prima di oggi.")


class AnnullaCaricoForm(forms.Form):
    """Why it is taken back."""

    motivo = forms.CharField(
        label="Motivo",
        max_length=300,
        min_length=5,
        help_text="Resta nel registro delle operazioni.",
        error_messages={"min_length": "Scrivere il motivo in almeno 5 caratteri."},
    )
