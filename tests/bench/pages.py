"""What the pages of the programme cost, with its published figures and with 150,000 movements."""

import re
import resource
import time
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median

import brotli
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from porfse.models import User
from programme.models import GRANDEZZE, Iniziativa
from tests.factories.people import make_user
from tests.factories.programme import make_initiative, make_source

PAGES = (
    "/",
    "/programma/assi/I/",
    "/programma/iniziative/",
    "/programma/movimenti/impegnate/",
    "/programma/indicatori/",
    "/programma/destinatari/",
    "/programma/covid/",
    "/programma/n3/",
    "/programma/piano-finanziario/",
    "/programma/quadratura/",
    "/cifre/?f=impegnate(al=2021-09-30,asse=I)",
)
RUNS = 5
MOVEMENTS = 50_000  # of each quantity


def measure(client: Client, url: str) -> tuple[float, int]:
    """Return the median time of a page in milliseconds, and its queries."""
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
        queries = len(captured)
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        client.get(url)
        times.append(time.perf_counter() - start)
    return median(times) * 1000, queries


def fill() -> None:
    """Write many movements of fifty initiatives, over three years, up to the last balance."""
    by, fonte = User.objects.sistema(), make_source()
    initiatives = [make_initiative("I") for _ in range(50)]
    act = Iniziativa.objects.get(pk="smart-working").atti.first()
    for quantity in ("programmate", "impegnate", "liquidate"):
        model = GRANDEZZE[quantity]
        model.objects.bulk_create(
            (
                model(
                    riferimento=f"bench-{number}",
                    asse_id="I",
                    iniziativa=initiatives[number % 50],
                    data=date(2019, 1, 1) + timedelta(days=number % 1000),
                    importo=Decimal(number % 9_999 + 1),
                    atto=act,
                    fonte=fonte,
                    inserito_da=by,
                )
                for number in range(MOVEMENTS)
            ),
            batch_size=5_000,
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def wire(client: Client) -> None:
    """Print what the Panoramica weighs, compressed as the server sends it."""
    html = client.get("/").content
    print(f"{'HTML, brotli':<40}{len(brotli.compress(html)):>10,} B ({len(html):,} raw)")
    total = len(brotli.compress(html))
    for url in sorted(set(re.findall(rb'/static/[^"\']+\.(?:css|js)', html))):
        later = b"plotly" in url
        path = Path(settings.STATIC_ROOT) / url.decode().removeprefix("/static/")
        size = path.with_name(path.name + ".br").stat().st_size
        total += 0 if later else size
        note = " (only when the chart is seen)" if later else ""
        print(f"{path.name[:38]:<40}{size:>10,} B{note}")
    print(f"{'Total at first sight':<40}{total:>10,} B")


def run() -> None:
    """Print the figures; what is written is rolled back."""
    with transaction.atomic():
        client = Client()
        client.force_login(make_user("gestore"), backend="porfse.accounts.RoleBackend")
        wire(client)
        before = {url: measure(client, url) for url in PAGES}
        fill()
        print(f"\n{'page':<46}{'queries':>8}{'ms':>8}{'ms at 150,000 rows':>20}{'ratio':>7}")
        for url, (time_before, queries) in before.items():
            after, queries_after = measure(client, url)
            assert queries == queries_after, url
            ratio = after / time_before
            print(f"{url:<46}{queries:>8}{time_before:>8.1f}{after:>20.1f}{ratio:>7.2f}")
        transaction.set_rollback(True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"\npeak memory of this process: {peak} MiB")
