from datetime import timedelta

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from crisi.models import Procedura, Tavolo
from crisi.services import tavoli
from crisi.services.tavoli import Dati, Richiesta
from porfse.models import User

# Days from today, provinces, subject, decisions, and of each request: words, days, provincia.
_MEETINGS = (
    (
        -40,
        (),
        "Esempio: andamento delle procedure e monitoraggio del trimestre",
        "I Nuclei completano i dati dei lavoratori non noti.",
        (
            ("Completare i lavoratori non noti", -3, "BG"),
            ("Inviare il modello", 10, None),
        ),
    ),
    (
        -12,
        ("BG", "BS"),
        "Esempio: casi ad alta complessità fra Bergamo e Brescia",
        "Le parti si rivedono con il piano di attivazione delle politiche attive.",
        (("Presentare il piano di attivazione", 8, "BG"), ("Sentire l'azienda", 14, "BS")),
    ),
    (15, ("BG",), "Esempio: verifica del piano di attivazione", "", ()),
    (45, (), "Esempio: risultati del trimestre", "", ()),
)
_LINKED = 4  # procedures that each bilateral meeting speaks of


class Command(BaseCommand):
    help = "Inserisce tavoli di esempio sulle procedure di esempio (solo dimostrazione)."

    @transaction.atomic
    def handle(self, **_: object) -> None:
        if not settings.DEMO:
            raise CommandError("I tavoli di esempio si inseriscono solo nella dimostrazione.")
        # Once: what somebody has changed or taken away stays so.
        if Tavolo.objects.filter(esempio=True).exists():
            return
        by = User.objects.sistema()
        for meeting in _MEETINGS:
            self._enter(meeting, by)
        self.stdout.write(f"Crisi: inseriti {len(_MEETINGS)} tavoli di esempio.")

    def _enter(self, meeting: tuple, by: User) -> None:
        days, province, oggetto, decisioni, asked = meeting
        oggi = timezone.localdate()
        dati = Dati(
            tipo=Tavolo.Tipo.BILATERALE if province else Tavolo.Tipo.REGIONALE,
            data=oggi + timedelta(days=days),
            oggetto=oggetto,
            soggetti="Regione Lombardia, Nuclei territoriali, parti sociali",
            decisioni=decisioni,
            province=province,
            procedure=tuple(each.pk for each in _hard(province)[:_LINKED]),
        )
        seguiti = [
            Richiesta(words, oggi + timedelta(days=term), sigla) for words, term, sigla in asked
        ]
        tavoli.create(by=by, dati=dati, seguiti=seguiti, esempio=True)


def _hard(province: tuple[str, ...]) -> list[Procedura]:
    """The open example procedures of high complexity with a site in some provinces."""
    rows = Procedura.objects.filter(
        esempio=True,
        alta_complessita=True,
        stato=Procedura.Stato.APERTA,
        unita__comune__provincia__in=province,
    )
    return list(rows.distinct().order_by("pk"))
