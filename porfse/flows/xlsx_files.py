"""XLSX files: the zip and its parts, read within bounds; the first sheet alone is the flow."""

import errno
import io
import posixpath
import struct
import zipfile
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from porfse.flows import xlsx_styles
from porfse.flows.errors import Refused
from porfse.flows.rows import Again, RowAt
from porfse.flows.xlsx_rows import Book, XlsxRows
from porfse.flows.xlsx_xml import BROKEN, Attributes, Elements, Strings

_BLOCK = 1 << 16
_LARGEST_SHEET = 1 << 30  # bytes inflated: a full sheet of some fifteen columns
_LARGEST_STRINGS = 1 << 26
_LARGEST_OTHER = 1 << 24
_LARGEST_INDEX = 1 << 20  # bytes of the index of the zip, some ten thousand parts
_DENSEST = 200  # times that a part may grow, once it is large
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BLANK = 100  # rows without anything before the header
_NO_BOOK = (
    "Il file è uno ZIP ma non una cartella di lavoro XLSX: salvare i dati come .xlsx o CSV e"
    " ricaricarli."
)


class _Bounded(io.BufferedReader):
    """A file of which nothing is read in one piece but what is small: the index tells its size."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _LARGEST_INDEX:
            raise Refused(BROKEN)
        return super().read(size)


@contextmanager
def _broken() -> Iterator[None]:
    """Turn what zip and deflate say of bytes that are not theirs into a refusal."""
    try:
        yield
    except Refused:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        EOFError,
        OverflowError,
        RuntimeError,
        ValueError,
    ) as error:
        raise Refused(BROKEN) from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # a place in the file that cannot be; else the disk's fault
            raise
        raise Refused(BROKEN) from error


class _Package:
    """The parts of an XLSX file."""

    def __init__(self, file: _Bounded) -> None:
        self._size = file.seek(0, io.SEEK_END)
        with _broken():
            self._zip = zipfile.ZipFile(file)
        self._parts = {
            info.filename.replace("\\", "/").lower(): info for info in self._zip.infolist()
        }

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._parts

    def blocks(self, name: str, largest: int = _LARGEST_OTHER) -> Iterator[bytes]:
        """Yield a part, inflated; `largest` is in bytes.

        Raises:
            Refused: it is not there, damaged, encrypted, or larger than it may be.
        """
        info = self._parts.get(name.lower())
        if info is None:
            raise Refused(BROKEN)
        if info.flag_bits & 1:
            raise Refused("Il file XLSX è protetto da password: toglierla e ricaricarlo.")
        if info.compress_type not in _METHODS:
            raise Refused(BROKEN)
        # What it really grows to: the sizes that a file declares may lie.
        swollen = max(_LARGEST_OTHER, _DENSEST * min(info.compress_size, self._size))
        read = 0
        with _broken():
            part = self._zip.open(info)
        with part:
            while True:
                with _broken():
                    block = part.read(_BLOCK)
                if not block:
                    return
                read += len(block)
                if read > min(largest, swollen):
                    raise Refused(
                        "Il file XLSX, decompresso, è smisurato: non è un flusso. Salvare il solo"
                        " foglio dei dati in un nuovo file, o in CSV, e ricaricarlo."
                    )
                yield block

    def elements(self, name: str, *wanted: str) -> list[tuple[str, Attributes]]:
        """Return the elements of these names of a part that is small."""
        part = Elements(*wanted)
        part.parse(self.blocks(name))
        return part.found

    def related(self, name: str) -> dict[str, tuple[str, str]]:
        """Return the parts that a part refers to: type and name, by identifier."""
        folder, file = posixpath.split(name)
        relations = posixpath.join(folder, "_rels", f"{file}.rels")
        if relations not in self:
            return {}
        found = {}
        for _, attributes in self.elements(relations, "Relationship"):
            if attributes.get("TargetMode") != "External":
                kind = attributes.get("Type", "").rpartition("/")[2]
                target = posixpath.join("/", folder, attributes.get("Target", ""))
                found[attributes.get("Id", "")] = (kind, posixpath.normpath(target).lstrip("/"))
        return found


@contextmanager
def open_xlsx(path: Path) -> Iterator[tuple[list[str], XlsxRows, int, Again]]:
    """Open an XLSX file; gives the header of its first sheet, its rows, how many, `Sheet.again`.

    Raises:
        Refused: see `porfse.flows.readers.open_sheet`.
    """
    with _Bounded(io.FileIO(path)) as file:
        package = _Package(file)
        book = _workbook(package)
        relations = package.related(book)
        attributes = package.elements(book, "workbookPr", "sheet")
        sheet = _first_sheet(attributes, relations)
        count = _count(package.blocks(sheet, _LARGEST_SHEET))
        rows = XlsxRows(
            package.blocks(sheet, _LARGEST_SHEET),
            Book(
                strings=_strings(package, relations),
                dated=_dated(package, relations),
                since_1904=any(
                    name == "workbookPr" and found.get("date1904") in {"1", "true"}
                    for name, found in attributes
                ),
            ),
        )
        header, passed = _header(rows)
        rows.width = len(header)
        yield header, rows, max(count - passed, 0), partial(_again, path)


@contextmanager
def _again(path: Path) -> Iterator[RowAt]:
    with open_xlsx(path) as (_, rows, _, _):
        yield lambda wanted: next(row for row in rows if rows.line_num == wanted)


def _workbook(package: _Package) -> str:
    for kind, name in package.related("").values():
        if kind == "officeDocument" and name in package:
            if name.endswith(".xml") and not name.startswith(("word/", "ppt/")):
                return name
            break
    raise Refused(_NO_BOOK)


def _first_sheet(
    elements: list[tuple[str, Attributes]], relations: dict[str, tuple[str, str]]
) -> str:
    sheets = [attributes for name, attributes in elements if name == "sheet"]
    if not sheets:
        raise Refused(_NO_BOOK)
    first = sheets[0]
    name = first.get("name", "")[:60]
    if first.get("state", "visible") != "visible":
        raise Refused(
            f"Il primo foglio («{name}») è nascosto: non si sa se i dati sono lì. Mostrarlo, o"
            " portare al primo posto il foglio dei dati, e ricaricare."
        )
    place = next((value for key, value in first.items() if key.endswith(":id")), "")
    kind, target = relations.get(place, ("", ""))
    if kind != "worksheet":
        raise Refused(
            f"Il primo foglio («{name}») non è un foglio di celle: portare al primo posto il foglio"
            " dei dati e ricaricare."
        )
    return target


def _of_kind(relations: dict[str, tuple[str, str]], wanted: str) -> str:
    return next((name for kind, name in relations.values() if kind == wanted), "")


def _strings(package: _Package, relations: dict[str, tuple[str, str]]) -> list[str]:
    part = Strings()
    name = _of_kind(relations, "sharedStrings")
    if name:
        deque(package.blocks(name, _LARGEST_STRINGS), maxlen=0)  # refused before it fills memory
        part.parse(package.blocks(name, _LARGEST_STRINGS))
    return part.found


def _dated(package: _Package, relations: dict[str, tuple[str, str]]) -> dict[str, str]:
    name = _of_kind(relations, "styles")
    if not name:
        return {}
    return xlsx_styles.dated(package.elements(name, "numFmt", "cellStyleXfs", "cellXfs", "xf"))


def _count(blocks: Iterator[bytes]) -> int:
    """Return how many rows a sheet has; reads all of it, so that a broken zip is refused now."""
    found, tail = 0, b""
    for block in blocks:
        text = tail + block
        found += sum(text.count(mark) for mark in (b"<row ", b"<row>", b":row ", b":row>"))
        tail = text[-4:]
    return found


def _header(rows: XlsxRows) -> tuple[list[str], int]:
    """Return the header, and how many rows were read to find it."""
    for passed, row in enumerate(rows, start=1):
        header = [str(cell).strip() for cell in row]
        if any(header):
            return header, passed
        if passed >= _BLANK:
            raise Refused(
                f"Le prime {_BLANK} righe sono vuote: portare l’intestazione alla prima riga e"
                " ricaricare."
            )
    raise Refused("Il primo foglio è vuoto: portare al primo posto il foglio dei dati.")
