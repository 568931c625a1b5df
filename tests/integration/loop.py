#!/usr/bin/env python3
"""The whole way on real servers: an agency's mail program writes, lscpd answers.

A real Postfix takes mail by STARTTLS and a login and delivers it into a real
Dovecot. lscpd reads its mailbox there by IMAPS and answers through Postfix; an
agency's person sends by SMTP and reads by IMAP, as a mail program does. Prints
`ok …` and `not ok …` lines, or `# skipped …` where Postfix cannot run.
"""

import os
import shutil
import smtplib
import ssl
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import house
import mailkit
import relay
from dovecot import PASSWORD, Dovecot

NOW = "2026-02-24T10:42:00Z"
AMARA, LAURA = "amara.okafor@northbank.example", "laura.carver@fmht.example"
PEOPLE = {house.ADDRESS: "lscp", AMARA: "amara"}
WAIT_S = 40


def expect(condition, why):
    if not condition:
        raise AssertionError(str(why)[-1500:])


def fixture(name):
    with open(os.path.join(house.REPO, "tests", "fixtures", name), encoding="utf-8") as file:
        return file.read()


class Person:
    """A mail program with an account at the relay."""

    def __init__(self, servers, address, folder):
        self.servers, self.address, self.folder, self.sent = servers, address, folder, 0
        self.name = PEOPLE[address]

    def draft(self, subject=""):
        self.sent += 1
        made = mailkit.Draft(self.address, NOW)
        made.name, made.subject = "Amara Okafor", subject
        made.message_id = f"<{self.sent}.loop@{self.address.split('@')[1]}>"
        return made

    def send(self, draft):
        data = draft.bytes()
        data = data[data.index(b"From: "):]  # what servers write, these servers shall write
        trust = ssl.create_default_context(cafile=self.servers.dovecot.join("ca", "ca.crt"))
        with smtplib.SMTP("localhost", self.servers.port, timeout=20) as smtp:
            smtp.starttls(context=trust)
            smtp.login(self.name, PASSWORD)
            smtp.sendmail(self.address, [draft.to], data)

    def inbox(self):
        """All mails, oldest first."""
        found = []
        with self.servers.dovecot.of(self.name).client() as box:
            box.select("INBOX", readonly=True)
            for number, uid in enumerate(box.search(None, "ALL")[1][0].split()):
                path = os.path.join(self.folder, f"{self.name}{number}")
                with open(path, "wb") as file:
                    file.write(box.fetch(uid, "(BODY.PEEK[])")[1][0][1])
                found.append(mailkit.Letter(path))
        return found

    def await_mail(self, kind, count=1):
        """The newest mail of this kind, once there are so many."""
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            found = [one for one in self.inbox() if one.kind == kind]
            if len(found) >= count:
                expect(len(found) == count, f"{len(found)} mails of kind {kind}")
                return found[-1]
            time.sleep(0.2)
        raise AssertionError(f"no {kind} for {self.name}; there is {[one.describe() for one in self.inbox()]}")


class Loop:
    """The steps, each upon the one before; what fails ends it."""

    def __init__(self, servers, made, folder):
        self.servers, self.made = servers, made
        self.amara = Person(servers, AMARA, folder)

    def settles(self, statement, wanted):
        found = self.made.wait_for(lambda: self.made.sql(statement) == wanted, WAIT_S)
        expect(found, f"{statement}: {self.made.sql(statement)}, not {wanted}")

    def a_request_reaches_the_agency(self):
        self.request = self.amara.await_mail("request")
        expect(self.request.to == AMARA and self.request["From"].endswith(f"<{house.ADDRESS}>"), self.request.describe())
        expect(self.request["Return-Path"].strip() == f"<{house.ADDRESS}>", self.request["Return-Path"])

    def a_bounce_of_the_relay_marks_the_contact(self):
        self.settles("SELECT class, outcome, folder FROM v_message", [("bounce", "bounce", "Filed")])
        self.settles(f"SELECT status FROM v_contact WHERE email = '{LAURA}'", [("bounced",)])
        expect(self.made.sql(f"SELECT state FROM v_outbox WHERE recipient = '{LAURA}'") == [("sent",)], "its state")

    def a_return_with_a_mistake_comes_back(self):
        draft = self.amara.draft()
        mailkit.reply(self.request, draft, "top",
                      fixture("section-11.txt").replace("== 1 ==\nScore: 3", "== 1 ==\nScore: Mostly"))
        self.amara.send(draft)
        self.problems = self.amara.await_mail("problems")
        expect("Mostly" in self.problems.text, self.problems.text)
        expect(self.problems["Return-Path"].strip() == "<>", "an answer with an envelope sender")
        expect(self.problems["In-Reply-To"] == draft.message_id, self.problems["In-Reply-To"])
        wrong = [one for one in mailkit.faults(self.problems) if not one.startswith("Return-Path and")]
        expect(wrong == [], wrong)
        self.settles("SELECT state, version FROM v_submission", [("incomplete", 1)])

    def a_correction_completes_it(self):
        draft = mailkit.reply(self.problems, self.amara.draft(), "gmail", "A: 3")
        self.amara.send(draft)
        receipt = self.amara.await_mail("receipt")
        self.settles("SELECT state, version FROM v_submission", [("returned", 2)])
        self.settles("SELECT value FROM v_answer WHERE row = '1' AND field = 'score'", [("3",)])
        expect(receipt["X-LSCPD-Ref"] == self.problems["X-LSCPD-Ref"], receipt["X-LSCPD-Ref"])
        self.settles("SELECT state FROM v_request WHERE agency = 'NHT'", [("returned",)])

    def what_staff_see_adds_up(self):
        """Every mail in its folder, none left in the inbox, none in doubt."""
        def counts():
            return {name: len(self.servers.dovecot.uids(name) or []) for name in ("INBOX", "Filed", "Problems", "Attention")}
        wanted = {"INBOX": 0, "Filed": 2, "Problems": 1, "Attention": 0}
        expect(self.made.wait_for(lambda: counts() == wanted, WAIT_S), counts())
        self.settles("SELECT DISTINCT state FROM v_outbox", [("sent",)])
        status = self.made.ctl("status")
        expect(status.code == 0, status.out)

    def another_sender_is_not_believed(self):
        """A letter in Amara's name that came by another account has no proof."""
        draft = self.amara.draft("withdraw")
        draft.text = "withdraw"
        data = draft.bytes()
        data = b"Authentication-Results: mx.fscp.example; dmarc=pass header.from=northbank.example\r\n" + \
            data[data.index(b"From: "):]
        trust = ssl.create_default_context(cafile=self.servers.dovecot.join("ca", "ca.crt"))
        with smtplib.SMTP("localhost", self.servers.port, timeout=20) as smtp:
            smtp.starttls(context=trust)
            smtp.login("mallory", PASSWORD)
            smtp.sendmail("mallory@elsewhere.example", [house.ADDRESS], data)
        self.settles("SELECT outcome, reason FROM v_message ORDER BY id DESC LIMIT 1", [("attention", "unproven")])
        self.settles("SELECT state FROM v_submission", [("returned",)])

    STEPS = (a_request_reaches_the_agency, a_bounce_of_the_relay_marks_the_contact, a_return_with_a_mistake_comes_back,
             a_correction_completes_it, what_staff_see_adds_up, another_sender_is_not_believed)


def play(servers, folder):
    dovecot = servers.dovecot
    made = house.House(os.path.join(folder, "house"), {
        "mailbox":
        f'{{ url = "imaps://lscp@localhost:{dovecot.tls}/INBOX" password-file = "{dovecot.join("password")}"'
        f' ca-file = "{dovecot.join("ca", "ca.crt")}" timeout = 10 }}',
        "outgoing": f'{{ url = "smtp://lscp@localhost:{servers.port}" starttls = true timeout = 10'
                    f' password-file = "{dovecot.join("password")}" ca-file = "{dovecot.join("ca", "ca.crt")}" }}'})
    made.now = NOW
    made.register()
    opened = made.ctl("round", "open", "S11-2026", "--form", "section-11", "--due", "2026-02-27", "--agencies", "NHT;MHT")
    expect(opened.code == 0, opened.err)
    process, failed = made.start(), 0
    loop = Loop(servers, made, folder)
    try:
        for step in Loop.STEPS:
            name = step.__name__.replace("_", " ")
            try:
                step(loop)
                print(f"ok loop: {name}", flush=True)
            except Exception as error:  # the steps after it would only repeat it
                print(f"not ok loop: {name}: {type(error).__name__}: {error}", flush=True)
                with open(made.join("daemon.log"), encoding="utf-8", errors="replace") as file:
                    print("\n".join("#   " + line for line in (file.read()[-2000:] + servers.log()).splitlines()))
                failed = 1
                break
    finally:
        if made.stop(process) != 0:
            print("not ok loop: the daemon did not end")
            failed = 1
    return failed


def main():
    why = relay.why_not()
    if why:
        print(f"# skipped loop: {why}")
        return 0
    folder = tempfile.mkdtemp(prefix="lscpd-loop-")
    dovecot = Dovecot()
    people = {**PEOPLE, "mallory@elsewhere.example": "mallory"}
    try:
        with open(dovecot.join("users"), "w", encoding="ascii") as file:
            for name in people.values():
                file.write(f"{name}:{{PLAIN}}{PASSWORD}::::::\n")
        servers = relay.Relay(dovecot, people, empty=[LAURA.split("@")[1]])
        with dovecot, servers:
            return play(servers, folder)
    finally:
        dovecot.remove()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
