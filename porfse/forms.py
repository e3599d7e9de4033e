"""Form fields that read what Italians write."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from porfse import money
from porfse.periods import PeriodError, parse_date


class ImportoField(forms.CharField):
    """An amount in euro, `1.234.567,89`; cleans to a Decimal with cents."""

    def __init__(self, *, positive: bool = False, zero: bool = False, **kwargs: Any) -> None:
        self.positive = positive
        self.zero = zero
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal"}))
        super().__init__(max_length=30, **kwargs)

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            amount = money.parse_amount(text)
        except money.AmountError as error:
            raise forms.ValidationError(str(error)) from error
        if (amount == 0 and not self.zero) or (self.positive and amount < 0):
            raise forms.ValidationError(
                "L'importo deve essere maggiore di zero."
                if self.positive
                else "L'importo non può essere zero."
            )
        return amount


class GiornoField(forms.CharField):
    """A day, picked or typed; cleans to a date from the start of the period to today."""

    def __init__(self, *, latest: date | None = None, **kwargs: Any) -> None:
        self.latest = latest
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(max_length=20, **kwargs)

    def clean(self, value: Any) -> date | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_date(text, earliest=settings.EARLIEST_DATE, latest=self.latest)
        except PeriodError as error:
            raise forms.ValidationError(str(error)) from error


def refusals(error: ValidationError) -> dict[Any, list[str]]:
    """Return what a service refuses, by field; None is what is about no field."""
    return error.message_dict if hasattr(error, "error_dict") else {None: error.messages}


def show(form: forms.Form, error: ValidationError) -> None:
    """Put what a service refuses beside the field that it is about, else above the form."""
    for name, texts in refusals(error).items():
        form.add_error(name if name in form.fields else None, texts)
