"""The models of the reports."""

from reports.models.edizioni import Edizione, FileEdizione
from reports.models.invii import Destinatario, Invio
from reports.models.testi import Testo, VersioneTesto

__all__ = ["Destinatario", "Edizione", "FileEdizione", "Invio", "Testo", "VersioneTesto"]
