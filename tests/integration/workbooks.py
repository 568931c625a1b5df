#!/usr/bin/env python3
"""Workbooks by other hands: our own, filled in with openpyxl and saved by
LibreOffice, Gnumeric and openpyxl, must give the answers that the same return
gives as text; and sheets that people rearranged are read by their labels.

Prints `ok …` and `not ok …` lines, and at the end what was seen of each
program, behind `#`.
"""

import contextlib
import datetime
import html
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import house
import mailkit

try:
    import openpyxl
except ImportError:  # it is Debian's: other Pythons find it there
    sys.path.append("/usr/lib/python3/dist-packages")
    import openpyxl

OPENED, NOW = "2026-01-12T09:00:00Z", "2026-02-24T10:42:00Z"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {
    ".xlsx": XLSX,
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
# form: who sends it, the round that asks for it, whose request it is.
FORMS = {
    "section-11": ("amara.okafor@northbank.example", "S11-2026", "NHT"),
    "audit-return": ("ben.tate@northbank.example", "MA-2026", "NHT"),
    "training-return": ("laura.carver@fmht.example", "TR-2026", "MHT"),
    "performance-return": ("dan.reyes@fairbourne.example", "PR-2025-Q3", "LA"),
    "section-175": ("sam.dean@greenhill.example", "S175-2026", "GRN"),
    "review-action": ("priya.nair@fscp.example", "", ""),
    "action-update": ("amara.okafor@northbank.example", "", ""),
}
UPDATES = """Form: action-update
== A-0001 ==
Status: at risk
Progress: The printer is late
Percent: 60
== A-0002 ==
Status: on track
Progress: Ten of twenty files
New date: 1 June 2026
Reason: Leave
"""
FOLDER = tempfile.mkdtemp(prefix="lscpd-workbooks-")
SEEN = []  # (program, format, forms that came through, what was noticed)
FAILED = 0


def tell(good, name, why=""):
    global FAILED
    FAILED += not good
    print(("ok " if good else "not ok ") + name + ("" if good or not why else f": {str(why)[:900]}"), flush=True)
    return good


def expect(condition, why):
    if not condition:
        raise AssertionError(str(why)[-1500:])


# Houses ------------------------------------------------------------------------

def fixture(form):
    if form == "action-update":
        return UPDATES
    with open(os.path.join(house.REPO, "tests", "fixtures", form + ".txt"), encoding="utf-8") as file:
        return file.read()


def once(home):
    done = home.once()
    expect(done.code == 0, f"lscpd --once: {done.code} {done.err}")
    expect(not re.search("Sanitizer|runtime error:|bug at", done.err), done.err)
    return done


def send(home, sender, subject, text="Please see the file.", files=(), answers=None):
    """One mail; its outcome and our answer to it."""
    draft = mailkit.Draft(sender, home.now)
    home.serial += 1
    draft.subject, draft.message_id = subject, f"<{home.serial}@{sender.partition('@')[2]}>"
    draft.attachments = [(name, TYPES.get(os.path.splitext(name)[1], "application/octet-stream"), data)
                         for name, data in files]
    if answers is None:
        draft.text = text
    else:
        mailkit.reply(answers, draft, "outlook", text)
    before = set(home.outbox())
    home.deliver(draft.bytes())
    once(home)
    outcome = home.sql("SELECT outcome, reason, ref FROM v_message ORDER BY id DESC LIMIT 1")[0]
    letters = [mailkit.Letter(path) for path in home.outbox() if path not in before]
    return outcome, next((one for one in letters if one.to == sender), None)


def base_house():
    """Everything is asked for, and three actions are there to be reported on."""
    home = house.House(os.path.join(FOLDER, "base"))
    home.register()
    home.now = OPENED
    for form, (_, name, agency) in FORMS.items():
        if name:
            done = home.ctl("round", "open", name, "--form", form, "--due", "2026-02-27", "--agencies", agency)
            expect(done.code == 0, done.err + done.out)
    once(home)
    home.now = NOW
    outcome, _ = send(home, FORMS["review-action"][0], "Actions",
                      fixture("review-action").replace("RR-2026-01", "RR-2026-02"))
    expect(outcome[0] == "filed", outcome)
    return home


@contextlib.contextmanager
def house_like(base, name):
    path = os.path.join(FOLDER, re.sub("[^a-z0-9]+", "-", name.lower()))
    shutil.copytree(base.path, path)
    home = house.House(path)
    home.now, home.serial = NOW, 1000
    try:
        yield home
    finally:
        if FAILED == 0:
            shutil.rmtree(path, ignore_errors=True)


def answers(home, form):
    return {row for row in home.sql(
        "SELECT tbl, row, field, value FROM v_answer WHERE ref = (SELECT ref FROM v_submission"
        " WHERE form = ? ORDER BY ref DESC LIMIT 1)", form)}


def templates(base):
    """The workbooks that go out: with the requests, and for the word `template`."""
    found = {}
    for path in base.outbox():
        letter = mailkit.Letter(path)
        for form, (_, name, agency) in FORMS.items():
            if letter.kind == "request" and name and letter.subject.startswith(f"[LSCP {name}/{agency}]"):
                found[form] = (letter, attached(letter))
    for form in ("review-action", "action-update"):
        with house_like(base, "template " + form) as home:
            _, letter = send(home, FORMS[form][0], "template " + form, "")
            found[form] = (letter, attached(letter))
    return found


def attached(letter):
    books = [data for name, data in letter.attachments if name.endswith(".xlsx")]
    expect(len(books) == 1, f"{letter.describe()}: {[name for name, _ in letter.attachments]}")
    return books[0]


# Filling in --------------------------------------------------------------------

def load(data):
    path = os.path.join(FOLDER, "load.xlsx")
    with open(path, "wb") as file:
        file.write(data)
    return openpyxl.load_workbook(path)


def save(book):
    path = os.path.join(FOLDER, "save.xlsx")
    book.save(path)
    with open(path, "rb") as file:
        return file.read()


def cells_of(book):
    """(table, row, field) of the hidden map: the cell."""
    cells, inside = {}, False
    for row in book["_lscpd"].iter_rows(values_only=True):
        if row[0] == "cell":
            inside = True
        elif inside and row[0]:
            cells[tuple(str(one or "") for one in row[1:4])] = row[0]
    return cells


def typed(value, kind, cell):
    """What a person's typing leaves in a cell."""
    if kind in ("integer", "decimal"):
        return float(value) if "." in value else int(value)
    if kind == "percent":
        return float(value) / 100 if "%" in cell.number_format else float(value)
    if kind == "date":
        return datetime.date.fromisoformat(value)
    if kind == "choice" and value.isdigit():
        return int(value)
    return value


def kinds_of(base, form):
    shown = base.json("form", "show", form)
    kinds = {("", one["name"]): one["type"] for one in shown["fields"]}
    keys = {}
    for table in shown["tables"]:
        kinds.update({(table["name"], one["name"]): one["type"] for one in table["columns"]})
        if table["rows"] != "fixed":
            keys[table["name"]] = True
    return kinds, keys


def fill(data, wanted, kinds, repeating):
    """Put answers into the cells of a workbook of ours."""
    book = load(data)
    sheet, cells, numbers = book.worksheets[0], cells_of(book), {}
    for tbl, row, field, value in sorted(wanted):
        if tbl in repeating:
            known = numbers.setdefault(tbl, {})
            row = known.setdefault(row, str(len(known) + 1))
        cell = sheet[cells[tbl, row, field]]
        cell.value = typed(value, kinds[tbl, field], cell)
        if kinds[tbl, field] == "date" and cell.number_format == "General":
            cell.number_format = "dd/mm/yyyy"
    return save(book)


# Other programs ----------------------------------------------------------------

def convert(tool, files, ending):
    """{name: bytes} as another program saves them; all in one call where it can."""
    folder = tempfile.mkdtemp(dir=FOLDER)
    out = os.path.join(folder, "out")
    os.mkdir(out)
    paths = []
    for name, data in files.items():
        paths.append(os.path.join(folder, name))
        with open(paths[-1], "wb") as file:
            file.write(data)
    if tool == "LibreOffice":
        commands = [["soffice", f"-env:UserInstallation=file://{FOLDER}/profile", "--headless", "--convert-to",
                     ending[1:], "--outdir", out, *paths]]
    else:
        commands = [["ssconvert", path, os.path.join(out, os.path.splitext(os.path.basename(path))[0] + ending)]
                    for path in paths]
    for command in commands:
        done = subprocess.run(command, capture_output=True, timeout=300, env={**os.environ, "LC_ALL": "C.UTF-8"})
        expect(done.returncode == 0, done.stderr.decode("utf-8", "replace"))
    made = {}
    for path in paths:
        name = os.path.splitext(os.path.basename(path))[0]
        with open(os.path.join(out, name + ending), "rb") as file:
            made[name] = file.read()
    return made


def judge(base, wanted, program, ending, files):
    """Send each form's file; its answers must be those of the text."""
    good, noticed = 0, set()
    with house_like(base, f"{program} {ending}") as home:
        for form, data in files.items():
            outcome, letter = send(home, FORMS[form][0], "Our return", files=[(form + ending, data)])
            got = answers(home, form)
            same = got == wanted[form]
            text = letter.text if letter else ""
            right = same and outcome[0] == "filed" and "WHAT WE DID NOT USE" not in text
            good += right
            tell(right, f"{program}, {ending[1:]}: {form} gives the same answers",
                 f"{outcome} lacks {sorted(wanted[form] - got)[:4]} has {sorted(got - wanted[form])[:4]} {text}")
            if "hidden" in text:
                noticed.add("hidden cells are said")
    SEEN.append((program, ending[1:], f"{good} of {len(files)}", ", ".join(sorted(noticed)) or "-"))


# Sheets as people make them ------------------------------------------------------

def by_labels(wanted, base):
    """section-11 on a plain sheet of somebody's own: labels, a table, nothing hidden."""
    shown = base.json("form", "show", "section-11")
    table = shown["tables"][0]
    value = {(tbl, row, field): text for tbl, row, field, text in wanted["section-11"]}
    plain = [(one["label"], value.get(("", "", one["name"]), "")) for one in shown["fields"]]
    head = ["Standard"] + [one["label"] for one in table["columns"]]
    rows = [[f"{name} {LABELS[name]}"] + [value.get(("standards", name, one["name"]), "") for one in table["columns"]]
            for name in table["row_names"]]
    return plain, head, rows


def own_sheet(plain, head, rows, title="Answers"):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for label, value in plain:
        sheet.append([label, value])
    sheet.append([])
    sheet.append(head)
    for row in rows:
        sheet.append(row)
    return book


def rearranged(filled, wanted, base):
    """What people do to a workbook: (what, bytes)."""
    plain, head, rows = by_labels(wanted, base)
    book = load(filled["section-11"])
    book.worksheets[0].title = "Sheet1"
    yield "a renamed sheet", save(book)

    book = own_sheet(plain, head, rows)
    yield "a sheet of their own, by its labels", save(book)

    sheet = book.active
    sheet.insert_rows(1, 3)
    sheet["A1"] = "Section 11 self-assessment"
    sheet.insert_rows(14, 2)
    sheet.insert_cols(1, 2)
    yield "inserted rows and columns", save(book)

    order = [0, 5, 3, 8, 1, 2, 4, 6, 7]
    moved = own_sheet(plain[::-1], [head[i] for i in order], [[row[i] for i in order] for row in rows[::-1]])
    yield "moved columns and rows", save(moved)

    book = openpyxl.Workbook()
    book.active.append(["Cost centre", "Budget"])
    book.active.append(["4711", 12000])
    sheet = book.create_sheet("Pasted")
    for row in load(filled["section-11"]).worksheets[0].iter_rows():
        for cell in row:
            if cell.value is not None and not isinstance(cell, openpyxl.cell.cell.MergedCell):
                sheet[cell.coordinate].value = cell.value
    yield "pasted into another workbook", save(book)

    book = load(filled["section-11"])
    for row in book["_lscpd"].iter_rows():
        if row[0].value == "instance":
            row[1].value = "ffffffffffffffff"
        if row[0].value in ("round", "ref"):
            row[1].value = "S11-1999" if row[0].value == "round" else "S11-1999/XYZ"
    yield "another partnership's workbook", save(book)

    book = own_sheet([], head, rows)
    sheet = book.active
    for number, (label, value) in enumerate(plain, 2):
        sheet.cell(number, 12, label)
        sheet.cell(number, 13, value)
    yield "pairs beside a table", save(book)

    half = len(rows) // 2
    book = own_sheet(plain, head, rows[:half])
    sheet = book.active
    sheet.append([])
    sheet.append(["Second half"])
    sheet.append(head)
    for row in rows[half:]:
        sheet.append(row)
    yield "two tables on one sheet", save(book)

    book = own_sheet(plain, head, rows)
    sheet = book.active
    sheet.row_dimensions[12].hidden = True
    sheet.column_dimensions["D"].hidden = True
    yield "hidden rows and columns", save(book)

    book = own_sheet([], head, rows)
    sheet = book.active
    sheet.insert_rows(1, len(plain) + 1)
    for number, (label, value) in enumerate(plain, 1):
        sheet.cell(number, 1, label)
        sheet.cell(number, 4, value)
        sheet.merge_cells(start_row=number, start_column=1, end_row=number, end_column=3)
        sheet.merge_cells(start_row=number, start_column=4, end_row=number, end_column=8)
    yield "merged cells", save(book)


LABELS = {  # how people write the standards of section-11
    "1": "Senior management commitment", "2": "Clear statement of responsibilities",
    "3": "Clear line of accountability", "4": "Service development", "5": "Staff training",
    "6": "Safer recruitment", "7": "Inter-agency working (see page 9)", "8": "Information sharing",
}
NOT_USED = {  # what must be said of a file, beside its answers
    "another partnership's workbook": "another partnership",
    "hidden rows and columns": "hidden rows or columns",
    "pasted into another workbook": "sheet Sheet: we found no question",
    "two tables on one sheet": "Second half",
}


def judge_rearranged(base, wanted, filled):
    for what, data in rearranged(filled, wanted, base):
        with house_like(base, what) as home:
            outcome, letter = send(home, FORMS["section-11"][0], "Section 11", "Round: S11-2026",
                                   files=[("S11.xlsx", data)])
            got = answers(home, "section-11")
            same = got == wanted["section-11"] and outcome[0] == "filed"
            said = letter and mailkit.squeeze(NOT_USED.get(what, "")) in mailkit.squeeze(letter.text)
            tell(same and said, f"section-11 as {what}",
                 f"{outcome} lacks {sorted(wanted['section-11'] - got)[:3]} has "
                 f"{sorted(got - wanted['section-11'])[:3]} {letter.text if letter else ''}")


# Cells that are wrong, copies that come back --------------------------------------

def wrong_cells(base, wanted, filled):
    plain, head, rows = by_labels(wanted, base)
    rows = [list(row) for row in rows]
    columns = {name: number for number, name in enumerate(head)}
    rows[5][columns["By when"]] = "31/02/2027"
    rows[1][columns["Score"]] = ""
    book = own_sheet(plain, head, rows, title="Standards")
    sheet, first = book.active, len(plain) + 3
    sheet.cell(first + 2, columns["Score"] + 1).value = "=1+1"  # never calculated
    spot = f"Standards!B{first + 1}"
    due = f"sheet Standards, cell {openpyxl.utils.get_column_letter(columns['By when'] + 1)}{first + 5}"
    with house_like(base, "wrong cells") as home:
        outcome, letter = send(home, FORMS["section-11"][0], "Section 11", files=[("S11.xlsx", save(book))])
        tell(outcome[0] == "problems" and due in " ".join(letter.text.split()),
             "a wrong value is named by its cell", letter.text)
        tell(spot in letter.text, "a missing answer is named by its cell", f"{spot}: {letter.text}")
        tell(f"cell B{first + 2}" in letter.text and "formula" in letter.text,
             "a formula without a result is named by its cell", letter.text)


def corrected_copy(base, wanted, filled):
    """A copy of version 1 is corrected after version 2 stands: only what differs counts."""
    data = filled["section-11"]
    book = load(data)
    cells, sheet = cells_of(book), book.worksheets[0]
    sheet[cells["standards", "2", "score"]].value = "Mostly"
    with house_like(base, "copy") as home:
        sender = FORMS["section-11"][0]
        outcome, first = send(home, sender, "Section 11", files=[("S11.xlsx", save(book))])
        tell(outcome[0] == "problems", "an incomplete workbook is kept, with problems", first.text)
        before = dict(((tbl, row, field), value) for tbl, row, field, value in answers(home, "section-11"))
        unchanged = attached(first)
        outcome, _ = send(home, sender, "", "", files=[("R.xlsx", unchanged)], answers=first)
        tell(outcome[:2] == ("ignored", "unchanged"), "a copy that comes back as it was does nothing", outcome)
        outcome, _ = send(home, sender, "", "Number of staff: 4321", answers=first)
        made = load(unchanged)
        place = cells_of(made)["standards", "2", "score"]
        made.worksheets[0][place].value = 2
        for tool, ending in (("LibreOffice", ".ods"),):
            data = convert(tool, {"copy.xlsx": save(made)}, ending)["copy"]
            outcome, letter = send(home, sender, "", "Corrected.", files=[("copy" + ending, data)], answers=first)
            got = dict(((tbl, row, field), value) for tbl, row, field, value in answers(home, "section-11"))
            want = {**before, ("", "", "staff_in_scope"): "4321", ("standards", "2", "score"): "2"}
            tell(outcome[0] == "filed" and got == want, f"a corrected copy completes the return ({tool}, {ending[1:]})",
                 f"{outcome} {set(want.items()) ^ set(got.items())} {letter.text if letter else ''}")
        # The same copy, out of its thread, is still that return.
        made.worksheets[0][cells_of(made)["", "", "role"]].value = "Head of Nursing"
        outcome, letter = send(home, sender, "Our return again", files=[("copy.xlsx", save(made))])
        rows = home.sql("SELECT ref, version, state FROM v_submission WHERE form = 'section-11'")
        got = dict(((tbl, row, field), value) for tbl, row, field, value in answers(home, "section-11"))
        tell(outcome[0] == "filed" and rows == [("R-000002", 4, "returned")] and
             got["", "", "role"] == "Head of Nursing" and got["", "", "staff_in_scope"] == "4321",
             "a copy changes its own return, also outside of its thread", f"{outcome} {rows} {got}")


def spread(base, wanted, filled, blank):
    """One return in body and workbook; where they disagree, nobody picks."""
    book = load(filled["section-11"])
    cells = cells_of(book)
    book.worksheets[0][cells["", "", "completed_by"]].value = None
    sender = FORMS["section-11"][0]
    name = next(value for tbl, _, field, value in wanted["section-11"] if (tbl, field) == ("", "completed_by"))
    with house_like(base, "spread") as home:
        outcome, letter = send(home, sender, "Section 11", f"Completed by: {name}", files=[("S11.xlsx", save(book))])
        tell(outcome[0] == "filed" and answers(home, "section-11") == wanted["section-11"],
             "a return spread over text and workbook is one", f"{outcome} {letter.text}")
    with house_like(base, "disagree") as home:
        outcome, letter = send(home, sender, "Section 11", "Board lead: Somebody Else",
                               files=[("S11.xlsx", filled["section-11"])])
        tell(outcome[0] == "problems" and "two different answers" in letter.text and
             "board_lead" not in {field for _, _, field, _ in answers(home, "section-11")},
             "where text and workbook disagree, nobody picks", f"{outcome} {letter.text}")
    # What we put there ourselves is no word of the sender's.
    book = load(blank["section-11"])
    cells = cells_of(book)
    given = book.worksheets[0][cells["", "", "completed_by"]].value
    book.worksheets[0][cells["", "", "staff_in_scope"]].value = 12
    with house_like(base, "prefilled") as home:
        outcome, letter = send(home, sender, "Section 11", "Completed by: Somebody Else",
                               files=[("S11.xlsx", save(book))])
        got = {field: value for _, _, field, value in answers(home, "section-11")}
        tell(given and got.get("completed_by") == "Somebody Else" and "two different" not in letter.text,
             "a prefilled cell gives way to the sender's own words", f"{given} {got} {letter.text}")


# Word ------------------------------------------------------------------------------

def word_table(rows):
    def cells(row):
        return "".join('<table:table-cell office:value-type="string"><text:p>' +
                       html.escape(str(one)).replace("\n", "<text:line-break/>") +
                       "</text:p></table:table-cell>" for one in row)
    return (f'<table:table><table:table-column table:number-columns-repeated="{max(len(row) for row in rows)}"/>' +
            "".join(f"<table:table-row>{cells(row)}</table:table-row>" for row in rows) + "</table:table><text:p/>")


def word(base, wanted):
    plain, head, rows = by_labels(wanted, base)
    source = ('<?xml version="1.0" encoding="UTF-8"?><office:document office:version="1.2" '
              'office:mimetype="application/vnd.oasis.opendocument.text" '
              'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
              'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
              'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:text>'
              "<text:p>Our return is in the tables.</text:p>" + word_table(plain) + word_table([head, *rows]) +
              "</office:text></office:body></office:document>")
    made = convert("LibreOffice", {"section-11.fodt": source.encode()}, ".docx")
    judge(base, wanted, "LibreOffice Writer", ".docx", {"section-11": made["section-11"]})


# All of it ----------------------------------------------------------------------------

def main():
    for tool in ("soffice", "ssconvert"):
        if not shutil.which(tool):
            print(f"not ok workbooks: {tool} is not installed; see tests/support/deps.sh")
            return 1
    base = base_house()
    wanted = {}
    with house_like(base, "text") as home:
        for form in FORMS:
            outcome, letter = send(home, FORMS[form][0], "Our return", fixture(form))
            expect(outcome[0] == "filed", f"{form}: {outcome} {letter.text if letter else ''}")
            wanted[form] = answers(home, form)
    blank = {form: data for form, (_, data) in templates(base).items()}
    tell(set(blank) == set(FORMS), "each form goes out as a workbook", sorted(blank))
    kinds = {form: kinds_of(base, form) for form in blank}
    filled = {form: fill(data, wanted[form], *kinds[form]) for form, data in blank.items()}
    judge(base, wanted, "openpyxl", ".xlsx", filled)
    named = {form + ".xlsx": data for form, data in filled.items()}
    for tool in ("LibreOffice", "Gnumeric"):
        for ending in (".xlsx", ".ods"):
            judge(base, wanted, tool, ending, convert(tool, named, ending))
        # The other way round: saved by the program first, then filled in.
        first = convert(tool, {form + ".xlsx": data for form, data in blank.items()}, ".xlsx")
        judge(base, wanted, f"{tool}, then openpyxl", ".xlsx",
              {form: fill(data, wanted[form], *kinds[form]) for form, data in first.items()})
    word(base, wanted)
    judge_rearranged(base, wanted, filled)
    wrong_cells(base, wanted, filled)
    corrected_copy(base, wanted, filled)
    spread(base, wanted, filled, blank)
    print(f"# {'program':28} {'format':7} {'forms':8} noticed")
    for program, ending, forms, noticed in SEEN:
        print(f"# {program:28} {ending:7} {forms:8} {noticed}")
    return 1 if FAILED else 0


if __name__ == "__main__":
    try:
        code = main()
    except AssertionError as error:
        tell(False, "workbooks", error)
        code = 1
    if code == 0:
        shutil.rmtree(FOLDER, ignore_errors=True)
    else:
        print(f"# kept: {FOLDER}")
    sys.exit(code)
