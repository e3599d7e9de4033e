from argparse import ArgumentParser

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from porfse.administration.services import open_administrator


class Command(BaseCommand):
    help = "Apre la prima utenza di amministratore e ne stampa una volta la password provvisoria."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", metavar="NAME", help="nome utente")
        parser.add_argument("email", metavar="EMAIL", help="indirizzo di posta elettronica")
        parser.add_argument(
            "--force", action="store_true", help="anche se esiste già un amministratore attivo"
        )

    def handle(self, *, username: str, email: str, force: bool, **_options: object) -> None:
        try:
            password = open_administrator(username=username, email=email, force=force)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"Utenza «{username}», password provvisoria (non si potrà rileggere):")
        self.stdout.write(password)
