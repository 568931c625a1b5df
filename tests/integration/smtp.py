#!/usr/bin/env python3
"""Mail by SMTP: the real lscpd and its courier against a scripted server.

Each test has a house of its own whose outgoing is a server on loopback.
Prints `ok …` and `not ok …` lines.
"""

import contextlib
import email
import email.policy
import os
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import house
import mailkit
from smtpd import DROP, HANG, Authority, Proxy, SmtpServer, TokenServer

USER = "lscp@fscp.example"
STAFF = sum("staff" in row["roles"] for row in house.contacts().values())
TESTS = []
FOLDER = tempfile.mkdtemp(prefix="lscpd-smtp-")
OURS = Authority(FOLDER, "ours")
OTHER = Authority(FOLDER, "other")


def test(function):
    TESTS.append(function)
    return function


def expect(condition, why):
    if not condition:
        raise AssertionError(str(why)[-1500:])


class Trial:
    """A house that has mails to send to a server."""

    def __init__(self, made, server):
        self.made, self.server = made, server

    def rows(self, what="state"):
        return [row[0] for row in self.made.sql(f"SELECT {what} FROM v_outbox WHERE kind = 'request' ORDER BY id")]

    def error(self):
        return " ".join(self.rows("last_error"))

    def once(self, code=0, **how):
        done = self.made.once(**how)
        expect(done.code == code, f"exit {done.code}, not {code}: {done.err}")
        return done

    def states(self, *wanted):
        expect(self.rows() == list(wanted), f"{self.rows()}, not {list(wanted)}: {self.error()}")


@contextlib.contextmanager
def trial(server, mails=1, options="", user="", host="localhost", ca=OURS, more=None):
    folder = tempfile.mkdtemp(prefix="lscpd-smtp-")
    starttls = " starttls = true" if server.starttls else ""
    trust = f' ca-file = "{ca.file}"' if ca is not None and server.context is not None else ""
    config = {"outgoing": f'{{ url = "{server.url(user, host)}" timeout = 2{starttls}{trust} {options} }}'}
    config.update(more or {})
    made = house.House(os.path.join(folder, "house"), config)
    try:
        made.register()
        for number in range(mails):
            done = made.ctl("round", "open", f"S{number + 1}", "--form", "section-11", "--due", "2026-03-27",
                            "--agencies", "NHT")
            expect(done.code == 0, done.err)
        with server:
            yield Trial(made, server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def from_amara(subject, text="Thanks"):
    draft = mailkit.Draft("amara.okafor@northbank.example", "2026-02-24T10:42:00Z")
    draft.subject, draft.text, draft.message_id = subject, text, f"<{time.monotonic_ns()}.smtp@northbank.example>"
    return draft.bytes()


def letters(server, words):
    """Subject and plain text, on one line, of what came with these words in the subject."""
    found = []
    for _, _, data in server.mails:
        mail = email.message_from_bytes(data, policy=email.policy.default)
        if words in mail["Subject"]:
            found.append(mail["Subject"] + " " + " ".join(mail.get_body(("plain",)).get_content().split()))
    return found


def secret_file(text="open sesame", mode=0o600):
    fd, path = tempfile.mkstemp(dir=FOLDER)
    os.write(fd, text.encode() + b"\n")
    os.close(fd)
    os.chmod(path, mode)
    return path


# It goes ---------------------------------------------------------------------------

@test
def mails_go_over_one_verified_connection():
    for context, starttls in ((None, False), (OURS.context(), False), (OURS.context(), True)):
        server = SmtpServer(context, starttls)
        with trial(server, 5) as t:
            t.once()
            t.states(*["sent"] * 5)
            expect(len(server.mails) == 5, f"{len(server.mails)} mails")
            expect(len(server.sessions) == 1, f"{len(server.sessions)} connections for 5 mails")
            sender, recipient, data = server.mails[0]
            expect(sender == house.ADDRESS and recipient == t.rows("recipient")[0], (sender, recipient))
            expect(any(one.encode() in data for one in t.rows("message_id")), "another Message-ID")
            expect(b"\r\n" in data and b"\n" not in data.replace(b"\r\n", b""), "line ends")
            expect(all(len(session.commands) < 4 or session.is_tls or context is None
                       for session in server.sessions), "in clear")
            t.once()
            expect(len(server.mails) == 5, "sent again")


@test
def an_answer_leaves_with_the_empty_sender():
    server = SmtpServer()
    for option, sender in (("", ""), ("null-sender = false", house.ADDRESS)):
        server = SmtpServer()
        with trial(server, 0, options=option) as t:
            t.made.deliver(from_amara("help"))
            t.once()
            expect([mail[0] for mail in server.mails] == [sender], server.mails)


@test
def a_line_of_one_dot_does_not_end_a_mail():
    server = SmtpServer()
    with trial(server, 0) as t:
        t.made.deliver(from_amara("Section 11", "Form: section-11\nCompleted by: A. O.\nnonsense: one\n.\n..two\n"))
        t.once()
        expect(len(server.mails) == 1 and server.mails[0][2].rstrip().endswith(b"--"), server.mails)


@test
def a_proxy_is_gone_through():
    for context, by_starttls in ((OURS.context(), False), (OURS.context(), True)):
        proxy, server = Proxy(), SmtpServer(context, by_starttls)
        with trial(server, 3, options=f'proxy = "{proxy.url}"') as t:
            t.once()
            t.states("sent", "sent", "sent")
            expect(proxy.asked == [f"localhost:{server.port}"], proxy.asked)


@test
def an_internationalised_domain_is_sent_as_servers_know_it():
    server = SmtpServer()
    folder = tempfile.mkdtemp(dir=FOLDER)
    shutil.copytree(house.REGISTER, folder, dirs_exist_ok=True)
    with open(os.path.join(folder, "contacts.csv"), "a", encoding="utf-8") as file:
        file.write("zoe@Bücher.example,Zoë Lang,NHT,lead,,,active,,,\n")
    with trial(server, 0) as t:
        t.made.register(folder)
        t.made.ctl("round", "open", "S1", "--form", "section-11", "--due", "2026-03-27", "--agencies", "NHT")
        t.once()
        expect("zoe@xn--bcher-kva.example" in [mail[1] for mail in server.mails], server.mails)
        expect(all(line.isascii() for session in server.sessions for line in session.commands), "not ASCII")
        data = next(mail[2] for mail in server.mails if mail[1].startswith("zoe@"))
        expect(data.isascii() and b"<zoe@xn--bcher-kva.example>" in data, data[:600])


@test
def a_relay_without_empty_senders_says_what_to_set():
    def judge(_, sender):
        return "550 5.7.1 empty sender not permitted" if sender == "" else None
    server = SmtpServer(mail=judge)
    with trial(server, 0) as t:
        t.made.deliver(from_amara("help"))
        done = t.made.once()
        hint = "null-sender = false"
        expect(hint in done.err, done.err)
        expect(t.made.sql("SELECT state FROM v_outbox WHERE kind = 'notice' AND recipient LIKE 'amara%'") == [("failed",)],
               done.err)
        t.once()
        staff = letters(server, "could not be sent")
        expect(len(staff) == STAFF and all(hint in text for text in staff), f"staff were not told what to set: {staff}")
        # It is set, and what had failed goes.
        t.made.config["outgoing"] = t.made.config["outgoing"].replace("}", " null-sender = false }")
        t.made.write_config()
        failed = t.made.sql("SELECT id FROM v_outbox WHERE state = 'failed'")
        t.made.ctl("outbox", "retry", str(failed[0][0]))
        t.once()
        expect(server.mails[-1][:2] == (house.ADDRESS, "amara.okafor@northbank.example"), server.mails[-1])


# Refused and put off ------------------------------------------------------------------

@test
def a_4xx_waits_and_goes_later():
    for phase in ("mail", "rcpt", "data", "final"):
        server = SmtpServer(**{phase: "451 4.7.1 greylisted, come again"})
        with trial(server, 2) as t:
            done = t.once(75)
            t.states("queued", "queued")
            expect("451" in t.error() and "greylisted" in done.err, f"{phase}: {t.error()} {done.err}")
            server.script.clear()
            t.once()
            t.states("sent", "sent")
            expect(len(server.mails) == 2, server.mails)


@test
def a_4xx_of_three_days_fails_and_staff_are_told():
    server = SmtpServer(rcpt="450 4.2.0 mailbox busy")
    with trial(server) as t:
        t.once(75)
        t.once(75, now="2026-02-04T09:00:00Z")
        t.states("queued")
        t.made.once(now="2026-02-05T09:01:00Z")
        t.states("failed")
        server.script.clear()
        t.once(now="2026-02-05T09:02:00Z")
        expect(any(b"2026" in mail[2] and mail[0] == house.ADDRESS for mail in server.mails), "staff were not told")


@test
def a_550_to_one_of_many_holds_up_nobody():
    refused = []

    def judge(_, recipient):
        if not refused:
            refused.append(recipient)
            return "550-5.1.1 No such user\r\n550 5.1.1 here"
        return None
    server = SmtpServer(rcpt=judge)
    with trial(server, 4) as t:
        t.made.once()
        # The clock of each round runs by itself: which of them went first is not said.
        expect(sorted(t.rows()) == ["failed", "sent", "sent", "sent"], t.rows())
        expect("550 5.1.1 No such user 5.1.1 here" in t.error(), t.error())
        expect(t.made.once().code == 0, "something is left over")
        staff = [mail for mail in server.mails if b"X-LSCPD-Kind: notice" in mail[2]]
        expect(staff, "staff were not told")


@test
def a_5xx_to_mail_and_data_fails_that_mail():
    for phase in ("mail", "data", "final"):
        server = SmtpServer(**{phase: lambda s, a: "554 5.7.1 not this" if not s.server.mails else None})
        with trial(server, 1) as t:
            t.made.once()
            t.states("failed")
            expect("554" in t.error(), t.error())


@test
def a_5xx_to_us_fails_nothing():
    for phase, reply in (("connect", "554 5.7.1 your address is blocked"), ("ehlo", "550 go away"),
                         ("mail", "530 5.7.0 authentication required")):
        server = SmtpServer(**{phase: reply})
        with trial(server, 3) as t:
            done = t.once(75)
            t.states("queued", "queued", "queued")
            expect(reply[:3] in done.err, f"{phase}: {done.err}")
            expect(len(server.sessions) == 1, f"{phase}: {len(server.sessions)} connections")
            status = t.made.ctl("status")
            expect(status.code == 1 and "sending does not work" in status.out and reply[:3] in status.out, status.out)
            t.once(75, now="2026-02-09T09:00:00Z")
            t.states("queued", "queued", "queued")
            expect(t.rows("attempts") == [0, 0, 0], f"counted as tried: {t.rows('attempts')}")
            # A week of that is not held against them once they are tried.
            server.script.clear()
            server.script["rcpt"] = "451 4.7.1 greylisted"
            t.once(75, now="2026-02-09T12:00:00Z")
            t.states("queued", "queued", "queued")
            server.script.clear()
            t.once(now="2026-02-09T15:00:00Z")
            t.states("sent", "sent", "sent")
            notices = letters(server, "could not go out for a while")
            expect(len(notices) == STAFF and all(reply[:10] in text for text in notices), notices)
            expect(t.made.ctl("status").code == 0, "status")


@test
def a_refusal_is_told_to_staff_once_a_day():
    server = SmtpServer(ehlo="550 go away")
    with trial(server) as t:
        def notices():
            return t.made.sql("SELECT count(*) FROM v_outbox WHERE subject LIKE '%could not go out%'")[0][0]
        for now, wanted in (("2026-02-02T09:00:00Z", STAFF), ("2026-02-04T09:00:00Z", STAFF)):
            t.once(75, now=now)
            expect(notices() == wanted, f"{now}: {notices()} notices")
        for day, reply, wanted in ((4, None, STAFF), (4, "550 again", 2 * STAFF), (4, None, 2 * STAFF),
                                   (4, "550 and again", 2 * STAFF)):
            server.script["ehlo"] = reply
            t.made.ctl("round", "open", f"X{time.monotonic_ns()}", "--form", "section-11", "--due", "2026-03-27",
                       "--agencies", "NHT")
            t.once(75 if reply else 0, now=f"2026-02-0{day}T10:00:00Z")
            expect(notices() == wanted, f"{reply}: {notices()} notices, not {wanted}")


@test
def a_busy_greeting_and_a_closed_port_wait():
    server = SmtpServer(connect="421 4.3.2 too busy")
    with trial(server, 2) as t:
        done = t.once(75)
        t.states("queued", "queued")
        expect("421" in done.err, done.err)
        server.__exit__()
        done = t.once(75)
        t.states("queued", "queued")
        expect("cannot be reached" in done.err, done.err)
        # That is no refusal: it counts, and ends after three days.
        expect(t.rows("attempts") == [2, 2], t.rows("attempts"))
        t.once(75, now="2026-02-05T08:59:00Z")
        t.states("queued", "queued")
        t.made.once(now="2026-02-05T09:01:00Z")
        t.states("failed", "failed")
        expect(t.made.sql("SELECT count(*) FROM v_outbox WHERE subject LIKE '%could not be sent%'") == [(2 * STAFF,)],
               "staff are not told")


# Connections that end ---------------------------------------------------------------------

@test
def lost_before_the_last_byte_is_tried_again():
    for phase in ("mail", "rcpt", "data"):
        server = SmtpServer(**{phase: DROP})
        with trial(server, 3) as t:
            done = t.once(75)
            t.states("queued", "queued", "queued")
            expect("lost before" in done.err, f"{phase}: {done.err}")
            expect(len(server.sessions) <= 2, f"{phase}: {len(server.sessions)} connections to a server that drops")
            server.script.clear()
            t.once()
            t.states("sent", "sent", "sent")
            expect(len(server.mails) == 3, server.mails)


@test
def lost_after_the_final_dot_is_in_doubt_and_tried_once_more():
    server = SmtpServer(final=DROP)
    with trial(server) as t:
        t.once(75)
        t.states("in_doubt")
        expect(len(server.bodies) == 1, server.bodies)
        t.made.once()
        t.states("in_doubt")
        expect(len(server.bodies) == 2 and server.bodies[0] == server.bodies[1], "not the same bytes")
        server.script.clear()
        t.made.once()
        t.made.once()
        t.states("in_doubt")
        requests = [mail for mail in server.mails if b"X-LSCPD-Kind: request" in mail[2]]
        expect(requests == [], "tried a third time")
        expect(server.mails and all(b"X-LSCPD-Kind: notice" in mail[2] for mail in server.mails), "staff were not told")


@test
def a_doubt_that_is_settled_is_sent():
    server = SmtpServer(final=DROP)
    with trial(server) as t:
        t.once(75)
        server.script.clear()
        t.once()
        t.states("sent")
        expect(len(server.mails) == 1 and server.bodies[0] == server.bodies[1], "not the same bytes")


@test
def a_connection_closed_between_mails_is_no_failure():
    server = SmtpServer(final=lambda s, a: None)

    def close_after(session, _):
        session.say("250 2.0.0 queued, good bye")
        session.server.mails.append(session.server.bodies[-1])
        return DROP
    server.script["final"] = close_after
    with trial(server, 3) as t:
        t.once()
        t.states("sent", "sent", "sent")
        expect(len(server.mails) == 3 and len(server.sessions) == 3, f"{len(server.sessions)} connections")
    server = SmtpServer(mail=lambda s, a: "421 4.7.0 enough for one connection"
                        if sum(line.startswith("MAIL") for line in s.commands) > 1 else None)
    with trial(server, 3) as t:
        t.once()
        t.states("sent", "sent", "sent")
        expect(len(server.mails) == 3, server.mails)


@test
def a_server_that_hangs_costs_at_most_twice_the_timeout():
    said = []
    for phase, state in (("connect", "queued"), ("ehlo", "queued"), ("mail", "queued"), ("rcpt", "queued"),
                         ("data", "queued"), ("final", "in_doubt")):
        server = SmtpServer(**{phase: HANG})
        with trial(server, 4) as t:
            began = time.monotonic()
            t.once(75)
            took = time.monotonic() - began
            expect(t.rows()[0] == state, f"{phase}: {t.rows()} {t.error()}")
            expect(set(t.rows()) <= {"queued", state}, t.rows())
            expect(took < 5, f"{phase}: {took:.1f} s with a timeout of 2 s")
            said.append(f"{phase} {took:.1f}")
            server.script.clear()
            server.stopped.set()
            t.once()
            t.states(*["sent"] * 4)
    return "# seconds with a timeout of 2: " + ", ".join(said)


@test
def a_server_that_drips_is_not_waited_for():
    def drip(session, _):
        for byte in "220-" + "slowly " * 20:
            session.sock.sendall(byte.encode())
            time.sleep(0.3)
        return DROP
    server = SmtpServer(connect=drip)
    with trial(server, 3) as t:
        began = time.monotonic()
        t.once(75)
        took = time.monotonic() - began
        t.states("queued", "queued", "queued")
        expect(took < 4.5, f"{took:.1f} s with a timeout of 2 s")


@test
def a_reply_without_end_is_bounded():
    def flood(session, _):
        with contextlib.suppress(OSError):
            for _ in range(2000):
                session.sock.sendall(b"550-" + b"\xff\x1b[2J" * 100 + b"\r\n")
        return "550 done"
    server = SmtpServer(rcpt=flood)
    with trial(server) as t:
        t.made.once()
        t.states("failed")
        expect(len(t.error()) < 400 and "\x1b" not in t.error(), t.error())
    server = SmtpServer(rcpt=lambda s, _: s.sock.sendall(b"550 " + b"x" * 4000000 + b"\r\n"))
    with trial(server) as t:
        t.made.once()
        expect(t.rows()[0] in ("failed", "queued"), t.rows())


# TLS ----------------------------------------------------------------------------------------

@test
def a_wrong_certificate_stops_all_mail():
    for words, context, ca in (("not right for this name", OURS.context("mail.elsewhere.example"), OURS),
                               ("authority that is not known", OTHER.context(), OURS),
                               ("authority that is not known", OURS.context(), None),
                               ("has expired", OURS.context(days=-1), OURS)):
        for starttls in (False, True):
            server = SmtpServer(context, starttls)
            with trial(server, 2, ca=ca) as t:
                done = t.once(75)
                t.states("queued", "queued")
                expect(words in done.err, f"{words}: {done.err}")
                expect(server.commands("MAIL") == [], "it went on")


@test
def without_starttls_nothing_is_said():
    server = SmtpServer(OURS.context(), True)
    server.mechanisms, server.login = "PLAIN", (USER, "open sesame")
    server.script["ehlo"] = "250-localhost\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME"
    with trial(server, 2, user=USER, options=f'password-file = "{secret_file()}"') as t:
        done = t.once(75)
        t.states("queued", "queued")
        expect("no STARTTLS" in done.err, done.err)
        expect(server.commands("AUTH") == server.commands("MAIL") == [], "in clear")
    server = SmtpServer(OURS.context(), True, starttls="454 4.7.0 not now")
    with trial(server, 2) as t:
        t.once(75)
        t.states("queued", "queued")
        expect(server.commands("MAIL") == [], "in clear")


@test
def words_before_tls_do_not_count():
    """A reply that was sent along with STARTTLS' own, before the handshake."""
    def inject(session, _):
        session.sock.sendall(b"220 go ahead\r\n250-injected\r\n250 AUTH PLAIN\r\n")
        session.wrap(session.server.context)
        return DROP
    server = SmtpServer(OURS.context(), True, starttls=inject)
    with trial(server) as t:
        t.once(75)
        t.states("queued")
        expect(server.mails == [], "it went on")


# Logins -------------------------------------------------------------------------------------

@test
def a_password_comes_from_its_file_or_a_credential():
    folder = tempfile.mkdtemp(dir=FOLDER)
    with open(os.path.join(folder, "smtp-password"), "w", encoding="ascii") as file:
        file.write("open sesame")
    os.chmod(file.name, 0o440)
    for option in (f'password-file = "{secret_file()}"', 'credential = "smtp-password"'):
        for mechanisms in ("PLAIN LOGIN", "PLAIN"):
            server = SmtpServer(OURS.context(), True)
            server.mechanisms, server.login = mechanisms, (USER, "open sesame")
            with trial(server, 2, user=USER, options=option) as t:
                t.made.env["CREDENTIALS_DIRECTORY"] = folder
                t.once()
                t.states("sent", "sent")
                expect(len(server.proofs) == 1, server.proofs)


@test
def a_password_that_is_wrong_or_open_to_others_is_said():
    for option, words in ((f'password-file = "{secret_file("wrong")}"', "refuses the login of " + USER),
                          (f'password-file = "{secret_file(mode=0o640)}"', "chmod 600"),
                          (f'password-file = "{secret_file("")}"', "holds no line"),
                          ('password-file = "/nonexistent/password"', "cannot be read"),
                          ('credential = "smtp-password"', "did not start this lscpd")):
        server = SmtpServer(OURS.context(), True)
        server.mechanisms, server.login = "PLAIN", (USER, "open sesame")
        with trial(server, 2, user=USER, options=option) as t:
            t.made.env.pop("CREDENTIALS_DIRECTORY", None)
            done = t.once(75)
            t.states("queued", "queued")
            expect(words in done.err, f"{words}: {done.err}")
            expect("wrong" not in done.err and "sesame" not in done.err, "the password is in the log")
            expect(server.commands("MAIL") == [], "without a login")


def oauth2(tokens, secret="s3cret & more", more=""):
    return {"oauth2 \"m365\"": f'{{ token-url = "{tokens.url}" client-id = "the-client" client-secret-file = '
                               f'"{secret_file(secret)}" scope = "https://outlook.example/.default" {more} }}'}


def token_trial(tokens, server, mails=2, **how):
    server.mechanisms = "PLAIN XOAUTH2 OAUTHBEARER"
    return trial(server, mails, user=USER, options='oauth2 = "m365"', more=oauth2(tokens, **how))


@test
def a_token_is_asked_for_once_and_used():
    with TokenServer(context=OURS.context()) as tokens:
        server = SmtpServer(OURS.context(), True)
        server.tokens = {"token-1"}
        with token_trial(tokens, server, 3, more=f'ca-file = "{OURS.file}"') as t:
            t.once()
            t.states("sent", "sent", "sent")
            expect(len(tokens.asked) == 1, tokens.asked)
            expect(tokens.asked[0] == {"grant_type": "client_credentials", "client_id": "the-client",
                                       "client_secret": "s3cret & more",
                                       "scope": "https://outlook.example/.default"}, tokens.asked)
            expect(server.proofs == [("XOAUTH2", f"user={USER}\1auth=Bearer token-1\1\1")], server.proofs)


@test
def a_refused_token_is_renewed_once():
    with TokenServer() as tokens:
        server = SmtpServer(OURS.context(), True)
        server.tokens = {"token-2"}
        with token_trial(tokens, server) as t:
            t.once()
            t.states("sent", "sent")
            expect(len(tokens.asked) == 2, tokens.asked)
    with TokenServer() as tokens:
        server = SmtpServer(OURS.context(), True)
        with token_trial(tokens, server) as t:
            done = t.once(75)
            t.states("queued", "queued")
            expect("does not take the token" in done.err, done.err)
            expect(len(tokens.asked) == 2, f"asked {len(tokens.asked)} times")


@test
def a_token_is_renewed_at_80_percent_of_its_life():
    with TokenServer(life=2) as tokens:
        server = SmtpServer(OURS.context(), True, final=lambda s, a: time.sleep(1))
        server.tokens = {f"token-{number}" for number in range(1, 9)}
        with token_trial(tokens, server, 4) as t:
            t.once()
            t.states(*["sent"] * 4)
            expect(2 <= len(tokens.asked) <= 3, f"asked {len(tokens.asked)} times in 4 s")


@test
def why_there_is_no_token_is_told_apart():
    def microsoft(number, error="invalid_client"):
        return 401, {"error": error, "error_codes": [number], "error_description": f"AADSTS{number}: words."}
    for answer, words in ((microsoft(7000222), "has expired"), (microsoft(7000215), "secret is wrong"),
                          (microsoft(700016, "unauthorized_client"), "no such client-id"),
                          (microsoft(90002, "invalid_request"), "no such tenant"),
                          ((401, {"error": "invalid_client"}), "client-id or client secret is wrong"),
                          ((429, b""), "asked too often"),
                          ((400, {"error": "invalid_scope"}), "scope"), ((503, b"out of order"), "HTTP 503"),
                          ((200, b"<html>"), "without a token"), ((200, {"access_token": "a\r\nb"}), "without a token"),
                          ((200, b"x" * 100000), "cannot be reached"), ((404, b""), "right token-url"),
                          ((302, b""), "right token-url"), ((200, HANG), "cannot be reached")):
        with TokenServer(answer) as tokens:
            server = SmtpServer(OURS.context(), True)
            with token_trial(tokens, server, 2) as t:
                done = t.once(75)
                t.states("queued", "queued")
                expect(words in done.err, f"{words}: {done.err}")
                expect("s3cret" not in done.err, "the secret is in the log")
                expect(len(tokens.asked) == 1 and server.commands("MAIL") == [], f"{words}: {tokens.asked}")
    with TokenServer() as tokens:
        pass
    server = SmtpServer(OURS.context(), True)
    with token_trial(tokens, server) as t:
        done = t.once(75)
        expect("cannot be reached" in done.err, done.err)
    with TokenServer(context=OTHER.context()) as tokens:
        server = SmtpServer(OURS.context(), True)
        with token_trial(tokens, server, more=f'ca-file = "{OURS.file}"') as t:
            done = t.once(75)
            expect("cannot be trusted" in done.err and tokens.asked == [], done.err)


@test
def a_token_server_out_of_order_is_left_alone():
    with TokenServer((503, b"")) as tokens:
        tokens.headers = {"Retry-After": "120"}
        with token_trial(tokens, SmtpServer(OURS.context(), True)) as t:
            done = t.once(75)
            expect("is out of order: HTTP 503; it is asked again in 120 seconds" in done.err, done.err)
    # At 80 % of its life it cannot be renewed; it is used while it holds.
    with TokenServer(life=10) as tokens:
        server = SmtpServer(OURS.context(), True)
        server.tokens = {"token-1"}
        with token_trial(tokens, server, 1) as t:
            process = t.made.start()
            try:
                expect(t.made.wait_for(lambda: t.rows() == ["sent"], 15), t.error())
                tokens.answer = (503, b"")
                time.sleep(8.1)
                for number in range(2, 5):
                    t.made.deliver(from_amara("help"))
                    t.made.wait_for(lambda: len(server.mails) == number, 1)
                expect(len(server.mails) >= 3, f"{len(server.mails)} mails; a good token was not used")
                expect(len(tokens.asked) == 2, f"asked {len(tokens.asked)} times")
            finally:
                t.made.stop(process)


@test
def a_token_is_asked_for_by_the_proxy():
    proxy = Proxy()
    with TokenServer(context=OURS.context()) as tokens:
        server = SmtpServer(OURS.context(), True)
        server.tokens, server.mechanisms = {"token-1"}, "XOAUTH2"
        with trial(server, 1, user=USER, options=f'oauth2 = "m365" proxy = "{proxy.url}"',
                   more=oauth2(tokens, more=f'ca-file = "{OURS.file}"')) as t:
            t.once()
            t.states("sent")
            port = tokens.http.server_address[1]
            expect(proxy.asked == [f"localhost:{port}", f"localhost:{server.port}"], proxy.asked)


@test
def a_secret_that_ends_is_told_in_time():
    with TokenServer() as tokens:
        server = SmtpServer(OURS.context(), True)
        server.tokens = {f"token-{number}" for number in range(1, 9)}
        with token_trial(tokens, server, more='secret-expires = "2026-04-30"') as t:
            for now, words in (("2026-02-28T09:00:00Z", ""), ("2026-03-01T09:00:00Z", "ends on 2026-04-30"),
                               ("2026-05-01T09:00:00Z", "ended on 2026-04-30")):
                done, status = t.once(now=now), t.made.ctl("status", now=now)
                for text in (done.err, status.out):
                    expect((words or "secret-expires") in text if words else "secret-expires" not in text, f"{now}: {text}")
                expect(status.code == 0, status.out)


@test
def tokens_are_asked_for_by_https_or_on_loopback():
    with TokenServer() as tokens, trial(SmtpServer(), 0, user=USER, options='oauth2 = "m365"', more=oauth2(tokens)) as t:
        good = t.made.config['oauth2 "m365"']
        for url, code in (("http://login.example/token", 78), ("ftp://localhost/token", 78),
                          ("https://login.example/token", 0), ("http://127.0.0.1:1/token", 0)):
            t.made.config['oauth2 "m365"'] = good.replace(tokens.url, url)
            t.made.write_config()
            done = t.made.call("lscpd", "--check", now=False)
            expect(done.code == code, f"{url}: {done.code} {done.out}{done.err}")


# Faults, each met by a daemon that has other work to do ------------------------------------------

def trouble_in(log):
    """Lines that an administrator is meant to see: warnings and worse."""
    with open(log, encoding="utf-8") as file:
        return [line for line in file if line[:3] in ("<0>", "<1>", "<2>", "<3>", "<4>")]


def end_starttls(server):
    server.script["ehlo"] = "250-localhost\r\n250 8BITMIME"


def end_certificate(server):
    server.context = OURS.context(days=-1)


def second(reply):
    return lambda session, _: reply if len(session.server.commands("MAIL")) == 2 else None


FAULTS = (  # name, mails, script, what happens to the server between two sessions, words in the one line, states
    ("stalls before its greeting", 2, {"connect": HANG}, None, "silent for too long", "queued queued"),
    ("stalls at DATA", 1, {"data": HANG}, None, "silent for too long", "queued"),
    ("stalls after the final dot", 1, {"final": HANG}, None, "in doubt, it is sent once more", "in_doubt"),
    ("defers", 1, {"rcpt": "451 4.7.1 greylisted"}, None, "451 4.7.1 greylisted", "queued"),
    ("refuses one of many", 3, {"rcpt": second("550 5.1.1 no such user")}, None, "550 5.1.1", "sent failed sent"),
    ("drops after the final dot", 1, {"final": DROP}, None, "in doubt, it is sent once more", "in_doubt"),
    ("says 421 in the middle", 3, {"data": second("421 4.3.2 shutting down")}, None, "421 4.3.2", "sent queued sent"),
    ("says 421 before the mail", 3, {"mail": second("421 4.7.0 enough for now")}, None, "", "sent sent sent"),
    ("offers no STARTTLS any more", 2, {}, end_starttls, "offers no STARTTLS", "queued queued"),
    ("has a certificate that ended", 2, {}, end_certificate, "has expired", "queued queued"),
)


def face(t, server, words, states):
    """A daemon and the fault; something unrelated comes in meanwhile."""
    log = t.made.join("fault.log")
    process = t.made.start(log=log)
    try:
        draft = mailkit.Draft("jo@elsewhere.example", "2026-02-24T10:42:00Z")
        draft.subject, draft.text, draft.message_id = "Hello", "Who are you?", "<jo@elsewhere.example>"
        t.made.deliver(draft.bytes())
        expect(t.made.wait_for(lambda: t.made.sql("SELECT 1 FROM v_message WHERE outcome = 'attention'"), 10),
               "intake does not go on")
        done = sorted(states.split())
        t.made.wait_for(lambda: sorted(t.rows()[-len(done):]) == done and (trouble_in(log) or not words), 20)
        expect(sorted(t.rows()[-len(done):]) == done, f"{t.rows()}: {t.error()}")
        time.sleep(0.5)  # for a line too many
    finally:
        expect(t.made.stop(process) == 0, "it did not end")
    lines = trouble_in(log)
    expect(len(lines) == (words != ""), f"{len(lines)} lines: {lines}")
    expect(words in "".join(lines), lines)


@test
def each_fault_costs_one_line_and_no_mail():
    for name, mails, script, between, words, states in FAULTS:
        server = SmtpServer(OURS.context(), True, **script)
        with trial(server, mails) as t:
            try:
                if between is not None:
                    t.once()
                    context = server.context
                    between(server)
                    for number in range(mails):
                        t.made.ctl("round", "open", f"T{number}", "--form", "section-11", "--due", "2026-03-27",
                                   "--agencies", "NHT")
                face(t, server, words, states)
                if between is not None:
                    server.context = context
                    states = "queued " * mails + states
                server.script.clear()
                server.stopped.set()
                t.made.once()
                expect(sorted(t.rows()) == sorted("failed" if state == "failed" else "sent" for state in states.split()),
                       t.error())
                taken = [data for _, _, data in server.mails if b"X-LSCPD-Kind: request" in data]
                expect(len(taken) == len(set(taken)) == states.split().count("sent") + states.count("queued") +
                       states.count("in_doubt"), f"{len(taken)} mails were taken")
                bodies = [data for _, _, data in server.bodies if b"X-LSCPD-Kind: request" in data]
                expect(set(bodies) == set(taken), "a repeated mail has other bytes")
            except AssertionError as error:
                raise AssertionError(f"a server that {name}: {error}") from error


# The rest of the house -----------------------------------------------------------------------

@test
def a_set_clock_is_for_loopback_only():
    with trial(SmtpServer(), 0) as t:
        t.made.config["outgoing"] = f'{{ url = "smtps://u@mail.example" password-file = "{secret_file()}" }}'
        t.made.write_config()
        done = t.made.once()
        expect(done.code == 64, f"{done.code}: {done.err}")
        expect(t.made.call("lscpd", "--check", now=False).code == 0, "it is a good configuration")


@test
def the_daemon_goes_on_when_the_server_is_back():
    server = SmtpServer(rcpt=HANG)
    with trial(server, 1) as t:
        process = t.made.start()
        try:
            expect(t.made.wait_for(lambda: server.commands("RCPT"), 15), "it never tried")
            t.made.deliver(from_amara("help"))
            t.made.ctl("status")
            filed = t.made.wait_for(lambda: t.made.sql("SELECT 1 FROM v_message"), 10)
            server.script.clear()
            expect(filed, "a server that hangs stops intake")
            expect(t.made.wait_for(lambda: server.mails, 15), "the answer never left")
        finally:
            expect(house.House.stop(process) == 0, "it did not end")


def main():
    wanted = sys.argv[1:]
    failed = 0
    for function in TESTS:
        name = function.__name__.replace("_", " ")
        if wanted and not any(word in name for word in wanted):
            continue
        try:
            said = function()
            if said:
                print(said, flush=True)
            print(f"ok smtp: {name}", flush=True)
        except Exception as error:  # whatever it is, the next test runs
            failed += 1
            print(f"not ok smtp: {name}: {type(error).__name__}: {error}", flush=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
