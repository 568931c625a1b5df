"""Files that nobody means well with, and what the parser says of each.

files() gives (label, file name, bytes, verdict, word of the reason); a verdict
may be several. Everything is made here: nothing large is kept.
"""

import io
import json
import random
import struct
import zipfile
import zlib

MB = 1024 * 1024
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def zipped(parts, level=9):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, data in parts:
            archive.writestr(name, data)
    return out.getvalue()


def relations(items):
    return HEAD + f'<Relationships xmlns="{PACKAGE}">' + "".join(
        f'<Relationship Id="{i}" Type="{REL}/{kind}" Target="{target}"/>' for i, kind, target in items) + "</Relationships>"


def sheet(rows, after="", before=""):
    return HEAD + f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def xlsx(sheets, strings=None, styles=None, extra=(), prolog=""):
    """A workbook of worksheet parts, as bytes."""
    book = HEAD + prolog + f'<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets>' + "".join(
        f'<sheet name="S{i}" sheetId="{i}" r:id="s{i}"/>' for i in range(1, len(sheets) + 1)) + "</sheets></workbook>"
    links = [(f"s{i}", "worksheet", f"worksheets/sheet{i}.xml") for i in range(1, len(sheets) + 1)]
    parts = [("_rels/.rels", relations([("r1", "officeDocument", "xl/workbook.xml")])), ("xl/workbook.xml", book)]
    if strings is not None:
        links.append(("t", "sharedStrings", "sharedStrings.xml"))
        parts.append(("xl/sharedStrings.xml", strings))
    if styles is not None:
        links.append(("y", "styles", "styles.xml"))
        parts.append(("xl/styles.xml", styles))
    parts.append(("xl/_rels/workbook.xml.rels", relations(links)))
    parts += [(f"xl/worksheets/sheet{i}.xml", data) for i, data in enumerate(sheets, 1)]
    return zipped(parts + list(extra))


def ods(body, manifest=""):
    spaces = " ".join(f'xmlns:{word}="urn:oasis:names:tc:opendocument:xmlns:{word}:1.0"' for word in ("office", "table", "text"))
    return zipped([
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", HEAD + f'<m:manifest xmlns:m="urn:m">{manifest}</m:manifest>'),
        ("content.xml", HEAD + f"<office:document-content {spaces}><office:body><office:spreadsheet>{body}"
                               "</office:spreadsheet></office:body></office:document-content>")])


def docx(body, prolog=""):
    return zipped([("_rels/.rels", relations([("r1", "officeDocument", "word/document.xml")])),
                   ("word/document.xml", HEAD + prolog + f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>')])


def cells(count, text="x"):
    return "".join(f'<c t="str"><v>{text}</v></c>' for _ in range(count))


def lying_size(data, name, claim):
    """The same zip with another size in its directory for one entry."""
    data = bytearray(data)
    at = 0
    while (at := data.find(b"PK\1\2", at)) >= 0:
        length = struct.unpack_from("<H", data, at + 28)[0]
        if data[at + 46:at + 46 + length] == name.encode():
            struct.pack_into("<I", data, at + 24, claim)
        at += 4
    return bytes(data)


def twice(data, name):
    """The zip with a second entry of that name (zipfile would warn)."""
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("Z" * len(name), sheet(f"<row>{cells(2, 'other')}</row>"))
    return out.getvalue().replace(b"Z" * len(name), name.encode())


def locked(data):
    """Bit 0 of every entry's flags: a password."""
    data = bytearray(data)
    for magic, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = 0
        while (at := data.find(magic, at)) >= 0:
            data[at + offset] |= 1
            at += 4
    return bytes(data)


def compound(*words):
    """The head of a compound file and names of streams in it."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + b"".join(
        word.encode("utf-16-le") + bytes(64) for word in words) + bytes(1024)


DOCTYPE = "<!DOCTYPE x [{}]>"
LAUGHS = DOCTYPE.format('<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9)))
XXE = DOCTYPE.format('<!ENTITY a SYSTEM "file:///etc/passwd">')
ROW = f"<row>{cells(3)}</row>"


def workbooks():
    good = xlsx([sheet(ROW)])
    rich = "<si>" + "".join(f"<r><t>{'y' * 60}</t></r>" for _ in range(20)) + "</si>"
    yield "an honest one", "a.xlsx", good, "read", ""
    yield "a bomb of one part", "a.xlsx", xlsx([sheet(ROW + " " * (30 * MB))]), "too large", "unpacks"
    yield "a bomb of many parts", "a.xlsx", xlsx([sheet(" " * (20 * MB))] * 5), "too large", "unpack"
    yield "a bomb that is no part", "a.xlsx", xlsx([sheet(ROW)], extra=[("xl/media/a.bin", bytes(60 * MB))]), "read", ""
    yield "a nest of entities", "a.xlsx", xlsx([sheet(ROW)], prolog=LAUGHS), "unreadable", "built"
    yield "an entity of a file", "a.xlsx", xlsx([sheet(ROW)], strings=HEAD + XXE + "<sst><si><t>&a;</t></si></sst>"), "unreadable", "built"
    yield "a size that is a lie", "a.xlsx", lying_size(xlsx([sheet(ROW + " " * (30 * MB))]), "xl/worksheets/sheet1.xml", 100), \
        ("too large", "unreadable"), ""
    yield "a million rows", "a.xlsx", xlsx([sheet("<row><c><v>1</v></c></row>" * 800000)]), "read", "20000 rows"
    yield "a million blank rows", "a.xlsx", xlsx([sheet('<row r="9"/>'.replace(' r="9"', "") * 1000000 + ROW)]), "read", ""
    yield "16,384 columns", "a.xlsx", xlsx([sheet(f"<row>{cells(16384)}</row>" * 5)]), "read", "256 columns"
    yield "a wide sheet of one cell a row", "a.xlsx", xlsx([sheet("".join(
        f'<row r="{i}"><c r="IV{i}"><v>1</v></c></row>' for i in range(1, 20001)))] * 3), "read", "100000 cells"
    yield "deep XML", "a.xlsx", xlsx([sheet("<a>" * 500000)]), "unreadable", "built"
    yield "a tag without an end", "a.xlsx", xlsx([sheet("<c " + 'a="' + "x" * (20 * MB))]), "unreadable", "built"
    yield "a tag of 60,000 attributes", "a.xlsx", xlsx([sheet("<c " + " ".join(f'a{i}="1"' for i in range(60000)) + "/>")]), \
        "unreadable", "built"
    yield "many tags of 8,000 attributes", "a.xlsx", xlsx([sheet(("<c " + " ".join(f'a{i}="1"' for i in range(8000)) + "/>") * 200)]), \
        ("too large", "read"), ""
    yield "cut in the middle", "a.xlsx", good[:len(good) // 2], "unreadable", ""
    yield "cut at its end", "a.xlsx", good[:-10], "unreadable", ""
    yield "the same part twice", "a.xlsx", twice(good, "xl/worksheets/sheet1.xml"), "unreadable", "twice"
    yield "many parts", "a.xlsx", zipped([(f"a{i}", "") for i in range(3000)]), "too large", "2048 parts"
    yield "a password in the zip", "a.xlsx", locked(good), "encrypted", ""
    yield "a string that is not there", "a.xlsx", xlsx([sheet('<row><c t="s"><v>9</v></c></row>')]), "unreadable", ""
    yield "a million strings", "a.xlsx", xlsx([sheet(ROW)], strings=HEAD + f'<sst xmlns="{MAIN}">' + "<si/>" * 1000000 + "</sst>"), \
        "too large", "text"
    yield "long strings", "a.xlsx", xlsx([sheet(ROW)], strings=HEAD + f'<sst xmlns="{MAIN}">' + rich * 9000 + "</sst>"), \
        "too large", "text"
    yield "one string in each cell", "a.xlsx", xlsx(
        [sheet(("<row>" + '<c t="s"><v>0</v></c>' * 200 + "</row>") * 450)],
        strings=HEAD + f'<sst xmlns="{MAIN}"><si><t>{"z" * 32000}</t></si></sst>'), "read", "text"
    yield "a cell without an end", "a.xlsx", xlsx([sheet(f'<row><c t="str"><v>{"v" * (20 * MB)}</v></c></row>')]), "read", "letters"
    yield "a merged range over all", "a.xlsx", xlsx([sheet(
        ROW * 15000, '<mergeCells>' + '<mergeCell ref="A1:XFD1048576"/>' * 9000 + "</mergeCells>")]), "read", "cells"
    yield "merged ranges over what is filled", "a.xlsx", xlsx([sheet(
        f"<row>{cells(5)}</row>" * 20000, '<mergeCells>' + '<mergeCell ref="A1:E20000"/>' * 9000 + "</mergeCells>")]), "read", ""
    yield "many merged ranges in many sheets", "a.xlsx", xlsx([sheet(
        ROW, '<mergeCells>' + '<mergeCell ref="A1:B9"/>' * 9000 + "</mergeCells>")] * 150), ("read", "too large"), ""
    yield "styles without an end", "a.xlsx", xlsx([sheet(ROW)], styles=HEAD + f'<styleSheet xmlns="{MAIN}"><cellXfs>'
                                                  + "<xf/>" * 1000000 + "</cellXfs></styleSheet>"), "too large", "styles"
    yield "3,000 sheets", "a.xlsx", xlsx([sheet(ROW)] * 1500), "read", "256 sheets"
    yield "rows out of order", "a.xlsx", xlsx([sheet('<row r="9"/><row r="3"/>')]), "unreadable", "order"
    yield "relations that point outside", "a.xlsx", zipped([("_rels/.rels", relations(
        [("r1", "officeDocument", "../../../../etc/passwd")]))]), "unreadable", ""
    yield "a part that unpacks itself", "a.xlsx", xlsx([sheet(ROW)], extra=[("xl/workbook.xml/", "")]), "read", ""
    yield "UTF-7 in the XML", "a.xlsx", xlsx([sheet(ROW).replace("UTF-8", "UTF-7")]), "unreadable", ""
    yield "NUL in the XML", "a.xlsx", xlsx([sheet(ROW).replace("x</v>", "\0</v>")]), "unreadable", ""
    yield "a password", "a.xlsx", compound("EncryptionInfo", "EncryptedPackage"), "encrypted", ""
    yield "a label", "a.xlsx", compound("DRMEncryptedTransform", "EncryptedPackage"), "labelled", ""
    yield "an old workbook", "a.xlsx", compound("Workbook"), "old format", ""
    yield "a binary workbook", "a.xlsb", zipped([("_rels/.rels", relations([("r1", "officeDocument", "xl/workbook.bin")])),
                                                ("xl/workbook.bin", b"\x83\1\0")]), "old format", ""
    yield "noise", "a.xlsx", b"PK\3\4\x14\0\0\0" + random.Random(4).randbytes(200000), "unreadable", ""
    yield "nothing", "a.xlsx", b"", "unreadable", ""


def documents():
    table = '<table:table table:name="S">{}</table:table>'
    cell = '<table:table-cell office:value-type="string"{}><text:p>x</text:p></table:table-cell>'
    row = "<table:table-row{}>{}</table:table-row>"
    yield "an honest one", "a.ods", ods(table.format(row.format("", cell.format("")))), "read", ""
    yield "a cell for a million", "a.ods", ods(table.format(row.format(
        ' table:number-rows-repeated="1000000"', cell.format(' table:number-columns-repeated="16384"')))), "read", "columns"
    yield "a row for two thousand million", "a.ods", ods(table.format(row.format(
        ' table:number-rows-repeated="2147483647"', cell.format("")))), "read", "20000 rows"
    yield "spaces for a million", "a.ods", ods(table.format(row.format("", '<table:table-cell office:value-type="string"><text:p>'
                                               + '<text:s text:c="1000000"/>' * 200000 + "x</text:p></table:table-cell>"))), "read", "letters"
    yield "tables in tables", "a.ods", ods("<table:table>" * 200000), "unreadable", ""
    yield "a million tables", "a.ods", ods("<table:table/>" * 1000000), "read", "sheets or tables"
    yield "spans without an end", "a.ods", ods(table.format(row.format("", cell.format(
        ' table:number-rows-spanned="2000000000" table:number-columns-spanned="2000000000"')) * 9000)), "read", ""
    yield "a password", "a.ods", ods("", "<m:encryption-data/>"), "encrypted", ""
    yield "a password over all", "a.ods", zipped([("META-INF/manifest.xml", '<m:manifest xmlns:m="urn:m"><m:encryption-data/>'
                                                   "</m:manifest>"), ("encrypted-package", "x")]), "encrypted", ""
    yield "an honest one", "a.docx", docx("<w:tbl><w:tr><w:tc><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"), "read", ""
    yield "an entity of a file", "a.docx", docx("&a;", XXE), "unreadable", "built"
    yield "tables in tables", "a.docx", docx("<w:tbl><w:tr><w:tc>" * 200000), "unreadable", "built"
    yield "a million tables", "a.docx", docx("<w:tbl/>" * 1000000), "read", "sheets or tables"
    yield "columns without an end", "a.docx", docx("<w:tbl>" + (
        "<w:tr>" + '<w:tc><w:tcPr><w:gridSpan w:val="4000000000"/></w:tcPr><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc>' * 300
        + "</w:tr>") * 300 + "</w:tbl>"), "read", ""
    yield "text without an end", "a.docx", docx("<w:p><w:r><w:t>" + "abc " * (4 * MB) + "</w:t></w:r></w:p>"), "read", ""


def texts():
    yield "100,000 lists in lists", "a.json", b"[" * 100000 + b"]" * 100000, "too large", "nested"
    yield "a million lists", "a.json", b"[" + b"{}," * 1000000 + b"{}]", "too large", "values"
    yield "the same name twice", "a.json", b'{"fields": {"a": 1,\n"a": 2}}', "unreadable", "line 2"
    yield "the same name in UTF-16", "a.json", '{"form": "x", "fields": {"a": "\u00e9"}}'.encode("utf-16-le"), "read", ""
    yield "NUL in a string", "a.json", b'{"a": "b\\u0000c"}', "unreadable", "line 1"
    yield "NUL in the file", "a.json", b'{"a": "b"\0}', ("read", "unreadable"), ""
    yield "a number beyond all", "a.json", b'{"a": 1e999999}', "unreadable", ""
    yield "a number of a million digits", "a.json", b'{"a": ' + b"9" * 1000000 + b"}", "unreadable", ""
    yield "a string of 3 MB", "a.json", json.dumps({"fields": {"a": "x" * 3 * MB}}).encode(), "read", "letters"
    yield "40,000 names alike", "a.json", json.dumps({f"a{i}": i for i in range(40000)}).encode(), "read", "20000 rows"
    yield "a tail", "a.json", b'{"a": 1} {"b": 2}', "unreadable", ""
    yield "a string that never ends", "a.json", b'{"a": "' + b"\\" * 100000, "unreadable", ""
    yield "5 MB", "a.json", b" " * (5 * MB), "too large", ""
    yield "quotes that never close", "a.csv", b'a,b\n1,"2\n' + b"x,y\n" * 500000, "unreadable", "line 2"
    yield "quotes without a pair", "a.csv", b'"' * 2000001, "unreadable", ""
    yield "a million fields", "a.csv", b"," * 1000000, "unreadable", "nothing"
    yield "a million filled fields", "a.csv", b"x," * 1000000, "read", "256 columns"
    yield "a million lines", "a.csv", b"a,b\n" * 1000000, "read", "20000 rows"
    yield "a field of 4 MB", "a.csv", b'a,"' + b"x" * (4 * MB - 10) + b'"\n', "read", "letters"
    yield "5 MB", "a.csv", b"a,b\n" * (5 * MB // 4), "too large", ""
    yield "NULs", "a.csv", b"a,b\n" + bytes(1000000), "read", ""
    yield "UTF-16 without a mark", "a.csv", "Name;Caf\u00e9\nOsei;3\n".encode("utf-16-be"), "read", ""
    yield "noise", "a.csv", random.Random(5).randbytes(MB), ("read", "unreadable"), ""
    yield "an HTML bomb", "a.html", b"<div>" * 400000, ("kept", "too large"), ""
    yield "a compressed bomb in a zip", "a.zip", zipped([("b.zip", zipped([("c", bytes(50 * MB))]))]), "kept", ""
    yield "winmail.dat", "winmail.dat", b"\x78\x9f\x3e\x22" + bytes(100), "winmail", ""
    yield "rpmsg", "message_v2.rpmsg", b"\x76\xe8\x04\x60\xc4\x11\xe3\x86" + bytes(100), "labelled", ""
    yield "Egress", "a.switch", b"egress", "wrapped", ""
    yield "Egress as a page", "a.html", b"<p>Open this Egress Switch secure email</p>", "wrapped", ""
    yield "a PDF", "a.pdf", b"%PDF-1.7\n", "kept", ""
    yield "deflate without an end", "a.xlsx", zipped([("content.xml", zlib.compress(bytes(MB)))]), "unreadable", ""


def mails():
    """Mails of many files, each within its own limits: (label, [(name, bytes)])."""
    strings = HEAD + f'<sst xmlns="{MAIN}">' + "<si><t>" + "s" * 7 * MB + "</t></si></sst>"
    rows = "<row>" + '<c t="str"><v>' + "v" * 400 + "</v></c>" * 1 + "</row>"
    yield "150 workbooks of long strings", [("a.xlsx", xlsx([sheet(ROW)], strings=strings))] * 150
    yield "150 workbooks of 2 MB of XML", [("a.xlsx", xlsx([sheet(ROW + " " * 2 * MB)]))] * 150
    yield "20 full workbooks", [("a.xlsx", xlsx([sheet(rows * 5000)]))] * 20
    yield "20 full documents", [("a.docx", docx("<w:tbl>" + "<w:tr><w:tc><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc></w:tr>" * 15000
                                                + "</w:tbl>"))] * 20
    yield "40 full JSON files", [("a.json", json.dumps({f"a{i}": {} if i % 2 else "x" for i in range(16000)}).encode())] * 40
    yield "20 full CSV files", [("a.csv", b"a,b,c,d,e,f\n" * 300000)] * 20
    yield "5 workbooks of 10 MB", [("a.xlsx", zipped([("a", random.Random(6).randbytes(10 * MB - 1000))], 0))] * 5
    yield "150 pages", [("a.html", b"<table>" + b"<tr><td>a<td>b" * 8000 + b"</table>")] * 150


def files():
    yield from workbooks()
    yield from documents()
    yield from texts()
