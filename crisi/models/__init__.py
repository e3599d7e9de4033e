"""The territorial crises: procedures, their sites, active policies by quarter, meetings."""

from crisi.models.conflitti import Conflitto
from crisi.models.pal import AvanzamentoPAL, Strumento
from crisi.models.procedure import Bozza, Nota, Procedura, UnitaProduttiva, VersioneProcedura
from crisi.models.tavola import DatoPubblicato, SintesiMese
from crisi.models.tavoli import Seguito, Tavolo
from crisi.models.trimestri import MonitoraggioTrimestrale, PassaggioTrimestre, Promemoria

__all__ = [
    "AvanzamentoPAL",
    "Bozza",
    "Conflitto",
    "DatoPubblicato",
    "MonitoraggioTrimestrale",
    "Nota",
    "PassaggioTrimestre",
    "Procedura",
    "Promemoria",
    "Seguito",
    "SintesiMese",
    "Strumento",
    "Tavolo",
    "UnitaProduttiva",
    "VersioneProcedura",
]
