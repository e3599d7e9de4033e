from django.apps import AppConfig

from porfse.pages import Page

READ = "programme.view_programma"


class ProgrammeConfig(AppConfig):
    name = "programme"
    verbose_name = "Programma"
    navigation = (
        Page("Panoramica", "programme:panoramica", READ),
        Page("Struttura e iniziative", "programme:struttura", READ),
        Page("Movimenti", "programme:movimenti_indice", READ),
        Page("Indicatori", "programme:indicatori", READ),
        Page("Destinatari", "programme:destinatari", READ),
        Page("Interventi Covid-19", "programme:covid", READ),
        Page("N+3", "programme:n3", READ),
        Page("Piano finanziario", "programme:piano", READ),
        Page("Quadratura", "programme:quadratura", READ),
        Page("Fonti", "programme:fonti", READ),
    )

    def ready(self) -> None:
        from porfse.flows.source import register
        from programme import figures
        from programme.flows import Avanzamento

        figures.register()
        register(Avanzamento())
