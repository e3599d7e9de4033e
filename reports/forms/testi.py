from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone

from porfse.periods import Periodo
from reports.models import Testo
from reports.report import Report
from reports.services.testi import LONGEST, LONGEST_REASON


class SceltaForm(forms.Form):
    """Which texts to show: of which report and period."""

    report = forms.ChoiceField(label="Report")
    periodo = forms.ChoiceField(label="Periodo")

    def __init__(self, *, reports: list[Report], report: Report, periodo: str) -> None:
        super().__init__({"report": report.slug, "periodo": periodo})
        self.fields["report"].choices = [(item.slug, item.titolo) for item in reports]
        self.fields["periodo"].choices = [
            (item, report.nome_periodo(item)) for item in periods(report, periodo)
        ]


def periods(report: Report, *more: str) -> list[str]:
    """Return the periods of a report that may have texts: the ended ones, and those that have."""
    found = set(Testo.objects.filter(report=report.slug).values_list("periodo", flat=True))
    found |= set(more)
    if report.cadenza.mesi:
        period = Periodo.of(timezone.localdate(), report.cadenza.mesi).precedente
        while period.inizio >= settings.EARLIEST_DATE:
            found.add(str(period))
            period = period.precedente
    return sorted(found, reverse=True)


class CapitoloForm(forms.Form):
    """A chapter; `versione` tells whether somebody else has changed it meanwhile."""

    testo = forms.CharField(
        label="Testo",
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "true"}),
        help_text=(
            "Una riga vuota separa i capoversi. Una cifra si scrive con il suo nome tra parentesi"
            " graffe: <code>{impegnate_asse_1|mln}</code>; per le parentesi, <code>{{</code> e"
            " <code>}}</code>."
        ),
    )
    versione = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    cerca = forms.CharField(
        label="Cerca tra le cifre",
        required=False,
        max_length=80,
        help_text="Parole del nome o della descrizione. Il testo scritto resta com'è.",
    )

    @classmethod
    def of(cls, testo: Testo | None, proposta: str) -> "CapitoloForm":
        """Return the form of a chapter as it stands, or of its first draft."""
        versione = testo.versione if testo else 0
        return cls(initial={"testo": testo.testo if testo else proposta, "versione": versione})

    def clean_testo(self) -> str:
        return self.cleaned_data["testo"].replace("\r\n", "\n")

    def again(self, versione: int) -> "CapitoloForm":
        """Return what was typed, upon another version of the text."""
        data = {name: self.data.get(name, "") for name in self.fields}
        return CapitoloForm({**data, "versione": str(versione)})


class EsameForm(forms.Form):
    """What a reviewer says of the version that he has read."""

    versione = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    prefisso = "esame"  # of its ids: the forms of one page must not share any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"{self.prefisso}_%s", **kwargs)


class RinvioForm(EsameForm):
    prefisso = "rinvio"
    motivo = forms.CharField(
        label="Motivo del rinvio",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
