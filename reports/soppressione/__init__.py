"""Small cells: hidden in what is for the public, so that they cannot be computed back.

A report declares the counts of its tables (`Margini`), hides them (`sopprimi_insieme`), and a check
before publishing proves it on the finished document alone (`avvisi_soppressione`). How, and what it
does not protect from: docs/adr/0011.
"""

from reports.soppressione.margini import Gruppo, Margini, Soglie, dichiara
from reports.soppressione.tabelle import copri, copri_cella, sopprimi, sopprimi_insieme
from reports.soppressione.verifica import (
    Motivo,
    Ricavabile,
    avvisi_soppressione,
    cifre_nascoste,
    ricavabili,
    ricavabili_insieme,
)

__all__ = [
    "Gruppo",
    "Margini",
    "Motivo",
    "Ricavabile",
    "Soglie",
    "avvisi_soppressione",
    "cifre_nascoste",
    "copri",
    "copri_cella",
    "dichiara",
    "ricavabili",
    "ricavabili_insieme",
    "sopprimi",
    "sopprimi_insieme",
]
