"""The kernel's tables: people, places, sources, audit."""

from porfse.models.audit import AuditEvent
from porfse.models.fonti import Atto, Fonte
from porfse.models.people import User
from porfse.models.places import Comune, Provincia

__all__ = ["Atto", "AuditEvent", "Comune", "Fonte", "Provincia", "User"]
