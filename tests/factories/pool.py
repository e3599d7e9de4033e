"""Payments that are certifiable, caps of a few euro, batches certified as people do it."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from cigd import certification, decisions, pool
from cigd.caps import INIZIATIVE, rooms
from cigd.models import Lotto, Pagamento, Posizione, SintesiPool, SintesiSegnalazione
from cigd.states import rewrite
from porfse.models import Flow, FlowWarning, User
from programme.services import Act
from tests.factories.flows import acquired, payment
from tests.factories.people import make_user
from tests.factories.programme import make_movement

MILANO, LODI = "015146", "098031"
DAY = date(2022, 2, 10)
ACT = Act("decreto", "77", date(2022, 2, 1))


def checked(*rows: dict[str, str], example: bool = False) -> Flow:
    """A flow that counts and that was checked at the desk."""
    flow = in_pool(*rows, example=example)
    decisions.check_flow(by=User.objects.sistema(), flusso_id=flow.pk, nota="prova")
    return flow


def in_pool(*rows: dict[str, str], example: bool = False) -> Flow:
    """A flow that counts, not checked."""
    flow = acquired(list(rows), example=example)
    if not SintesiPool.objects.filter(flusso=flow).exists():
        pool.on_acquired(flow)
    return flow


def recovery(of: dict[str, str], amount: str, **fields: object) -> dict[str, str]:
    """A recovery of a payment; `amount` is negative."""
    same = {name: of[name] for name in ("codice_fiscale", "comune_istat")}
    origin = {"tipo": "R", "importo": amount, "id_pagamento_origine": of["id_pagamento"]}
    return payment(**{**same, **origin, **fields})


def cap(azione: str, amount: str, *, day: date = date(2022, 1, 15)) -> None:
    """Bring the allocation of an azione to some euro, by a movement with its act."""
    now = rooms(day, example=False)[azione].massimale
    make_movement(
        "programmate",
        asse_id="I" if azione == "8.6.1" else "II",
        azione_id=azione,
        iniziativa_id=INIZIATIVE[azione],
        perimetro="cigd",
        importo=Decimal(amount) - now,
        data=day,
    )


def rate(anno: int = 2021, tasso: str = "0.5") -> None:
    """The rate of an accounting year, entered by the certifying authority."""
    certification.set_rate(
        by=make_user("certificatore"), anno=anno, tasso=Decimal(tasso), motivazione="prova"
    )


def counted(number: str = "DP1", *, day: date = DAY, by: User | None = None) -> Lotto:
    """A batch that waits for a decision."""
    made = certification.prepare(
        by=by or make_user("certificatore"), domanda_numero=number, domanda_data=day, atto=ACT
    )
    return certification.count(made.pk)


def certified(number: str = "DP1", *, day: date = DAY, by: User | None = None) -> Lotto:
    """A batch after its certification, or put back with its message."""
    person = by or make_user("certificatore")
    batch = counted(number, day=day, by=person)
    certification.decide(batch.pk, by=person)
    return certification.certify(batch.pk)


def state(identifier: str) -> str:
    """Where a payment stands."""
    return pool.position(Pagamento.objects.acquired().get(id_pagamento=identifier)).stato


def hold_sums() -> None:
    """What was kept change by change is what counting anew gives."""
    fields = ("flusso", "azione", "stato", "pagamenti", "recuperi", "importo", "taglio")
    kept = sorted(SintesiPool.objects.values_list(*fields))
    rewrite(sorted({row[0] for row in kept}))
    assert sorted(SintesiPool.objects.values_list(*fields)) == kept
    counts = ("flusso", "codice", "pagamenti", "recuperi", "pagamenti_soli", "recuperi_soli")
    rows = SintesiSegnalazione.objects.values_list(*counts)
    assert {(flow, code): numbers for flow, code, *numbers in rows if any(numbers)} == undecided()


def undecided() -> dict[tuple[int, str], list[int]]:
    """What waits by flow and code, counted row by row, in the order of `SintesiSegnalazione`."""
    decided = set(Posizione.objects.exclude(stato="").values_list("flusso", "riga"))
    tipo = {(row.flusso_id, row.riga): row.tipo for row in Pagamento.objects.acquired()}
    borne = defaultdict(list)
    for row in FlowWarning.objects.all():
        borne[row.flusso_id, row.riga].append(row.codice)
    found: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for key, codes in borne.items():
        if key in decided or key not in tipo:
            continue
        for code in codes:
            found[key[0], code]["PR".index(tipo[key])] += 1
            found[key[0], code]["PR".index(tipo[key]) + 2] += len(codes) == 1
    return dict(found)
