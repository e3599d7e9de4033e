"""What the ledger refuses of what people enter and reverse, and why, in Italian."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Q

from porfse.models import Fonte
from porfse.periods import italian
from programme.models import Asse, Azione, Iniziativa, Movimento


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
