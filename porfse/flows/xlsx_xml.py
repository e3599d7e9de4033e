"""XML of unknown origin, parsed block by block: no DTD, and nothing in it can grow without end."""

import re
from collections.abc import Callable, Iterable
from xml.parsers import expat

from porfse.flows.errors import Refused

LONGEST_TEXT = 131_072  # characters of a cell
_LONGEST_TOKEN = 1 << 20  # bytes of a tag with its attributes, or of a comment
_DEEPEST = 64
_MOST_NAMES = 5_000  # distinct names of elements and attributes: the parser keeps them all
_ENCODINGS = {"utf-8", "utf-16", "iso-8859-1", "us-ascii"}  # those that every parser knows
_MOST_ELEMENTS = 200_000  # kept of a small part; a spreadsheet has at most 65,490 styles
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
BROKEN = (
    "Il file XLSX è danneggiato o incompleto: aprirlo con il foglio elettronico, salvarlo di nuovo"
    " come .xlsx e ricaricarlo."
)
Attributes = dict[str, str]


class Part:
    """A part of an XLSX file. Subclasses name the elements they act on, without prefix.

    Attributes:
        starts: what to do where an element begins, given its attributes.
        ends: what to do where it ends.
        pieces: the text since it was last cleared.
    """

    def __init__(self) -> None:
        self.starts: dict[str, Callable[[Attributes], None]] = {}
        self.ends: dict[str, Callable[[], None]] = {}
        self.pieces: list[str] = []
        self.runs: list[str] = []
        self._in_text = self._phonetic = False
        self._depth = 0
        self._fed = 0
        self._parser = parser = expat.ParserCreate()
        parser.StartElementHandler = self._root
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self.pieces.append
        parser.StartDoctypeDeclHandler = self._doctype
        parser.XmlDeclHandler = self._declaration

    def parse(self, blocks: Iterable[bytes]) -> None:
        """Parse the whole part."""
        for block in blocks:
            self.feed(block)
        self.close()

    def feed(self, block: bytes) -> None:
        """Parse the next block.

        Raises:
            Refused: this is not XML, or more than it may be.
        """
        self._fed += len(block)
        try:
            self._parser.Parse(block, False)  # noqa: FBT003 – takes it by position alone
        except expat.ExpatError as error:
            raise Refused(BROKEN) from error
        if not self._in_text:
            self.pieces.clear()  # what stands between the elements
        if (
            self._depth > _DEEPEST
            or self._fed - self._parser.CurrentByteIndex > _LONGEST_TOKEN
            or len(self._parser.intern) > _MOST_NAMES
            or len(self.runs) > LONGEST_TEXT
            or sum(map(len, self.pieces)) > LONGEST_TEXT
        ):
            raise Refused(BROKEN)

    def close(self) -> None:
        """Hold that the part is complete."""
        try:
            self._parser.Parse(b"", True)  # noqa: FBT003
        except expat.ExpatError as error:
            raise Refused(BROKEN) from error

    def text_begins(self, _: Attributes) -> None:
        """Begin a text."""
        self._in_text = True
        self.pieces.clear()

    def text(self) -> str:
        """Return the text since it began."""
        text = self.pieces[0] if len(self.pieces) == 1 else "".join(self.pieces)
        self.pieces.clear()
        self._in_text = False
        return text

    def takes_rich_text(self) -> None:
        """Gather the runs of a text in `runs`, without what only says how it is pronounced."""
        self.starts |= {"t": self.text_begins, "rPh": self._phonetic_begins}
        self.ends |= {"t": self._run_ends, "rPh": self._phonetic_ends}

    def _run_ends(self) -> None:
        text = self.text()
        if not self._phonetic:
            self.runs.append(text)

    def _phonetic_begins(self, _: Attributes) -> None:
        self._phonetic = True

    def _phonetic_ends(self) -> None:
        self._phonetic = False

    def rich_text(self) -> str:
        """Return the text of the runs."""
        text = "".join(self.runs)
        self.runs.clear()
        return unescaped(text)

    def _root(self, name: str, attributes: Attributes) -> None:
        """Some programs write a prefix before every name: the root tells it."""
        prefix = name[: name.rfind(":") + 1]
        self.starts = {prefix + local: act for local, act in self.starts.items()}
        self.ends = {prefix + local: act for local, act in self.ends.items()}
        self._parser.StartElementHandler = self._start
        self._start(name, attributes)

    def _start(self, name: str, attributes: Attributes) -> None:
        self._depth += 1
        act = self.starts.get(name)
        if act:
            act(attributes)
        else:
            self.unknown(name)

    def _end(self, name: str) -> None:
        self._depth -= 1
        act = self.ends.get(name)
        if act:
            act()

    def unknown(self, name: str) -> None:
        """Meet an element that has no action: it says nothing that is wanted here."""

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.lower() not in _ENCODINGS:
            raise Refused(BROKEN)

    def _doctype(self, *_: object) -> None:
        raise Refused(
            "Il file XLSX contiene dichiarazioni XML che un foglio elettronico non scrive: aprirlo,"
            " salvarlo di nuovo come .xlsx e ricaricarlo."
        )


class Elements(Part):
    """The elements of some names with their attributes, in order; for parts that are small."""

    def __init__(self, *names: str) -> None:
        super().__init__()
        self.found: list[tuple[str, Attributes]] = []
        for name in names:
            self.starts[name] = self._keeper(name)

    def _keeper(self, name: str) -> Callable[[Attributes], None]:
        def keep(attributes: Attributes) -> None:
            if len(self.found) >= _MOST_ELEMENTS:
                raise Refused(BROKEN)
            self.found.append((name, attributes))

        return keep


class Strings(Part):
    """The table of texts that cells name by their number."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.takes_rich_text()
        self.starts["si"] = lambda _: self.runs.clear()
        self.ends["si"] = lambda: self.found.append(self.rich_text())


def unescaped(text: str) -> str:
    """Return a text with its `_x000D_` as the characters they stand for."""
    return _ESCAPE.sub(_character, text) if "_x" in text else text


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    if code == 0:
        raise Refused(BROKEN)
    return match[0] if 0xD800 <= code < 0xE000 else chr(code)  # half a character is none
