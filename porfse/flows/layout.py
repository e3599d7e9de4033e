"""The layout of a source for who prepares a file: read from its declaration, nothing beside it."""

from typing import Any

from porfse.flows import columns as c
from porfse.flows.columns import Column
from porfse.flows.source import COMMON_CODES, Source


def column_rows(source: Source) -> list[dict[str, Any]]:
    """Return the columns of a source in words."""
    return [
        {
            "nome": column.name,
            "obbligatoria": "sì" if column.required else "no",
            "contenuto": content(column) + _key(column, source),
            "altri_nomi": ", ".join(column.aliases) or None,
            "errore": _code(column),
        }
        for column in source.columns
    ]


def _code(column: Column) -> str:
    codes = [column.code]
    if isinstance(column, c.Mese):
        codes.append(column.outside)
    if column.required and column.code != "E001":
        codes.append("E001")
    return ", ".join(codes)


def _key(column: Column, source: Source) -> str:
    if column.name != source.key:
        return ""
    if source.within:
        return f"; identifica la riga insieme a {', '.join(source.within)} e non si ripete"
    return "; identifica la riga e non si ripete"


def content(column: Column) -> str:
    """Return what a column holds."""
    match column:
        case c.Testo():
            words = f"testo, al massimo {column.longest} caratteri"
        case c.Scelta():
            words = "uno fra " + ", ".join(sorted(column.values))
        case c.CodiceAzienda():
            words = (
                "codice fiscale dell'azienda: 11 cifre, oppure i 16 caratteri di una persona, con"
                " il carattere di controllo esatto"
            )
        case c.CodiceFiscale():
            words = "codice fiscale di 16 caratteri, con il carattere di controllo esatto"
        case c.Giorno():
            words = "data, come 31/12/2020 o 2020-12-31" + ("" if column.ahead else ", non futura")
        case c.Mese():
            bounds = f"da {column.first:%m/%Y} a {column.last:%m/%Y}"
            words = f"mese, come 03/2020 o 2020-03, {bounds}"
        case c.Quantita():
            words = "numero non negativo con al massimo due decimali, come 40 o 37,50"
        case c.Importo():
            words = "importo in euro con al massimo due decimali, come 1.234,56"
        case c.Intero():
            words = f"numero intero, almeno {column.least}"
        case _:
            words = f"codice: si veda {column.code}"
    return words


def code_rows(source: Source) -> list[dict[str, Any]]:
    """Return the codes that a row of a source may bear, errors first."""
    return [
        {
            "codice": code,
            "esito": "errore: la riga non è acquisita"
            if code.startswith("E")
            else "segnalazione: la riga è acquisita",
            "spiegazione": source.explain(code),
        }
        for code in sorted({**COMMON_CODES, **source.codes})
    ]
