from argparse import ArgumentParser
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from porfse.models import User


class Command(BaseCommand):
    help = "Carica i dati di riferimento e le cifre pubblicate (si può ripetere)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quiet", action="store_true", help="non stampare nulla")

    @transaction.atomic
    def handle(self, *, quiet: bool = False, **options: object) -> None:
        by = User.objects.sistema()
        # The kernel first, then the apps in the order of the layers.
        for config in reversed(list(apps.get_app_configs())):
            if _ours(config) and find_spec(f"{config.name}.seed"):
                import_module(f"{config.name}.seed").load(by=by)
                if not quiet:
                    self.stdout.write(f"{config.verbose_name}: dati di riferimento caricati.")


def _ours(config: AppConfig) -> bool:
    return Path(config.path).parent == settings.BASE_DIR
