from django.apps import AppConfig

from porfse.pages import Page

READ = "measures.view_misure"


class MeasuresConfig(AppConfig):
    name = "measures"
    verbose_name = "Misure"
    navigation = (Page("Tutte le misure", "measures:indice", READ),)

    def ready(self) -> None:
        from measures.endowment import MeasureEndowment
        from measures.figures import Measured
        from measures.ledger.figures import ByDay
        from measures.ledger.panel import MisuraPanel
        from measures.means import Mean
        from measures.misura import discover
        from measures.times import Times
        from porfse import figures
        from porfse.printed import catalogue
        from programme import panels

        discover()
        for source in (Measured, Mean, MeasureEndowment, Times, ByDay):
            figures.register(source())
        catalogue.register(
            figures="measures/cifre_stampate.csv", contradictions="measures/contraddizioni.toml"
        )
        panels.register(MisuraPanel())
