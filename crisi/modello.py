"""The sheet of a quarter for Excel: the layout of the flow `pal-trimestrale`, with what is saved.

What the quarter before said is not in it: a sheet that comes back unchanged adds nothing.
"""

import io
from typing import Any

import xlsxwriter

from crisi.griglia import Voce, voci
from crisi.models import MonitoraggioTrimestrale, Strumento
from crisi.services.pal import NUMERI, values_of

CHIAVI = ("provincia", "trimestre", "codice_pratica", "id_unita")
AIUTI = ("azienda", "comune")  # for who reads the sheet: the flow reports them and drops them
PAROLE = ("motivo_esonero", "strumenti")
DATI = (*NUMERI, *PAROLE)
COLONNE = (*CHIAVI, *AIUTI, *DATI)
_FIXED = len(CHIAVI) + len(AIUTI)
# What the spreadsheet itself refuses while somebody types.
_KEPT = {
    "validate": "custom",
    "value": "=FALSE",
    "ignore_blank": False,
    "error_title": "Colonna da non cambiare",
    "error_message": "Questa colonna identifica l'unità: per lasciarla fuori, eliminare la riga.",
}
_WHOLE = {
    "validate": "integer",
    "criteria": ">=",
    "value": 0,
    "error_title": "Numero di lavoratori",
    "error_message": "Scrivere un numero intero da 0 in su.",
}
_WIDTHS = {
    "azienda": 32,
    "comune": 24,
    "codice_pratica": 18,
    "id_unita": 14,
    "motivo_esonero": 32,
    "strumenti": 18,
}
_CODICI = "; ".join(f"{code} = {label}" for code, label in Strumento.choices)
_ISTRUZIONI = (
    "Compilare le colonne da sospesi a strumenti; le altre non si cambiano.",
    "Ogni riga ha tutti i numeri: dove non c'è nessuno, scrivere 0. Se incompleta, è scartata.",
    "I quattro passi e gli esonerati (no_pal) insieme non superano i sospesi.",
    "Dove ci sono esonerati, scriverne il motivo in motivo_esonero.",
    f"In strumenti scrivere i codici separati da virgola: {_CODICI}.",
    "Per lasciare fuori un'unità, eliminare la sua riga intera.",
    "Il file si carica dalla pagina del trimestre; ciò che contiene sostituisce quanto salvato.",
)


def name_of(monitoraggio: MonitoraggioTrimestrale) -> str:
    """Return the name of the file: `pal-2025-T3-BG.xlsx`."""
    return f"pal-{monitoraggio.trimestre}-{monitoraggio.provincia_id}.xlsx"


def in_sheet(found: list[Voce]) -> list[Voce]:
    """Those sites that a flow can name: of real procedures that have a number."""
    return [
        voce
        for voce in found
        if voce.unita.procedura.codice_pratica and not voce.unita.procedura.esempio
    ]


def left_out(found: list[Voce]) -> str:
    """Say how many procedures the sheet cannot hold, and where to fill them in; blank if none."""
    procedures = {voce.unita.procedura for voce in found}
    examples = sum(each.esempio for each in procedures)
    unnumbered = sum(not each.codice_pratica and not each.esempio for each in procedures)
    counts = ((unnumbered, "senza numero"), (examples, "di esempio"))
    words = [
        f"{number} {'procedura' if number == 1 else 'procedure'} {kind}"
        for number, kind in counts
        if number
    ]
    if not words:
        return ""
    return f"Non nel foglio Excel, da compilare nella griglia: {' e '.join(words)}."


def nothing_in(found: list[Voce]) -> str:
    """Say why a sheet without rows has none."""
    if found:
        return f"Nessuna unità si può compilare in questo foglio. {left_out(found)}"
    return "Nessuna unità da compilare in questo trimestre: non c'è nulla da caricare."


def as_xlsx(monitoraggio: MonitoraggioTrimestrale) -> bytes:
    """Return the sheet: rows may be deleted whole, keys and helps may not be written over."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        fixed = book.add_format({"bg_color": "#f0f0f0", "num_format": "@"})
        text = book.add_format({"num_format": "@"})
        number = book.add_format({"num_format": "0"})
        looks = [fixed] * _FIXED + [number] * len(NUMERI) + [text] * len(PAROLE)
        sheet = book.add_worksheet("pal-trimestrale")
        sheet.freeze_panes(1, _FIXED)
        sheet.write_row(0, 0, COLONNE, book.add_format({"bold": True, "text_wrap": True}))
        for place, name in enumerate(COLONNE):
            sheet.set_column(place, place, _WIDTHS.get(name, 11))
        found = voci(monitoraggio)
        rows = in_sheet(found)
        for line, voce in enumerate(rows, start=1):
            for place, value in enumerate(_row(monitoraggio, voce)):
                _write(sheet, (line, place), value, looks[place])
        if rows:
            sheet.data_validation(1, 0, len(rows), _FIXED - 1, _KEPT)
            sheet.data_validation(1, _FIXED, len(rows), _FIXED + len(NUMERI) - 1, _WHOLE)
        else:
            sheet.write_string(1, 0, nothing_in(found))
        words = book.add_worksheet("Istruzioni")
        words.write_column(0, 0, filter(None, (*_ISTRUZIONI, left_out(found))))
        words.set_column(0, 0, 100)
    return buffer.getvalue()


def _row(monitoraggio: MonitoraggioTrimestrale, voce: Voce) -> tuple[Any, ...]:
    unita = voce.unita
    stored = values_of(voce.in_vigore) if voce.in_vigore else {}
    values = stored | {"strumenti": ",".join(stored.get("strumenti", ()))}
    return (
        monitoraggio.provincia_id,
        monitoraggio.trimestre,
        unita.procedura.codice_pratica,
        unita.codice,
        unita.procedura.azienda.denominazione,
        unita.comune.nome,
        *(values.get(name) for name in DATI),
    )


def _write(sheet: Any, where: tuple[int, int], value: Any, look: Any) -> None:
    if value is None or value == "":
        sheet.write_blank(*where, None, look)
    elif isinstance(value, int):
        sheet.write_number(*where, value, look)
    else:
        sheet.write_string(*where, value, look)
