"""Whether the data of a report have all arrived: quarters of the nuclei, flows."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date

from django.db.models import Q
from django.utils import timezone

from crisi.models import MonitoraggioTrimestrale
from crisi.trimestri import open_until
from porfse.flows.source import source_of
from porfse.models import Flow, Provincia
from porfse.periods import Periodo, italian
from reports.documento import Avviso
from reports.parametri import Parametri

Stato = MonitoraggioTrimestrale.Stato
_MONTHS = 3


def trimestri(parametri: Parametri) -> Iterator[Avviso]:
    """Yield the quarters that end in the period and are not approved, the nuclei together.

    Of a single day it is the last quarter that had ended. A provincial report tells of its own
    nucleo alone.
    """
    nuclei = Provincia.objects.order_by("nome")
    if parametri.provincia:
        nuclei = nuclei.filter(pk=parametri.provincia)
    names, oggi = {each.pk: each.nome for each in nuclei}, timezone.localdate()
    quarters = list(_quarters(parametri))
    stored = MonitoraggioTrimestrale.objects.filter(
        trimestre__in=map(str, quarters), provincia__in=names
    )
    known = {(each.trimestre, each.provincia_id): each for each in stored}
    for quarter in quarters:
        found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for sigla, nome in names.items():
            said = _state(known.get((str(quarter), sigla)), oggi)
            if said:
                found[said].append(nome)
        for (code, words), where in sorted(found.items()):
            said_of = "Tutti i Nuclei" if len(where) > 1 and len(where) == len(names) else ""
            text = f"{quarter.nome[:1].upper()}{quarter.nome[1:]}: {words}."
            yield Avviso(code, "attenzione", text, said_of or ", ".join(where))


def _quarters(parametri: Parametri) -> Iterator[Periodo]:
    quarter = Periodo.of(parametri.inizio, _MONTHS)
    if not isinstance(parametri.periodo, Periodo):
        yield quarter if quarter.fine == parametri.al else quarter.precedente
        return
    while quarter.fine <= parametri.al:
        yield quarter
        quarter = quarter.successivo


def _state(each: MonitoraggioTrimestrale | None, oggi: date) -> tuple[str, str] | None:
    """Return the code and the words of what is not in order; None if all is."""
    if each is None:
        return "R111", "il monitoraggio non è stato aperto"
    last = open_until(each, oggi)
    if each.stato == Stato.VALIDATO:
        words = f"il monitoraggio validato è riaperto fino al {italian(last)}" if last else ""
        return ("R116", words) if last else None
    if each.stato == Stato.TRASMESSO:
        return "R115", "il monitoraggio è trasmesso, ma non ancora validato"
    if each.stato == Stato.RESTITUITO:
        return "R114", "il monitoraggio è stato restituito con richiesta di integrazioni"
    due = italian(each.entro)
    if each.entro < oggi:
        return "R112", f"il monitoraggio non è trasmesso ed è in ritardo: scadeva il {due}"
    return "R113", f"il monitoraggio non è ancora trasmesso: scade il {due}"


def flussi(sorgenti: Collection[str], provincia: str, *, esempi: bool) -> Iterator[Avviso]:
    """Yield the flows that are not in the data yet, those of a source together.

    Args:
        sorgenti: the sources of the report.
        provincia: of a provincial report, which does not tell of the files of other nuclei.
        esempi: whether the report holds example data, and so could hold those of an example.
    """
    flows = Flow.objects.filter(sorgente__in=sorgenti)
    if provincia:
        flows = flows.filter(Q(provincia=provincia) | Q(provincia=None))
    if not esempi:
        flows = flows.filter(esempio=False)
    for code, rows, one, many in (
        ("R121", flows.waiting(), "attende una decisione", "attendono una decisione"),
        ("R122", flows.in_progress(), "è in lavorazione", "sono in lavorazione"),
    ):
        by_source: defaultdict[str, list[int]] = defaultdict(list)
        for source, key in rows.order_by("sorgente", "pk").values_list("sorgente", "pk"):
            by_source[source].append(key)
        for source, keys in by_source.items():
            numbers = ", ".join(map(str, keys))
            text = (
                f"Il flusso n. {numbers} {one}: non è nei dati del report."
                if len(keys) == 1
                else f"I flussi n. {numbers} {many}: non sono nei dati del report."
            )
            yield Avviso(code, "attenzione", text, source_of(source).nome)
