#!/usr/bin/env python3
"""The crash walk: kill -9 at fault point 1, 2, 3 … and compare the books.

Programs built with -DLSCPD_FAULTS (make crash) count their fault points in a
file; the process that meets number LSCPD_FAULT_AT dies there as in a power
cut. After each kill lscpd runs on to completion, and then: every mail has its
one outcome, every return is filed once, every mail of ours is sent, at most
twice and then with the same Message-ID, the inbox is empty, `verify` is sound.
The long walk kills the recovering run once more. The short one, for make test,
takes each kind of point and an even spread.

With --servers the mailbox is on a real Dovecot and mail goes out by SMTP. There
a mail is sent once, and once more, with the same bytes, for each time that it
was in doubt; what was in doubt twice stays so, and staff are told.

    walk.py [--short] [--servers] [--at N] [--keep]
"""

import argparse
import collections
import concurrent.futures
import email
import itertools
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import house
import mailkit
from dovecot import PASSWORD, Dovecot
from smtpd import Authority, SmtpServer

BUILD = os.path.join(house.REPO, os.environ.get("LSCPD_FAULT_BUILD", "build/faults"))
LINE = 64
SHORT_POINTS = {"maildirs": 70, "servers": 6}
TOLD = "failed-mail-staff"  # the notice of what stays in doubt


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


class Maildirs:
    """Where mail comes from and goes to: folders of the house itself."""

    name = "maildirs"
    doubtful = 0  # mails that stayed so, in all runs

    def house(self, folder):
        return house.House(folder, build=BUILD)

    def deliver(self, home, backlog):
        for number, data in enumerate(backlog):
            home.deliver(data, name=f"17000000{number:02}.M{number}.walk")

    def count(self, home, folder):
        return len(home.folder(folder))

    def sent(self, home):
        """Message-ID and bytes of each mail that went out."""
        for path in home.outbox():
            letter = mailkit.Letter(path)
            yield letter.message_id, letter.data

    def left(self, home):
        left = os.listdir(home.join("outbox", "tmp"))
        return [f"{len(left)} files are left in outbox/tmp"] if len(left) > 1 else []

    def most(self, home, twice):
        """How often a mail may have been sent."""
        return collections.defaultdict(lambda: 2 + twice)

    def close(self, home):
        pass

    def end(self):
        pass


class Servers:
    """One Dovecot with a user for each house, and an SMTP server each."""

    name = "servers"
    doubtful = 0
    USERS = 2000

    def __init__(self):
        self.dovecot = Dovecot()
        with open(self.dovecot.join("users"), "w", encoding="ascii") as file:
            for number in range(self.USERS):
                file.write(f"walk{number}:{{PLAIN}}{PASSWORD}::::::\n")
        authority = Authority(self.dovecot.dir, "smtp")
        self.trust, self.context = authority.file, authority.context()
        self.numbers = itertools.count()
        self.dovecot.start()

    def house(self, folder):
        server, user = SmtpServer(self.context, True), f"walk{next(self.numbers)}"
        path = self.dovecot.join
        home = house.House(folder, {
            "mailbox": f'{{ url = "imaps://{user}@localhost:{self.dovecot.tls}/INBOX" password-file = "{path("password")}"'
                       f' ca-file = "{path("ca", "ca.crt")}" timeout = 20 }}',
            "outgoing": f'{{ url = "{server.url()}" starttls = true ca-file = "{self.trust}" timeout = 20 }}'}, build=BUILD)
        home.user, home.server = user, server
        return home

    def deliver(self, home, backlog):
        self.dovecot.of(home.user).append(backlog)

    def count(self, home, folder):
        return len(self.dovecot.of(home.user).uids(folder) or [])

    def sent(self, home):
        for _, _, data in home.server.mails:
            yield email.message_from_bytes(data)["Message-ID"], data

    def left(self, home):
        return []

    def most(self, home, twice):
        return {one: 1 + doubts for one, doubts in home.sql("SELECT message_id, doubts FROM outbox")}

    def close(self, home):
        home.server.__exit__()
        shutil.rmtree(self.dovecot.join("mail", home.user), ignore_errors=True)

    def end(self):
        self.dovecot.remove()


def prepare(place, folder):
    """The state before the backlog: register in, a round open, its requests not yet sent."""
    home = place.house(folder)
    home.register()
    done = home.ctl("round", "open", "S11-2026", "--form", "section-11", "--due", "2026-02-27",
                    "--agencies", "NHT;MHT;AMB")
    if done.code != 0:
        raise SystemExit(f"round open: {done.err}")
    place.close(home)


def points(log):
    try:
        with open(log, "rb") as file:
            data = file.read()
    except FileNotFoundError:
        return []
    return [" ".join(data[at:at + LINE].decode("ascii", "replace").split()) for at in range(0, len(data), LINE)]


def play(place, template, backlog, at, twice=False):
    """
    One run with a kill at point `at` (0: none), the next one too where `twice`;
    returns the house and whether it was met.
    """
    folder = tempfile.mkdtemp(prefix="lscpd-walk-")
    os.rmdir(folder)
    shutil.copytree(template, folder)
    home = place.house(folder)
    home.now = "2026-02-24T10:45:00Z"
    place.deliver(home, backlog)
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


def books(place, home):
    """What must be the same whatever was killed."""
    found = {
        "messages": home.sql("SELECT message_id, class, outcome, reason, folder FROM v_message ORDER BY 1, 3"),
        "returns": home.sql("SELECT form, agency, sender, state, version FROM v_submission ORDER BY 1, 2"),
        "answers": home.sql("SELECT count(*) FROM v_answer"),
        "requests": home.sql("SELECT round, agency, state FROM v_request ORDER BY 1, 2"),
        "actions": home.sql("SELECT title, owner, status FROM v_action ORDER BY 1, 2"),
        "findings": home.sql("SELECT agency, text FROM v_finding ORDER BY 1, 2"),
        "outbox": home.sql(f"SELECT kind, recipient FROM outbox WHERE topic <> '{TOLD}' ORDER BY 1, 2"),
    }
    for name in ("Filed", "Problems", "Attention", "Ignored", "Quarantine", "INBOX"):
        found["folder " + name] = place.count(home, name)
    return found


def check_sending(place, home, twice):
    """Sent once, or as often as it was in doubt, and then with the same bytes."""
    wrong, seen, bytes_of = [], collections.Counter(), {}
    rows = {row[0]: row[1:] for row in home.sql("SELECT message_id, state, doubts FROM outbox")}
    for one, data in place.sent(home):
        seen[one] += 1
        if bytes_of.setdefault(one, data) != data:
            wrong.append(f"{one} was sent with other bytes")
    most = place.most(home, twice)
    wrong += [f"{one} was sent but has no row" for one in seen if one not in rows]
    wrong += [f"{one} was sent {count} times" for one, count in seen.items() if one in rows and count > most[one]]
    for one, (state, doubts) in rows.items():
        stays = twice and place.name == "servers" and state == "in_doubt" and doubts == 2
        if state != "sent" and not stays:
            wrong.append(f"{one} is {state}")
        if state == "sent" and one not in seen:
            wrong.append(f"{one} has a row but was not sent")
    doubtful = sum(state == "in_doubt" for state, _ in rows.values())
    told = home.sql(f"SELECT count(*) FROM outbox WHERE topic = '{TOLD}'")[0][0]
    place.doubtful += doubtful
    if doubtful and told == 0:
        wrong.append(f"{doubtful} mails are in doubt and staff were not told")
    return wrong


def check(place, home, reference, twice=False):
    wrong = []
    found = books(place, home)
    for name, value in found.items():
        if reference and value != reference[name]:
            wrong.append(f"{name}: {value} instead of {reference[name]}")
    if found["folder INBOX"]:
        wrong.append("the inbox is not empty")
    wrong += check_sending(place, home, twice) + place.left(home)
    done = home.ctl("verify")
    if done.code != 0:
        wrong.append(f"verify ends with {done.code}: {done.out}{done.err}")
    return wrong


def chosen(names, short):
    """All points; or each name's first and last, and an even spread of `short` more."""
    if not short:
        return list(range(1, len(names) + 1))
    first_last = {}
    for number, name in enumerate(names, 1):
        first_last[name] = (first_last.get(name, (number,))[0], number)
    picked = {number for pair in first_last.values() for number in pair}
    step = max(1, len(names) // short)
    picked |= set(range(1, len(names) + 1, step))
    return sorted(picked)


def walk(place, options):
    """All points over one kind of mailbox; true where nothing is wrong."""
    work = tempfile.mkdtemp(prefix="lscpd-walk-base-")
    template = os.path.join(work, "base")
    title = f"crash over {place.name}"
    prepare(place, template)
    backlog = mails(options.short)
    home, _ = play(place, template, backlog, 0)
    reference, wrong = books(place, home), check(place, home, None)
    names = points(home.join("fault.log"))
    print(("not ok" if wrong else "ok") + f" {title}: a run without a kill, {len(names)} points"
          + (": " + "; ".join(wrong) if wrong else ""))
    place.close(home)
    home.remove()
    failed, walked = bool(wrong), 0
    if not names:
        print("not ok crash: no fault point was met; are the programs built with -DLSCPD_FAULTS?")
        failed = True

    def one(at):
        home, met = play(place, template, backlog, at, twice=not options.short)
        try:
            wrong = check(place, home, reference, twice=not options.short)
        finally:
            place.close(home)
        if not (options.keep and wrong):
            home.remove()
        else:
            wrong.append("kept in " + home.path)
        return at, met, wrong

    picked = [options.at] if options.at else chosen(names, options.short and SHORT_POINTS[place.name])
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(one, at) for at in picked]:
            try:
                at, met, wrong = future.result()
            except Exception as error:  # a run that never ends well is a finding too
                at, met, wrong = "?", True, [f"{type(error).__name__}: {error}"]
            if not met:
                continue
            walked += 1
            failed |= bool(wrong)
            name = names[at - 1] if isinstance(at, int) and at <= len(names) else ""
            print(("not ok" if wrong else "ok") + f" {title} at {at} {name}" + (": " + "; ".join(wrong) if wrong else ""),
                  flush=True)
    shutil.rmtree(work, ignore_errors=True)
    print(f"# {title}: {walked} of {len(names)} points; {place.doubtful} mails stayed in doubt")
    return not failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--servers", action="store_true")
    parser.add_argument("--at", type=int)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    place = Servers() if options.servers else Maildirs()
    try:
        return 0 if walk(place, options) else 1
    finally:
        place.end()


if __name__ == "__main__":
    sys.exit(main())
