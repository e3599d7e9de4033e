from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from porfse.models import Provincia, User
from porfse.roles import BY_SLUG, ROLES
from porfse.secretfile import secret_from


class Command(BaseCommand):
    help = (
        "Crea un'utenza dimostrativa per ogni ruolo e ne stampa la password (solo dimostrazione)."
    )

    @transaction.atomic
    def handle(self, **options: object) -> None:
        if not settings.DEMO:
            raise CommandError(
                "Le utenze dimostrative non esistono in produzione: usare /amministrazione/utenti/."
            )
        groups = {group.name: group for group in Group.objects.all()}
        if not groups.keys() >= BY_SLUG.keys():
            raise CommandError("Mancano i ruoli: eseguire prima sync_roles.")
        self.stdout.write("Utenze dimostrative (utente / password / ruolo):")
        for role in ROLES:
            password = secret_from(settings.VAR_DIR / "demo" / role.slug)[:16]
            user, made = User.objects.get_or_create(
                username=role.slug,
                defaults={
                    "first_name": "Utenza dimostrativa",
                    "demo": True,
                    "email": f"{role.slug}@esempio.invalid",
                },
            )
            if not user.demo:
                raise CommandError(f"Esiste già un'utenza «{role.slug}» che non è dimostrativa.")
            if made:
                user.groups.set([groups[role.slug]])
            if not user.check_password(password):
                user.set_password(password)
            if role.slug == "nucleo":
                user.provincia = Provincia.objects.get(sigla="BG")
            user.save()
            self.stdout.write(f"  {role.slug:<15} {password}  {role.label}")
