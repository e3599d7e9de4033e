"""ZIP archives that come out the same byte for byte: fixed dates, the order that is given."""

import io
import re
from collections.abc import Iterable
from datetime import date
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_UNIX = 3
_READABLE = 0o644 << 16
_CORE = "docProps/core.xml"
_MOMENT = re.compile(rb"(<dcterms:(created|modified)\b[^>]*>)[^<]*(</dcterms:)")


def pack(members: Iterable[tuple[str, bytes]], day: date) -> bytes:
    """Return an archive of files, all dated at the first hour of a day.

    Args:
        members: name and content, in the order in which they are to stand.
    """
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, content in members:
            info = ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
            info.compress_type = ZIP_DEFLATED
            info.create_system = _UNIX
            info.external_attr = _READABLE
            archive.writestr(info, content)
    return buffer.getvalue()


def repack(office: bytes, day: date) -> bytes:
    """Return an Office file, and the workbooks inside it, with a day in place of the clock."""
    with ZipFile(io.BytesIO(office)) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    return pack([(name, _dated(name, content, day)) for name, content in members], day)


def _dated(name: str, content: bytes, day: date) -> bytes:
    if name == _CORE:
        moment = f"{day.isoformat()}T00:00:00Z".encode()
        return _MOMENT.sub(rb"\g<1>" + moment + rb"\g<3>", content)
    return repack(content, day) if name.endswith(".xlsx") else content
