"""The kernel's tables: people, places, companies, sources, flows, audit."""

from porfse.models.audit import AuditEvent
from porfse.models.aziende import Azienda
from porfse.models.flows import ExpectedFlow, Flow, FlowRow, FlowSource, FlowWarning
from porfse.models.fonti import Atto, Fonte
from porfse.models.people import User
from porfse.models.places import Comune, Provincia

__all__ = [
    "Atto",
    "AuditEvent",
    "Azienda",
    "Comune",
    "ExpectedFlow",
    "Flow",
    "FlowRow",
    "FlowSource",
    "FlowWarning",
    "Fonte",
    "Provincia",
    "User",
]
