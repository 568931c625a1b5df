#!/usr/bin/env python3
"""The straightforward script that a careful person would write in an afternoon.

The same work as lscpd's main job on the same mailbox: fetch each mail by IMAP,
tell people from robots, know the sender and the server's proof, look for NHS
numbers in all that is readable, find the form in its text, its HTML and its CSV
and see that they agree, check the answers, file them, the raw mail, findings and
actions in SQLite with a chained audit row, send a receipt with text, HTML and a
CSV copy over one SMTP connection, move the mail to Done. One mail at a time, and
two commits for each, so that nothing is told before it is committed.

    baseline.py IMAP-PORT SMTP-PORT FOLDER DATABASE CONTACTS.CSV [LIMIT]

FOLDER is that of the test Dovecot: its authority and its password.
"""

import csv
import hashlib
import email.policy
import email.utils
import html
import html.parser
import imaplib
import io
import os
import re
import smtplib
import sqlite3
import ssl
import sys
import textwrap
import time
import unicodedata
from email.message import EmailMessage

FIELDS = {"completed by", "role", "board lead", "sign off by", "staff in scope"}
SCORES = {"3", "2", "1", "0", "NA"}
MONTHS = {name: n for n, name in enumerate("january february march april may june july august september october"
                                           " november december".split(), 1)}


class Text(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.out = []

    def handle_starttag(self, tag, attrs):
        if tag in ("p", "br", "div", "tr"):
            self.out.append("\n")

    def handle_data(self, data):
        self.out.append(data)


def own_lines(text):
    """The sender's own lines, without what is quoted below."""
    lines = []
    for line in text.replace("\r", "").split("\n"):
        if re.match(r"^(On .* wrote:|From: .*|-----Original Message-----|_{10,})$", line.strip()):
            break
        if not line.startswith(">"):
            lines.append(line.replace("\u00a0", " "))
    return "\n".join(lines)


def texts_of(message):
    """New text of the plain and of the HTML body."""
    found = []
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        if part is not None:
            text = part.get_content()
            if kind == "html":
                reader = Text()
                reader.feed(text)
                text = "".join(reader.out)
            found.append(own_lines(text))
    return found


def is_robot(message):
    return (message.get("Auto-Submitted", "no") != "no" or message.get("List-Id") or
            message.get("Precedence", "") in ("bulk", "junk", "list") or message.get("Return-Path", "") == "<>")


def nhs_number(text):
    for found in re.finditer(r"(?<!\d)(\d{3})[ -]?(\d{3})[ -]?(\d{4})(?!\d)", text):
        digits = "".join(found.groups())
        check = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(digits[:9])) % 11
        if check % 11 == int(digits[9]) and check != 10:
            return True
    return False


def day(text):
    found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text)
    if found:
        return text
    found = re.fullmatch(r"(\d\d?)/(\d\d?)/(\d{4})", text)
    if found:
        return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"
    found = re.fullmatch(r"(\d\d?) (\w+) (\d{4})", text)
    return f"{found[3]}-{MONTHS[found[2].lower()]:02}-{int(found[1]):02}" if found else None


def read_lines(text):
    found, row, key = {}, "", None
    for line in text.split("\n"):
        heading = re.match(r"==\s*(.+?)\s*==", line)
        label, colon, value = line.partition(":")
        label = " ".join(unicodedata.normalize("NFKC", label).casefold().replace("_", " ").split())
        if heading:
            row, key = heading[1], None
        elif line.startswith("--- end"):
            break
        elif colon and (found or label == "form"):
            key = (row, label)
            found[key] = unicodedata.normalize("NFC", value.strip())
        elif key and line.strip():
            found[key] += "\n" + line.strip()
    return found


def answers_of(message, wrong):
    """All that the mail says; what two of its parts say differently is a problem."""
    sources = [read_lines(text) for text in texts_of(message)]
    for part in message.iter_attachments():
        if part.get_content_type() == "text/csv":
            sources.append({(cells[1], cells[2].lower().replace("_", " ")): cells[3]
                            for cells in csv.reader(io.StringIO(part.get_content()))
                            if len(cells) == 4 and cells[0] != "table"})
    found = {}
    for source in sources:
        for key, value in source.items():
            if " ".join(found.setdefault(key, value).split()) != " ".join(value.split()):
                wrong.append(f"{key} is given twice")
    return found


def problems_of(found, contacts, wrong):
    if found.get(("", "form")) != "section-11":
        return wrong
    wrong += [f"{field} is missing" for field in FIELDS if not found.get(("", field))]
    for row in "12345678":
        score = found.get((row, "score"))
        if score not in SCORES:
            wrong.append(f"standard {row}: score")
        if score in ("2", "3") and not found.get((row, "evidence")):
            wrong.append(f"standard {row}: evidence")
        if score in ("0", "1") and not day(found.get((row, "due"), "")):
            wrong.append(f"standard {row}: due")
    if found.get(("", "sign off by")) not in contacts:
        wrong.append("sign off by")
    return wrong


def receipt(to, name, ref, found, wrong, asked):
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"] = "LSCP <lscp@fscp.example>"
    mail["To"] = email.utils.formataddr((name, to))
    mail["Subject"] = f"[LSCP {ref}] Your return: " + (f"{len(wrong)} to put right" if wrong else "we have it")
    mail["Date"] = email.utils.formatdate()
    mail["Message-ID"] = email.utils.make_msgid(domain="fscp.example")
    if asked:
        mail["In-Reply-To"] = mail["References"] = asked
    mail["Auto-Submitted"] = "auto-replied"
    lines = [f"Hello {name}", "", "Thank you. This is what we understood.", ""]
    lines += [f"  {row:3} {label:16} {value.split(chr(10))[0][:40]}" for (row, label), value in sorted(found.items())]
    lines += ["", *wrong, "", *textwrap.wrap("If a child is at risk now: MASH 020 7946 0660, or 999.", 72), "", f"Ref: {ref}"]
    mail.set_content("\n".join(lines))
    mail.add_alternative("<html><body>" + "".join(f"<p>{html.escape(line)}</p>" for line in lines) + "</body></html>",
                         subtype="html")
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["table", "row", "field", "value"])
    writer.writerows(["standards" if row else "", row, label, value] for (row, label), value in sorted(found.items()))
    mail.add_attachment(out.getvalue(), subtype="csv", filename=f"{ref}.csv")
    return mail


TABLES = """
PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
CREATE TABLE contact (email TEXT PRIMARY KEY, agency TEXT, roles TEXT);
CREATE TABLE message (id INTEGER PRIMARY KEY, message_id TEXT, sha256 TEXT, sender TEXT, at REAL, raw BLOB);
CREATE TABLE part (message INTEGER, name TEXT, sha256 TEXT);
CREATE TABLE finding (id INTEGER PRIMARY KEY, submission INTEGER, row TEXT, text TEXT);
CREATE TABLE action (id INTEGER PRIMARY KEY, submission INTEGER, row TEXT, text TEXT, due TEXT);
CREATE TABLE audit (id INTEGER PRIMARY KEY, what TEXT, hash TEXT);
CREATE TABLE submission (id INTEGER PRIMARY KEY, message INTEGER, agency TEXT, form TEXT, state TEXT);
CREATE TABLE answer (submission INTEGER, row TEXT, field TEXT, value TEXT);
CREATE TABLE outbox (id INTEGER PRIMARY KEY, submission INTEGER, state TEXT, mime BLOB);
CREATE INDEX by_id ON message(message_id); CREATE INDEX by_sha ON message(sha256);
CREATE INDEX by_agency ON submission(agency, form);
"""


class Clerk:
    def __init__(self, database, contacts_file):
        with open(contacts_file, encoding="utf-8") as file:
            self.contacts = {row["email"]: row for row in csv.DictReader(file)}
        self.db = sqlite3.connect(database)
        self.db.executescript(TABLES)
        self.db.executemany("INSERT INTO contact VALUES (?, ?, ?)",
                            [(email, row["agency"], row["roles"]) for email, row in self.contacts.items()])
        self.db.commit()
        self.chain = ""

    def file(self, raw, message, sender, contact):
        """The number of the return, its answers, and what is wrong with them."""
        db, wrong = self.db, []
        digest = hashlib.sha256(raw).hexdigest()
        if db.execute("SELECT 1 FROM message WHERE message_id = ? OR sha256 = ?", (message["Message-ID"], digest)).fetchone():
            return None
        if nhs_number("\n".join([str(message["Subject"]), *texts_of(message)])):
            return None
        files = [(part.get_filename(), hashlib.sha256(part.get_payload(decode=True)).hexdigest())
                 for part in message.iter_attachments()]
        found = answers_of(message, wrong)
        problems_of(found, self.contacts, wrong)
        mid = db.execute("INSERT INTO message (message_id, sha256, sender, at, raw) VALUES (?, ?, ?, ?, ?)",
                         (message["Message-ID"].strip(), digest, sender, time.time(), raw)).lastrowid
        db.executemany("INSERT INTO part VALUES (?, ?, ?)", [(mid, *one) for one in files])
        form = found.get(("", "form"), "")
        standing = db.execute("SELECT id FROM submission WHERE agency = ? AND form = ? AND state <> 'superseded'",
                              (contact[0], form)).fetchone()
        sid = db.execute("INSERT INTO submission (message, agency, form, state) VALUES (?, ?, ?, ?)",
                         (mid, contact[0], form, "incomplete" if wrong else "returned")).lastrowid
        if standing:
            db.execute("UPDATE submission SET state = 'superseded' WHERE id = ?", standing)
        db.executemany("INSERT INTO answer VALUES (?, ?, ?, ?)",
                       [(sid, row, label, value) for (row, label), value in found.items()])
        for row in "12345678":
            if not wrong and found.get((row, "score")) in ("0", "1"):
                db.execute("INSERT INTO finding (submission, row, text) VALUES (?, ?, ?)", (sid, row, found[row, "gap"]))
                db.execute("INSERT INTO action (submission, row, text, due) VALUES (?, ?, ?, ?)",
                           (sid, row, found[row, "action"], day(found[row, "due"])))
        self.chain = hashlib.sha256((self.chain + f"filed {sid} {digest}").encode()).hexdigest()
        db.execute("INSERT INTO audit (what, hash) VALUES (?, ?)", (f"filed {sid}", self.chain))
        return sid, found, wrong

    def take(self, raw, smtp):
        """One mail, from its bytes to its receipt."""
        message = email.message_from_bytes(raw, policy=email.policy.default)
        name, sender = email.utils.parseaddr(message["From"])
        contact = self.db.execute("SELECT agency, roles FROM contact WHERE email = ?", (sender.lower(),)).fetchone()
        if is_robot(message) or contact is None or "dmarc=pass" not in str(message["Authentication-Results"]):
            return
        done = self.file(raw, message, sender, contact)
        if done is None:
            return
        mail = receipt(sender, name, f"R-{done[0]:06}", *done[1:], message["Message-ID"])
        oid = self.db.execute("INSERT INTO outbox (submission, state, mime) VALUES (?, 'queued', ?)",
                              (done[0], mail.as_bytes())).lastrowid
        self.db.commit()
        smtp.send_message(mail)
        self.db.execute("UPDATE outbox SET state = 'sent' WHERE id = ?", (oid,))
        self.db.commit()


def main(imap_port, smtp_port, folder, database, contacts_file, limit="1000000"):
    trust = ssl.create_default_context(cafile=os.path.join(folder, "ca", "ca.crt"))
    clerk = Clerk(database, contacts_file)
    imaplib.Commands.setdefault("MOVE", ("SELECTED",))
    with open(os.path.join(folder, "password"), encoding="ascii") as file:
        password = file.read().strip()
    with imaplib.IMAP4_SSL("localhost", int(imap_port), ssl_context=trust) as box, \
            smtplib.SMTP_SSL("localhost", int(smtp_port), context=trust) as smtp:
        box.login("lscp", password)
        box.create("INBOX/Done")
        box.select("INBOX")
        for uid in box.uid("SEARCH", "ALL")[1][0].split()[:int(limit)]:
            clerk.take(box.uid("FETCH", uid, "(BODY.PEEK[])")[1][0][1], smtp)
            box.uid("MOVE", uid, "INBOX/Done")


if __name__ == "__main__":
    main(*sys.argv[1:])
