#!/usr/bin/env python3
"""The figures of workbooks and of files for many, for `make bench`.

CPU of all processes of one `lscpd --once`, less that of one with nothing to
do: a mail with a filled workbook from message to receipt; a trust's file of
600 schools; a blank workbook by lscpctl.

    workbooks.py [-r ROUNDS] [-n MAILS] [-s SCHOOLS] [filled|many|blank …]
"""

import argparse
import csv
import io
import os
import shutil
import statistics
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import house
import mailkit
import maildirs
import stage

LEAD = "lead@trust.example"


# --- a trust's file ------------------------------------------------------------------

def schools_register(folder, schools):
    shutil.copytree(house.REGISTER, folder)
    with open(os.path.join(folder, "agencies.csv"), "a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["TRUST", "The large trust", "School-Academy", "", "", "", "2020-01-01"] + [""] * 6)
        writer.writerows([f"S{n:04}", f"School number {n}", "School-Academy", "", "", "", "2020-01-01", "",
                          f"{800000 + n}", "TRUST", "", "", ""] for n in range(schools))
    with open(os.path.join(folder, "contacts.csv"), "a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([LEAD, "Lena Ash", "TRUST", "lead"] + [""] * 6)
        writer.writerows([f"chair{n}@trust.example", f"Chair {n}", f"S{n:04}", "governor"] + [""] * 6
                         for n in range(schools))


def schools_file(schools):
    """As the fixture has it, with other scores from school to school: one in ten scored 1."""
    with open(os.path.join(house.REPO, "tests", "fixtures", "schools.csv"), encoding="utf-8") as file:
        header, first, *_ = csv.reader(file)
    plain = [n for n, name in enumerate(header) if len(name) != 2]
    items = [n for n, name in enumerate(header) if len(name) == 2]
    names = [header[n] for n in plain if not header[n][:2] in {header[k] for k in items}]
    keep = [header.index(name) for name in names]
    names += [name for n in items for name in (header[n], f"{header[n]} What shows it", f"{header[n]} What you will do")]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(names)
    for n in range(schools):
        row = [first[k] for k in keep]
        row[names.index("URN")] = str(800000 + n)
        row[names.index("School")] = f"School number {n}"
        row[names.index("Who signs it for the governors")] = f"chair{n}@trust.example"
        for k in range(len(items)):
            score = "1" if (n + k) % 10 == 0 else "3" if (n + k) % 7 == 0 else "2"
            row += [score, "Minutes of the governors, and the visit record" if score == "3" else "",
                    "Name an owner, and review it before Easter" if score == "1" else ""]
        writer.writerow(row)
    return out.getvalue().encode()


def many(rounds, schools):
    work = tempfile.mkdtemp(prefix="lscpd-bench-")
    register = os.path.join(work, "register")
    schools_register(register, schools)
    template = opened(os.path.join(work, "house"), register, "S175-2026", "section-175",
                      ";".join(f"S{n:04}" for n in range(schools)))
    draft = mailkit.Draft(LEAD, "2026-02-24T10:42:00Z")
    draft.name, draft.subject, draft.message_id = "Lena Ash", "All our schools", "<many@trust.example>"
    draft.text = "Here they are.\n"
    draft.attachments = [("Schools.csv", "text/csv", schools_file(schools))]
    figures = [once(template, [draft.bytes()], schools) for _ in range(rounds)]
    report(f"a file of {schools} schools ({len(draft.bytes()) // 1024} KB)", figures)
    shutil.rmtree(work)


# --- our own workbook, filled in ---------------------------------------------------

def copies(template, mails):
    """Our workbooks, filled: the copies that the receipts for these mails bring."""
    home = maildirs.copied(template)
    before = set(home.outbox())
    maildirs.fill(home, mails)
    done = home.once(timeout=600)
    assert done.code == 0, done.err
    found = {}
    for path in set(home.outbox()) - before:
        letter = mailkit.Letter(path)
        found.update((letter.to, data) for name, data in letter.attachments if name.endswith(".xlsx"))
    shutil.rmtree(os.path.dirname(home.path), ignore_errors=True)
    return found


def workbook_mails(found):
    for n, (sender, data) in enumerate(sorted(found.items())):
        draft = mailkit.Draft(sender, "2026-02-24T10:42:00Z")
        draft.name, draft.subject, draft.message_id = "Lead", "Our return", f"<{n}.workbook@bench.example>"
        draft.text = "Please find our return attached.\n"
        draft.attachments = [("Section 11.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                              data)]
        yield draft.bytes()


def filled(rounds, count):
    """Another partnership's copies are filled workbooks that nobody has seen here."""
    work = tempfile.mkdtemp(prefix="lscpd-bench-")
    typed = list(maildirs.form_mails(count))
    theirs = maildirs.prepared(os.path.join(work, "theirs"), typed).path
    ours = maildirs.prepared(os.path.join(work, "ours"), typed).path
    found = copies(theirs, typed)
    assert len(found) == count, f"{len(found)} of {count} receipts have a workbook"
    mails = list(workbook_mails(found))
    figures = [tuple(one / count for one in once(ours, mails, count)) for _ in range(rounds)]
    report(f"a mail with a filled workbook ({len(mails[0]) // 1024} KB)", figures)
    shutil.rmtree(work)


def blank(rounds, count=20):
    work = tempfile.mkdtemp(prefix="lscpd-bench-")
    home = house.House(os.path.join(work, "house"))
    home.register()
    path = home.join("blank.xlsx")
    template = ("form", "template", "section-11", "--agency", "NHT", "--as", "xlsx", "-o", path)
    figures = []
    for _ in range(rounds):
        with_it, without = (mean([stage.timed(home.command("lscpctl", *args)) for _ in range(count)])
                            for args in (template, ("form", "list")))
        figures.append((with_it[0] - without[0], with_it[1] - without[1]))
    report(f"a blank workbook ({os.path.getsize(path) // 1024} KB), beside {1000 * without[1]:.1f} ms"
           " in which lscpctl starts", figures)
    shutil.rmtree(work)


def mean(figures):
    return tuple(statistics.mean(one[n] for one in figures) for n in (0, 1))


# --- what both need ------------------------------------------------------------------

def opened(folder, register, ref, form, agencies):
    home = house.House(folder)
    home.register(register)
    done = home.ctl("round", "open", ref, "--form", form, "--due", "2026-02-27", "--agencies", agencies, timeout=300)
    assert done.code == 0, done.err
    done = home.once(timeout=600)
    assert done.code == 0, done.err
    return home.path


def once(template, mails, returns):
    """(seconds, CPU) of the mails, less what a run with nothing to do takes."""
    home = maildirs.copied(template)
    idle = stage.timed(home.command("lscpd", "--once"))
    maildirs.fill(home, mails)
    took = stage.timed(home.command("lscpd", "--once"))
    count = home.sql("SELECT count(*) FROM v_submission WHERE state = 'returned'")[0][0]
    assert count == returns, f"only {count} of {returns} were filed as complete"
    shutil.rmtree(os.path.dirname(home.path), ignore_errors=True)
    return took[0] - idle[0], took[1] - idle[1]


def report(name, figures):
    cpu = statistics.median(one[1] for one in figures)
    print(f"{name}: {1000 * cpu:.1f} ms of CPU, {1000 * statistics.median(one[0] for one in figures):.1f} ms"
          f" ({', '.join(f'{1000 * one[1]:.1f}' for one in figures)})")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-r", type=int, default=3)
    parser.add_argument("-n", type=int, default=50, help="mails with a filled workbook")
    parser.add_argument("-s", type=int, default=600, help="schools of the trust")
    parser.add_argument("what", nargs="*")
    options = parser.parse_args()
    what = options.what or ["filled", "many", "blank"]
    if "filled" in what:
        filled(options.r, options.n)
    if "many" in what:
        many(options.r, options.s)
    if "blank" in what:
        blank(options.r)
    return 0


if __name__ == "__main__":
    sys.exit(main())
