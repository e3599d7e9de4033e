from django.apps import AppConfig


class CrisiConfig(AppConfig):
    name = "crisi"
    verbose_name = "Crisi aziendali"
