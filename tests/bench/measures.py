"""What the pages of the measures cost with 1,000 and with 100,000 applications and vouchers.

The least of many runs: what else the machine does only adds to a time, and by turns. The first rows
are alike in all that the lists are narrowed by, so that every list has a full page at both sizes.
"""

import time
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from measures import summaries
from measures.formazione_continua.models import Voucher
from measures.misura import misura_of
from measures.smart_working.models import Domanda
from porfse.models import Azienda, Comune, Flow
from tests.factories.crisi import partita_iva
from tests.factories.flows import codice_fiscale
from tests.factories.misure import AMMESSE, make_flow
from tests.factories.people import make_user

ROOT = "/misure/smart-working/"
LIST = f"{ROOT}elenco/"
FC = "/misure/formazione-continua/"
VOUCHERS = f"{FC}elenco/"
PAGES = (
    "/misure/",
    *(f"{ROOT}{page}" for page in ("", "province/", "tempi/", "classi/", "addendum/", "settori/")),
    LIST,
    f"{LIST}?elenco-page=2",
    f"{LIST}?elenco-sort=codice",
    f"{LIST}?elenco-sort=-concesso",
    f"{LIST}?fase=beneficiarie",
    f"{LIST}?stato=decaduta",
    f"{LIST}?provincia=SO",
    f"{LIST}?classe=grande&gruppo=addendum",
    f"{LIST}?stato=rinunciata&provincia=SO&classe=grande",
    f"{LIST}?settore=62",
    f"{LIST}?testo=SW-000500",
    f"{LIST}?testo=Impresa 500 ",
    f"{LIST}SW-000500/",
    "/cifre/?f=misura_concesso(classe=grande,fase=beneficiarie,misura=smart-working)",
    *(f"{FC}{page}" for page in ("", "province/", "tempi/", "modalita/", "massimali/")),
    VOUCHERS,
    f"{VOUCHERS}?elenco-sort=codice",
    f"{VOUCHERS}?elenco-sort=-concesso",
    f"{VOUCHERS}?fase=liquidati",
    f"{VOUCHERS}?stato=revocato",
    f"{VOUCHERS}?gruppo=fad",
    f"{VOUCHERS}?mese=2020-06",
    f"{VOUCHERS}?provincia=SO&stato=revocato",
    f"{VOUCHERS}?provincia=SO&stato=revocato&gruppo=fad&mese=2020-06",
    f"{VOUCHERS}FC-000500/",
)
FEW, MANY = 1_000, 100_000
ALIKE = 60  # more than a page
RUNS = 25
STATI = ("presentata", "non_ammessa", *AMMESSE, "liquidata", "ammessa", "liquidata")
DIPENDENTI = ((3, 9), (10, 49), (10, 49), (50, 249), (250, 900))
SONDRIO = "014061"


def run() -> None:
    """Print the times, the ratios and the queries; what is written is rolled back."""
    with transaction.atomic():
        client = Client()
        client.force_login(make_user("gestore"), backend="porfse.accounts.RoleBackend")
        _fill(0, FEW)
        few = {url: _measure(client, url) for url in PAGES}
        _fill(FEW, MANY)
        _export(client)
        print(
            f"\n{'page':<68}{'queries':>8}{'rows shown':>12}{'ms':>8}{'at 100,000':>12}{'ratio':>7}"
        )
        for url, (before, queries, shown) in few.items():
            after, queries_after, shown_after = _measure(client, url)
            assert queries == queries_after, url
            rows = f"{shown} {shown_after}"
            print(
                f"{url.removeprefix('/misure/'):<68}{queries:>8}{rows:>12}{before:>8.1f}"
                f"{after:>12.1f}{after / before:>7.2f}"
            )
        transaction.set_rollback(True)


def _fill(first: int, last: int) -> None:
    """Write applications and vouchers with these numbers, each of its company, and the sums."""
    random = Random(last)  # noqa: S311 - the same rows at each run
    companies = Azienda.objects.bulk_create(
        (
            Azienda(codice_fiscale=partita_iva(number), denominazione=_name(number))
            for number in range(first, last)
        ),
        batch_size=5_000,
    )
    comuni = list(Comune.objects.order_by("pk").values_list("pk", flat=True))
    for model, make, source in (
        (Domanda, _application, "domande-smart-working"),
        (Voucher, _voucher, "voucher-formazione"),
    ):
        flow = make_flow(source)
        rows = (
            make(first + place, company, random, random.choice(comuni), flow)
            for place, company in enumerate(companies)
        )
        model.objects.bulk_create(rows, batch_size=5_000)
    for slug in ("smart-working", "formazione-continua"):
        start = time.perf_counter()
        summaries.rebuild(misura_of(slug))
        what = f"sums of {last:,} rows, {slug}"
        print(f"{what:<66}{time.perf_counter() - start:>8.2f} s")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _name(number: int) -> str:
    return f"Impresa {f'500 {number}' if number < ALIKE else number} S.r.l."


def _application(number: int, company: Azienda, random: Random, comune: str, flow: Flow) -> Domanda:
    alike = number < ALIKE
    state = "rinunciata" if alike else random.choice(STATI)
    begun = date(2020, 1, 10) + timedelta(days=random.randrange(600))
    admitted, paid = state in AMMESSE, state == "liquidata"
    amount = Decimal(random.choice(("7500", "10500", "15000", "22500")))
    return Domanda(
        codice=f"SW-{number:06d}",
        azienda=company,
        comune_id=SONDRIO if alike else comune,
        stato=state,
        data_inizio=begun,
        data_ammissione=begun + timedelta(days=random.randrange(20, 90)) if admitted else None,
        data_liquidazione=begun + timedelta(days=random.randrange(120, 400)) if paid else None,
        concesso=amount if admitted else None,
        liquidato=amount if paid else None,
        dipendenti=300 if alike else random.randint(*random.choice(DIPENDENTI)),
        ateco=f"{62 if alike else random.randrange(1, 97):02d}.10.00",
        addendum_covid=alike or random.random() < 0.5,
        azione_a=True,
        azione_b=True,
        flusso=flow,
    )


def _voucher(number: int, company: Azienda, random: Random, comune: str, flow: Flow) -> Voucher:
    alike = number < ALIKE
    state = "revocato" if alike else random.choice(Voucher.Stato.values)
    begun = date(2020, 6, 5) if alike else date(2020, 1, 10) + timedelta(random.randrange(600))
    amount = Decimal(random.randrange(300, 1_000))
    paid = state == "liquidato"
    return Voucher(
        codice=f"FC-{number:06d}",
        azienda=company,
        comune_id=SONDRIO if alike else comune,
        stato=state,
        data_inizio=begun,
        data_ammissione=begun,
        data_liquidazione=begun + timedelta(days=random.randrange(120, 400)) if paid else None,
        concesso=amount,
        liquidato=amount if paid else None,
        codice_fiscale_lavoratore=codice_fiscale(number),
        corso="Sicurezza informatica",
        modalita="fad" if alike else random.choice(Voucher.Modalita.values),
        flusso=flow,
    )


def _measure(client: Client, url: str) -> tuple[float, int, int]:
    """Return the least time of a page in milliseconds, its queries, its rows of tables."""
    shown = client.get(url).content.count(b"<tr")
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
        queries = len(captured)
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        client.get(url)
        times.append(time.perf_counter() - start)
    return min(times) * 1000, queries, shown


def _export(client: Client) -> None:
    start = time.perf_counter()
    size = sum(map(len, _sent(client)))
    seconds = time.perf_counter() - start
    print(f"{'CSV of ' + format(MANY, ',') + ' rows':<66}{seconds:>8.2f} s, {size:,} B")


def _sent(client: Client) -> Iterator[bytes]:
    yield from client.get(f"{LIST}?elenco-formato=csv").streaming_content
