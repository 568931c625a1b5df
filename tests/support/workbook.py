"""Workbooks as tests look at them: an .xlsx read with nothing but Python.

cells() gives each sheet's cells as text; answers() what stands in the cells
that the hidden sheet names, as `table,row,field,value` with values as v_answer
spells them; as_text() both, a line each, to look for words in. fill() types
answers into it, as a person would.
"""
import datetime
import io
import re
import sys
import zipfile
from xml.etree import ElementTree
from xml.sax.saxutils import escape

NS = {
    "m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "r": "http://schemas.openxmlformats.org/package/2006/relationships",
}
REL_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
IDENTITY = "_lscpd"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Book:
    def __init__(self, data):
        self.zip = zipfile.ZipFile(io.BytesIO(data))
        self.strings = [self.text_of(item) for item in self.part("xl/sharedStrings.xml").findall("m:si", NS)]
        self.formats = self.read_formats()
        self.sheets = self.find_sheets()

    def part(self, name):
        if name not in self.zip.namelist():
            return ElementTree.Element("none")
        return ElementTree.fromstring(self.zip.read(name))

    @staticmethod
    def text_of(item):
        return "".join(text.text or "" for text in item.iter(f"{{{NS['m']}}}t"))

    def read_formats(self):
        """The number format of each cell style, by its index."""
        styles = self.part("xl/styles.xml")
        codes = {one.get("numFmtId"): one.get("formatCode") for one in styles.iter(f"{{{NS['m']}}}numFmt")}
        return [codes.get(xf.get("numFmtId"), "") for xf in styles.findall("m:cellXfs/m:xf", NS)]

    def find_sheets(self):
        """Name, path and whether it is hidden, in their order."""
        targets = {one.get("Id"): one.get("Target") for one in self.part("xl/_rels/workbook.xml.rels")}
        found = []
        for sheet in self.part("xl/workbook.xml").findall("m:sheets/m:sheet", NS):
            path = targets[sheet.get(REL_ID)].lstrip("/")
            path = path if path.startswith("xl/") else "xl/" + path
            found.append((sheet.get("name"), path, sheet.get("state", "visible") != "visible"))
        return found

    def names(self):
        return {one.get("name"): one.text for one in self.part("xl/workbook.xml").findall("m:definedNames/m:definedName", NS)}

    def value_of(self, cell):
        kind, value = cell.get("t", "n"), cell.findtext("m:v", "", NS)
        if kind == "inlineStr":
            return self.text_of(cell)
        if kind == "s":
            return self.strings[int(value)]
        if kind != "n" or value == "":
            return value
        code = self.formats[int(cell.get("s", "0"))]
        if "yy" in code:
            return (datetime.date(1899, 12, 30) + datetime.timedelta(days=int(float(value)))).isoformat()
        if code.endswith("%"):
            return f"{float(value) * 100:.10g}"
        return f"{float(value):.15g}"

    def cells(self, path):
        found = {}
        for cell in self.part(path).iter(f"{{{NS['m']}}}c"):
            value = self.value_of(cell)
            if value.strip("\u00a0\n ") != "":
                found[cell.get("r")] = value
        return found

    def by_name(self):
        return {name: self.cells(path) for name, path, _ in self.sheets}

    def formulas(self):
        """Cells that are one: a workbook of ours has none."""
        return [(name, cell.get("r")) for name, path, _ in self.sheets
                for cell in self.part(path).iter(f"{{{NS['m']}}}c") if cell.find("m:f", NS) is not None]


def column_of(cell):
    return re.match(r"[A-Z]+", cell).group()


def identity(book):
    """The keys of the hidden sheet, and its map as a list of rows."""
    cells = book.by_name().get(IDENTITY, {})
    rows = {}
    for cell, value in cells.items():
        rows.setdefault(int(re.search(r"\d+", cell).group()), {})[column_of(cell)] = value
    keys, places, in_map = {}, [], False
    for _, row in sorted(rows.items()):
        if row.get("A") == "cell" and row.get("B") == "table":
            in_map = True
        elif in_map and "A" in row:
            places.append([row.get(column, "") for column in "ABCDE"])
        elif "A" in row:
            keys[row["A"]] = row.get("B", "")
    return keys, places


def answers(book):
    """What the open cells hold, as lines `table,row,field,value`."""
    form = book.cells(book.sheets[0][1])
    return [f"{table},{row},{field},{form[cell]}" for cell, table, row, field, _ in identity(book)[1] if cell in form]


def xml_cell(ref, style, value):
    """A number, a date and a text as an office program writes them."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        value = str((datetime.date.fromisoformat(value) - datetime.date(1899, 12, 30)).days)
    if re.fullmatch(r"-?\d+(\.\d+)?", value):
        return f'<c r="{ref}"{style}><v>{value}</v></c>'
    return f'<c r="{ref}"{style} t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def fill(data, wanted):
    """The same workbook with answers typed into it: lines `table,row,field = value`, or `CELL = value`."""
    book = Book(data)
    cells = {",".join(place[1:4]): place[0] for place in identity(book)[1]}
    path = book.sheets[0][1]
    xml = book.zip.read(path).decode("utf-8")
    for line in filter(None, wanted.split("\n")):
        place, _, value = (part.strip() for part in line.partition("="))
        ref = cells.get(place, place)
        old = re.search(rf'<c r="{ref}"( s="\d+")?[^>]*?(/>|>.*?</c>)', xml, re.S)
        if old is None:
            raise ValueError(f"the workbook has no cell for {place!r}")
        value = value.replace("\\n", "\n")
        xml = xml.replace(old.group(), xml_cell(ref, old.group(1) or "", value), 1)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for item in book.zip.infolist():
            file.writestr(item, xml if item.filename == path else book.zip.read(item))
    return out.getvalue()


def as_text(data):
    book = Book(data)
    lines = [f"{name}!{cell} {value}" for name, cells in book.by_name().items() for cell, value in cells.items()]
    return "\n".join(lines + answers(book))


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as file:
        print(as_text(file.read()))
