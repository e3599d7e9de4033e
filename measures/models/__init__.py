"""What all measures share, and the models of each, found in its package."""

from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

from measures.models.avvisi import ParametroAvviso
from measures.models.core import (
    DIMENSIONI,
    DotazioneMisura,
    Istanza,
    Passaggio,
    SintesiMisura,
    SintesiTempi,
    StatisticaPubblicata,
)
from measures.models.flussi import Conferma, NomeAzienda

__all__ = [
    "DIMENSIONI",
    "Conferma",
    "DotazioneMisura",
    "Istanza",
    "NomeAzienda",
    "ParametroAvviso",
    "Passaggio",
    "SintesiMisura",
    "SintesiTempi",
    "StatisticaPubblicata",
]

# Django asks this module for the models of the app: those of a measure stand in its package.
for _module in iter_modules(import_module("measures").__path__, "measures."):
    if _module.ispkg and _module.name != __name__ and find_spec(f"{_module.name}.models"):
        import_module(f"{_module.name}.models")
