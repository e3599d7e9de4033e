"""What report is to be built: period and place."""

from typing import Any

from django import forms
from django.utils import timezone

from porfse.errors import BadInput
from porfse.models import Provincia
from reports.parametri import Cadenza, Parametri, ended, written
from reports.report import Report

REGIONE, TUTTE, ALTRO = "regione", "tutte", "altro"  # beside the sigle, and the periods
_LAST = 8  # periods that are offered


class CostruzioneForm(forms.Form):
    """The period, one of the last or typed, and where; cleans to what the report is asked for.

    A typed period needs no choice in the list: it counts if the list is left as it comes, too.
    """

    periodo = forms.ChoiceField(label="Periodo")
    altro = forms.CharField(label="Altro periodo", required=False)
    provincia = forms.ChoiceField(label="Territorio")

    def __init__(self, *args: Any, report: Report, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.report = report
        offered = [*self._last_periods(), (ALTRO, "un altro, scritto sotto")]
        self._as_it_comes = offered[0][0]
        self.fields["periodo"].choices = offered  # type: ignore[attr-defined]
        kind = "un giorno, " if report.cadenza is Cadenza.DATA else ""
        example = f"{kind}scritto come {written(report.cadenza)}"
        self.fields["altro"].help_text = f"Solo se non è nell'elenco: {example}."
        if report.provinciale:
            self.fields["provincia"].choices = _places()  # type: ignore[attr-defined]
        else:
            del self.fields["provincia"]

    def _last_periods(self) -> list[tuple[str, str]]:
        periods = [
            Parametri(period)
            for period, _ in zip(
                ended(self.report.cadenza, timezone.localdate()), range(_LAST), strict=False
            )
        ]
        return [(item.testo, item.nome) for item in periods]

    @property
    def tutte(self) -> bool:
        """Whether it is asked for the Region and every provincia."""
        return self.cleaned_data.get("provincia") == TUTTE

    @property
    def parametri(self) -> Parametri:
        """What the report is asked for."""
        return self.cleaned_data["parametri"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        typed, listed = data["altro"], data["periodo"]
        if typed and listed not in (ALTRO, self._as_it_comes):
            self.add_error(
                "altro",
                "Sono indicati due periodi: svuotare questo campo, oppure scegliere «un altro»"
                " nell'elenco.",
            )
        elif listed == ALTRO and not typed:
            self.add_error("altro", "Scrivere il periodo.")
        else:
            place = data.get("provincia", REGIONE)
            try:
                data["parametri"] = self.report.leggi(
                    typed or listed, "" if place in (REGIONE, TUTTE) else place
                )
            except BadInput as error:
                self.add_error("altro" if typed else "periodo", str(error))
        return data


def _places() -> list[tuple[str, str]]:
    provinces = Provincia.objects.order_by("nome").values_list("pk", "nome")
    return [
        (REGIONE, "Regione Lombardia"),
        *((sigla, f"Provincia: {nome}") for sigla, nome in provinces),
        (TUTTE, "Tutti: la Regione e ogni provincia"),
    ]
