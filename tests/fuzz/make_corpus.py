#!/usr/bin/env python3
"""Makes the kept corpora of the fuzz targets, but for tests/fuzz/corpus/message:
small files that touch each path of a reader. Run by hand, as is
tests/fixtures/make_readers.py, from whose files some parts come.
"""

import io
import os
import sys
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURES = os.path.join(HERE, "..", "fixtures", "readers")
sys.path.insert(0, os.path.join(HERE, "..", "support"))

import hostile  # noqa: E402

BOOK = (f'<workbook xmlns="{hostile.MAIN}" xmlns:r="{hostile.REL}"><workbookPr date1904="1"/><sheets>'
        '<sheet name="A &amp; B" state="hidden" r:id="rId1"/><sheet name="C" r:id="none"/></sheets></workbook>')
STYLES = (f'<styleSheet xmlns="{hostile.MAIN}"><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy;@"/>'
          '<numFmt numFmtId="165" formatCode="[$-809]h:mm \\&quot;x&quot; AM/PM"/><numFmt numFmtId="166" formatCode="000"/>'
          '</numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="9"/>'
          '<xf numFmtId="22"/><xf numFmtId="46"/></cellXfs></styleSheet>')
STRINGS = (f'<sst xmlns="{hostile.MAIN}"><si><t>one</t></si><si><r><t>a</t></r><r><t>b_x000D_</t></r>'
           '<rPh><t>no</t></rPh></si><si/></sst>')
CELLS = "".join(f'<c r="{chr(65 + i)}2" s="{i}"><v>{value}</v></c>' for i, value in enumerate(
    ("12.5", "46112", "0.5", "7", "0.25", "46112.75", "1.5")))
SHEET = (f'<worksheet xmlns="{hostile.MAIN}"><cols><col min="2" max="3" hidden="1"/></cols><sheetData>'
         '<row r="1" hidden="true"><c r="A1" t="s"><v>1</v></c><c t="inlineStr"><is><t>in</t></is></c><c t="b"><v>1</v></c>'
         '<c t="e"><f>1/0</f><v>#DIV/0!</v></c><c><f>A1</f></c><c t="str"><f>A1</f><v></v></c><c t="d"><v>2026-03-31T10:00:00</v></c>'
         f'</row><row>{CELLS}</row></sheetData><mergeCells><mergeCell ref="A1:B3"/></mergeCells></worksheet>')
CONTENT = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"><style:style style:name="t" style:family="table">'
    '<style:table-properties table:display="false"/></style:style><office:body><office:spreadsheet>'
    '<table:table table:name="A" table:style-name="t"><table:table-column table:number-columns-repeated="2" table:visibility="collapse"/>'
    '<table:table-row table:number-rows-repeated="2" table:visibility="filter">'
    '<table:table-cell office:value-type="float" office:value="12.5"><text:p>012</text:p></table:table-cell>'
    '<table:table-cell office:value-type="percentage" office:value="0.25"/>'
    '<table:table-cell office:value-type="date" office:date-value="2026-03-31T10:00:00"/>'
    '<table:table-cell office:value-type="time" office:time-value="PT10H05M00S"/>'
    '<table:table-cell office:value-type="boolean" office:boolean-value="true" table:formula="of:=TRUE()"/>'
    '<table:table-cell office:value-type="string" table:number-columns-spanned="2" table:number-rows-spanned="2" '
    'table:number-columns-repeated="3"><text:p>a<text:s text:c="3"/><text:tab/>b<text:line-break/><text:span>c</text:span></text:p>'
    '<text:p>d</text:p></table:table-cell><table:covered-table-cell/><table:table-cell table:formula="x"/></table:table-row>'
    '</table:table></office:spreadsheet></office:body></office:document-content>')
DOCUMENT = (
    f'<w:document xmlns:w="{hostile.WORD}"><w:body><w:p><w:r><w:t>out</w:t><w:tab/></w:r></w:p><w:tbl><w:tr><w:tc><w:tcPr>'
    '<w:gridSpan w:val="2"/><w:vMerge w:val="restart"/></w:tcPr><w:p><w:r><w:t>a</w:t><w:br/><w:t>b</w:t></w:r></w:p></w:tc>'
    '<w:tc><w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:p><w:r><w:t>prompt</w:t></w:r></w:p></w:sdtContent></w:sdt>'
    '</w:tc></w:tr><w:tr><w:trPr><w:gridBefore w:val="1"/></w:trPr><w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc><w:tc>'
    '<w:tbl><w:tr><w:tc><w:p><w:r><w:t>inner</w:t></w:r></w:p></w:tc></w:tr></w:tbl><w:p><w:del><w:r><w:t>x</w:t></w:r></w:del>'
    '<w:r><w:t>\u2612</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:body></w:document>')
MANIFEST = '<m:manifest xmlns:m="urn:m"><m:file-entry/></m:manifest>'


def parts(file, names):
    with zipfile.ZipFile(os.path.join(FIXTURES, file)) as archive:
        present = archive.namelist()
        return "\n%%\n".join(archive.read(name).decode() if name in present else "" for name in names)


def whole(file):
    with open(os.path.join(FIXTURES, file), "rb") as handle:
        return handle.read()


XLSX = ("xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml")
CORPORA = {
    "xlsx": ["\n%%\n".join((BOOK, STYLES, STRINGS, SHEET)), parts("layout-openpyxl.xlsx", XLSX),
             parts("layout-libreoffice.xlsx", XLSX), whole("rich-hand.xlsx"),
             hostile.twice(hostile.xlsx([hostile.sheet(hostile.ROW)]), "xl/worksheets/sheet1.xml"),
             "\n%%\n".join((BOOK, "", hostile.LAUGHS + "<a>&a;</a>", SHEET))],
    "ods": [MANIFEST + "\n%%\n" + CONTENT, MANIFEST + "\n%%\n" + parts("layout-libreoffice.ods", ("content.xml",)),
            MANIFEST.replace("file-entry", "encryption-data") + "\n%%\n" + CONTENT,
            MANIFEST + "\n%%\n" + CONTENT.replace("spreadsheet", "text")],
    "docx": [DOCUMENT, parts("word-libreoffice.docx", ("word/document.xml",)), hostile.docx("<w:tbl><w:tr><w:tc/></w:tr></w:tbl>")],
    "json": ['{"form": "section-11", "round": "S11-2026", "agency": "LGT", "fields": {"a": "x", "b": 12.5, "c": true}, '
             '"tables": {"standards": {"1": {"score": 2, "due": null}}, "actions": [{"owner": "A"}, {"owner": "B"}]}}',
             '{"a": 1, "a": 2}', '[[[[{"a": [1, "b"], "c": {"d": {}}}]]]]', '"\\u00e9\\ud83d\\ude00"', '{"a": 1'.encode("utf-16-le")],
    "csv": ["table,row,field,value\n,,form,section-11\nstandards,1,score,2\n", 'sep=;\na;"b ""c""\nd";="007"\n', 'a\t"b\n',
            "Caf\u00e9;1,5\n".encode("cp1252"), "\ufeffa|b\n".encode("utf-16-le"), "a,b\r1,2\r".encode("utf-16-be"), ',,,\n""""\n'],
    "html": ["<html><body><p>Score: 2<br>Due:&nbsp;31/03/2026</p><table><tr><th>a<th colspan=2>b<tr><td rowspan=3>c<td>d</table>"
             "<blockquote>old</blockquote></body></html>",
             "<!--[if mso]>x<![endif]--><div style='border-top:solid #E1E1E1 1.0pt'><b>From:</b> A<br></div><style>p{}</style>",
             "<table><tr><td><table><tr><td>a</td></tr></table></td></tr></table>&#0;&#x110000;"],
}


def main():
    for reader, files in CORPORA.items():
        folder = os.path.join(HERE, "corpus", reader)
        os.makedirs(folder, exist_ok=True)
        for number, data in enumerate(files):
            with io.open(os.path.join(folder, f"{number:02}"), "wb") as file:
                file.write(data.encode() if isinstance(data, str) else data)


if __name__ == "__main__":
    main()
