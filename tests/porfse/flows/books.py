"""XLSX files made by hand, part by part: also such as no spreadsheet would write."""

import io
import zipfile
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
STYLES = f"""<styleSheet xmlns="{MAIN}"><numFmts count="2">
<numFmt numFmtId="164" formatCode="[$-410]dd/mm/yyyy;@"/>
<numFmt numFmtId="165" formatCode="[h]:mm"/>
</numFmts><cellStyleXfs count="1"><xf numFmtId="14"/></cellStyleXfs>
<cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="22"/>
</cellXfs></styleSheet>"""
SHEET = "xl/worksheets/sheet1.xml"


def relations(*targets: tuple[str, str]) -> str:
    found = "".join(
        f'<Relationship Id="rId{number}" Type="{DOCUMENT}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{PACKAGE}">{found}</Relationships>'


def workbook(sheets: str = '<sheet name="Dati" sheetId="1" r:id="rId1"/>', properties="") -> str:
    return (
        f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}">{properties}<sheets>{sheets}</sheets>'
        "</workbook>"
    )


def worksheet(data: str, *, before: str = "", after: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{data}</sheetData>{after}</worksheet>'


def parts(data: str, *, strings: str = "", **changed: str) -> dict[str, str | bytes]:
    """Return the parts of a file with one sheet; `changed` gives others for some of them."""
    found: dict[str, str | bytes] = {
        "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": workbook(),
        "xl/_rels/workbook.xml.rels": relations(
            ("worksheet", "worksheets/sheet1.xml"),
            ("styles", "styles.xml"),
            ("sharedStrings", "sharedStrings.xml"),
        ),
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
        SHEET: worksheet(data),
    }
    return found | changed


def zipped(content: dict[str, str | bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, part in content.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def text(reference: str, value: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{value}</t></is></c>'


def number(reference: str, value: str, *, style: int = 0) -> str:
    return f'<c r="{reference}" s="{style}"><v>{value}</v></c>'


def row(place: int, *cells: str) -> str:
    return f'<row r="{place}">{"".join(cells)}</row>'


HEADER = row(1, text("A1", "id"), text("B1", "importo"))


def book(path: Path, data: str, **changed) -> Path:
    path.write_bytes(zipped(parts(data, **changed)))
    return path
