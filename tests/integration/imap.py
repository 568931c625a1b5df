#!/usr/bin/env python3
"""The main job on an IMAP server: a real Dovecot that is started here, and
servers of our own that do wrong what a server or somebody in between can do.

Each test has a house of its own. Prints `ok …` and `not ok …` lines.
"""

import contextlib
import os
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import dovecot
import house
import mailkit
from evil_imap import Evil

TESTS = []
TIMEOUT_S = 2


def test(function):
    TESTS.append(function)
    return function


def expect(condition, why):
    if not condition:
        raise AssertionError(str(why)[-1500:])


def letter(subject, text="Thanks", sender="amara.okafor@northbank.example", **more):
    draft = mailkit.Draft(sender, "2026-02-24T10:42:00Z")
    draft.subject, draft.text = subject, text
    letter.count += 1
    draft.message_id = f"<{letter.count}.imap@{sender.split('@')[1]}>"
    draft.eol = "crlf"
    for name, value in more.items():
        setattr(draft, name, value)
    return draft.bytes()


letter.count = 0


@contextlib.contextmanager
def home(mailbox):
    folder = tempfile.mkdtemp(prefix="lscpd-imap-")
    made = house.House(os.path.join(folder, "house"), {"mailbox": mailbox})
    made.register()
    try:
        yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def on_server(server, user="lscp", more=""):
    return (f'{{ url = "imaps://{user}@localhost:{server.tls}/INBOX" password-file = "{server.join("password")}"'
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


class Shared:
    """One Dovecot for most tests; its mailbox is emptied between them."""
    server = None


def emptied():
    with Shared.server.client() as box:
        for name in ("INBOX", "Filed", "Problems", "Attention", "Ignored", "Quarantine"):
            status, _ = box.select(Shared.server.name(name))
            if status == "OK":
                box.uid("STORE", "1:*", "+FLAGS.SILENT", "(\\Deleted)")
                box.expunge()
    return Shared.server


# The main job on Dovecot -------------------------------------------------------

def main_job(made, server):
    """A return comes, is filed and answered; free text waits; a robot is ignored."""
    done = made.once()
    expect(done.code == 0, f"nothing there yet: {done.code}: {done.err}")
    done = made.ctl("round", "open", "PR1", "--form", "performance-return", "--due", "2026-03-27", "--agencies", "NHT")
    expect(done.code == 0, done.err)
    expect(made.once().code == 0, "the requests")
    request = next(one for one in map(mailkit.Letter, made.outbox()) if one.kind == "request")
    draft = mailkit.Draft(request.to, "2026-02-24T10:42:00Z")
    draft.message_id, draft.eol = "<return.1@northbank.example>", "crlf"
    with open(os.path.join(house.REPO, "tests", "fixtures", "performance-return.txt"), encoding="utf-8") as file:
        draft.subject, draft.text = "Performance", file.read()
    server.append([draft.bytes(), letter("A question", "Who do I call about the room on Tuesday?"),
                   letter("Away", "I am away", headers=[("Auto-Submitted", "auto-replied")])])
    done = made.once()
    expect(done.code == 0, f"{done.code}: {done.err}")
    return request


@test
def a_return_by_imap_is_filed_answered_and_moved():
    server = emptied()
    with home(on_server(server)) as made:
        main_job(made, server)
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
    server = emptied()
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
def folders_that_begin_anew_settle_and_double_nothing():
    server = emptied()
    with home(on_server(server, more="poll = 1")) as made, daemon(made):
        server.append([letter("help"), letter("A question", "Who do I call about the room?")])
        expect(made.wait_for(lambda: len(outcomes(made)) == 2 and server.uids("INBOX") == [], 20), log_of(made))
        shutil.rmtree(server.join("mail", "lscp", ".INBOX.Attention"))
        os.unlink(server.join("mail", "lscp", "dovecot-uidlist"))
        for name in os.listdir(server.join("mail", "lscp")):
            if name.startswith("dovecot.index"):
                os.unlink(server.join("mail", "lscp", name))
        server.append(letter("mine"))
        expect(made.wait_for(lambda: len(outcomes(made)) == 3, 30), f"{outcomes(made)} {log_of(made)}")
        rows = made.sql("SELECT settled_at IS NOT NULL FROM message WHERE outcome = 'attention'")
        expect(rows == [(0,)], f"settled by nobody: {rows}")
        expect(made.wait_for(lambda: server.uids("INBOX") == [], 10), "mail is left")


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
def folders_follow_the_delimiter_and_the_namespace():
    done, where, _ = without_move("", ".", "INBOX.")
    expect(done.code == 0 and where == {"INBOX": 0, "Filed": 1, "Attention": 1}, f"{where} {done.err}")


@test
def idle_brings_new_mail_at_once():
    server = emptied()
    with home(on_server(server, more="poll = 3600")) as made, daemon(made) as process:
        expect(made.wait_for(lambda: "imap" in children(process.pid), 5), "no mailbox process")
        time.sleep(2)
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


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return "imap" if file.read().split() else ""


@test
def starttls_and_an_address_as_user():
    server = emptied()
    mailbox = (f'{{ url = "imap://lscp%40fscp.example@localhost:{server.plain}" starttls = true timeout = 10'
               f' password-file = "{server.join("password")}" ca-file = "{server.join("ca", "ca.crt")}" }}')
    with home(mailbox) as made:
        server.append(letter("help"), user="lscp@fscp.example")
        done = made.once()
        expect(done.code == 0 and outcomes(made) == ["answered"], f"{outcomes(made)} {done.err}")


@test
def since_leaves_older_mail_alone():
    server = emptied()
    with home(on_server(server, more='since = "2026-02-20"')) as made:
        with server.client() as box:
            box.append("INBOX", None, '"10-Jan-2026 09:00:00 +0000"', letter("help"))
            box.append("INBOX", None, '"20-Feb-2026 09:00:00 +0000"', letter("help"))
        done = made.once()
        expect(done.code == 0 and outcomes(made) == ["answered"], f"{outcomes(made)} {done.err}")
        expect(len(server.uids("INBOX")) == 1, "the old one was moved")


@test
def what_is_too_large_is_not_fetched_whole():
    server = emptied()
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
    server = emptied()
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
def a_wrong_password_is_said():
    server = emptied()
    with home(on_server(server)) as made:
        wrong = made.join("wrong")
        with open(wrong, "w", encoding="ascii") as file:
            file.write("not the word\n")
        os.chmod(wrong, 0o600)
        made.config["mailbox"] = made.config["mailbox"].replace(server.join("password"), wrong)
        made.write_config()
        done = made.once()
        expect(done.code == 75 and "does not let lscp in" in done.err, f"{done.code}: {done.err}")
        expect("not the word" not in done.err, "the password is in the log")


@test
def a_server_that_restarts_is_found_again():
    with dovecot.Dovecot() as server, home(on_server(server, more="poll = 1")) as made, daemon(made):
        server.append(letter("help"))
        expect(made.wait_for(lambda: len(made.outbox()) == 1, 15), log_of(made))
        server.stop()
        time.sleep(2)
        server.start()
        server.append(letter("mine"))
        expect(made.wait_for(lambda: len(made.outbox()) == 2, 40), log_of(made))
        expect(made.wait_for(lambda: server.uids("INBOX") == [], 5), "mail is left")


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
def tokens_log_in_and_are_renewed_once_when_they_are_refused():
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
        expect(done.code == 75 and "secret" in done.err, f"{done.code}: {done.err}")
        tokens.answer = (200, {"token_type": "Bearer", "expires_in": 3600, "access_token": "not-good"})
        done = made.once()
        expect(done.code == 75 and "does not let lscp in" in done.err, f"{done.code}: {done.err}")


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


def at(evil, scheme="imap", more=""):
    return (f'{{ url = "{scheme}://lscp@localhost:{evil.port}" password-file = "{Certificates.of("password")}"'
            f' ca-file = "{Certificates.of("ca.crt")}" timeout = {TIMEOUT_S} {more} }}')


def once_against(evil, scheme="imap", more="", limit_s=None):
    with home(at(evil, scheme, more)) as made:
        began = time.monotonic()
        done = made.once()
        took = time.monotonic() - began
        most = limit_s or 2 * TIMEOUT_S + 2
        expect(took < most, f"it took {took:.1f} s: {done.err}")
        return made, done, outcomes(made)


def fails(evil, words, **how):
    _, done, found = once_against(evil, **how)
    expect(done.code == 75, f"ended with {done.code}: {done.err}")
    expect(words in done.err, f"{words!r} is not said: {done.err}")
    lines = [line for line in done.err.splitlines() if "the mailbox cannot be read" in line]
    expect(len(lines) == 1, f"{len(lines)} lines: {done.err}")
    return found


@test
def the_evil_server_can_be_good():
    for how in ({}, {"scheme": "imaps"}):
        with Evil([letter("help"), letter("mine")], implicit=how != {}, certificate=Certificates.of("good")) as evil:
            _, done, found = once_against(evil, **how)
            expect(done.code == 0 and found == ["answered"] * 2, f"{found} {done.err}")
            expect(len(evil.filed) == 2 and evil.mails == {}, "not moved")


@test
def certificates_that_do_not_prove_the_host_are_refused():
    for name, words in (("other-name", "name in the certificate does not match"), ("unknown", "issuer is unknown"),
                        ("expired", "expired")):
        with Evil([letter("help")], implicit=True, certificate=Certificates.of(name)) as evil:
            expect(fails(evil, words, scheme="imaps") == [], name)
            expect(evil.seen == [], f"{name}: {evil.seen}")
        with Evil([letter("help")], certificate=Certificates.of(name)) as evil:
            evil.capabilities += " STARTTLS"
            expect(fails(evil, words, more="starttls = true") == [], name)
            expect("login" not in evil.seen, f"{name}: {evil.seen}")


@test
def starttls_that_is_taken_away_is_noticed():
    with Evil([letter("help")]) as evil:
        fails(evil, "takes it away", more="starttls = true")
        expect("login" not in evil.seen, evil.seen)


def inject(session, tag, _words):
    session.send(f"{tag} OK begin\r\n* CAPABILITY IMAP4rev1 INJECTED\r\nx OK injected\r\n".encode())
    session.starttls()
    return True


@test
def words_put_in_behind_starttls_are_noticed():
    with Evil([letter("help")], certificate=Certificates.of("good"), starttls=inject) as evil:
        evil.capabilities += " STARTTLS"
        fails(evil, "puts words in", more="starttls = true")
        expect("login" not in evil.seen, evil.seen)


@test
def preauth_before_starttls_is_refused():
    with Evil([letter("help")], greeting=lambda s, t, w: s.send("* PREAUTH welcome") or True) as evil:
        evil.capabilities += " STARTTLS"
        fails(evil, "logged in already", more="starttls = true")


def half_a_body(then):
    def trick(session, _tag, words):
        number, uid, data = words
        session.send(f"* {number} FETCH (UID {uid} BODY[] {{{len(data)}}}\r\n".encode() + data[:50])
        then(session)
        return True
    return trick


def drip(session):
    for _ in range(3600):
        session.send(b"x")
        session.sleep(0.3)


@test
def a_connection_that_ends_stands_or_drips_within_a_body():
    for then, words in ((lambda s: s.close(), "closed the connection"), (lambda s: s.sleep(), "within"), (drip, "within")):
        with Evil([letter("help")], body=half_a_body(then)) as evil:
            with home(at(evil)) as made:
                began = time.monotonic()
                done = made.once()
                took = time.monotonic() - began
                expect(done.code == 75 and words in done.err, f"{done.code}: {done.err}")
                expect(took < 2 * TIMEOUT_S + 3, f"it took {took:.1f} s")
                expect(outcomes(made) == [], "half a mail was filed")
                evil.tricks.clear()
                done = made.once()
                expect(done.code == 0 and outcomes(made) == ["answered"], f"{outcomes(made)} {done.err}")


def closes_within_the_second(session, tag, words):
    return words[1] == 2 and half_a_body(lambda s: s.close())(session, tag, words)


@test
def one_poisonous_mail_does_not_stop_the_others():
    with Evil([letter("help", sender=f"laura.carver@fmht.example") for _ in range(6)], body=closes_within_the_second) as evil:
        with home(at(evil)) as made:
            done = made.once()
            expect(done.code == 75 and "cannot be fetched" in done.err, f"{done.code}: {done.err}")
            expect(len(outcomes(made)) == 5 and list(evil.mails) == [2], f"{outcomes(made)} {list(evil.mails)}")


@test
def servers_that_say_nothing_or_goodbye():
    tricks = ({"greeting": lambda s, t, w: s.sleep()}, {"greeting": lambda s, t, w: s.send("* BYE too many users") or s.close()},
              {"login": lambda s, t, w: s.sleep()}, {"login": lambda s, t, w: s.close()},
              {"select": lambda s, t, w: s.send("* BYE shutting down") or s.close()},
              {"fetch": lambda s, t, w: s.send("* BYE shutting down") or s.sleep()},
              {"capability": lambda s, t, w: s.send(f"{t} OK done") or True},
              {"select": lambda s, t, w: s.send(f"{t} OK done") or True},
              {"select": lambda s, t, w: s.send(f"{t} NO User is authenticated but not connected.") or True},
              {"fetch": lambda s, t, w: s.send(b"* 1 FETCH (\x00\xff garbage\r\n") or True})
    for number, trick in enumerate(tricks):
        with Evil([letter("help")], **trick) as evil:
            found = fails(evil, "localhost")
            expect(found == [], f"trick {number}: {found}")


def endless_line(session, _tag, _words):
    session.send(b"* OK ")
    with contextlib.suppress(OSError):
        for _ in range(400):
            session.send(b"x" * 1000000)
    return True


@test
def a_line_of_400_megabytes_is_cut_off():
    with Evil([letter("help")], fetch=endless_line) as evil:
        fails(evil, "more than was asked for")


@test
def sizes_that_are_lies():
    good = letter("help")
    with Evil([good], ) as evil:
        evil.sizes = {1: len(good) * 5}
        _, done, found = once_against(evil)
        expect(found == ["attention"] and done.code == 0, f"said too much: {found} {done.err}")
    with Evil([letter("help")]) as evil:
        evil.sizes = {1: 10}
        _, done, found = once_against(evil)
        expect(found == ["answered"], f"said too little: {found} {done.err}")
    with Evil([letter("help", "x" * 3000000)]) as evil:
        evil.sizes = {1: 10}
        _, done, found = once_against(evil)
        expect(found == [] and done.code == 75, f"said far too little: {found} {done.err}")


@test
def a_mail_that_is_announced_before_it_is_there():
    def empty(session, _tag, words):
        session.send(f"* {words[0]} FETCH (UID {words[1]} BODY[] {{0}}\r\n)\r\n".encode())
        return True
    with Evil([letter("help")], body=empty) as evil:
        with home(at(evil)) as made:
            done = made.once()
            expect(outcomes(made) == [] and "has none yet" in done.err, f"{outcomes(made)} {done.err}")
            evil.tricks.clear()
            done = made.once()
            expect(outcomes(made) == ["answered"] and done.code == 0, f"{outcomes(made)} {done.err}")


@test
def a_move_that_gets_no_answer_doubles_nothing():
    def lost(session, _tag, words):
        for uid in session.wanted(words[2]):
            session.server.filed[uid] = session.server.mails.pop(uid)
        session.close()
    with Evil([letter("help"), letter("mine")], move=lost) as evil:
        with home(at(evil)) as made:
            done = made.once()
            expect(done.code == 75 and "cannot be moved" in done.err, f"{done.code}: {done.err}")
            evil.tricks.clear()
            expect(made.once().code == 0 and outcomes(made) == ["answered"] * 2, outcomes(made))
            expect(len(made.outbox()) == 2, "doubled")


@test
def an_idle_that_is_refused_or_broken_leaves_polling():
    for trick in (lambda s, t, w: s.send(f"{t} NO not today") or True, lambda s, t, w: s.close(),
                  lambda s, t, w: s.send(f"{t} BAD what") or True):
        with Evil([], idle=trick) as evil, home(at(evil, more="poll = 1")) as made, daemon(made):
            time.sleep(1)
            evil.mails[1] = letter("help")
            expect(made.wait_for(lambda made=made: len(made.outbox()) == 1, 15), log_of(made))


@test
def validity_that_changes_while_idle():
    with Evil([letter("help")]) as evil, home(at(evil, more="poll = 1")) as made, daemon(made):
        expect(made.wait_for(lambda: len(made.outbox()) == 1, 10), log_of(made))
        evil.validity = 8
        evil.mails[1] = letter("mine")
        expect(made.wait_for(lambda: len(made.outbox()) == 2, 15), log_of(made))
        expect(made.wait_for(lambda: evil.mails == {}, 5), "not moved")


def main():
    wanted = sys.argv[1:]
    failed = 0
    make_certificates()
    Shared.server = dovecot.Dovecot().start()
    try:
        for function in TESTS:
            name = function.__name__.replace("_", " ")
            if wanted and not any(word in name for word in wanted):
                continue
            try:
                said = function()
                if said:
                    print(said, flush=True)
                print(f"ok imap: {name}", flush=True)
            except Exception as error:  # whatever it is, the next test runs
                failed += 1
                print(f"not ok imap: {name}: {type(error).__name__}: {error}", flush=True)
    finally:
        Shared.server.remove()
        shutil.rmtree(Certificates.folder, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
