"""Whether the chapters that officials write are written and approved."""

from collections.abc import Iterator

from reports.documento import Avviso
from reports.models import Testo
from reports.report import Report


def non_approvati(report: Report, periodo: str) -> Iterator[Avviso]:
    """Yield the chapters of a report that are blank or not approved for a period.

    Args:
        periodo: as `Parametri.testo` writes it.
    """
    stored = Testo.objects.filter(report=report.slug, periodo=periodo)
    known = {each.capitolo: each for each in stored}
    for chapter, title in report.testi.items():
        found = known.get(chapter)
        if found is None or not found.testo.strip():
            yield Avviso("R131", "attenzione", "Il testo non è stato scritto.", title)
        elif found.stato != Testo.Stato.APPROVATO:
            state = found.get_stato_display()
            yield Avviso("R132", "attenzione", f"Il testo non è approvato: è «{state}».", title)
