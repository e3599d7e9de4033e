"""What the Region enters of a meeting."""

from typing import Any

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.text import Truncator

from crisi.models import Procedura, Tavolo
from crisi.services.tavoli import AHEAD, FIELDS, Dati
from crisi.stato import open_on
from porfse.forms import GiornoField
from porfse.models import Provincia

MOST_OFFERED = 100  # procedures to choose from; any other by its number


class TavoloForm(forms.Form):
    """A meeting; the words of a procedure are its company, kind and number."""

    versione = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    tipo = forms.ChoiceField(choices=[("", "—"), *Tavolo.Tipo.choices])
    data = GiornoField(help_text="Anche futura, fino a un anno: è il prossimo incontro.")
    province = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Solo per un tavolo bilaterale: un tavolo regionale riguarda tutte le province.",
    )
    oggetto = forms.CharField(max_length=200)
    soggetti = forms.CharField(
        label="Soggetti partecipanti",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    decisioni = forms.CharField(
        max_length=8000, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )
    procedure = forms.TypedMultipleChoiceField(
        label="Procedure ad alta complessità trattate",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Facoltativo. Fra quelle aperte, avviate più di recente.",
    )
    pratiche = forms.CharField(
        label="Altre procedure, per numero di pratica",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Uno per riga.",
    )

    def __init__(self, *args: Any, tavolo: Tavolo | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["data"].latest = timezone.localdate() + AHEAD  # type: ignore[attr-defined]
        self.fields["province"].choices = provinces()  # type: ignore[attr-defined]
        self.fields["procedure"].choices = _offered(tavolo)  # type: ignore[attr-defined]

    def clean_pratiche(self) -> tuple[int, ...]:
        """Keys of the procedures whose numbers are written; real ones before examples."""
        numbers = {line.strip() for line in self.cleaned_data["pratiche"].splitlines()} - {""}
        rows = Procedura.objects.counted().filter(codice_pratica__in=numbers)
        found = dict(rows.order_by("-esempio").values_list("codice_pratica", "pk"))
        unknown = sorted(numbers - found.keys())
        if unknown:
            raise forms.ValidationError(
                f"Nessuna procedura con questo numero di pratica: {', '.join(unknown)[:200]}."
            )
        return tuple(found.values())

    @classmethod
    def typed(cls, data: QueryDict, tavolo: Tavolo | None) -> "TavoloForm":
        """Return a form that shows what was typed, not yet judged."""
        several = ("province", "procedure")
        given = {
            name: data.getlist(name) if name in several else data.get(name)
            for name in cls.base_fields
        }
        return cls(initial=given, tavolo=tavolo)

    @classmethod
    def stored(cls, tavolo: Tavolo) -> "TavoloForm":
        """Return a form that shows a meeting as it stands."""
        given = {name: getattr(tavolo, name) for name in ("versione", *FIELDS)}
        given["province"] = [each.pk for each in tavolo.province.all()]
        given["procedure"] = [each.pk for each in tavolo.procedure.all()]
        return cls(initial=given, tavolo=tavolo)

    def dati(self) -> Dati:
        """Return the meeting that a valid form describes."""
        given = self.cleaned_data
        linked = {*given["procedure"], *given["pratiche"]}
        return Dati(
            **{name: given[name] for name in FIELDS},
            province=tuple(given["province"]),
            procedure=tuple(sorted(linked)),
        )


def provinces() -> list[tuple[str, str]]:
    """Return the sigla and the name of each."""
    return [(each.pk, each.nome) for each in Provincia.objects.all()]


def _offered(tavolo: Tavolo | None) -> list[tuple[int, str]]:
    """The open high-complexity procedures that began last, and those linked already."""
    hard = Procedura.objects.filter(open_on(timezone.localdate()), alta_complessita=True)
    latest = Q(pk__in=hard.order_by("-data_avvio", "-pk").values("pk")[:MOST_OFFERED])
    linked = Q(tavoli=tavolo) if tavolo is not None else Q(pk=None)
    rows = Procedura.objects.filter(latest | linked).distinct().select_related("azienda")
    return [(each.pk, procedure_words(each)) for each in rows.order_by("azienda__denominazione")]


def procedure_words(each: Procedura) -> str:
    """Return company, kind and number of a procedure."""
    example = " (esempio)" if each.esempio else ""
    return f"{Truncator(each.azienda).chars(60)}, {each}{example}"
