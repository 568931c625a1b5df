#!/usr/bin/env python3
"""make run: a partnership in var/demo, its inbox full of samples, and what lscpd does.

Starts clean each time. On a terminal it stays up afterwards, and files whatever
is put into var/demo/inbox/new, until Ctrl-C.
"""

import os
import shutil
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import demo_mails
import house
import mailkit

FOLDER = os.path.join(house.REPO, "var", "demo")
ROUNDS = (("S11-2026", "section-11", "2026-02-27", "NHT;MHT;FIRE;ICB;ORCH;PROB"),
          ("MA-2026", "audit-return", "2026-03-06", "NHT"),
          ("TR-2026", "training-return", "2026-03-31", "MHT;AMB"),
          ("PR-2025-Q3", "performance-return", "2026-02-27", "LA;POL"))
WORDS = {"filed": "filed", "problems": "sent back with what to put right", "answered": "answered",
         "reply": "applied", "bounce": "noted: that address does not work", "ignored": "left unanswered",
         "attention": "put before a person", "quarantined": "locked away", "duplicate": "had come before"}


def must(done, what):
    if done.code != 0:
        sys.exit(f"demo: {what} ended with {done.code}:\n{done.out}{done.err}")


def letters(home):
    return [mailkit.Letter(path) for path in home.outbox()]


def find(home, kind, to, word=""):
    for letter in reversed(letters(home)):
        if letter.kind == kind and letter.to == to and word in letter.subject:
            return letter
    sys.exit(f"demo: there is no {kind} to {to}")


def morning(home):
    """Register in, rounds open, requests out."""
    home.now = "2026-02-02T09:00:00Z"
    must(home.ctl("register", "import", house.REGISTER), "register import")
    for ref, form, due, agencies in ROUNDS:
        must(home.ctl("round", "open", ref, "--form", form, "--due", due, "--agencies", agencies), f"round open {ref}")
    must(home.once(), "lscpd --once")


def samples(home, shown):
    """The post of 24 February; the quoted form is that of the real request mail."""
    def drop(what, data):
        shown.append(what)
        home.deliver(data)
    home.now = "2026-02-24T10:42:00Z"
    first = None
    for what, draft in demo_mails.first_post():
        first = first or draft.bytes()
        drop(what, draft.bytes())
    request = find(home, "request", "laura.carver@fmht.example", "S11-2026")
    draft = demo_mails.mail("laura.carver@fmht.example", "")
    mailkit.reply(request, draft, "outlook", "Our answers are in the form below.",
                  mailkit.parse_fill(demo_mails.fixture("section-11-fill.txt")
                                     .replace("helen.marsh@northbank", "iris.kemp@fmht")
                                     .replace("ben.tate@northbank", "paul.young@fmht")
                                     .replace("Amara Okafor", "Laura Carver")))
    drop("a Section 11 return, filled in inside the quoted form", draft.bytes())
    drop("the first return, delivered twice", mailkit.received("pass", "relay.example").encode() + first)
    drop("a delivery report", demo_mails.bounce(find(home, "request", "petra.vance@fairbourne-probation.example")))
    must(home.once(), "lscpd --once")


def replies(home, shown):
    """Two people answer what they were sent."""
    home.now = "2026-02-24T11:20:00Z"
    problems = find(home, "problems", "josie.adeyemi@fairbourne-fire.example")
    draft = demo_mails.mail("josie.adeyemi@fairbourne-fire.example", "", now=home.now)
    shown.append("two corrected lines")
    home.deliver(mailkit.reply(problems, draft, "iphone", corrections(problems)).bytes())
    actions = find(home, "request", "amara.okafor@northbank.example", "")
    draft = demo_mails.mail("amara.okafor@northbank.example", "", now=home.now)
    shown.append("an update of two actions, in two lines")
    home.deliver(mailkit.reply(actions, draft, "gmail",
                               "1 on track - first draft is with the wards\n2 at risk - we cannot get at the files").bytes())
    must(home.once(), "lscpd --once")


def corrections(letter):
    """The lines that put right what was wrong, under the letters that the mail gives them."""
    lines, letter_now = {}, None
    for line in letter.text.split("\n"):
        head = line.strip().split(".")[0]
        if len(head) == 1 and head.isupper() and line.strip()[1:2] == ".":
            letter_now = head
        if letter_now and "Mostly" in line:
            lines[letter_now] = "0"
        if letter_now and "31/06/2026" in line:
            lines[letter_now] = "30 June 2026"
    return "\n".join(f"{key}: {value}" for key, value in sorted(lines.items()))


def tell(home):
    people = {**{email: row["name"] for email, row in demo_mails.PEOPLE.items()}}
    print("\nWHAT CAME IN, AND WHAT BECAME OF IT\n")
    for row in sorted(home.json("inbox", "list"), key=lambda one: one["id"]):
        tell_message(row, people)
    print("\nWHAT WAS SENT\n")
    for row in sorted(home.json("outbox", "list"), key=lambda one: one["id"]):
        print(f"  {row['kind']:9} to {people.get(row['recipient'], row['recipient'])[:18]:18}  {row['subject'][:72]}")
    print("\nWHAT STANDS NOW\n")
    for row in sorted(home.json("return", "list"), key=lambda one: one["ref"]):
        print(f"  {row['ref']}  {row['form']:18} {row['agency']:5} {row['period'] or row['round'] or '':12} {row['state']}")
    for row in sorted(home.json("action", "list"), key=lambda one: one["ref"]):
        print(f"  {row['ref']}    {row['title'][:44]:44} {row['agency']:5} {row['status']:9} {row['brag_shown'] or ''}")


def tell_message(row, people):
    who = people.get(row["from_addr"], row["from_addr"])[:20]
    became = WORDS.get(row["outcome"], row["outcome"])
    if row["ref"]:
        became += f", {row['ref']}"
    if row["reason"]:
        became += f" ({row['reason']})"
    print(f"  {who:20}  {(row['subject'] or '(not shown)')[:34]:34}  {became}")


def where_to_look():
    rel = os.path.relpath(FOLDER)
    ctl = f"{os.path.relpath(house.build_dir())}/lscpctl -c {rel}/lscpd.conf"
    print(f"""
WHERE TO LOOK

  {rel}/outbox/new          the answers, a file each
  {rel}/inbox/.Filed/cur    and .Problems .Attention .Ignored .Quarantine
  {ctl} return show R-000001
  {ctl} inbox list --outcome attention
  {ctl} status
""")


def stay_up(home):
    """File whatever is dropped in, until Ctrl-C."""
    people = {email: row["name"] for email, row in demo_mails.PEOPLE.items()}
    known = {row["id"] for row in home.json("inbox", "list")}
    process = home.start()
    print(f"lscpd runs. Put a mail into {os.path.relpath(FOLDER)}/inbox/new; its sender is believed here"
          " (trust profile none).\nCtrl-C ends it.\n", flush=True)
    try:
        while process.poll() is None:
            time.sleep(1)
            for row in home.json("inbox", "list"):
                if row["id"] not in known:
                    known.add(row["id"])
                    tell_message(row, people)
    except KeyboardInterrupt:
        print()
    finally:
        if process.poll() is None:
            house.House.stop(process)


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    home = house.House(FOLDER, {"trust": "{ profile = none }"})
    began = time.monotonic()
    morning(home)
    shown = []
    samples(home, shown)
    replies(home, shown)
    print(f"A made-up partnership stands in {os.path.relpath(FOLDER)}; its clock says Tuesday 24 February 2026.")
    print(f"{len(shown)} mails were dropped into its inbox, and dealt with in {time.monotonic() - began:.1f} s:\n")
    for what in shown:
        print(f"  - {what}")
    tell(home)
    where_to_look()
    if sys.stdin.isatty() and sys.stdout.isatty():
        stay_up(home)
    return 0


if __name__ == "__main__":
    sys.exit(main())
