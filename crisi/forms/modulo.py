"""The form of a procedure with its sites: one header, as many rows as there are sites."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from crisi.forms.comuni import Comuni
from crisi.forms.procedure import TestataForm, UnitaForm
from crisi.forms.testo import Riga, Testo, is_blank
from crisi.models import Procedura, UnitaProduttiva
from crisi.scope import own_provincia
from crisi.services.procedure import Testata
from crisi.services.unita import Sito
from porfse.errors import BadInput
from porfse.forms import refusals
from porfse.models import User


class Modulo:
    """All forms of a page; they hold the texts as typed, and are checked only if they were sent.

    Attributes:
        righe: the form of each row.
        attive: those that stand for a site: not the blank ones, nor those to be taken away.
    """

    def __init__(
        self, testo: Testo, *, user: User, procedura: Procedura | None = None, sent: bool = False
    ) -> None:
        sigla = own_provincia(user)
        if sigla is None:
            raise BadInput(
                "La propria utenza non ha una provincia: chiedere all'amministratore di assegnarla."
            )
        self.testo, self.sent, self.comuni = testo, sent, Comuni(sigla)
        self.testata = TestataForm(
            testo.testata if sent else None,
            initial=testo.testata,
            user=user,
            esempio=procedura is not None and procedura.esempio,
        )
        self._kept = _standing_places(user, procedura)
        self.righe = [self._form(number, row) for number, row in enumerate(testo.righe)]
        self.attive = [each for each in self.righe if _is_active(each.testo)]
        self.errori_generali: list[str] = []

    def _form(self, number: int, row: Riga) -> UnitaForm:
        prefix = f"unita-{number}"
        data = {f"{prefix}-{name}": value for name, value in row.items()}
        checked = self.sent and _is_active(row)
        form = UnitaForm(
            data if checked else None,
            initial=row,
            prefix=prefix,
            comuni=self.comuni,
            kept=self._kept.get(row["id"]),
        )
        form.testo = row
        form.numero = number
        return form

    def is_valid(self) -> bool:
        # Each of them, also after a wrong one: all errors are shown at once.
        checked = [form.is_valid() for form in (self.testata, *self.attive)]
        return all(checked)

    def dati(self) -> tuple[Testata, list[Sito]]:
        """What the (valid) forms say."""
        return self.testata.testata(), [each.sito() for each in self.attive]

    def canonico(self) -> Testo:
        """The texts of the (valid) forms, written as the archive would write them."""
        said = self.testata.cleaned_data
        header = {
            **said,
            "data_avvio": said["data_avvio"].isoformat(),
            "data_fine": said["data_fine"].isoformat() if said["data_fine"] else "",
            "alta_complessita": "on" if said["alta_complessita"] else "",
        }
        return Testo(header, [_canonical(form) for form in self.righe])

    def tolte(self) -> list[int]:
        """Keys of the sites to take away."""
        return [int(row["id"]) for row in self.testo.righe if row["togli"] and row["id"]]

    def show(self, error: ValidationError) -> None:
        """Put what a service refuses beside its field; that of the second site is `1.codice`."""
        for name, texts in refusals(error).items():
            place, _, inner = (name or "").partition(".")
            if inner:
                self.attive[int(place)].add_error(inner, texts)
            elif name in self.testata.fields:
                self.testata.add_error(name, texts)
            else:
                self.errori_generali += texts

    @property
    def errori(self) -> list[tuple[str, str, str]]:
        """All errors in the order of the page: id of the field, its name, what is wrong."""
        if not self.sent:
            return []
        found = [("", "", text) for text in self.errori_generali]
        found += _errors(self.testata)
        for form in self.attive:
            found += _errors(form, f"unità {form.numero + 1}, ")
        return found


def _canonical(form: UnitaForm) -> Riga:
    if not _is_active(form.testo):
        return form.testo
    said = form.cleaned_data
    workers = said["lavoratori"]
    return {
        **form.testo,
        "comune": said["comune"].nome,
        "lavoratori": "" if workers is None else str(workers),
        "codice": said["codice"],
    }


def _errors(form: forms.Form, where: str = "") -> list[tuple[str, str, str]]:
    return [
        (form[name].id_for_label, f"{where}{str(form[name].label).lower()}", text)
        for name, texts in form.errors.items()
        for text in texts
    ]


def _is_active(row: Riga) -> bool:
    return not row["togli"] and not is_blank(row)


def _standing_places(user: User, procedura: Procedura | None) -> dict[str, Any]:
    """The comune of each own site, by its key as text: it may stay although it has ceased."""
    own: Sequence[UnitaProduttiva] = (
        list(
            UnitaProduttiva.objects.editable_by(user)
            .filter(procedura=procedura)
            .select_related("comune")
        )
        if procedura
        else []
    )
    return {str(each.pk): each.comune for each in own}
