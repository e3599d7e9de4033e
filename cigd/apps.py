from django.apps import AppConfig


class CigdConfig(AppConfig):
    name = "cigd"
    verbose_name = "CIGD"
