from django.core.management.base import BaseCommand, CommandError

from porfse import roles


class Command(BaseCommand):
    help = "Allinea i gruppi e i permessi alla tabella dei ruoli (porfse/roles.py)."

    def handle(self, **options: object) -> None:
        try:
            roles.sync()
        except LookupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Ruoli allineati: {', '.join(role.slug for role in roles.ROLES)}.")
