"""The programme: its structure, its ledger, its indicators and recipients."""

from programme.models.fatti import Destinatari, Indicatore, TargetN3, ValoreIndicatore
from programme.models.ledger import (
    GRANDEZZE,
    DomandaPagamento,
    Impegno,
    Liquidazione,
    Movimento,
    Perimetro,
    Programmazione,
    SpesaCertificata,
)
from programme.models.struttura import (
    Asse,
    Azione,
    Dotazione,
    Iniziativa,
    ObiettivoSpecifico,
    Priorita,
    VersionePiano,
)

__all__ = [
    "GRANDEZZE",
    "Asse",
    "Azione",
    "Destinatari",
    "DomandaPagamento",
    "Dotazione",
    "Impegno",
    "Indicatore",
    "Iniziativa",
    "Liquidazione",
    "Movimento",
    "ObiettivoSpecifico",
    "Perimetro",
    "Priorita",
    "Programmazione",
    "SpesaCertificata",
    "TargetN3",
    "ValoreIndicatore",
    "VersionePiano",
]
