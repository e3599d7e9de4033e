"""What the ledger refuses of what people enter and reverse, and why, in Italian."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import OperationalError, connection
from django.db.models import Q
from psycopg.errors import LockNotAvailable

from porfse import money
from porfse.models import FlowSource, Fonte
from porfse.periods import italian
from programme.models import (
    Asse,
    Azione,
    Iniziativa,
    Movimento,
    Perimetro,
    Programmazione,
    SpesaCertificata,
)

# Whoever certifies payments of the CIGD holds the row of their flow (`cigd.turns`), whose name
# stands here too because the programme knows nothing of the app above it.
CIGD_FLOW = "inps-cigd"
PATIENCE = "5s"  # how long a page waits for it


def same_branch(asse: Asse, azione: Azione | None, iniziativa: Iniziativa | None) -> None:
    """Refuse levels that do not belong together."""
    if azione and azione.obiettivo.asse_id != asse.pk:
        raise ValidationError({"azione": f"L'azione {azione.pk} non è dell'Asse {asse.pk}."})
    if iniziativa and iniziativa.asse_id != asse.pk:
        raise ValidationError({"iniziativa": f"L'iniziativa non è dell'Asse {asse.pk}."})
    if azione and iniziativa and iniziativa.azione_id not in (None, azione.pk):
        raise ValidationError(
            {"azione": f"L'iniziativa appartiene all'azione {iniziativa.azione_id}."}
        )


def not_within_balance(model: type[Movimento], asse: Asse, data: date) -> None:
    """Refuse a movement within a published balance: it would count twice (E033 of the flows)."""
    balance = (
        model.objects.in_force()
        .exclude(natura=Movimento.Natura.MOVIMENTO)
        .filter(Q(asse=asse) | Q(asse=None), data__gte=data)
        .select_related("fonte")
        .order_by("-data")
        .first()
    )
    if balance:
        raise ValidationError(
            {
                "data": f"La data è compresa nel saldo pubblicato al {italian(balance.data)} "
                f"({balance.fonte}): ritirare prima la fonte, altrimenti l'importo conta due volte."
            }
        )


def within_cap(riferimento: str, azione: Azione | None, data: date, importo: Decimal) -> None:
    """Refuse CIGD expenditure above what acts allot to its azione at the day, to the cent.

    Held against what is certified at any date, as batches do. From here to the end of the
    transaction no batch is certified. A reduction frees room and is never refused.
    """
    if importo <= 0:
        return
    if azione is None:
        raise ValidationError(
            {"azione": "Indicare l'azione: la spesa della CIGD ha un massimale per azione."}
        )
    _alone_on_certification()
    if SpesaCertificata.objects.filter(riferimento=riferimento).exists():
        return  # the same form, sent twice: it is already in what is certified
    levels = {"azione": azione.pk, "perimetro": str(Perimetro.CIGD)}
    cap = Programmazione.objects.in_force().up_to(data).within(levels).total() or Decimal(0)
    room = cap - (SpesaCertificata.objects.in_force().within(levels).total() or Decimal(0))
    if importo > room:
        raise ValidationError(
            {
                "importo": f"Il massimale della CIGD per l'azione {azione.pk} al {italian(data)} è"
                f" di {money.euro(cap)} e restano {money.euro(max(room, Decimal(0)))}: ridurre"
                " l'importo, o registrare prima l'atto che aumenta le risorse programmate."
            }
        )


def _alone_on_certification() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
        try:
            FlowSource.objects.get_or_create(pk=CIGD_FLOW)
            FlowSource.objects.select_for_update().get(pk=CIGD_FLOW)
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            raise ValidationError(
                "È in corso una certificazione o l'acquisizione di un flusso della CIGD: nulla è"
                " stato registrato, riprovare fra qualche minuto."
            ) from error
        cursor.execute("SET LOCAL lock_timeout = DEFAULT")


def not_reversible(movement: Movimento) -> str:
    """Return why a movement, with its source, may not be reversed; empty if it may."""
    source = movement.fonte
    if movement.natura != Movimento.Natura.MOVIMENTO or movement.storno_di_id:
        return (
            "Si storna solo un movimento inserito: un saldo pubblicato si ritira con la sua fonte."
        )
    # What does not count has nothing to take back: its reversal would count alone.
    if source.ritirata_il:
        return (
            f"La fonte del movimento, «{source}», è stata ritirata e l'importo non entra più nei"
            " calcoli: non c'è nulla da stornare."
        )
    if source.documento.startswith("lotto-"):
        return (
            f"Il movimento viene da «{source}»: si corregge con un ritiro o un recupero"
            " nel lotto successivo, altrimenti i pagamenti resterebbero certificati."
        )
    if source.genere == Fonte.Genere.ESEMPIO:
        return (
            "È un movimento di esempio, che non entra nei calcoli: non c'è nulla da stornare."
            " I dati di esempio si tolgono annullando il loro flusso."
        )
    return ""
