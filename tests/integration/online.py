#!/usr/bin/env python3
"""lscpd --check --online: what an administrator is told before the first start.

A real Dovecot, a mail server of our own that puts what it takes into it, and
servers that refuse us in each of the ways that are known. Prints `ok …` and
`not ok …` lines.
"""

import contextlib
import os
import shutil
import sqlite3
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import dovecot
import house
from evil_imap import Evil
from smtpd import HANG, Authority, SmtpServer, TokenServer

TESTS = []
FOLDER = tempfile.mkdtemp(prefix="lscpd-online-")
OURS = Authority(FOLDER, "ours")
PASSWORD = os.path.join(FOLDER, "password")
with open(PASSWORD, "w", encoding="ascii") as file:
    file.write("open sesame\n")
os.chmod(PASSWORD, 0o600)


def test(function):
    TESTS.append(function)
    return function


def expect(condition, why):
    if not condition:
        raise AssertionError(str(why)[-1500:])


def files(folder):
    """All that is there, with its size and time: has somebody been here?"""
    return sorted((os.path.join(place, name), os.stat(os.path.join(place, name)).st_size)
                  for place, _, names in os.walk(folder) for name in names)


@contextlib.contextmanager
def home(config=None):
    folder = tempfile.mkdtemp(prefix="lscpd-online-")
    made = house.House(os.path.join(folder, "house"), config)
    try:
        yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def online(made, code, *words, without=()):
    done = made.call("lscpd", "--check", "--online", now=False)
    expect(done.code == code, f"ended with {done.code}, not {code}: {done.out}{done.err}")
    for word in words:
        expect(word in done.out, f"{word!r} is not said: {done.out}{done.err}")
    for word in without:
        expect(word not in done.out, f"{word!r} is said: {done.out}")
    expect("open sesame" not in done.out + done.err, "the password is said")
    expect(not os.path.exists(made.join("lscpd.db")), "there is a database now")
    return done


def on_dovecot(server, more=""):
    return (f'{{ url = "imaps://lscp@localhost:{server.tls}/INBOX" password-file = "{server.join("password")}"'
            f' ca-file = "{server.join("ca", "ca.crt")}" timeout = 10 {more} }}')


class Delivering(SmtpServer):
    """Puts what it takes into the mailbox."""

    def __init__(self, put, **script):
        super().__init__(None, final=lambda session, _: put(session.server.bodies[-1][2]), **script)


def outgoing(server, more=""):
    return f'{{ url = "{server.url()}" timeout = 2 {more} }}'


# All is well --------------------------------------------------------------------------

@test
def a_mailbox_and_a_mail_server_that_work():
    with dovecot.Dovecot() as box, Delivering(box.append) as server, \
            home({"mailbox": on_dovecot(box), "outgoing": outgoing(server)}) as made:
        box.append([b"Subject: one\r\n\r\n", b"Subject: two\r\n\r\n"])
        before = files(box.join("mail"))
        done = online(made, 0, f"mailbox: logged in to localhost port {box.tls} as lscp; INBOX holds 2 mails; IDLE yes, MOVE yes, "
                      "UIDPLUS yes; folders that the first start will make: Filed, Problems, Attention, Ignored, Quarantine\n",
                      'since = "', "outgoing: localhost took a mail to ourselves", "mailbox: the mail came after", "lies in INBOX")
        new = set(files(box.join("mail"))) - set(before)
        expect(not any("Filed" in name or "Attention" in name for name, _ in new), f"folders were made: {new}")
        expect(len(box.uids("INBOX")) == 3 and not any(b"\\Seen" in one for one in box.flags("INBOX")), "the inbox was changed")
        sender, recipient, data = server.mails[0]
        expect((sender, recipient) == ("", house.ADDRESS) and len(server.mails) == 1, server.mails)
        made.register()
        expect(made.once().code == 0, "the daemon's run")
        rows = made.sql("SELECT class, outcome FROM v_message WHERE subject LIKE '%Test mail%'")
        expect(rows == [("own", "ignored")], rows)
        os.unlink(made.join("lscpd.db"))
        done = online(made, 0, "folders that are there: INBOX/Filed, INBOX/Problems", "lies in INBOX;", without=("since",))
        return f"# {done.out.splitlines()[-1]}"


@test
def beside_a_daemon_that_files_the_mail_first():
    with dovecot.Dovecot() as box, Delivering(box.append) as server, \
            home({"mailbox": on_dovecot(box, "poll = 1"), "outgoing": outgoing(server)}) as made:
        process = made.start(now=False)
        try:
            expect(made.wait_for(lambda: box.uids("Ignored") is not None, 20), "it did not come up")
            time.sleep(2)
            for _ in range(2):
                done = made.call("lscpd", "--check", "--online", now=False)
                expect(done.code == 0 and "the mail came after" in done.out, f"{done.code}: {done.out}{done.err}")
            expect(made.wait_for(lambda: len(box.uids("Ignored")) == 2, 10), "not filed")
            expect(process.poll() is None, "the daemon was disturbed")
        finally:
            house.House.stop(process)
        with contextlib.closing(sqlite3.connect(made.join("lscpd.db"))) as db:
            expect(db.execute("SELECT DISTINCT outcome FROM v_message").fetchall() == [("ignored",)], "outcomes")


@test
def names_by_another_delimiter_are_found():
    with dovecot.Dovecot(".", "INBOX.") as box, home({"mailbox": on_dovecot(box)}) as made:
        online(made, 0, "first start will make: Filed, Problems, Attention, Ignored, Quarantine")
        made.register()
        made.once()
        os.unlink(made.join("lscpd.db"))
        online(made, 0, "folders that are there: INBOX.Filed, INBOX.Problems, INBOX.Attention, INBOX.Ignored, INBOX.Quarantine",
               without=("first start",))


@test
def maildirs_are_looked_at_and_left_alone():
    with home({"mailbox": '{ url = "maildir:box" }'}) as made:
        before = files(made.path)
        online(made, 0, "mailbox: there is no Maildir", "outgoing: the Maildir", "will be made by the first start")
        expect(files(made.path) == before and not os.path.exists(made.join("box")), "something was made")
    with home() as made:
        made.deliver(b"Subject: one\n\n")
        online(made, 0, "can be read and written; its inbox holds 1 mail; folders that the first start will make: Filed, ", "since =")
        expect(len(os.listdir(made.join("inbox", "new"))) == 1 and not os.path.exists(made.join("inbox", ".Filed")), "changed")
        os.rmdir(made.join("inbox", "cur"))
        with open(made.join("inbox", "cur"), "w", encoding="ascii") as file:
            file.write("no folder")
        online(made, 78, "mailbox: ", "cur")
    with home({"mailbox": '{ url = "maildir:/nonexistent/box" }', "outgoing": '{ url = "maildir:/nonexistent/out" }'}) as made:
        online(made, 78, "mailbox: there is no Maildir /nonexistent/box", "outgoing: Maildir /nonexistent/out: No such file")


@test
def a_mail_that_comes_into_a_maildir():
    with home() as made, Delivering(lambda data: made.deliver(data) and None) as server:
        made.config["outgoing"] = outgoing(server)
        made.write_config()
        online(made, 0, "took a mail to ourselves", "mailbox: the mail came after 0 s and lies in the inbox")


@test
def a_mail_that_does_not_come():
    with home() as made, SmtpServer() as server:
        made.config["outgoing"] = outgoing(server)
        made.write_config()
        online(made, 0, "took a mail to ourselves", f"has not come within 30 s; look for \"check-", f"does mail to {house.ADDRESS}")


# Mailboxes that do not -------------------------------------------------------------------

def at(evil, scheme="imap", more=""):
    return (f'{{ url = "{scheme}://lscp@localhost:{evil.port}" password-file = "{PASSWORD}" ca-file = "{OURS.file}"'
            f' timeout = 2 {more} }}')


def refused(evil, code, *words, **how):
    with evil, home({"mailbox": at(evil, **how)}) as made:
        return online(made, code, *words)


def certificate(host="localhost", days=30, authority=OURS):
    authority.context(host, days)
    stem = authority.path(f"{host}{days}")
    for end in (".crt", ".key"):
        shutil.copy(stem + end, os.path.join(FOLDER, f"served-{host}{days}{authority.name}{end}"))
    return os.path.join(FOLDER, f"served-{host}{days}{authority.name}")


@test
def certificates_are_told_apart_by_both():
    other = Authority(FOLDER, "other")
    for path, context, mailbox, outwards in (
            (certificate("mail.elsewhere.example"), OURS.context("mail.elsewhere.example"),
             "does not match; write a name that it bears into the url: mail.elsewhere.example", "mail.elsewhere.example"),
            (certificate(authority=other), other.context(), "issuer is unknown here", "authority that is not known"),
            (certificate(days=-1), OURS.context(days=-1), "it has expired", "has expired")):
        evil = Evil([], implicit=True, certificate=path)
        with evil, SmtpServer(context) as server, home({"mailbox": at(evil, "imaps")}) as made:
            made.config["outgoing"] = outgoing(server, f'ca-file = "{OURS.file}"')
            made.write_config()
            done = online(made, 78, "mailbox: the certificate of localhost", mailbox, "outgoing: localhost: its certificate", outwards,
                          "    look at it with: openssl s_client")
            expect(evil.seen == [] and server.mails == [], "it went on")
            expect(done.out.count("openssl") == 2, done.out)


@test
def a_mailbox_that_cannot_be_reached():
    config = f'{{ url = "imap://lscp@127.0.0.1:{dovecot.free_port()}" password-file = "{PASSWORD}" timeout = 2 }}'
    with home({"mailbox": config}) as made:
        online(made, 75, "cannot be reached: Connection refused", "a firewall")
        made.config["mailbox"] = f'{{ url = "imaps://lscp@nowhere.invalid" password-file = "{PASSWORD}" timeout = 2 }}'
        made.write_config()
        online(made, 75, "the address of nowhere.invalid cannot be found", "getent hosts")
    began = time.monotonic()
    refused(Evil([], greeting=lambda s, t, w: s.sleep()), 75, "no whole answer within 2 seconds")
    expect(time.monotonic() - began < 8, "it took too long")


@test
def a_mailbox_that_refuses():
    refused(Evil([], login=lambda s, t, w: s.send(f"{t} NO [AUTHENTICATIONFAILED] Invalid credentials\x1b[2J") or True), 78,
            "does not let lscp in; check the user and the password", "log in with the same user")
    refused(Evil([]), 78, "STARTTLS: the server does not offer it", "imaps:// 993", more="starttls = true")
    refused(Evil([], examine=lambda s, t, w: s.send(f"{t} NO there is none") or True), 78,
            "but not into the folder INBOX; is its name right in mailbox.url?")
    evil = Evil([])
    evil.capabilities = "IMAP4rev1"
    refused(evil, 0, "IDLE no, MOVE no, UIDPLUS no (so what is filed has to stay in INBOX)")
    with Evil([]) as evil, home() as made:
        made.config["mailbox"] = f'{{ url = "imap://lscp@localhost:{evil.port}" credential = "mail-password" timeout = 2 }}'
        made.write_config()
        made.env.pop("CREDENTIALS_DIRECTORY", None)
        online(made, 78, "did not start this lscpd", "credentials are handed on by systemd alone")
        for name, words in (("none", "the file must be there"), ("open", "chmod 600 it")):
            with open(made.join("open"), "w", encoding="ascii") as file:
                file.write("open sesame\n")
            made.config["mailbox"] = f'{{ url = "imap://lscp@localhost:{evil.port}" password-file = "{name}" timeout = 2 }}'
            made.write_config()
            online(made, 78, words)


def by_token(tokens, url, more=""):
    return {"mailbox": f'{{ url = "{url}" oauth2 = "m365" ca-file = "{OURS.file}" timeout = 2 }}',
            'oauth2 "m365"': f'{{ token-url = "{tokens.url}" client-id = "an-id" client-secret-file = "{PASSWORD}"'
                             f' scope = "s" {more} }}'}


@test
def tokens_that_nobody_gives_or_takes():
    for number, words in ((7000222, "client secret has expired"), (7000215, "secret is wrong"), (700016, "no such client-id")):
        with TokenServer((401, {"error": "invalid_client", "error_codes": [number]})) as tokens, Evil([]) as evil, \
                home(by_token(tokens, f"imap://lscp@localhost:{evil.port}")) as made:
            online(made, 78, words, "compare token-url, client-id and scope")
    with TokenServer((503, b"")) as tokens, Evil([]) as evil, home(by_token(tokens, f"imap://lscp@localhost:{evil.port}")) as made:
        online(made, 75, "is out of order: HTTP 503", "try again in a while")
    with TokenServer() as tokens:
        pass
    with Evil([]) as evil, home(by_token(tokens, f"imap://lscp@localhost:{evil.port}", 'secret-expires = "2026-01-31"')) as made:
        online(made, 75, "token server", "cannot be reached", "is token-url right", 'the client secret of oauth2 "m365" ended on 2026-01-31')
    with TokenServer() as tokens, Evil([], authenticate=lambda s, t, w: s.send(f"{t} NO AUTHENTICATE failed.") or True) as evil, \
            home(by_token(tokens, f"imap://lscp@localhost:{evil.port}")) as made:
        online(made, 78, "does not let lscp in; check the application's permission")


# Mail servers that do not ------------------------------------------------------------------

def sending(server, code, *words, more="", **how):
    with server, home() as made:
        made.config["outgoing"] = outgoing(server, more)
        made.config.update(how)
        made.write_config()
        return online(made, code, *words)


@test
def a_relay_that_refuses_the_empty_sender():
    server = SmtpServer(mail=lambda s, sender: None if sender else "550 5.7.60 SendAsDenied; not as <>")
    sending(server, 78, "550 5.7.60", "write null-sender = false into outgoing { }")
    server = SmtpServer(mail=lambda s, sender: None if sender else "550 5.7.60 no")
    server.script["final"] = "550 5.7.1 your mail is bad"
    sending(server, 78, "5.7.60")
    with home() as made, Delivering(lambda data: made.deliver(data) and None) as server:
        made.config["outgoing"] = outgoing(server, "null-sender = false")
        made.write_config()
        online(made, 0, "the mail came after")
        expect(server.mails[0][0] == house.ADDRESS, server.mails)


@test
def a_mail_server_that_refuses_or_is_not_there():
    server = SmtpServer()
    server.mechanisms, server.login = "PLAIN", ("lscp", "another")
    with server, home() as made:
        made.config["outgoing"] = f'{{ url = "{server.url("lscp")}" password-file = "{PASSWORD}" timeout = 2 }}'
        made.write_config()
        online(made, 78, "outgoing: localhost: it refuses the login of lscp: 535", "log in with the same user")
    server = SmtpServer(OURS.context(), True, ehlo="250-localhost\r\n250 8BITMIME")
    sending(server, 78, "it offers no STARTTLS", "smtps:// 465", more=f'starttls = true ca-file = "{OURS.file}"')
    sending(SmtpServer(rcpt="450 4.2.0 greylisted"), 75, "it defers: 450", "try again in a while")
    sending(SmtpServer(connect=HANG), 75, "silent for too long")
    sending(SmtpServer(connect="554 5.7.1 blocked"), 78, "554 5.7.1 blocked", "show these words")
    with SmtpServer() as server:
        pass
    sending(server, 75, "it cannot be reached", "a firewall")


@test
def advice_for_microsoft_365():
    """Its servers are not asked: the words of the failure are."""
    with TokenServer() as tokens, SmtpServer(OURS.context(), True) as server, home() as made:
        server.mechanisms = "XOAUTH2"
        made.config.update(by_token(tokens, "imaps://x@localhost"))
        made.config["mailbox"] = '{ url = "maildir:inbox" }'
        made.config["outgoing"] = (f'{{ url = "smtp://lscp%40outlook.com@localhost:{server.port}" starttls = true oauth2 = "m365"'
                                   f' ca-file = "{OURS.file}" timeout = 2 }}')
        made.write_config()
        online(made, 78, "does not take the token", "SmtpClientAuthenticationDisabled $false", "SMTP.SendAsApp", "New-ServicePrincipal")


@test
def what_is_wrong_in_the_file_comes_first():
    with home({"mailbox": '{ url = "ftp://x" }'}) as made:
        done = online(made, 78, "lscpd.conf:", without=("outgoing:",))
        expect("mailbox: '" in done.out, done.out)
    with home() as made:
        for words in (("--online",), ("--once", "--online")):
            expect(made.call("lscpd", *words, now=False).code == 64, words)


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
            print(f"ok online: {name}", flush=True)
        except Exception as error:  # whatever it is, the next test runs
            failed += 1
            print(f"not ok online: {name}: {type(error).__name__}: {error}", flush=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
