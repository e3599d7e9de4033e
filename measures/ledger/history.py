"""The movements that were written from a measure, the latest first."""

from typing import Any

from measures.ledger.days import VOCI
from measures.ledger.posting import reference
from measures.misura import Misura


def posted(misura: Misura) -> list[dict[str, Any]]:
    """Return a row for each movement written from a measure, with its reversal if it has one."""
    rows = [
        {
            "data": movement.data,
            "voce": voce.nome,
            "importo": movement.importo,
            "atto": movement.atto,
            "movimento": movement.riferimento,
            "url": movement.get_absolute_url(),
            "stornato": getattr(movement, "storno", None),
            "inserito_da": movement.inserito_da,
            "inserito_il": movement.inserito_il,
        }
        for voce in VOCI.values()
        for movement in voce.model.objects.filter(riferimento__startswith=reference(misura))
        .with_context()
        .select_related("inserito_da")
    ]
    return sorted(rows, key=lambda row: (row["data"], row["inserito_il"]), reverse=True)
