"""Maildirs full of returns, for the figures of what one mail costs."""

import csv
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import demo_mails
import house
import mailkit


def register_of(folder, agencies):
    """A partnership with so many agencies, each with a lead and an executive."""
    shutil.copytree(house.REGISTER, folder)
    with open(os.path.join(folder, "agencies.csv"), "a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([f"B{n:04}", f"Agency number {n}", "VCS", "", f"b{n}.example", "", "2020-01-01"]
                                   + [""] * 6 for n in range(agencies))
    with open(os.path.join(folder, "contacts.csv"), "a", encoding="utf-8", newline="") as file:
        for n in range(agencies):
            csv.writer(file).writerows([[f"lead@b{n}.example", f"Lead {n}", f"B{n:04}", "lead"] + [""] * 6,
                                        [f"boss@b{n}.example", f"Boss {n}", f"B{n:04}", "executive"] + [""] * 6])
    return folder


def form_mails(count):
    """Whole returns, typed into mails."""
    form = demo_mails.fixture("section-11.txt")
    for n in range(count):
        text = form.replace("helen.marsh@northbank.example", f"boss@b{n}.example")
        text = text.replace("Owner: ben.tate@northbank.example\n", "").replace("Amara Okafor", f"Lead {n}")
        draft = mailkit.Draft(f"lead@b{n}.example", "2026-02-24T10:42:00Z")
        draft.name, draft.subject, draft.message_id = f"Lead {n}", "Our return", f"<{n}.bench@b{n}.example>"
        draft.text = text
        yield draft.bytes()


def prepared(folder, mails):
    home = house.House(folder)
    home.register(register_of(folder + ".register", len(mails)))
    done = home.ctl("round", "open", "S11-2026", "--form", "section-11", "--due", "2026-02-27", timeout=300)
    assert done.code == 0, done.err
    done = home.once(timeout=600)
    assert done.code == 0, done.err
    home.now = "2026-02-24T10:45:00Z"
    return home


def copied(template):
    folder = tempfile.mkdtemp(prefix="lscpd-bench-")
    shutil.copytree(template, os.path.join(folder, "house"))
    home = house.House(os.path.join(folder, "house"))
    home.now = "2026-02-24T10:45:00Z"
    os.sync()
    return home


def fill(home, mails):
    for n, data in enumerate(mails):
        home.deliver(data, name=f"{1700000000 + n}.M{n}.bench")
