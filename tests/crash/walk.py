#!/usr/bin/env python3
"""The crash walk: kill -9 at fault point 1, 2, 3 … and compare the books.

Programs built with -DLSCPD_FAULTS (make crash) count their fault points in a
file; the process that meets number LSCPD_FAULT_AT dies there as in a power
cut. After each kill lscpd runs on to completion, and then: every mail has its
one outcome, every return is filed once, every mail of ours is sent, at most
twice and then with the same Message-ID, the inbox is empty, `verify` is sound.
The long walk kills the recovering run once more. The short one, for make test,
takes each kind of point and an even spread.

    walk.py [--short] [--at N] [--keep]
"""

import argparse
import collections
import concurrent.futures
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import house
import mailkit

BUILD = os.path.join(house.REPO, os.environ.get("LSCPD_FAULT_BUILD", "build/faults"))
LINE = 64
SHORT_POINTS = 70


def fixture(name):
    with open(os.path.join(house.REPO, "tests", "fixtures", name), encoding="utf-8") as file:
        return file.read()


def mails(short):
    """The backlog: something of each kind that has effects."""
    def mail(sender, subject, text, **more):
        draft = mailkit.Draft(sender, "2026-02-24T10:42:00Z")
        draft.subject, draft.text = subject, text
        draft.message_id = f"<{len(found) + 1}.walk@{sender.split('@')[1]}>"
        for name, value in more.items():
            setattr(draft, name, value)
        found.append(draft.bytes())
    found = []
    mail("amara.okafor@northbank.example", "Section 11", fixture("section-11.txt"))
    mail("laura.carver@fmht.example", "Section 11", "Form: section-11\nCompleted by: L. Carver\n== 1 ==\nScore: Mostly\n")
    mail("priya.nair@fscp.example", "Actions", fixture("review-action.txt"))
    mail("jo@elsewhere.example", "Hello", "Who are you?")
    found.append(mailkit.received("pass", "relay.example").encode() + found[0])
    mail("amara.okafor@northbank.example", "Automatic reply", "I am away until 6 March 2026.",
         headers=[("Auto-Submitted", "auto-replied")])
    if not short:
        mail("colin.moss@fairbourne-police.example", "help", "Thanks")
        mail("rachel.osei@fairbourne.example", "Numbers", "NHS number 485 777 3457")
        mail("jaya.patel@fairbourne-icb.example", "mine", "Thanks", auth="none")
        mail("owen.price@riverside-ambulance.example", "A large one",
             "Form: section-11\nCompleted by: O. Price\n", attachments=[("a.bin", "application/pdf", b"x" * 2000000)])
    return found


def prepare(folder):
    """The state before the backlog: register in, a round open, its requests not yet sent."""
    home = house.House(folder, build=BUILD)
    home.register()
    done = home.ctl("round", "open", "S11-2026", "--form", "section-11", "--due", "2026-02-27",
                    "--agencies", "NHT;MHT;AMB")
    if done.code != 0:
        raise SystemExit(f"round open: {done.err}")
    return home


def points(log):
    try:
        with open(log, "rb") as file:
            data = file.read()
    except FileNotFoundError:
        return []
    return [" ".join(data[at:at + LINE].decode("ascii", "replace").split()) for at in range(0, len(data), LINE)]


def play(template, backlog, at, twice=False):
    """
    One run with a kill at point `at` (0: none), the next one too where `twice`;
    returns the house and whether it was met.
    """
    folder = tempfile.mkdtemp(prefix="lscpd-walk-")
    os.rmdir(folder)
    shutil.copytree(template, folder)
    home = house.House(folder, build=BUILD)
    home.now = "2026-02-24T10:45:00Z"
    for number, data in enumerate(backlog):
        home.deliver(data, name=f"17000000{number:02}.M{number}.walk")
    log = home.join("fault.log")
    env = {**os.environ, "LSCPD_FAULT_LOG": log, "LSCPD_FAULT_AT": str(at)}
    home.once(env=env)
    met = at == 0 or len(points(log)) >= at
    if twice:
        home.once(env={**os.environ, "LSCPD_FAULT_LOG": log + "2", "LSCPD_FAULT_AT": str(at * 7 % 31 + 1)})
    for _ in range(6):
        done = home.once()
        if done.code == 0:
            break
    else:
        raise AssertionError(f"lscpd --once still ends with {done.code}: {done.err[-500:]}")
    return home, met


def books(home):
    """What must be the same whatever was killed."""
    found = {
        "messages": home.sql("SELECT message_id, class, outcome, reason, folder FROM v_message ORDER BY 1, 3"),
        "returns": home.sql("SELECT form, agency, sender, state, version FROM v_submission ORDER BY 1, 2"),
        "answers": home.sql("SELECT count(*) FROM v_answer"),
        "requests": home.sql("SELECT round, agency, state FROM v_request ORDER BY 1, 2"),
        "actions": home.sql("SELECT title, owner, status FROM v_action ORDER BY 1, 2"),
        "findings": home.sql("SELECT agency, text FROM v_finding ORDER BY 1, 2"),
        "outbox": home.sql("SELECT kind, recipient, state FROM v_outbox ORDER BY 1, 2, 3"),
    }
    for name in ("Filed", "Problems", "Attention", "Ignored", "Quarantine", "INBOX"):
        found["folder " + name] = len(home.folder(name))
    return found


def check(home, reference, short=True):
    wrong = []
    found = books(home)
    for name, value in found.items():
        if reference and value != reference[name]:
            wrong.append(f"{name}: {value} instead of {reference[name]}")
    if found["folder INBOX"]:
        wrong.append("the inbox is not empty")
    rows = {row[0]: row[1] for row in home.sql("SELECT message_id, state FROM v_outbox")}
    wrong += [f"{one} is {state}" for one, state in rows.items() if state != "sent"]
    seen = collections.Counter()
    for path in home.outbox():
        seen[mailkit.Letter(path).message_id] += 1
    wrong += [f"{one} was sent {count} times" for one, count in seen.items() if count > 2 + (not short)]
    wrong += [f"{one} was sent but has no row" for one in seen if one not in rows]
    wrong += [f"{one} has a row but was not sent" for one in rows if one not in seen]
    left = os.listdir(home.join("outbox", "tmp"))
    if len(left) > 1:
        wrong.append(f"{len(left)} files are left in outbox/tmp")
    done = home.ctl("verify")
    if done.code != 0:
        wrong.append(f"verify ends with {done.code}: {done.out}{done.err}")
    return wrong


def chosen(names, short):
    """All points; or each name's first and last, and an even spread."""
    if not short:
        return list(range(1, len(names) + 1))
    first_last = {}
    for number, name in enumerate(names, 1):
        first_last[name] = (first_last.get(name, (number,))[0], number)
    picked = {number for pair in first_last.values() for number in pair}
    step = max(1, len(names) // SHORT_POINTS)
    picked |= set(range(1, len(names) + 1, step))
    return sorted(picked)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--at", type=int)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    work = tempfile.mkdtemp(prefix="lscpd-walk-base-")
    template = os.path.join(work, "base")
    prepare(template)
    backlog = mails(options.short)
    home, _ = play(template, backlog, 0)
    reference, wrong = books(home), check(home, None)
    names = points(home.join("fault.log"))
    print(("not ok" if wrong else "ok") + f" crash: a run without a kill, {len(names)} points"
          + (": " + "; ".join(wrong) if wrong else ""))
    home.remove()
    failed, walked = bool(wrong), 0
    if not names:
        print("not ok crash: no fault point was met; are the programs built with -DLSCPD_FAULTS?")
        failed = True

    def one(at):
        home, met = play(template, backlog, at, twice=not options.short)
        wrong = check(home, reference, options.short)
        if not (options.keep and wrong):
            home.remove()
        else:
            wrong.append("kept in " + home.path)
        return at, met, wrong

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(one, at) for at in ([options.at] if options.at else chosen(names, options.short))]:
            try:
                at, met, wrong = future.result()
            except Exception as error:  # a run that never ends well is a finding too
                at, met, wrong = "?", True, [f"{type(error).__name__}: {error}"]
            if not met:
                continue
            walked += 1
            failed |= bool(wrong)
            name = names[at - 1] if isinstance(at, int) and at <= len(names) else ""
            print(("not ok" if wrong else "ok") + f" crash at {at} {name}" + (": " + "; ".join(wrong) if wrong else ""),
                  flush=True)
    shutil.rmtree(work, ignore_errors=True)
    print(f"# crash walk: {walked} of {len(names)} points")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
