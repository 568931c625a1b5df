#!/usr/bin/env python3
"""The main job on an IMAP server: a real Dovecot that is started here, and
servers of our own that do wrong what a server or somebody in between can do.

Each test has a house of its own, and on Dovecot a user of its own; a few run
at a time, since most of them wait. Prints `ok …` and `not ok …` lines.
"""

import concurrent.futures
import contextlib
import itertools
import os
import shutil
import socket
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import dovecot
import house
import mailkit
from evil_imap import Evil

TESTS = []
TIMEOUT_S = 2
AT_ONCE = 6


def test(function):
    TESTS.append((function.__name__.replace("_", " "), function))
    return function


def expect(condition, why):
    if not condition:
        raise AssertionError(str(why)[-1500:])


NUMBERS = itertools.count(1)


def letter(subject, text="Thanks", sender="amara.okafor@northbank.example", **more):
    draft = mailkit.Draft(sender, "2026-02-24T10:42:00Z")
    draft.subject, draft.text = subject, text
    draft.message_id = f"<{next(NUMBERS)}.imap@{sender.split('@')[1]}>"
    draft.eol = "crlf"
    for name, value in more.items():
        setattr(draft, name, value)
    return draft.bytes()


@contextlib.contextmanager
def home(mailbox):
    folder = tempfile.mkdtemp(prefix="lscpd-imap-")
    made = house.House(os.path.join(folder, "house"), {"mailbox": mailbox})
    made.register()
    try:
        yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def on_server(server, more="", scheme="imaps", folder="INBOX"):
    port = server.tls if scheme == "imaps" else server.plain
    user = server.me.replace("@", "%40")
    return (f'{{ url = "{scheme}://{user}@localhost:{port}/{folder}" password-file = "{server.join("password")}"'
            f' ca-file = "{server.join("ca", "ca.crt")}" timeout = 10 {more} }}')


@contextlib.contextmanager
def daemon(made):
    process = made.start()
    try:
        yield process
    finally:
        if process.poll() is None:
            house.House.stop(process)


def outcomes(made):
    return [row[0] for row in made.sql("SELECT outcome FROM v_message ORDER BY id")]


def log_of(made):
    with open(made.join("daemon.log"), encoding="utf-8", errors="replace") as file:
        return file.read()


def troubles(log):
    """Lines that ask for somebody: errors and warnings."""
    return [line for line in log.splitlines() if line.startswith(("<3>", "<4>"))]


def ask_for_a_return(made):
    """Something in the outbox, which has nothing to do with the mailbox."""
    done = made.ctl("round", "open", "PR1", "--form", "performance-return", "--due", "2026-03-27", "--agencies", "NHT")
    expect(done.code == 0, done.err)


def requests(made):
    return [path for path in made.outbox() if mailkit.Letter(path).kind == "request"]


def answers(made):
    return len(made.outbox()) - len(requests(made))


class Shared:
    """One Dovecot for most tests, with a user for each."""
    server = None
    users = itertools.count()

    @classmethod
    def mine(cls):
        return cls.server.of(f"lscp{next(cls.users)}")


# The main job on Dovecot -------------------------------------------------------

@test
def a_return_by_imap_is_filed_answered_and_moved():
    server = Shared.mine()
    with home(on_server(server)) as made:
        expect(made.once().code == 0, "nothing there yet")
        ask_for_a_return(made)
        expect(made.once().code == 0, "the requests")
        draft = mailkit.Draft(mailkit.Letter(requests(made)[0]).to, "2026-02-24T10:42:00Z")
        draft.message_id, draft.eol = "<return.1@northbank.example>", "crlf"
        with open(os.path.join(house.REPO, "tests", "fixtures", "performance-return.txt"), encoding="utf-8") as file:
            draft.subject, draft.text = "Performance", file.read()
        server.append([draft.bytes(), letter("A question", "Who do I call about the room on Tuesday?"),
                       letter("Away", "I am away", headers=[("Auto-Submitted", "auto-replied")])])
        done = made.once()
        expect(done.code == 0, f"{done.code}: {done.err}")
        found = outcomes(made)
        expect(sorted(found)[0] == "attention" and "ignored" in found and len(found) == 3, found)
        expect(server.uids("INBOX") == [], "mail is left in the inbox")
        moved = {name: len(server.uids(name)) for name in ("Filed", "Problems", "Attention", "Ignored")}
        expect(moved["Attention"] == 1 and moved["Ignored"] == 1 and moved["Filed"] + moved["Problems"] == 1, moved)
        expect(not any(b"\\Seen" in flags for name in moved for flags in server.flags(name)), "a mail was marked as seen")
        kinds = [mailkit.Letter(path).kind for path in made.outbox()]
        expect("receipt" in kinds or "problems" in kinds, kinds)
        key = made.sql("SELECT mailbox_key FROM message WHERE outcome = 'attention'")[0][0]
        expect(key.startswith("Attention/") and key.endswith(f"/{server.uids('Attention')[0]}"), key)
        before = len(made.outbox())
        expect(made.once().code == 0 and len(outcomes(made)) == 3 and len(made.outbox()) == before, "once more does nothing")
        expect(made.sql("SELECT count(*) FROM message WHERE settled_at IS NOT NULL")[0][0] == 0, "settled by nobody")
        with server.client() as box:
            listed = box.lsub()[1]
            expect(any(b"Attention" in one for one in listed if one), f"not subscribed: {listed}")


@test
def what_is_dragged_back_from_attention_is_judged_again():
    server = Shared.mine()
    with home(on_server(server)) as made:
        server.append(letter("A question", "Who do I call about the room on Tuesday?"))
        expect(made.once().code == 0, "first")
        expect(outcomes(made) == ["attention"], outcomes(made))
        server.move("Attention", "INBOX")
        expect(made.once().code == 0, "second")
        rows = made.sql("SELECT outcome, settled_at IS NOT NULL FROM message ORDER BY id")
        expect(rows == [("attention", 1), ("attention", 0)], rows)
        expect(server.uids("INBOX") == [] and len(server.uids("Attention")) == 1, "it did not go back")
        server.move("Attention", "Filed")
        expect(made.once().code == 0, "third")
        rows = made.sql("SELECT settled_at IS NOT NULL FROM message ORDER BY id")
        expect(rows == [(1,), (1,)], f"what a person took away is not settled: {rows}")


@test
def what_is_dragged_back_from_filed_and_quarantine_is_only_moved():
    server = Shared.mine()
    with home(on_server(server)) as made:
        server.append([letter("help"), letter("About a child", "Her NHS number is 943 476 5919.")])
        expect(made.once().code == 0 and sorted(outcomes(made)) == ["answered", "quarantined"], outcomes(made))
        sent = len(made.outbox())
        for folder in ("Filed", "Quarantine"):
            server.move(folder, "INBOX")
        done = made.once()
        expect(done.code == 0 and len(outcomes(made)) == 2, f"{outcomes(made)} {done.err}")
        expect([len(server.uids(one)) for one in ("INBOX", "Filed", "Quarantine")] == [0, 1, 1], "not back in their places")
        expect(len(made.outbox()) == sent, "answered again")
        keys = {row[0]: row[1] for row in made.sql("SELECT outcome, mailbox_key FROM message")}
        for outcome, folder in (("answered", "Filed"), ("quarantined", "Quarantine")):
            expect(keys[outcome].endswith(f"/{server.uids(folder)[0]}"), f"{keys} is not where it lies")
        done = made.ctl("inbox", "release", str(made.sql("SELECT id FROM message WHERE outcome = 'quarantined'")[0][0]))
        expect(done.code == 0 and made.once().code == 0 and len(outcomes(made)) == 3, f"not released: {done.err}")


@test
def mail_that_staff_take_away_while_it_is_judged():
    """From the inbox, behind the daemon's back: it is filed, and theirs."""
    server = Shared.mine()
    taken = threading.Event()

    def take():
        while not taken.is_set():
            with contextlib.suppress(Exception):
                if server.uids("INBOX"):
                    with server.client() as box:
                        box.create("Elsewhere")
                    server.move("INBOX", "Elsewhere")
                    taken.set()

    server.name = lambda folder, plain=server.name: folder if folder == "Elsewhere" else plain(folder)
    with home(on_server(server, "poll = 1")) as made, daemon(made):
        expect(made.wait_for(lambda: server.uids("Attention") is not None, 20), "not up")
        threading.Thread(target=take, daemon=True).start()
        server.append([letter("A question", f"Who do I call about room {number}?") for number in range(4)])
        expect(made.wait_for(taken.is_set, 20), "nothing was taken")
        taken.set()
        time.sleep(3)
        rows = made.sql("SELECT moved_at IS NOT NULL, settled_at IS NOT NULL FROM message")
        where = {name: len(server.uids(name)) for name in ("INBOX", "Attention", "Elsewhere")}
        expect(where["INBOX"] == 0 and where["Attention"] + where["Elsewhere"] == 4, where)
        expect(all(moved for moved, _ in rows), f"not moved: {rows}")
        expect(sum(1 - settled for _, settled in rows) == where["Attention"], f"{rows} {where}")
        expect(troubles(log_of(made)) == [], log_of(made))


@test
def folders_that_begin_anew_settle_and_double_nothing():
    server = Shared.mine()
    with home(on_server(server, "poll = 1")) as made, daemon(made):
        server.append([letter("help"), letter("A question", "Who do I call about the room?")])
        expect(made.wait_for(lambda: len(outcomes(made)) == 2 and server.uids("INBOX") == [], 20), log_of(made))
        shutil.rmtree(server.join("mail", server.me, ".INBOX.Attention"))
        os.unlink(server.join("mail", server.me, "dovecot-uidlist"))
        for name in os.listdir(server.join("mail", server.me)):
            if name.startswith("dovecot.index"):
                os.unlink(server.join("mail", server.me, name))
        server.append(letter("mine"))
        expect(made.wait_for(lambda: len(outcomes(made)) == 3, 30), f"{outcomes(made)} {log_of(made)}")
        rows = made.sql("SELECT settled_at IS NOT NULL FROM message WHERE outcome = 'attention'")
        expect(rows == [(0,)], f"settled by nobody: {rows}")
        expect(made.wait_for(lambda: server.uids("INBOX") == [], 10), "mail is left")


@test
def an_attention_folder_that_begins_anew_is_known_again():
    server = Shared.mine()
    with home(on_server(server)) as made:
        server.append([letter("A question", f"Who do I call about room {number}?") for number in range(3)])
        expect(made.once().code == 0 and outcomes(made) == ["attention"] * 3, outcomes(made))
        before = made.sql("SELECT mailbox_key FROM message")
        folder = server.join("mail", server.me, ".INBOX.Attention")
        for name in os.listdir(folder):
            if name.startswith("dovecot"):
                os.unlink(os.path.join(folder, name))
        time.sleep(1.1)  # a new UIDVALIDITY is the second
        expect(made.once().code == 0, "again")
        rows = made.sql("SELECT mailbox_key, settled_at IS NOT NULL FROM message")
        expect(all(settled == 0 and (key,) not in before for key, settled in rows), f"{before} {rows}")
        server.move("Attention", "Filed")
        expect(made.once().code == 0, "taken away")
        expect(made.sql("SELECT count(*) FROM message WHERE settled_at IS NULL") == [(0,)], "not settled")


def without_move(more, separator="/", prefix=""):
    with dovecot.Dovecot(separator, prefix, more) as server, home(on_server(server)) as made:
        server.append([letter("help"), letter("A question", "Who do I call about the room?")])
        done = made.once()
        expect(sorted(outcomes(made)) == ["answered", "attention"], f"{outcomes(made)} {done.err}")
        return done, {name: len(server.uids(name) or []) for name in ("INBOX", "Filed", "Attention")}, \
            [row[0] for row in made.sql("SELECT mailbox_key FROM message")]


@test
def a_server_without_move_is_served_by_copy_and_expunge():
    done, where, keys = without_move("imap_capability = IMAP4rev1 SASL-IR LITERAL+ ID IDLE NAMESPACE UIDPLUS")
    expect(done.code == 0, done.err)
    expect(where == {"INBOX": 0, "Filed": 1, "Attention": 1}, where)
    expect(all(key.startswith(("Filed/", "Attention/")) for key in keys), keys)


@test
def a_server_without_move_and_uidplus_keeps_its_mail():
    done, where, _ = without_move("imap_capability = IMAP4rev1 SASL-IR LITERAL+ ID IDLE NAMESPACE")
    expect(done.code == 75 and "neither MOVE nor UIDPLUS" in done.err, f"{done.code}: {done.err}")
    expect(where["INBOX"] == 2, where)


@test
def mail_that_cannot_be_moved_is_not_fetched_again():
    with Evil([letter("help"), letter("mine")]) as evil:
        evil.capabilities = "IMAP4rev1"
        with home(at(evil, more="poll = 1")) as made, daemon(made):
            expect(made.wait_for(lambda: len(made.outbox()) == 2, 10), log_of(made))
            time.sleep(3.5)
            bodies = [one for one in evil.seen if "BODY.PEEK" in one.upper()]
            expect(len(bodies) == 1, bodies)
            expect(len(troubles(log_of(made))) == 1 and "stays in the inbox" in log_of(made), log_of(made))


@test
def folders_follow_the_delimiter_and_the_namespace():
    done, where, _ = without_move("", ".", "INBOX.")
    expect(done.code == 0 and where == {"INBOX": 0, "Filed": 1, "Attention": 1}, f"{where} {done.err}")


@test
def folders_may_have_any_name():
    server = Shared.mine()
    with home(on_server(server, 'folders { filed = "Erledigt – geprüft" attention = "Für & Wider" }')) as made:
        server.append([letter("help"), letter("A question", "Who do I call about the room?")])
        done = made.once()
        expect(done.code == 0, done.err)
        for name in ("Erledigt &IBM- gepr&APw-ft", "F&APw-r &- Wider"):
            expect(len(server.uids(name) or []) == 1, f"not in {name}")
        expect(made.once().code == 0 and len(outcomes(made)) == 2, "again")


@test
def the_mailbox_may_be_a_folder_of_any_name():
    server = Shared.mine()
    with server.client() as box:
        expect(box.create('"Post &APw-ber Tee"')[0] == "OK", "not made")
        box.append('"Post &APw-ber Tee"', None, None, letter("help"))
    with home(on_server(server, folder="Post%20%C3%BCber%20Tee")) as made:
        done = made.once()
        expect(done.code == 0 and outcomes(made) == ["answered"], f"{outcomes(made)} {done.err}")
        with server.client() as box:
            expect(any(b"Post &APw-ber Tee/Filed" in one for one in box.list()[1]), box.list())


@test
def idle_brings_new_mail_at_once():
    server = Shared.mine()
    with home(on_server(server, "poll = 3600")) as made, daemon(made):
        expect(made.wait_for(lambda: server.uids("Quarantine") is not None, 20), log_of(made))
        time.sleep(1)
        took = []
        for number in range(3):
            began = time.monotonic()
            server.append(letter("help", sender="laura.carver@fmht.example"))
            expect(made.wait_for(lambda n=number: len(made.outbox()) == n + 1, 20, 0.01), f"no answer: {log_of(made)}")
            took.append(time.monotonic() - began)
            time.sleep(0.5)
        expect(made.wait_for(lambda: server.uids("INBOX") == [], 5), "mail is left")
        expect(max(took) < 5, f"answers took {took}")
        return f"# delivery to answer: {', '.join(f'{one * 1000:.0f} ms' for one in took)}"


@test
def starttls_and_an_address_as_user():
    server = Shared.server.of("lscp@fscp.example")
    with home(on_server(server, "starttls = true", "imap")) as made:
        server.append(letter("help"))
        done = made.once()
        expect(done.code == 0 and outcomes(made) == ["answered"], f"{outcomes(made)} {done.err}")


@test
def since_leaves_older_mail_alone():
    server = Shared.mine()
    with home(on_server(server, 'since = "2026-02-20"')) as made:
        with server.client() as box:
            for _ in range(30):
                box.append("INBOX", None, '"10-Jan-2026 09:00:00 +0000"', letter("help"))
            box.append("INBOX", None, '"20-Feb-2026 09:00:00 +0000"', letter("help"))
            box.append("INBOX", None, '"10-Jan-2026 09:00:00 +0000"', letter("help"))
        done = made.once()
        expect(done.code == 0 and outcomes(made) == ["answered"], f"{outcomes(made)} {done.err}")
        expect(len(server.uids("INBOX")) == 31, "old ones were moved")
        with daemon(made):
            for number in range(3):
                server.append(letter("mine"))
                expect(made.wait_for(lambda n=number: len(outcomes(made)) == n + 2, 10), log_of(made))
            expect(made.wait_for(lambda: len(server.uids("INBOX")) == 31, 10), "old ones were moved")


@test
def what_is_too_large_is_not_fetched_whole():
    server = Shared.mine()
    with home(on_server(server)) as made:
        made.config["limits"] = '{ message = "200K" }'
        made.write_config()
        server.append([letter("Big", "x" * 70 + "\n" + ("y" * 70 + "\n") * 20000), letter("help", "z " * 20000)])
        done = made.once()
        expect(done.code == 0, done.err)
        rows = made.sql("SELECT outcome, reason FROM v_message ORDER BY size_bytes")
        expect(rows[1] == ("attention", "too large"), rows)


@test
def a_few_hundred_mails_and_a_large_one():
    server = Shared.mine()
    with home(on_server(server)) as made:
        mails = [letter("help", sender="laura.carver@fmht.example") for _ in range(300)]
        mails.insert(150, letter("Section 11", "Form: section-11\n" + ("y" * 70 + "\n") * 40000))
        server.append(mails)
        began = time.monotonic()
        done = made.once()
        took = time.monotonic() - began
        expect(done.code == 0, done.err)
        expect(len(outcomes(made)) == 301 and server.uids("INBOX") == [], f"{len(outcomes(made))} rows")
        expect(made.sql("SELECT count(DISTINCT mailbox_key) FROM message") == [(301,)], "keys")
        return f"# 301 mails in {took:.2f} s, {301 / took:.0f} a second"


@test
def a_backlog_costs_few_round_trips():
    mails = [letter("help" if number % 3 else "A question", "Who do I call about the room?") for number in range(600)]
    with Evil(mails) as evil, home(at(evil)) as made:
        done = made.once()
        expect(done.code == 0 and len(outcomes(made)) == 600 and evil.mails == {}, f"{len(outcomes(made))} {done.err}")
        expect(len(evil.seen) <= 0.15 * 600, f"{len(evil.seen)} commands: {evil.seen[:20]}")
        work = [one for one in evil.seen if one.startswith(("fetch", "move"))]
        return f"# {len(evil.seen)} commands for 600 mails, {len(work)} of them FETCH and MOVE"


@test
def a_wrong_password_is_said():
    server = Shared.mine()
    with home(on_server(server)) as made:
        wrong = made.join("wrong")
        with open(wrong, "w", encoding="ascii") as file:
            file.write("not the word\n")
        os.chmod(wrong, 0o600)
        made.config["mailbox"] = made.config["mailbox"].replace(server.join("password"), wrong)
        made.write_config()
        done = made.once()
        expect(done.code == 75 and f"does not let {server.me} in" in done.err, f"{done.code}: {done.err}")
        expect("not the word" not in done.err, "the password is in the log")


@test
def a_server_that_restarts_is_found_again():
    """Without `poll`: the mailbox itself looks again, each time later."""
    with dovecot.Dovecot() as server, home(on_server(server)) as made, daemon(made):
        server.append(letter("help"))
        expect(made.wait_for(lambda: len(made.outbox()) == 1, 15), log_of(made))
        server.stop()
        time.sleep(4)
        server.start()
        server.append(letter("mine"))
        expect(made.wait_for(lambda: len(made.outbox()) == 2, 40), log_of(made))
        expect(made.wait_for(lambda: server.uids("INBOX") == [], 5), "mail is left")
        said = log_of(made)
        expect(len(troubles(said)) == 1 and "can be read again" in said, said)


# Tokens -------------------------------------------------------------------------

def by_token(made, server, tokens):
    secret = made.join("secret")
    with open(secret, "w", encoding="ascii") as file:
        file.write("the client's secret\n")
    os.chmod(secret, 0o600)
    made.config["mailbox"] = (f'{{ url = "imaps://lscp@localhost:{server.tls}/INBOX" oauth2 = "m365" poll = 1 timeout = 10'
                              f' ca-file = "{server.join("ca", "ca.crt")}" }}')
    made.config['oauth2 "m365"'] = (f'{{ token-url = "http://localhost:{tokens.port}/token" client-id = "an-id"'
                                    f' client-secret-file = "{secret}" scope = "a-scope" }}')
    made.write_config()


@test
def tokens_log_in_and_are_renewed_once_when_they_are_revoked():
    with dovecot.TokenServer() as tokens, dovecot.Dovecot(tokens=tokens) as server, home('{ url = "maildir:inbox" }') as made:
        by_token(made, server, tokens)
        server.append(letter("help"))
        with daemon(made):
            expect(made.wait_for(lambda: len(made.outbox()) == 1, 15), log_of(made))
            expect(len(tokens.asked) == 1, tokens.asked)
            tokens.good.clear()
            server.stop()
            server.start()
            server.append(letter("mine"))
            expect(made.wait_for(lambda: len(made.outbox()) == 2, 40), log_of(made))
            expect(len(tokens.asked) == 2, f"asked {len(tokens.asked)} times")
            log = log_of(made)
        expect("token-1" not in log and "token-2" not in log, "a token is in the log")


@test
def a_token_that_nobody_gives_or_takes_is_said():
    with dovecot.TokenServer() as tokens, dovecot.Dovecot(tokens=tokens) as server, home('{ url = "maildir:inbox" }') as made:
        by_token(made, server, tokens)
        tokens.answer = (401, {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret."})
        done = made.once()
        expect(done.code == 75 and "secret" in done.err and len(troubles(done.err)) == 1, f"{done.code}: {done.err}")
        tokens.answer = (200, {"token_type": "Bearer", "expires_in": 3600, "access_token": "not-good"})
        server.append(letter("help"))
        ask_for_a_return(made)
        done = made.once()
        expect(done.code == 75 and "does not let lscp in" in done.err, f"{done.code}: {done.err}")
        expect(len(troubles(done.err)) == 1 and len(requests(made)) == 1, done.err)
        tokens.answer = None
        expect(made.once().code == 0 and outcomes(made) == ["answered"], outcomes(made))


# Hostile servers ------------------------------------------------------------------

class Certificates:
    folder = None

    @classmethod
    def of(cls, name):
        return os.path.join(cls.folder, name)


def make_certificates():
    Certificates.folder = tempfile.mkdtemp(prefix="lscpd-certificates-")
    dovecot.make_authority(Certificates.folder)
    dovecot.make_authority(Certificates.folder, "stranger")
    dovecot.make_certificate(Certificates.folder, "good", "localhost")
    dovecot.make_certificate(Certificates.folder, "other-name", "mail.elsewhere.example")
    dovecot.make_certificate(Certificates.folder, "unknown", "localhost", "stranger")
    dovecot.make_certificate(Certificates.folder, "expired", "localhost", expired=True)
    with open(Certificates.of("password"), "w", encoding="ascii") as file:
        file.write("secret\n")
    os.chmod(Certificates.of("password"), 0o600)


def at(evil, scheme="imap", more="", timeout=TIMEOUT_S):
    return (f'{{ url = "{scheme}://lscp@localhost:{evil.port}" password-file = "{Certificates.of("password")}"'
            f' ca-file = "{Certificates.of("ca.crt")}" timeout = {timeout} {more} }}')


def cure(evil):
    evil.tricks.clear()
    evil.sizes.clear()
    evil.certificate = Certificates.of("good")
    if not evil.implicit:
        evil.capabilities += " STARTTLS"


def suffers(evil, words, untold=False, most_s=2 * TIMEOUT_S + 3, **how):
    """
    A run against it: one line in the log, with these words; what else is to be
    done is done; and once it is cured, each mail is filed and answered once.
    """
    before = len(evil.mails)
    with home(at(evil, **how)) as made:
        ask_for_a_return(made)
        began, began_at = time.monotonic(), time.time()
        done = made.once()
        took = time.monotonic() - began
        expect(done.code == 75, f"ended with {done.code}: {done.err}")
        expect(words in done.err, f"{words!r} is not said: {done.err}")
        expect(len(troubles(done.err)) == 1, f"not one line: {done.err}")
        expect(took < most_s, f"it took {took:.1f} s: {done.err}")
        sent = requests(made)
        expect(len(sent) == 1, "the outbox was not sent meanwhile")
        expect(os.stat(sent[0]).st_mtime - began_at < max(1.5, took / 2), "the outbox had to wait")
        expect(outcomes(made) == [], f"{outcomes(made)} {done.err}")
        expect(not untold or "login" not in evil.seen, f"the password was told: {evil.seen}")
        cure(evil)
        done = made.once()
        expect(done.code == 0, f"cured: {done.code}: {done.err}")
        expect(outcomes(made) == ["answered"] * before and answers(made) == before, f"cured: {outcomes(made)}")
        expect(evil.mails == {} and len(evil.filed) == before, f"cured: {evil.filed}")


@test
def the_evil_server_can_be_good():
    for how in ({}, {"scheme": "imaps"}):
        with Evil([letter("help"), letter("mine")], implicit=how != {}, certificate=Certificates.of("good")) as evil:
            with home(at(evil, **how)) as made:
                done = made.once()
                expect(done.code == 0 and outcomes(made) == ["answered"] * 2, f"{outcomes(made)} {done.err}")
                expect(len(evil.filed) == 2 and evil.mails == {}, "not moved")


def fault(name, words, how=None, server=None, **tricks):
    """A test of its own for one thing that a server does wrong."""
    def run():
        with Evil([letter("help"), letter("mine")], certificate=Certificates.of("good"), **tricks) as evil:
            for key, value in (server or {}).items():
                setattr(evil, key, value() if callable(value) else value)
            suffers(evil, words, **(how or {}))
    TESTS.append((name, run))


# Before anything is told to it

UNTOLD = {"untold": True}
BY_STARTTLS = {"untold": True, "more": "starttls = true"}
OFFERS = "IMAP4rev1 UIDPLUS MOVE IDLE STARTTLS"

for _name, _words in (("other-name", "name in the certificate does not match"), ("unknown", "issuer is unknown"),
                      ("expired", "expired")):
    fault(f"a certificate that proves nothing: {_name}", _words, {"untold": True, "scheme": "imaps"},
          {"certificate": lambda name=_name: Certificates.of(name), "implicit": True})
    fault(f"a certificate that proves nothing behind STARTTLS: {_name}", _words, BY_STARTTLS,
          {"certificate": lambda name=_name: Certificates.of(name), "capabilities": OFFERS})


def inject(session, tag, _words):
    session.send(f"{tag} OK begin\r\n* CAPABILITY IMAP4rev1 INJECTED\r\nx OK injected\r\n".encode())
    session.starttls()
    return True


def says(*lines, then=None):
    """Answers with these lines ({tag} stands for the command's), and then."""
    def trick(session, tag, _words):
        for line in lines:
            session.send(line.format(tag=tag))
        if then is not None:
            then(session)
        return True
    return trick


def hangs(session):
    session.sleep()


def leaves(session):
    session.close()


fault("starttls that is taken away", "takes it away", BY_STARTTLS)
fault("starttls that is refused", "refuses it", BY_STARTTLS, {"capabilities": OFFERS}, starttls=says("{tag} NO not now"))
fault("words put in behind starttls", "puts words in", BY_STARTTLS, {"capabilities": OFFERS}, starttls=inject)
fault("preauth before starttls", "logged in already", BY_STARTTLS, {"capabilities": OFFERS}, greeting=says("* PREAUTH welcome"))
fault("a server that says nothing", "no whole answer within 2 seconds", UNTOLD, greeting=says(then=hangs))
fault("a server that is full", "too many users", UNTOLD, greeting=says("* BYE too many users", then=leaves))
fault("a login that gets no answer", "no whole answer within", login=says(then=hangs))
fault("a login that ends the connection", "closed the connection", login=says(then=leaves))
fault("a login that has to wait", "Server Unavailable. 15", login=says("{tag} NO Server Unavailable. 15"))
fault("a server that does not say what it can", "does not say what it can do", UNTOLD, capability=says("{tag} OK done"))

# Words that ask for patience, and how a server ends it

for _number, _said in enumerate(("User is authenticated but not connected.", "Request is throttled. Suggested Backoff Time:"
                                 " 299961 milliseconds", "[THROTTLED] no", "[LIMIT] no", "[UNAVAILABLE] no", "[INUSE] no")):
    fault(f"a server that asks for patience: {_said[:20]}", _said.split("] ")[0], select=says("{tag} NO " + _said))
fault("goodbye instead of a folder", "shutting down", select=says("* BYE shutting down", then=leaves))
fault("goodbye within a listing, and no end", "shutting down", fetch=says("* BYE shutting down", then=hangs))
fault("a folder without UIDVALIDITY", "no UIDVALIDITY", select=says("* 2 EXISTS", "{tag} OK done"))
fault("garbage", "cannot be understood", fetch=lambda s, t, w: s.send(b"* 1 FETCH (\x00\xff garbage\r\n") or True)


# Within a body

def half_a_body(then):
    def trick(session, _tag, words):
        number, uid, data = words
        session.send(f"* {number} FETCH (UID {uid} BODY[] {{{len(data)}}}\r\n".encode() + data[:50])
        then(session)
        return True
    return trick


def drips(session):
    for _ in range(3600):
        session.send(b"x")
        session.sleep(1)


fault("a connection that ends within a body", "closed the connection", body=half_a_body(leaves))
fault("a connection that stands within a body", "no whole answer within", body=half_a_body(hangs))
fault("a byte a second within a body", "no whole answer within", body=half_a_body(drips))


def endless_line(session, _tag, _words):
    session.send(b"* OK ")
    with contextlib.suppress(OSError):
        for _ in range(400):
            session.send(b"x" * 1000000)
    session.close()


fault("a line of 400 megabytes", "more than was asked for", fetch=endless_line)

# What kills libetpan: the process dies, and starts again later

CRASH = {"most_s": 20}
fault("a crash in the greeting", "signal 11", CRASH, greeting=says("* OK [PERMANENTFLAGS (\\Seen)] here"))
fault("a crash in a selection", "signal 11", CRASH, select=says("* 2 EXISTS", "* OK [PERMANENTFLAGS (", "{tag} OK done"))
fault("a crash by depth", "signal 11", CRASH, fetch=says(
    "* 1 FETCH (UID 1 BODYSTRUCTURE " + "(" * 200000, "{tag} OK done"))


@test
def a_crash_in_the_greeting_while_the_daemon_stays():
    with Evil([letter("help")], greeting=says("* OK [PERMANENTFLAGS (\\Seen)] here")) as evil:
        with home(at(evil)) as made, daemon(made) as process:
            time.sleep(6)
            expect(process.poll() is None, "the daemon died")
            expect(evil.connections <= 4, f"{evil.connections} connections: no backoff")
            expect(len(troubles(log_of(made))) == 1, log_of(made))
            evil.tricks.clear()
            expect(made.wait_for(lambda: outcomes(made) == ["answered"], 40), log_of(made))
            expect("can be read again" in log_of(made), log_of(made))


@test
def a_server_that_hangs_holds_up_nothing_and_is_told_once():
    with Evil([letter("help")], select=says(then=hangs)) as evil, home(at(evil, more="poll = 1")) as made, daemon(made):
        time.sleep(TIMEOUT_S + 1)
        ask_for_a_return(made)
        expect(made.wait_for(lambda: len(requests(made)) == 1, 3), f"the outbox has to wait: {log_of(made)}")
        time.sleep(2 * TIMEOUT_S)
        expect(len(troubles(log_of(made))) == 1, log_of(made))
        status = made.ctl("status")
        expect(status.code == 1 and "no whole answer" in status.out, status.out)
        evil.tricks.clear()
        expect(made.wait_for(lambda: answers(made) == 1 and evil.mails == {}, 30), log_of(made))
        expect(made.wait_for(lambda: made.ctl("status").code == 0, 5), made.ctl("status").out)


@test
def a_server_that_says_ok_and_nothing_else():
    """To what it need not know: it is served all the same."""
    for name in ("list", "status", "search", "namespace", "subscribe"):
        with Evil([letter("help"), letter("mine")], **{name: says("{tag} OK done")}) as evil:
            evil.capabilities += " NAMESPACE"
            with home(at(evil, more='since = "2026-01-01"')) as made:
                done = made.once()
                expect(done.code == 0 and outcomes(made) == ["answered"] * 2, f"{name}: {outcomes(made)} {done.err}")
                expect(made.once().code == 0 and evil.mails == {}, name)


@test
def what_is_left_alone_is_not_listed_again():
    with Evil([letter("help") for _ in range(300)]) as evil, home(at(evil, more='since = "2026-02-20"')) as made:
        evil.dates = {uid: "10-Jan-2026" for uid in evil.mails}
        with daemon(made):
            for number in range(3):
                expect(made.wait_for(lambda evil=evil: any(s.idle_tag for s in evil.sessions), 10), log_of(made))
                evil.dates[evil.put(letter("mine"))] = "24-Feb-2026"
                evil.push_exists()
                expect(made.wait_for(lambda n=number: len(outcomes(made)) == n + 1 and len(evil.mails) == 300, 10), log_of(made))
        asked = [one for one in evil.seen if one.startswith("fetch") and " * " not in one]
        expect(asked and all(int(one.split()[2].split(":")[0]) > 300 for one in asked), asked)


@test
def one_poisonous_mail_does_not_stop_the_others():
    def trick(session, tag, words):
        return words[1] == 2 and half_a_body(leaves)(session, tag, words)
    with Evil([letter("help", sender="laura.carver@fmht.example") for _ in range(6)], body=trick) as evil:
        with home(at(evil)) as made:
            done = made.once()
            expect(done.code == 75 and "tried again later" in done.err, f"{done.code}: {done.err}")
            expect(len(troubles(done.err)) == 1, done.err)
            expect(len(outcomes(made)) == 5 and list(evil.mails) == [2], f"{outcomes(made)} {list(evil.mails)}")


# Sizes, and bodies that are not there yet

@test
def sizes_that_are_lies():
    def run(count, sizes):
        with Evil([letter("help", f"Thanks {number}") for number in range(count)]) as evil:
            evil.sizes = {uid: size(len(evil.mails[uid])) for uid, size in sizes.items()}
            with home(at(evil)) as made:
                done = made.once()
                expect(done.code == 0 and evil.mails == {}, done.err)
                return sorted(outcomes(made)), sum(int("BODY.PEEK" in one.upper()) for one in evil.seen)
    every = range(1, 9)
    # A server that only estimates: what ends as the protocol says is whole.
    for wrong in (lambda n: n * 5, lambda n: n + n // 20, lambda n: n // 2, lambda n: 10):
        found, asked = run(8, {uid: wrong for uid in every})
        expect(found == ["answered"] * 8 and asked == 1, f"estimates: {found}, asked {asked} times")
    # One that counts: the one that is short by a byte is not believed.
    found, asked = run(8, {3: lambda n: n + 1})
    expect(found == ["answered"] * 7 + ["attention"] and asked == 2, f"one is short: {found}, asked {asked} times")
    found, asked = run(8, {3: lambda n: n - 1})
    expect(found == ["answered"] * 8, f"one is longer: {found}")


@test
def a_size_that_is_a_gross_lie():
    with Evil([letter("help"), letter("mine", "x" * 5000000)]) as evil, home(at(evil)) as made:
        evil.sizes = {2: 10}
        done = made.once()
        expect(done.code == 0 and len(outcomes(made)) == 2 and evil.mails == {}, f"{outcomes(made)} {done.err}")
    with Evil([letter("help", "x" * 900000)]) as evil, home(at(evil)) as made:
        made.config["limits"] = '{ message = "200K" }'
        made.write_config()
        evil.sizes = {1: 10}
        made.once()
        expect(made.sql("SELECT outcome, reason FROM v_message") == [("attention", "too large")], outcomes(made))


@test
def a_mail_that_is_announced_before_it_is_there():
    for body in ("BODY[] {0}\r\n", "BODY[] NIL", "FLAGS ()"):
        def early(session, _tag, words, body=body):
            session.send(f"* {words[0]} FETCH (UID {words[1]} {body})\r\n".encode())
            return True
        for sizes in ({}, {1: 0}):
            with Evil([letter("help")], body=early) as evil, home(at(evil)) as made:
                evil.sizes = dict(sizes)
                done = made.once()
                expect(outcomes(made) == [] and len(evil.mails) == 1, f"{body}: {outcomes(made)} {done.err}")
                expect(body == "FLAGS ()" or (done.code == 75 and "has no body yet" in done.err), f"{body}: {done.err}")
                cure(evil)
                done = made.once()
                expect(outcomes(made) == ["answered"] and done.code == 0, f"{body}: {outcomes(made)} {done.err}")


@test
def a_mail_whose_body_comes_while_we_wait():
    def early(session, _tag, words):
        session.send(f"* {words[0]} FETCH (UID {words[1]} BODY[] NIL)")
        return True
    with Evil([], body=early) as evil, home(at(evil, more="poll = 1")) as made:
        with daemon(made):
            time.sleep(1)
            evil.put(letter("help"))
            evil.push_exists()
            time.sleep(2.5)
            expect(outcomes(made) == [] and len(troubles(log_of(made))) == 1, f"{outcomes(made)} {log_of(made)}")
            evil.tricks.clear()
        # Its next try is a minute away by now; a new process asks at once.
        with daemon(made):
            expect(made.wait_for(lambda: outcomes(made) == ["answered"], 10), log_of(made))


# Moves

def does_it_and_is_gone(session, _tag, words):
    if session.server.tricks.pop("move", None):
        session.carry(session.wanted(words[2]), session.server.name(words[-1]))
        for uid in session.wanted(words[2]):
            del session.mails()[uid]
    session.close()


@test
def a_move_that_gets_no_answer_is_found_out():
    mails = [letter("help"), letter("A question", "Who do I call about the room?"), letter("mine")]
    with Evil(mails, move=does_it_and_is_gone) as evil, home(at(evil)) as made:
        done = made.once()
        expect(done.code == 0, f"{done.code}: {done.err}")
        evil.tricks["move"] = does_it_and_is_gone
        evil.put(letter("A second question", "And the room after that?"))
        expect(made.once().code == 0 and made.once().code == 0, "again")
        rows = made.sql("SELECT outcome, mailbox_key, moved_at IS NOT NULL, settled_at IS NOT NULL FROM message ORDER BY id")
        expect([row[0] for row in rows] == ["answered", "attention", "answered", "attention"], rows)
        expect(all(row[2] == 1 and row[3] == 0 for row in rows), f"not moved, or settled: {rows}")
        keys = sorted(row[1] for row in rows if row[0] == "attention")
        expect(keys == [f"Attention/99/{uid}" for uid in sorted(evil.folder("Attention"))], f"{keys} are not where they lie")
        evil.folders["Attention"].clear()
        expect(made.once().code == 0, "taken away")
        rows = made.sql("SELECT count(*) FROM message WHERE outcome = 'attention' AND settled_at IS NULL")
        expect(rows == [(0,)], "what a person took away is not settled")


@test
def a_move_whose_answer_a_killed_daemon_did_not_hear():
    with Evil([letter("A question", "Who do I call about the room?")]) as evil, home(at(evil, timeout=20)) as made:
        evil.held = threading.Event()

        def lost(session, _tag, words):
            if not evil.held.is_set():
                session.carry(session.wanted(words[2]), session.server.name(words[-1]))
                session.mails().clear()
                evil.held.set()
                session.sleep()
        evil.tricks["move"] = lost
        process = made.start()
        expect(made.wait_for(evil.held.is_set, 15), log_of(made))
        process.kill()
        process.wait()
        time.sleep(0.5)
        expect(made.sql("SELECT moved_at FROM message") == [(None,)], "it was told")
        expect(made.once().code == 0 and made.once().code == 0, "again")
        rows = made.sql("SELECT mailbox_key, moved_at IS NOT NULL, settled_at IS NOT NULL FROM message")
        expect(rows == [("Attention/99/1", 1, 0)], rows)


def says_ok_and_moves_nothing(session, tag, _words):
    session.send(f"{tag} OK moved")
    return True


@test
def a_server_that_forgets_move():
    for trick in (says_ok_and_moves_nothing, says("{tag} BAD what"), says("{tag} BAD what", then=leaves)):
        with Evil([letter("help"), letter("mine")], move=trick) as evil, home(at(evil)) as made:
            done = made.once()
            expect(done.code == 0 and outcomes(made) == ["answered"] * 2, f"{outcomes(made)} {done.err}")
            expect(evil.mails == {} and len(evil.folder("Filed")) == 2, f"{evil.folders}")
    with Evil([letter("help")], move=says("{tag} NO not today")) as evil:
        with home(at(evil)) as made:
            done = made.once()
            expect(done.code == 75 and len(troubles(done.err)) == 1 and "not today" in done.err, done.err)
            cure(evil)
            expect(made.once().code == 0 and outcomes(made) == ["answered"] and evil.mails == {}, outcomes(made))


# IDLE

@test
def an_idle_that_is_refused_or_broken_leaves_polling():
    for trick in (says("{tag} NO not today"), says(then=leaves), says("{tag} BAD what"), says("* FLAGS ()", "+ idling")):
        with Evil([], idle=trick) as evil, home(at(evil, more="poll = 1")) as made, daemon(made):
            time.sleep(1)
            evil.put(letter("help"))
            expect(made.wait_for(lambda made=made: len(made.outbox()) == 1, 15), log_of(made))
            expect(troubles(log_of(made)) == [], log_of(made))


@test
def idle_that_ends_by_itself():
    """By a good-bye, by a word that nobody waits for, by the connection's end."""
    for lines in (["* BYE restarting"], ["x9 OK IDLE is over"], []):
        with Evil([]) as evil, home(at(evil)) as made, daemon(made):
            expect(made.wait_for(lambda evil=evil: any(s.idle_tag for s in evil.sessions), 10), log_of(made))
            evil.put(letter("help"))
            evil.push(*lines)
            for session in list(evil.sessions):
                with contextlib.suppress(OSError):
                    session.sock.shutdown(socket.SHUT_RDWR)
            expect(made.wait_for(lambda made=made: outcomes(made) == ["answered"], 15), f"{lines}: {log_of(made)}")
            expect(len(troubles(log_of(made))) == 0, f"{lines}: {log_of(made)}")


@test
def validity_that_changes_while_idle():
    """The server numbers its mails anew: none is lost, none filed twice."""
    for how in ("pushed", "polled", "gone"):
        with Evil([letter("help")]) as evil, home(at(evil, more="poll = 1" if how == "polled" else "")) as made, daemon(made):
            expect(made.wait_for(lambda made=made: len(made.outbox()) == 1, 10), log_of(made))
            expect(made.wait_for(lambda evil=evil: any(s.idle_tag for s in evil.sessions), 10), log_of(made))
            evil.validity, evil.next["INBOX"] = 8, 1
            evil.put(letter("mine"))
            if how == "pushed":
                evil.push("* OK [UIDVALIDITY 8] new numbers")
            if how == "gone":
                evil.push("* BYE new numbers")
            expect(made.wait_for(lambda made=made: len(made.outbox()) == 2, 15), log_of(made))
            expect(made.wait_for(lambda evil=evil: evil.mails == {}, 5), "not moved")
            expect(outcomes(made) == ["answered"] * 2 and troubles(log_of(made)) == [], f"{outcomes(made)} {log_of(made)}")


@test
def what_is_not_moved_yet_keeps_its_row_when_the_numbers_change():
    with Evil([letter("help"), letter("A question", "And the room?")], move=says("{tag} NO not today")) as evil:
        with home(at(evil)) as made:
            expect(made.once().code == 75 and sorted(outcomes(made)) == ["answered", "attention"], outcomes(made))
            evil.validity, evil.folders["INBOX"] = 8, {uid + 10: mail for uid, mail in evil.mails.items()}
            cure(evil)
            expect(made.once().code == 0 and evil.mails == {}, "not moved")
            rows = made.sql("SELECT outcome, substr(mailbox_key, 1, 6) FROM message ORDER BY outcome")
            expect(rows == [("answered", "Filed/"), ("attention", "Attent")], rows)


@test
def without_idle_the_mailbox_is_looked_at_all_the_same():
    with Evil([]) as evil:
        evil.capabilities = "IMAP4rev1 UIDPLUS MOVE"
        with home(at(evil, more="poll = 1")) as made, daemon(made):
            time.sleep(0.5)
            evil.put(letter("help"))
            expect(made.wait_for(lambda: outcomes(made) == ["answered"], 10), log_of(made))
            expect("idle" not in evil.seen, evil.seen)


# By a proxy

class Proxy:
    """One that does as it is told: HTTP's CONNECT, or SOCKS 5."""

    def __init__(self, answer=b"HTTP/1.1 200 OK\r\nVia: x\r\n\r\n", socks=False):
        self.answer, self.socks, self.asked = answer, socks, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self.serve, args=(self.listener.accept()[0],), daemon=True).start()

    def ask(self, sock):
        if not self.socks:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += sock.recv(1)
            self.asked.append(head.decode().splitlines()[0])
            return int(head.split()[1].rsplit(b":", 1)[1])
        sock.recv(3)
        sock.sendall(b"\x05\x00")
        head = sock.recv(300)
        self.asked.append(head[5:-2].decode())
        return int.from_bytes(head[-2:], "big")

    def serve(self, sock):
        with contextlib.suppress(OSError, ValueError, IndexError):
            port = self.ask(sock)
            if self.answer is None:
                time.sleep(60)
            if self.answer == b"":
                sock.close()
            sock.sendall(self.answer)
            far = socket.create_connection(("127.0.0.1", port))
            threading.Thread(target=self.copy, args=(far, sock), daemon=True).start()
            self.copy(sock, far)

    @staticmethod
    def copy(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


SOCKS_OK = b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x01"


@test
def a_proxy_is_the_way_out():
    for scheme, proxy in (("http", Proxy()), ("socks5h", Proxy(SOCKS_OK, socks=True))):
        with Evil([letter("help")], implicit=True, certificate=Certificates.of("good")) as evil, proxy:
            with home(at(evil, "imaps", f'proxy = "{scheme}://127.0.0.1:{proxy.port}"')) as made:
                done = made.once()
                expect(done.code == 0 and outcomes(made) == ["answered"], f"{outcomes(made)} {done.err}")
                expect("localhost" in proxy.asked[0], proxy.asked)


@test
def a_proxy_that_does_not_help_is_said():
    for answer, words in ((b"HTTP/1.1 403 Forbidden\r\n\r\n", "403 Forbidden"), (None, "no whole answer within"),
                          (b"HTTP/1.1 407 Who are you\r\n\r\n", "a name and a password"), (b"", "closed the connection"),
                          (b"SSH-2.0\r\n\r\n", "does not connect"), (b"x" * 20000, "cannot be understood")):
        with Evil([letter("help")], implicit=True, certificate=Certificates.of("good")) as evil, Proxy(answer) as proxy:
            with home(at(evil, "imaps", f'proxy = "http://127.0.0.1:{proxy.port}"')) as made:
                done = made.once()
                expect(done.code == 75 and words in done.err and "the proxy 127.0.0.1" in done.err, f"{words}: {done.err}")
                expect(len(troubles(done.err)) == 1 and evil.seen == [], done.err)


def run_one(name, function):
    try:
        said = function()
        return True, f"{said}\nok imap: {name}" if said else f"ok imap: {name}"
    except Exception as error:  # whatever it is, the next test runs
        return False, f"not ok imap: {name}: {type(error).__name__}: {error}"


def main():
    wanted = sys.argv[1:]
    chosen = [one for one in TESTS if not wanted or any(word in one[0] for word in wanted)]
    failed = 0
    make_certificates()
    Shared.server = dovecot.Dovecot().start()
    try:
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            for done in concurrent.futures.as_completed([pool.submit(run_one, *one) for one in chosen]):
                well, text = done.result()
                failed += not well
                print(text, flush=True)
    finally:
        Shared.server.remove()
        shutil.rmtree(Certificates.folder, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
