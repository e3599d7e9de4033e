"""The named queries of the programme, and the figures that its documents print."""

from porfse import figures
from porfse.printed import PrintedSource, catalogue
from programme.figures.facts import READ, Assumption, Endowment, Indicator, N3Target, Recipients
from programme.figures.ledger import Ledger


def register() -> None:
    """Make the queries known; called when Django starts."""
    for source in (Ledger, Endowment, Recipients, Indicator, N3Target, Assumption):
        figures.register(source())
    figures.register(PrintedSource(READ))
    catalogue.register(
        figures="programme/cifre_stampate.csv", contradictions="programme/contraddizioni.toml"
    )
