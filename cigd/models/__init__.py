"""The payments of the Covid wage support, and what is decided on them."""

from cigd.models.certificazione import Causale, Lotto, LottoAzione, LottoRiga, TassoUE, Voce
from cigd.models.estrazioni import Estrazione
from cigd.models.pagamenti import Pagamento, SintesiAzione, SintesiComune
from cigd.models.pool import (
    ControlloAnnullato,
    ControlloFlusso,
    Posizione,
    SintesiPool,
    SintesiSegnalazione,
    Spostamento,
    Stato,
)
from cigd.models.verifiche import (
    Campione,
    ElementoCampione,
    Seguito,
    StratoCampione,
    Verifica,
)

__all__ = [
    "Campione",
    "Causale",
    "ControlloAnnullato",
    "ControlloFlusso",
    "ElementoCampione",
    "Estrazione",
    "Lotto",
    "LottoAzione",
    "LottoRiga",
    "Pagamento",
    "Posizione",
    "Seguito",
    "SintesiAzione",
    "SintesiComune",
    "SintesiPool",
    "SintesiSegnalazione",
    "Spostamento",
    "Stato",
    "StratoCampione",
    "TassoUE",
    "Verifica",
    "Voce",
]
