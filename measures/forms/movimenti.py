"""What a person decides when a measure is written in the ledger."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from measures.ledger.days import VOCI
from measures.ledger.positions import Posizione
from porfse.forms import GiornoField, ImportoField
from programme.forms import AttoForm
from programme.services import Act


class MovimentiForm(AttoForm):
    """The act, which quantities, and (hidden) what the preview showed: only that is written."""

    grandezze = forms.MultipleChoiceField(
        label="Movimenti da scrivere",
        choices=[(grandezza, voce.nome) for grandezza, voce in VOCI.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Scegliere almeno un movimento da scrivere."},
    )
    al = GiornoField(label="Al", widget=forms.HiddenInput)
    field_order = ("grandezze", "atto_tipo", "atto_numero", "atto_data")

    def __init__(self, *args: Any, al: date, positions: Sequence[Posizione], **kwargs: Any) -> None:
        writable = {each.grandezza: each.da_scrivere for each in positions}
        initial = {
            "al": al.isoformat(),
            "grandezze": list(writable),
            **{f"atteso_{name}": f"{amount:f}" for name, amount in writable.items()},
        }
        super().__init__(*args, initial=initial, **kwargs)
        # Only what there is to write is offered; what was chosen before stays a valid choice.
        self.fields["grandezze"].widget.choices = [(name, VOCI[name].nome) for name in writable]
        for grandezza in VOCI:
            self.fields[f"atteso_{grandezza}"] = ImportoField(
                required=False, widget=forms.HiddenInput
            )

    def fields_of_service(self) -> dict[str, Any]:
        """Return what was entered, as the service takes it."""
        data = self.cleaned_data
        expected: dict[str, Decimal | None] = {
            name: data.get(f"atteso_{name}") for name in data["grandezze"]
        }
        return {
            "al": data["al"],
            "grandezze": data["grandezze"],
            "atto": Act(data["atto_tipo"], data["atto_numero"], data["atto_data"]),
            "attesi": {name: amount for name, amount in expected.items() if amount is not None},
        }
