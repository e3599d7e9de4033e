from django.apps import AppConfig

from porfse.pages import Page

READ = "crisi.view_crisi"


class CrisiConfig(AppConfig):
    name = "crisi"
    verbose_name = "Crisi territoriali"
    navigation = (
        Page("Tavola", "crisi:tavola", READ),
        Page(
            "Lavoro del Nucleo",
            "crisi:lavoro",
            "crisi.view_procedure",
            prima="crisi.edit_procedure",
        ),
        Page("Procedure", "crisi:procedure", "crisi.view_procedure"),
        Page("PAL", "crisi:pal", READ),
        Page("Trimestri", "crisi:trimestri", "crisi.view_procedure"),
        Page("Tavoli", "crisi:tavoli", "crisi.view_procedure"),
        Page("Casi complessi", "crisi:cruscotto", "crisi.view_cruscotto"),
    )

    def ready(self) -> None:
        from crisi.attention import waiting
        from crisi.figures import Crises
        from crisi.figures_pal import Policies
        from crisi.flows.pal import PalTrimestrale
        from crisi.flows.vertenze import VertenzeOnline
        from porfse import attention, figures
        from porfse.flows.source import register
        from porfse.printed import catalogue

        attention.register(waiting)
        figures.register(Crises())
        register(VertenzeOnline())
        register(PalTrimestrale())
        figures.register(Policies())
        catalogue.register(
            figures="crisi/cifre_stampate.csv", contradictions="crisi/contraddizioni.toml"
        )
