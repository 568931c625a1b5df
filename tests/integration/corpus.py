#!/usr/bin/env python3
"""1,523 real mails and some made to hurt, through the whole daemon.

The corpus is looked for in LSCPD_CORPUS, else in ../shared/corpus beside the
repository; without one that part is skipped. Its MANIFEST.tsv says of each
mail what may be done with it.

Prints `ok …` and `not ok …` lines; figures behind `#`.
"""

import csv
import email
import email.utils
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import house
import mailkit

CORPUS = os.environ.get("LSCPD_CORPUS", os.path.join(house.REPO, "..", "shared", "corpus"))
NOW = "2026-02-24T10:45:00Z"
SANITIZER = re.compile(r"Sanitizer|runtime error:|bug at ")
FAILED = 0


def tell(good, name, why=""):
    global FAILED
    FAILED += not good
    print(("ok " if good else "not ok ") + name + ("" if good or not why else ": " + str(why)[:2000]), flush=True)


def manifest():
    with open(os.path.join(CORPUS, "MANIFEST.tsv"), encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    for row in rows:
        with open(os.path.join(CORPUS, row["path"]), "rb") as file:
            row["data"] = file.read()
        row["sha"] = hashlib.sha256(row["data"]).hexdigest()
    return rows


def everybody(home, rows):
    """A register in which each sender of the corpus is a lead of some agency."""
    folder = home.join("register")
    shutil.copytree(house.REGISTER, folder)
    known = set(house.contacts())
    with open(os.path.join(folder, "contacts.csv"), "a", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        for row in rows:
            message = email.message_from_bytes(row["data"])
            _, address = email.utils.parseaddr(str(message.get("From", "")))
            address = address.lower()
            if re.fullmatch(r"[a-z0-9._+-]{1,60}@[a-z0-9.-]+\.[a-z]{2,10}", address) and address not in known:
                known.add(address)
                out.writerow([address, "Some Body", "NHT", "lead", "", "", "active", "", "", ""])
    home.register(folder)


def run_until_done(home, name):
    for _ in range(4):
        done = home.once(timeout=900)
        if SANITIZER.search(done.err):
            tell(False, f"{name}: sanitizers are silent", done.err[-3000:])
        if done.code == 0:
            return done
    tell(False, f"{name}: lscpd --once ends well", f"exit {done.code}: {done.err[-1500:]}")
    return done


def feed(name, rows, trust, known):
    folder = tempfile.mkdtemp(prefix="lscpd-corpus-")
    home = house.House(os.path.join(folder, "house"), {"trust": trust})
    home.now = NOW
    everybody(home, rows) if known else home.register()
    done = home.ctl("round", "open", "S11-2026", "--form", "section-11", "--due", "2026-03-27", "--agencies", "NHT")
    tell(done.code == 0, f"{name}: a round is open", done.err)
    run_until_done(home, name)
    started = len(home.outbox())
    for number, row in enumerate(rows):
        home.deliver(row["data"], name=f"{1700000000 + number}.M{number}.corpus")
    began = time.monotonic()
    run_until_done(home, name)
    seconds = time.monotonic() - began
    # Spam from a sender who is known and believed is a person's mail: only strangers' counts.
    judge(name, home, [row for row in rows if not known or row["class"] != "spam"], started)
    print(f"# {name}: {len(rows)} mails in {seconds:.1f} s, {len(rows) / seconds:.0f} a second")
    for outcome, reason, count in home.sql("SELECT outcome, reason, count(*) FROM v_message GROUP BY 1, 2 ORDER BY 3 DESC"):
        print(f"#   {count:5} {outcome} {reason}")
    shutil.rmtree(folder, ignore_errors=True)


def judge(name, home, rows, started):
    by_sha = {}
    for identity, sha in home.sql("SELECT id, sha256 FROM message"):
        by_sha.setdefault(sha, []).append(identity)
    copies = {}
    for row in rows:
        copies[row["sha"]] = copies.get(row["sha"], 0) + 1
    wrong = [row["path"] for row in rows if not 1 <= len(by_sha.get(row["sha"], [])) <= copies[row["sha"]]]
    tell(not wrong, f"{name}: each mail has exactly one outcome", wrong[:10])
    forbidden = {identity: row["path"] for row in rows if row["may_auto_reply"] == "no"
                 for identity in by_sha.get(row["sha"], [])}
    answered = [forbidden[one] + f" ({kind} {topic})" for one, kind, topic in
                home.sql("SELECT answers, kind, topic FROM outbox WHERE answers IS NOT NULL") if one in forbidden]
    tell(not answered, f"{name}: nothing is sent to any that the manifest forbids", f"{len(answered)}: {answered[:20]}")
    filed = home.sql("SELECT message_id FROM v_message WHERE outcome IN ('filed', 'problems')")
    returns = home.sql("SELECT count(*) FROM v_submission")[0][0]
    tell(not filed and not returns, f"{name}: none is filed as a return", filed[:10])
    left = len(os.listdir(home.join("inbox", "new")))
    kept = home.sql("SELECT count(*) FROM v_message WHERE folder = 'INBOX'")[0][0]
    tell(left == 0 and len(home.folder("INBOX")) <= kept, f"{name}: the inbox is empty but for calendar mail",
         f"{len(home.folder('INBOX'))} left, {kept} to be kept")
    done = home.ctl("verify", timeout=300)
    tell(done.code == 0, f"{name}: the books are sound", done.out + done.err)
    faults = [f"{letter.describe()}: {'; '.join(mailkit.faults(letter))}"
              for letter in map(mailkit.Letter, home.outbox()[started:]) if mailkit.faults(letter)]
    tell(not faults, f"{name}: each mail of ours keeps the rules", faults[:5])


def expected(row):
    """The visible text of a reply, as the manifest has it; None where it has none."""
    word = row["expected_text"].strip()
    if row["class"] != "reply-with-quote" or not word:
        return None
    if word.startswith("literal:"):
        return word[len("literal:"):].replace("\\n", "\n")
    with open(os.path.join(CORPUS, word), encoding="utf-8", errors="replace") as file:
        return file.read()


def visible_text(rows):
    """How many replies' visible text is the manifest's: a figure, by record_dump."""
    tool = os.path.join(house.build_dir(), "record_dump")
    if not os.path.exists(tool):
        print("# skipped: visible text (make tools-build makes record_dump)")
        return
    wanted = [row for row in rows if expected(row) is not None]
    paths = [os.path.join(CORPUS, row["path"]) for row in wanted]
    done = subprocess.run([tool, *paths], capture_output=True, timeout=300)
    equal, other = 0, []
    for row, line in zip(wanted, done.stdout.decode("utf-8", "replace").splitlines()):
        bodies = json.loads(line)["bodies"]
        body = next((one for one in bodies if one["kind"] == "plain"), bodies[0] if bodies else {"segments": []})
        # A signature is the sender's own too: the manifest keeps it in some, leaves it out in others.
        texts = ["".join(one[3] for one in body["segments"] if one[0] in kinds) for kinds in ("N", "NS")]
        if " ".join(expected(row).split()) in [" ".join(text.split()) for text in texts]:
            equal += 1
        else:
            other.append(row["path"])
    print(f"# visible text: {equal} of {len(wanted)} replies equal the manifest's; other: {' '.join(other[:40])}")


# Made to hurt -----------------------------------------------------------------

HEAD = ("Authentication-Results: mx.fscp.example; dmarc=pass header.from=northbank.example\r\n"
        "Received: from mail.northbank.example by mx.fscp.example; Tue, 24 Feb 2026 10:00:00 +0000\r\n"
        "From: Amara Okafor <amara.okafor@northbank.example>\r\nTo: lscp@fscp.example\r\nSubject: {0}\r\n"
        "Date: Tue, 24 Feb 2026 10:00:00 +0000\r\nMessage-ID: <{0}@northbank.example>\r\nMIME-Version: 1.0\r\n")


def nested_multiparts(count):
    out = ['Content-Type: multipart/mixed; boundary="b0"\r\n\r\n']
    for level in range(1, count):
        out.append(f'--b{level - 1}\r\nContent-Type: multipart/mixed; boundary="b{level}"\r\n\r\n')
    out.append(f"--b{count - 1}\r\n\r\ndeep\r\n")
    return "".join(out)


HOSTILE = {
    "nested-multiparts": lambda: nested_multiparts(10000),
    "nested-messages": lambda: "Content-Type: message/rfc822\r\n\r\n" * 60000 + "Subject: x\r\n\r\nx\r\n",
    "one-line-of-50-MB": lambda: "Content-Type: text/plain\r\n\r\n" + "x" * 50_000_000 + "\r\n",
    "html-line-of-20-MB": lambda: "Content-Type: text/html\r\n\r\n<p>" + "x" * 20_000_000 + "\r\n",
    "parts-100000": lambda: 'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + "--b\r\n\r\nx\r\n" * 100000 + "--b--\r\n",
    "html-60000-attributes": lambda: "Content-Type: text/html\r\n\r\n<p " + " ".join(f"a{n}=1" for n in range(60000)) + ">x</p>\r\n",
    "html-nested-100000": lambda: "Content-Type: text/html\r\n\r\n" + "<div>" * 100000 + "x\r\n",
    "million-parentheses": lambda: "Cc: " + "(" * 1_000_000 + "\r\n\r\nx\r\n",
    "million-headers": lambda: "X-A: b\r\n" * 1_000_000 + "\r\nx\r\n",
    "boundary-of-one-quote": lambda: 'Content-Type: multipart/mixed; boundary="\\""\r\n\r\n--"\r\n\r\nx\r\n',
    "csv-of-a-million-cells": lambda: "Content-Type: text/csv; name=a.csv\r\n\r\n" + ("a," * 1000 + "\r\n") * 1000,
    "deep-quotes": lambda: "\r\n" + "\r\n".join(">" * n + " x" for n in range(3000)) + "\r\n",
    "encoded-words": lambda: "Subject: " + "=?utf-8?q?" + "=41" * 100000 + "?=\r\n\r\nx\r\n",
    "parameters": lambda: "Content-Type: text/plain" + "".join(f"; a*{n}=b" for n in range(50000)) + "\r\n\r\nx\r\n",
    "references": lambda: "References: " + " ".join(f"<{n}@x>" for n in range(100000)) + "\r\n\r\nx\r\n",
    "zero-bytes": lambda: "\r\n" + "\0" * 100000,
    "utf-7-and-escapes": lambda: "Content-Type: text/plain; charset=utf-7\r\n\r\n+ADw-script+AD4-\x1b$B\r\n",
}


def hostile():
    folder = tempfile.mkdtemp(prefix="lscpd-hostile-")
    home = house.House(os.path.join(folder, "house"))
    home.now = NOW
    home.register()
    for number, (name, make) in enumerate(HOSTILE.items()):
        home.deliver((HEAD.format(name) + make()).encode("latin-1"), name=f"{1700000000 + number}.M{number}.hostile")
    home.deliver(b"", name="1700000900.M900.empty")
    home.deliver(os.urandom(100000), name="1700000901.M901.random")
    home.deliver((HEAD.format("help") + "\r\nhelp\r\n").encode(), name="1700000999.M999.good")
    began = time.monotonic()
    done = run_until_done(home, "hostile")
    print(f"# hostile: {len(HOSTILE) + 3} mails in {time.monotonic() - began:.1f} s")
    rows = home.sql("SELECT subject, outcome, reason FROM v_message ORDER BY id")
    for row in rows:
        print(f"#   {row[0][:40]!r}: {row[1]} {row[2]}")
    tell(len(rows) == len(HOSTILE) + 3, "hostile: each mail has one outcome", f"{len(rows)} rows: {done.err[-800:]}")
    good = [row[1] for row in rows if row[0] == "help"]
    tell(good == ["answered"], "hostile: the good mail behind them is served", good)
    tell(not home.sql("SELECT 1 FROM v_submission"), "hostile: nothing is filed")
    tell(home.ctl("verify", timeout=300).code == 0, "hostile: the books are sound")
    shutil.rmtree(folder, ignore_errors=True)


def main():
    hostile()
    if not os.path.exists(os.path.join(CORPUS, "MANIFEST.tsv")):
        print(f"# skipped: no corpus at {CORPUS} (set LSCPD_CORPUS)")
        return 1 if FAILED else 0
    rows = manifest()
    feed("corpus, strangers", rows, house.default_config()["trust"], False)
    feed("corpus, all known and trusted", rows, "{ profile = none }", True)
    visible_text(rows)
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
