"""Where else a company stands: in this measure, in the others, in the other areas."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import apps
from django.db.models import ForeignKey, Model
from django.urls import reverse

from measures.misura import Misura, misure
from measures.models import Istanza
from porfse.models import Azienda, User

LIMIT = 50
Row = dict[str, Any]


def same_company(misura: Misura, row: Istanza) -> list[Istanza]:
    """Return the other rows of a row's company in a measure, at most LIMIT, newest first."""
    if row.azienda_id is None:
        return []
    found = misura.model.objects.filter(azienda=row.azienda_id, esempio=row.esempio)
    if isinstance(row, misura.model):
        found = found.exclude(pk=row.pk)
    return list(found.order_by("-data_inizio", "codice")[:LIMIT])


def related(row: Istanza, own: Misura, others: Sequence[Istanza], *, user: User) -> list[Row]:
    """Return what else there is of a row's company, as far as a person may see it.

    Args:
        own: the measure of the row.
        others: its other rows in that measure, as `same_company` gives them.
    """
    rows = [_measure_row(own, other) for other in others]
    for misura in misure():
        if misura is not own:
            rows += [_measure_row(misura, other) for other in same_company(misura, row)]
    return [*rows, *_elsewhere(row.azienda, user)]


def _measure_row(misura: Misura, row: Istanza) -> Row:
    return {
        "dove": misura.nome,
        "nome": f"{misura.singolare} {row.codice}",
        "url": reverse("measures:istanza", args=[misura.slug, row.codice]),
        "stato": row.stato_nome,
        "data": row.data_inizio,
        "concesso": row.concesso,
    }


def _elsewhere(azienda: Azienda | None, user: User) -> Iterable[Row]:
    """What the other apps hold on a company: models with a row scope and a page of their own."""
    if azienda is None:
        return
    for model, field in _linked():
        for found in model._default_manager.visible_to(user).filter(**{field: azienda})[:LIMIT]:
            yield {
                "dove": model._meta.app_config.verbose_name,
                "nome": f"{model._meta.verbose_name} {found}",
                "url": found.get_absolute_url(),
            }


def _linked() -> Iterable[tuple[type[Model], str]]:
    for model in apps.get_models():
        if model._meta.app_label == "measures" or not hasattr(model, "get_absolute_url"):
            continue
        for field in model._meta.get_fields():
            linked = isinstance(field, ForeignKey) and field.related_model is Azienda
            if linked and hasattr(model._default_manager, "visible_to"):
                yield model, field.name
