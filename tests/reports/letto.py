"""Reads a PDF as the compiler writes it: its tags in their order, with the words of each.

Only what is needed to say what a reader of the page is told: classic cross-reference table,
deflated streams, fonts of two bytes with a map to Unicode.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

TOKEN = re.compile(
    rb"\s*(?:(?P<ref>\d+ \d+ R\b)|(?P<number>[+-]?\d*\.?\d+)|(?P<name>/[^\s/<>\[\]()%]*)"
    rb"|(?P<open><<|\[)|(?P<close>>>|\])|(?P<hex><[0-9A-Fa-f\s]*>)|(?P<string>\()"
    rb"|(?P<word>[A-Za-z'\"*][A-Za-z0-9'\"*]*))"
)
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b""}


@dataclass(frozen=True)
class Ref:
    number: int


@dataclass
class Tag:
    """An element of structure: its kind, its attributes, its own words and its children.

    Attributes:
        pages: where its own words stand.
    """

    kind: str
    entries: dict
    children: list = field(default_factory=list)
    pages: list = field(default_factory=list)

    @property
    def text(self) -> str:
        parts = [child if isinstance(child, str) else child.text for child in self.children]
        return "".join(parts)

    def all(self, *kinds: str) -> Iterator["Tag"]:
        """Each element of some kinds below this one, in reading order."""
        for child in self.children:
            if isinstance(child, Tag):
                if child.kind in kinds:
                    yield child
                yield from child.all(*kinds)


class Letto:
    """A PDF that was read.

    Attributes:
        pages: references to its pages, in order.
        artifacts: what stands on a page and is no part of the text, by page: header and footer.
        tree: the elements of structure.
    """

    def __init__(self, pdf: bytes) -> None:
        self.pdf = pdf
        self.offsets = self._offsets()
        self.marked = {}
        self.artifacts = {}
        trailer = self.pdf[self.pdf.rindex(b"trailer") + 7 :]
        self.catalog = self.get(next(values(trailer))["Root"])
        self.info = self.get(next(values(trailer))["Info"])
        self.pages = self.get(self.get(self.catalog["Pages"])["Kids"])
        for page in self.pages:
            self._read_page(page)
        root = self.get(self.catalog["StructTreeRoot"])
        self.tree = self._tag({"S": "Root"} | root, None)

    def get(self, value):
        """What a reference stands for."""
        if not isinstance(value, Ref):
            return value
        start = self.pdf.index(b"obj", self.offsets[value.number]) + 3
        return next(values(self.pdf[start : self.pdf.index(b"endobj", start)]))

    def sizes(self) -> list[tuple[int, int]]:
        """Width and height of each page, in whole points."""
        boxes = [self.get(page)["MediaBox"] for page in self.pages]
        return [(int(box[2]), int(box[3])) for box in boxes]

    def rows(self, table: Tag) -> list[list[str]]:
        """The words of each cell of a table, row by row."""
        return [
            [cell.text for cell in row.children if isinstance(cell, Tag)] for row in table.all("TR")
        ]

    def _offsets(self) -> dict[int, int]:
        start = int(self.pdf[self.pdf.rindex(b"startxref") + 9 :].split()[0])
        lines = self.pdf[start : self.pdf.index(b"trailer", start)].split(b"\n")
        entries = [line.split() for line in lines if line.split()[2:3] in ([b"n"], [b"f"])]
        return {number: int(entry[0]) for number, entry in enumerate(entries)}

    def _stream(self, ref: Ref) -> bytes:
        start = self.offsets[ref.number]
        entries = self.get(ref)
        begin = self.pdf.index(b"stream\n", start) + 7
        data = self.pdf[begin : begin + entries["Length"]]
        return zlib.decompress(data) if entries.get("Filter") == "FlateDecode" else data

    def _tag(self, entries: dict, page: Ref | None) -> Tag:
        tag = Tag(entries["S"], entries)
        page = entries.get("Pg", page)
        kids = self.get(entries.get("K", []))
        for kid in kids if isinstance(kids, list) else [kids]:
            child = self.get(kid)
            if isinstance(child, int):
                child = {"MCID": child}
            if "MCID" in child:
                place = child.get("Pg", page)
                tag.children.append(self.marked.get((place, child["MCID"]), ""))
                tag.pages.append(place)
            elif "S" in child:
                tag.children.append(self._tag(child, page))
        return tag

    def _read_page(self, number: Ref) -> None:
        page = self.get(number)
        fonts = self.get(self.get(page["Resources"]).get("Font", {}))
        maps = {
            name: characters(self._stream(self.get(font)["ToUnicode"]))
            for name, font in fonts.items()
        }
        for mark, text in spoken(self._stream(page["Contents"]), maps):
            if isinstance(mark, int):
                self.marked[number, mark] = self.marked.get((number, mark), "") + text
            else:
                self.artifacts.setdefault(number, []).append(text)


def values(data: bytes) -> Iterator:
    """The objects of a piece of PDF, one after the other; bare words as bytes."""
    stack: list[list] = [[]]
    at = 0
    while found := TOKEN.match(data, at):
        at = found.end()
        if found["open"]:
            stack.append([])
            continue
        if found["close"]:
            items = stack.pop()
            value = items
            if found["close"] == b">>":
                value = dict(zip(items[::2], items[1::2], strict=True))
        elif found["string"]:
            value, at = literal(data, at)
        else:
            value = plain(found)
        if len(stack) == 1:
            yield value
        else:
            stack[-1].append(value)


def plain(found: re.Match):
    if found["ref"]:
        return Ref(int(found["ref"].split()[0]))
    if found["number"]:
        return (
            int(found["number"])
            if b"." not in found["number"]
            else Decimal(found["number"].decode())
        )
    if found["name"]:
        return found["name"][1:].decode("latin-1")
    if found["hex"]:
        return bytes.fromhex(found["hex"][1:-1].decode("ascii"))
    return {b"true": True, b"false": False, b"null": None}.get(found["word"], found["word"])


def literal(data: bytes, at: int) -> tuple[bytes, int]:
    """A string in round brackets, and where it ends."""
    made, depth = b"", 1
    while True:
        sign = data[at : at + 1]
        at += 1
        if sign == b"\\":
            octal = re.match(rb"[0-7]{1,3}", data[at : at + 3])
            if octal:
                made += bytes([int(octal[0], 8)])
                at += len(octal[0])
            else:
                made += ESCAPES.get(data[at : at + 1], data[at : at + 1])
                at += 1
            continue
        depth += {b"(": 1, b")": -1}.get(sign, 0)
        if not depth:
            return made, at
        made += sign


def characters(cmap: bytes) -> dict[bytes, str]:
    """The map of a font from codes to Unicode."""
    found = {}
    for part in re.findall(rb"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        for code, text in re.findall(rb"<(\w+)>\s*<(\w+)>", part):
            found[bytes.fromhex(code.decode())] = bytes.fromhex(text.decode()).decode("utf-16-be")
    return found


def words(data: bytes) -> str:
    """A string that is no code of a font: UTF-16 if it says so."""
    if data.startswith(b"\xfe\xff"):
        return data[2:].decode("utf-16-be")
    return data.decode("latin-1")


def spoken(content: bytes, maps: dict[str, dict[bytes, str]]) -> Iterator[tuple[object, str]]:
    """Each piece of text of a page, with the number of its mark or the name of its artifact."""
    operands: list = []
    marks: list = []
    font: dict[bytes, str] = {}
    for value in values(content):
        if not isinstance(value, bytes) or value not in OPERATORS:
            operands.append(value)
            continue
        if value == b"BDC":
            entries = operands[-1] if isinstance(operands[-1], dict) else {}
            marks.append((entries.get("MCID", operands[-2]), entries.get("ActualText")))
            if "ActualText" in entries:
                yield marked(marks), words(entries["ActualText"])
        elif value == b"BMC":
            marks.append((operands[-1], None))
        elif value == b"EMC":
            marks.pop()
        elif value == b"Tf":
            font = maps[operands[-2]]
        elif value in (b"Tj", b"TJ") and not any(actual for _, actual in marks):
            parts = operands[-1] if value == b"TJ" else [operands[-1]]
            codes = b"".join(part for part in parts if isinstance(part, bytes))
            pairs = [codes[at : at + 2] for at in range(0, len(codes), 2)]
            text = "".join(font[pair] for pair in pairs)
            reverse = any(name == "ReversedChars" for name, _ in marks)
            yield marked(marks), text[::-1] if reverse else text
        operands.clear()


OPERATORS = {
    *(b"BDC", b"BMC", b"EMC", b"Tf", b"Tj", b"TJ", b"BT", b"ET", b"q", b"Q", b"cm", b"Tm", b"Tr"),
    *(b"cs", b"CS", b"scn", b"SCN", b"m", b"l", b"c", b"h", b"re", b"f", b"S", b"B", b"w", b"J"),
    *(b"j", b"M", b"d", b"n", b"W", b"gs", b"Do", b"sh", b"i", b"f*", b"B*", b"W*", b"Td"),
}


def marked(marks: list) -> object:
    """The number of the innermost mark that has one; else the name of an artifact."""
    numbers = [name for name, _ in marks if isinstance(name, int)]
    return numbers[-1] if numbers else next((name for name, _ in marks), None)
