"""What who verifies enters: a draw, a check list with its outcome, a follow-up."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from cigd.azioni import AZIONE_ALTRI, AZIONE_COMUNI
from cigd.checklists import LISTE, Risposta
from cigd.models import Campione, Verifica
from cigd.outcomes import Outcome
from cigd.plans import LARGEST, Plan
from cigd.population import Filters
from cigd.scope import scope
from porfse import money
from porfse.forms import GiornoField, ImportoField
from porfse.models import Flow

_LAST = date(2035, 12, 31)  # of a term for a reply or a follow-up
_FORMALE = "Un «No» è un rilievo formale: da solo non rende irregolare la spesa."
_AZIONI = [("", "tutte"), (AZIONE_COMUNI, AZIONE_COMUNI), (AZIONE_ALTRI, AZIONE_ALTRI)]


class CampioneForm(forms.Form):
    """What to draw from, and how."""

    metodo = forms.ChoiceField(choices=Campione.Metodo.choices)
    ripartizione = forms.ChoiceField(
        label="Ripartizione fra gli strati, in proporzione",
        choices=[("", "—"), *Campione.Ripartizione.choices],
        required=False,
        help_text="Solo per il campione stratificato.",
    )
    numero = forms.IntegerField(
        label="Elementi da estrarre", min_value=1, max_value=LARGEST, localize=False
    )
    seme = forms.RegexField(
        r"^[A-Za-z0-9._-]{1,40}$",
        label="Seme",
        help_text="Con lo stesso seme si riestrae lo stesso campione.",
        error_messages={"invalid": "Da 1 a 40 lettere senza accento, cifre, punti o trattini."},
    )
    flussi = forms.TypedMultipleChoiceField(
        coerce=int, required=False, help_text="Nessuno scelto: tutti quelli acquisiti."
    )
    azione = forms.ChoiceField(choices=_AZIONI, required=False)
    periodo = forms.ChoiceField(label="Periodo riferito a", choices=Campione.Periodo.choices)
    dal = GiornoField(required=False)
    al = GiornoField(required=False, latest=_LAST)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        flows = Flow.objects.filter(pk__in=scope().flussi).order_by("pk")
        self.fields["flussi"].choices = [  # type: ignore[attr-defined]
            (flow.pk, str(flow)) for flow in flows
        ]

    def plan(self) -> Plan:
        """Return the plan that a valid form describes."""
        given = self.cleaned_data
        filters = Filters(
            flussi=tuple(given["flussi"]),
            azione=given["azione"],
            periodo=given["periodo"],
            dal=given["dal"],
            al=given["al"],
        )
        return Plan(given["metodo"], given["numero"], given["seme"], filters, given["ripartizione"])


class VerificaForm(forms.Form):
    """The check list of a kind of verification, and its outcome."""

    versione = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    data = GiornoField(label="Data della verifica")
    esito = forms.ChoiceField(choices=[("", "—"), *Verifica.Esito.choices])
    importo_irregolare = ImportoField(
        required=False,
        positive=True,
        zero=True,
        help_text="In euro; vuoto se l'esito è regolare, o se l'altra verifica ha già trovato"
        " irregolare tutto l'importo.",
    )
    decurtazione = ImportoField(
        required=False,
        zero=True,
        help_text="Quanto togliere ora dalla spesa certificabile, con un esito irregolare"
        " definitivo: vuoto è tutto l'importo irregolare, zero se è già stato tolto.",
    )
    descrizione = forms.CharField(
        label="Che cosa è stato trovato",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Senza dati personali: vale più di un nome il riferimento al documento.",
    )
    scadenza = GiornoField(
        label="Controdeduzioni entro il",
        required=False,
        latest=_LAST,
        help_text="Obbligatorio se l'esito è in contraddittorio.",
    )
    controdeduzioni = forms.CharField(
        label="Controdeduzioni ricevute",
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    controdeduzioni_il = GiornoField(label="Controdeduzioni arrivate il", required=False)

    def __init__(self, *args: Any, tipo: str, current: Verifica | None, **kwargs: Any) -> None:
        self.tipo = tipo
        kwargs.setdefault("initial", _initial(tipo, current))
        super().__init__(*args, **kwargs)
        for question in LISTE[tipo]:
            self.fields[f"risposta_{question.codice}"] = forms.ChoiceField(
                label=question.testo,
                choices=[("", "—"), *Risposta.choices],
                help_text=_FORMALE if question.formale else "",
            )
            self.fields[f"nota_{question.codice}"] = forms.CharField(
                label=f"Nota: {question.testo}", max_length=500, required=False
            )
        first = ["versione", "data"]
        asked = [
            name
            for question in LISTE[tipo]
            for name in (f"risposta_{question.codice}", f"nota_{question.codice}")
        ]
        self.order_fields([*first, *asked])

    def outcome(self) -> Outcome:
        """Return the outcome that a valid form describes."""
        given = self.cleaned_data
        answers = {
            question.codice: {
                "risposta": given[f"risposta_{question.codice}"],
                "nota": given[f"nota_{question.codice}"],
            }
            for question in LISTE[self.tipo]
        }
        names = (
            *("data", "esito", "decurtazione", "descrizione", "scadenza"),
            *("controdeduzioni", "controdeduzioni_il"),
        )
        return Outcome(
            risposte=answers,
            importo_irregolare=given["importo_irregolare"] or Decimal(0),
            **{name: given[name] for name in names},
        )


def _initial(tipo: str, current: Verifica | None) -> dict[str, Any]:
    if current is None:
        return {"versione": 0, "data": timezone.localdate()}
    answers = {
        f"{part}_{code}": given[part]
        for code, given in current.risposte.items()
        for part in ("risposta", "nota")
    }
    names = ("versione", "data", "descrizione", "scadenza", "controdeduzioni", "controdeduzioni_il")
    return {
        **answers,
        **{name: getattr(current, name) for name in names},
        "importo_irregolare": money.number(current.importo_irregolare, 2),
    }


class SeguitoForm(forms.Form):
    """What must be done after a verification."""

    tipo = forms.ChoiceField(label="Dopo la", choices=())
    cosa = forms.CharField(label="Che cosa va fatto", max_length=300)
    entro = GiornoField(label="Entro il", latest=_LAST)

    def __init__(self, *args: Any, verifiche: list[Verifica], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tipo"].choices = [  # type: ignore[attr-defined]
            (found.tipo, found.get_tipo_display()) for found in verifiche
        ]


class FattoForm(forms.Form):
    """That it was done."""

    fatto_il = GiornoField(label="Fatto il")
    nota = forms.CharField(max_length=300, required=False)
