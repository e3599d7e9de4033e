"""What a person says when he publishes a report, or corrects one."""

from typing import Any

from django import forms

from reports.services.pubblicazione import LONGEST


class PubblicaForm(forms.Form):
    """The draft that was read, and why it is published in spite of what the checks found.

    Args:
        decidere: whether they found something that takes a decision.
    """

    contenuto_sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)
    decisione = forms.CharField(
        label="Decisione",
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, decidere: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not decidere:
            del self.fields["decisione"]
            return
        self.fields["decisione"].required = True
        self.fields[
            "decisione"
        ].help_text = "Perché si pubblica nonostante le segnalazioni: resta scritto nel report."


class RettificaForm(forms.Form):
    """What was wrong in a published report."""

    errata = forms.CharField(
        label="Nota di rettifica",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Che cosa era errato e perché si rettifica: sta sul fronte della nuova edizione.",
    )


class ScartaForm(forms.Form):
    """Why an edition is discarded."""

    motivo = forms.CharField(
        label="Motivo",
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Si legge nella pagina del report.",
    )


class VuotoForm(forms.Form):
    """Nothing to say: a button."""
