"""The files of a flow, CSV or XLSX, as a header and rows: read once, in bounded memory, or refused.

What a file is, is told by its first bytes, never by its name.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from porfse.flows.csv_files import open_csv
from porfse.flows.errors import Refused
from porfse.flows.rows import Again, HeaderOf, Rows
from porfse.flows.xlsx_files import open_xlsx

_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_ASK = "I flussi si leggono da CSV o XLSX: chiederlo in uno dei due formati a chi lo ha inviato."
_SAVE = "Aprirlo con il foglio elettronico e salvarlo come .xlsx senza password, poi ricaricarlo."
_OTHERS = (
    (b"%pdf", f"Il file è un PDF. {_ASK}"),
    (b"\xd0\xcf\x11\xe0", f"Il file è un .xls di vecchio tipo o è protetto da password. {_SAVE}"),
    (b"\x1f\x8b", "Il file è compresso (gzip): scompattarlo e caricare il file che contiene."),
    (b"7z\xbc\xaf", "Il file è compresso (7-Zip): scompattarlo e caricare il file che contiene."),
    (b"rar!\x1a", "Il file è compresso (RAR): scompattarlo e caricare il file che contiene."),
    (b"\x89png", f"Il file è un’immagine. {_ASK}"),
    (b"\xff\xd8\xff", f"Il file è un’immagine. {_ASK}"),
    (b"gif8", f"Il file è un’immagine. {_ASK}"),
    (b"{\\rtf", f"Il file è un documento di testo (RTF). {_ASK}"),
    (b"<!doctype", f"Il file è una pagina HTML. {_SAVE}"),
    (b"<html", f"Il file è una pagina HTML. {_SAVE}"),
    (b"<table", f"Il file è una pagina HTML. {_SAVE}"),
    (b"<?xml", f"Il file è in XML. {_SAVE}"),
)


@dataclass
class Sheet:
    """An open file.

    Attributes:
        header: its names as they stand, without spaces around.
        rows: see `Rows`; reading them raises `Refused` where the file turns out to be broken.
        expected: about how many rows there are, for the progress.
        again: opens the file once more, after it was read to its end.
        kind: `csv` or `xlsx`.
    """

    header: list[str]
    rows: Rows
    expected: int
    again: Again
    kind: str


@contextmanager
def open_sheet(path: Path, *, header_of: HeaderOf) -> Iterator[Sheet]:
    """Open a file of unknown kind and read its header.

    Args:
        path: where it is; what its name ends in tells nothing.
        header_of: says how many cells of a possible header are known columns (chooses `;` or `,`).

    Raises:
        Refused: it cannot be read; on opening, or in the body while the rows are read.
    """
    with path.open("rb") as file:
        head = file.read(64)
    if head.startswith(_ZIP):
        with open_xlsx(path) as (header, rows, expected, again):
            yield Sheet(header, rows, expected, again, "xlsx")
        return
    _refuse_others(head)
    with open_csv(path, header_of) as (names, lines, expected, again):
        yield Sheet(names, lines, expected, again, "csv")


def _refuse_others(head: bytes) -> None:
    if not head:
        raise Refused("Il file è vuoto: controllare l’invio e ricaricarlo.")
    if head.startswith(_WIDE):
        raise Refused("Il file è in UTF-16 o UTF-32: salvarlo come «CSV UTF-8» e ricaricarlo.")
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for magic, message in _OTHERS:
        if start.startswith(magic):
            raise Refused(message)
