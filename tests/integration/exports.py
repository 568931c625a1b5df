#!/usr/bin/env python3
"""Exports of a round, read back by openpyxl and by LibreOffice: numbers are
numbers, dates are dates, words that look like a formula stay words, counts of
one to four are hidden.

Prints `ok …` and `not ok …` lines.
"""

import datetime
import os
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
FORMULA = "=HYPERLINK(\"http://evil.example\")"


def say(right, what, why=""):
    print(f"{'ok' if right else 'not ok'} {what}{': ' + why if why and not right else ''}", flush=True)
    return right


def fixture(name):
    with open(os.path.join(house.REPO, "tests", "fixtures", name), encoding="utf-8") as file:
        return file.read()


def send(home, sender, text):
    draft = mailkit.Draft(sender, NOW)
    draft.message_id = f"<{home.serial}@exports.example>"
    draft.subject, draft.text = "Our return", text
    home.deliver(draft.bytes())


def prepare(home):
    home.now = OPENED
    home.register()
    for ref, form, agency in (("S11-2026", "section-11", "NHT"), ("PR-2025-Q3", "performance-return", "LA")):
        home.ctl("round", "open", ref, "--form", form, "--due", "2026-02-27", "--agencies", agency)
    home.now = NOW
    text = fixture("section-11.txt").replace("Board paper", FORMULA + " Board paper", 1)
    send(home, "amara.okafor@northbank.example", text)
    send(home, "dan.reyes@fairbourne.example", fixture("performance-return.txt"))
    home.once()


def sheet_rows(path, name):
    """Each row as a dict by its header."""
    sheet = openpyxl.load_workbook(path)[name]
    header, *rows = sheet.iter_rows(values_only=True)
    return sheet, [dict(zip(header, row)) for row in rows]


def judge(path, who):
    good = True
    _, returns = sheet_rows(path, "Returns")
    good &= say(returns[0]["Reference"] == "R-000001", f"{who} finds the return", str(returns))
    good &= say(isinstance(returns[0]["Number of staff"], int), f"{who}: a number is one", str(returns[0]))
    sheet, rows = sheet_rows(path, "Standards")
    dates = [row["By when"] for row in rows if row["By when"]]
    good &= say(bool(dates) and all(isinstance(one, datetime.datetime) for one in dates), f"{who}: dates are dates", str(dates))
    good &= say(sheet.auto_filter.ref is not None, f"{who}: a filter")
    if "LibreOffice" not in who:  # without a window it drops the view
        good &= say(sheet.freeze_panes == "A2", f"{who}: the header stays in sight")
    kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
    good &= say("f" not in kinds, f"{who}: no cell is a formula", str(kinds))
    return good


def judge_counts(path, who):
    _, rows = sheet_rows(path, "Indicators")
    counts = [row["Numerator"] for row in rows]
    return say("<5" in counts and 3 not in counts, f"{who}: small counts are hidden", str(counts))


def through_libreoffice(home, path):
    folder = home.join("libreoffice")
    subprocess.run(["soffice", f"-env:UserInstallation=file://{home.join('profile')}", "--headless", "--convert-to",
                    "xlsx:Calc MS Excel 2007 XML", "--outdir", folder, path],
                   check=True, capture_output=True, timeout=300)
    return os.path.join(folder, os.path.basename(path))


def main():
    folder = tempfile.mkdtemp(prefix="lscpd-exports-")
    home = house.House(folder)
    try:
        prepare(home)
        good = True
        for ref, check in (("S11-2026", judge), ("PR-2025-Q3", judge_counts)):
            path = home.join(f"{ref}.xlsx")
            done = home.ctl("return", "export", "--round", ref, "-o", path)
            good &= say(done.code == 0, f"{ref} is exported", done.err)
            good &= check(path, f"openpyxl, {ref}")
            good &= check(through_libreoffice(home, path), f"LibreOffice, {ref}")
        return 0 if good else 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
