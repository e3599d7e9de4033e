"""The letters of the interface's typeface: which there are, and how wide each is.

Read from the font files of the theme's package, so that what is set in print and drawn as SVG
measures its words as they will stand. Tables `cmap`, `head`, `hhea` and `hmtx`: OpenType 1.9.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.util import find_spec
from pathlib import Path

FAMILY = "Titillium Web"
_PACKAGE = "bootstrap_italia_template"
_FOLDER = "static/fonts/Titillium_Web"
_FILES = {400: "regular", 600: "600", 700: "700"}
_UNICODE = (3, 1)  # platform and encoding of the map from Unicode
_LAST = 0xFFFF  # ends the map; not a character
_UNKNOWN = Decimal("0.6")  # of the size: a letter that another typeface must give


@dataclass(frozen=True)
class Font:
    """One weight of the typeface: the advance of each character, in parts of its size."""

    advances: Mapping[str, Decimal]

    def has(self, character: str) -> bool:
        return character in self.advances

    def width(self, text: str, size: Decimal | int) -> Decimal:
        """Return how long a text is on one line, in the unit of `size`."""
        return sum((self.advances.get(item, _UNKNOWN) for item in text), Decimal(0)) * size


def folder() -> Path:
    """Return the folder of the font files (.ttf).

    Raises:
        ModuleNotFoundError: the theme is not installed.
    """
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"Pacchetto non installato: {_PACKAGE}", name=_PACKAGE)
    return Path(spec.origin).parent / _FOLDER


@cache
def font(weight: int = 400) -> Font:
    """Return one weight: 400, 600 or 700."""
    name = f"titillium-web-v10-latin-ext_latin-{_FILES[weight]}.ttf"
    return _read((folder() / name).read_bytes())


def _read(data: bytes) -> Font:
    tables = _tables(data)
    units = struct.unpack_from(">H", data, tables["head"] + 18)[0]
    count = struct.unpack_from(">H", data, tables["hhea"] + 34)[0]
    # Pairs of advance and bearing; glyphs beyond the last have its advance.
    advances = struct.unpack_from(f">{2 * count}H", data, tables["hmtx"])[::2]
    return Font(
        {
            chr(code): Decimal(advances[min(glyph, count - 1)]) / units
            for code, glyph in _glyphs(data, tables["cmap"])
            if glyph and code != _LAST
        }
    )


def _tables(data: bytes) -> dict[str, int]:
    """Where each table begins."""
    count = struct.unpack_from(">H", data, 4)[0]
    entries = (struct.unpack_from(">4sIII", data, 12 + 16 * index) for index in range(count))
    return {name.decode("ascii"): offset for name, _checksum, offset, _length in entries}


def _glyphs(data: bytes, cmap: int) -> Iterator[tuple[int, int]]:
    """Each code of the map with its glyph; 0 is none."""
    count = struct.unpack_from(">H", data, cmap + 2)[0]
    maps = (struct.unpack_from(">HHI", data, cmap + 4 + 8 * index) for index in range(count))
    start = cmap + next(offset for *key, offset in maps if tuple(key) == _UNICODE)
    segments = struct.unpack_from(">H", data, start + 6)[0] // 2
    ends = start + 14
    starts = ends + 2 * segments + 2
    deltas = starts + 2 * segments
    offsets = deltas + 2 * segments
    for index in range(segments):
        step = 2 * index
        first, last, delta, offset = (
            struct.unpack_from(">H", data, table + step)[0]
            for table in (starts, ends, deltas, offsets)
        )
        for code in range(first, last + 1):
            place = offsets + step + offset + 2 * (code - first)
            glyph = struct.unpack_from(">H", data, place)[0] if offset else code
            # An entry of 0 is no glyph, and is not moved.
            yield code, (glyph + delta) % 0x10000 if glyph or not offset else 0
