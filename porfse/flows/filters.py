import django_filters

from porfse.flows.source import Source
from porfse.models import Flow


class FlussiFilter(django_filters.FilterSet):
    """Flows by source and state."""

    fonte = django_filters.ChoiceFilter(label="Fonte", field_name="sorgente", empty_label="tutte")
    stato = django_filters.ChoiceFilter(
        label="Stato", field_name="stato", choices=Flow.Stato.choices, empty_label="tutti"
    )

    def __init__(self, *args: object, sources: list[Source], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.filters["fonte"].extra["choices"] = [(item.slug, item.nome) for item in sources]
