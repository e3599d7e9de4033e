"""Flows that tell otherwise what a person entered: they wait until somebody has decided."""

from collections.abc import Iterable

from django.urls import reverse

from crisi.models import Conflitto
from porfse import money
from porfse.flows.source import Source
from porfse.models import Flow


class Decidibile(Source):
    """A source whose flows may have conflicts."""

    def undecided(self, flow: Flow) -> str:
        found = Conflitto.objects.filter(flusso=flow)
        waiting = found.filter(scelta="").count()
        if waiting:
            what = (
                "Un dato inserito a mano è diverso nel flusso"
                if waiting == 1
                else f"{money.number(waiting)} dati inseriti a mano sono diversi nel flusso"
            )
            return (
                f"{what}: decidere quale vale nella pagina dei conflitti del flusso {flow.pk},"
                " poi acquisire."
            )
        return self.impossible(flow) if found.exists() else ""

    def impossible(self, flow: Flow) -> str:
        """Say which choices cannot stand together, and what to do; empty if all can."""
        return ""

    def decided(self, flow: Flow, changed: Iterable[Conflitto]) -> None:
        """Follow choices that were just written, in the caller's transaction.

        Raises:
            BadInput: they cannot stand together.
        """

    def decisions_url(self, flow: Flow) -> str:
        if Conflitto.objects.filter(flusso=flow).exists():
            return reverse("crisi:conflitti", args=[flow.pk])
        return ""
