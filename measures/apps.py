from django.apps import AppConfig

from porfse.pages import Page  # noqa: F401

READ = "measures.view_misure"


class MeasuresConfig(AppConfig):
    name = "measures"
    verbose_name = "Misure"
    navigation = ()

    def ready(self) -> None:
        from measures.figures import Measured
        from measures.misura import discover
        from porfse import figures

        discover()
        figures.register(Measured())
