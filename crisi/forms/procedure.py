"""The forms of a procedure: its header, one of its sites, what is asked when its state changes."""

import re
from datetime import date
from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils import timezone

from crisi.aziende import is_person, told
from crisi.forms.comuni import Comuni
from crisi.models import Procedura
from crisi.services.procedure import Testata
from crisi.services.unita import Sito
from porfse import aziende
from porfse.errors import BadInput
from porfse.forms import GiornoField
from porfse.models import Comune, User

_YEARS_AHEAD = 5  # how far an end that is foreseen may lie
MOST_WORKERS = 100_000  # of one site: more is a slip of the keyboard
_NUMBER = re.compile(r"[0-9]+|[0-9]{1,3}(\.[0-9]{3})+")
TIPI = [
    (f"{tipo}-{linea}", f"{tipo.label}, linea guida {linea}")
    for tipo in Procedura.Tipo
    for linea in Procedura.LINEE_GUIDA[tipo]
]
OBBLIGO = {"": None, "si": True, "no": False}


class LavoratoriField(forms.CharField):
    """A count of workers; cleans to None if it is blank, which is not known and not zero."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric"}))
        super().__init__(required=False, max_length=12, **kwargs)

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        if text.startswith(("-", "−")):
            raise forms.ValidationError("I lavoratori non possono essere meno di zero.")
        if not _NUMBER.fullmatch(text):
            raise forms.ValidationError(
                "Scrivere un numero intero, in cifre; lasciare vuoto se non è noto."
            )
        number = int(text.replace(".", ""))
        if number > MOST_WORKERS:
            raise forms.ValidationError("Più di 100.000 lavoratori in un'unità: controllare.")
        return number


class TestataForm(forms.Form):
    """What is said of a procedure; kind and linea guida are one choice, so that they agree."""

    codice_fiscale = forms.CharField(
        label="Codice fiscale dell'azienda",
        max_length=30,
        help_text="11 cifre; 16 caratteri per un'impresa individuale.",
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "spellcheck": "false",
                "hx-post": reverse_lazy("crisi:procedura_azienda"),
                "hx-trigger": "change",
                "hx-target": "#azienda-trovata",
            }
        ),
    )
    denominazione = forms.CharField(
        max_length=200,
        required=False,
        help_text="Può restare vuota se l'azienda è già registrata.",
    )
    tipo_linea = forms.ChoiceField(label="Tipo di procedura", choices=[("", "scegliere"), *TIPI])
    causale = forms.CharField(max_length=120)
    codice_pratica = forms.CharField(
        label="Numero della pratica",
        max_length=40,
        required=False,
        help_text="Vuoto finché la pratica non ha un numero.",
    )
    data_avvio = GiornoField(label="Data di avvio")
    data_fine = GiornoField(
        label="Data di fine", required=False, help_text="Anche futura, se prevista."
    )
    alta_complessita = forms.BooleanField(label="Caso ad alta complessità", required=False)
    obbligo_pal = forms.ChoiceField(
        label="Attivazione delle PAL obbligatoria",
        choices=[("", "non noto"), ("si", "sì"), ("no", "no")],
        required=False,
        help_text="Solo per le CIGS ministeriali.",
    )

    def __init__(self, *args: Any, user: User, esempio: bool = False, **kwargs: Any) -> None:
        self.user, self.esempio = user, esempio
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.fields["data_fine"].latest = date(today.year + _YEARS_AHEAD, 12, 31)  # type: ignore[attr-defined]

    def clean_codice_fiscale(self) -> str:
        try:
            return aziende.read_code(self.cleaned_data["codice_fiscale"])
        except BadInput as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        self._clean_company(found)
        start, end = found.get("data_avvio"), found.get("data_fine")
        if start and end and end < start:
            self.add_error("data_fine", "La data di fine precede quella di avvio.")
        ministerial = (found.get("tipo_linea") or "CIGS_MIN").startswith("CIGS_MIN")
        if found.get("obbligo_pal") and not ministerial:
            self.add_error(
                "obbligo_pal", "Riguarda solo le CIGS ministeriali: lasciare «non noto»."
            )
        return found

    def _clean_company(self, found: dict[str, Any]) -> None:
        """A name that is not the registered one tells of a wrong codice fiscale, or of a slip."""
        if "codice_fiscale" not in found or "denominazione" not in found:
            return
        written = found["denominazione"]
        code = found["codice_fiscale"]
        known = told(code, user=self.user, esempio=self.esempio)
        if known is None and not written:
            # Of a person not even whether he is registered is told.
            words = "Scrivere" if is_person(code) else "L'azienda è nuova: scriverne"
            self.add_error("denominazione", f"{words} la denominazione.")
        if known and written and not aziende.same_name(written, known.denominazione):
            self.add_error(
                "denominazione",
                f"Con questo codice fiscale è registrata «{known.denominazione}»: se è questa,"
                " lasciare vuota la denominazione; altrimenti controllare il codice fiscale.",
            )
        elif known:
            found["denominazione"] = known.denominazione

    def testata(self) -> Testata:
        """What the (valid) form says."""
        said = dict(self.cleaned_data)
        tipo, linea = said.pop("tipo_linea").split("-")
        obligation = OBBLIGO[said.pop("obbligo_pal")]
        return Testata(tipo=tipo, linea_guida=linea, obbligo_pal=obligation, **said)


class UnitaForm(forms.Form):
    """One site; the keys are hidden."""

    id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    togli = forms.CharField(required=False, max_length=2, widget=forms.HiddenInput)
    comune = forms.CharField(
        max_length=80,
        help_text="Nome, o codice ISTAT.",
        widget=forms.TextInput(attrs={"list": "comuni", "autocomplete": "off"}),
    )
    lavoratori = LavoratoriField(label="Lavoratori coinvolti", help_text="Vuoto se non noto.")
    codice = forms.CharField(
        label="Identificativo", max_length=40, required=False, help_text="Vuoto: lo dà il sistema."
    )

    def __init__(
        self, *args: Any, comuni: Comuni, kept: Comune | None = None, **kwargs: Any
    ) -> None:
        self.comuni, self.kept = comuni, kept
        self.testo: dict[str, str] = {}  # of its row
        self.numero = 0  # of its row, from 0
        super().__init__(*args, **kwargs)

    def clean_comune(self) -> Comune:
        try:
            return self.comuni.read(self.cleaned_data["comune"], kept=self.kept)
        except BadInput as error:
            raise forms.ValidationError(str(error)) from error

    def sito(self) -> Sito:
        """What the (valid) form says."""
        names = ("comune", "lavoratori", "codice", "id")
        return Sito(**{name: self.cleaned_data[name] for name in names})


class StatoForm(forms.Form):
    """A change of state; `versione` tells whether somebody else changed the procedure."""

    versione = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)


class ConclusioneForm(StatoForm):
    data_fine = GiornoField(label="Data di fine")


class MotivoForm(StatoForm):
    motivo = forms.CharField(max_length=300)


class RiaperturaForm(MotivoForm):
    distinta = forms.CharField(
        label="Perché non è un doppione",
        max_length=300,
        required=False,
        help_text="Solo se un'altra procedura della stessa azienda le somiglia.",
    )


class NotaForm(forms.Form):
    """A fact or a remark."""

    testo = forms.CharField(
        label="Nuova nota", max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
