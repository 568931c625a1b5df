"""Small workbooks for scenarios and figures, by the standard library alone.

A text says what a workbook holds: `[NAME]` begins a sheet, the lines below it
are its rows, as CSV. Other programs' files are made by those programs.
"""

import csv
import io
import re
import zipfile
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def parse(text):
    """[(name, rows)] of such a text."""
    sheets = []
    for line in text.strip("\n").split("\n"):
        heading = re.fullmatch(r"\[(.+)\]", line.strip())
        if heading:
            sheets.append((heading[1], []))
        else:
            sheets[-1][1].append(next(csv.reader([line]), []))
    return sheets


def column(n):
    name = ""
    while n >= 0:
        name, n = chr(ord("A") + n % 26) + name, n // 26 - 1
    return name


def cell(ref, value):
    if re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", value):
        return f'<c r="{ref}"><v>{value}</v></c>'
    return f'<c r="{ref}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def sheet_xml(rows):
    body = "".join(
        f'<row r="{n}">' + "".join(cell(f"{column(c)}{n}", value) for c, value in enumerate(row) if value) + "</row>"
        for n, row in enumerate(rows, 1))
    return f'<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>'


def xlsx(sheets):
    """The bytes of a workbook with these sheets."""
    numbered = list(enumerate(sheets, 1))
    files = {
        "[Content_Types].xml":
            f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType='
            '"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType='
            '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName='
            '"/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
            '</Types>',
        "_rels/.rels":
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type="{REL}/officeDocument"'
            ' Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml":
            f'<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets>' + "".join(
                f'<sheet name="{escape(name)}" sheetId="{n}" r:id="r{n}"/>' for n, (name, _) in numbered)
            + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels":
            f'<Relationships xmlns="{PACKAGE}/relationships">' + "".join(
                f'<Relationship Id="r{n}" Type="{REL}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n, _ in numbered)
            + "</Relationships>",
    }
    files.update({f"xl/worksheets/sheet{n}.xml": sheet_xml(rows) for n, (_, rows) in numbered})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>\n' + data)
    return out.getvalue()
