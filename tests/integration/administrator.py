#!/usr/bin/env python3
"""What an administrator, a data protection officer and the writer of a script rely
on: lscpctl's words and exit codes, views, the audit trail, backups, what is done
by hand about a mail, configuration errors.

Each test has a house of its own. Prints `ok …` and `not ok …` lines.
"""

import contextlib
import glob
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from faults import expect, home, letter, outcomes, poisoned
import house
from dovecot import free_port
from evil_imap import Evil
from smtpd import HANG, SmtpServer, TokenServer

TESTS = []
CHILD = "NHS number 943 476 5919"  # a number of the test range, never given to anybody


def test(function):
    TESTS.append(function)
    return function


def open_round(made):
    done = made.ctl("round", "open", "S11-2026", "--form", "section-11", "--due", "2026-02-27", "--agencies", "NHT")
    expect(done.code == 0, done.err)


def section_11(score="2"):
    with open(os.path.join(house.REPO, "tests", "fixtures", "section-11.txt"), encoding="utf-8") as file:
        return file.read().replace("Score: 2", f"Score: {score}", 1)


def poke(made, statement):
    with contextlib.closing(sqlite3.connect(made.join("lscpd.db"))) as db:
        db.execute(statement)
        db.commit()


def dump(made):
    path = f"file:{made.join('lscpd.db')}?mode=ro"
    with contextlib.closing(sqlite3.connect(path, uri=True)) as db:
        return list(db.iterdump())


# lscpctl ---------------------------------------------------------------------------

@test
def json_lists_have_the_columns_of_their_views():
    with home() as made:
        open_round(made)
        made.deliver(letter("Section 11", section_11("7")))
        made.deliver(letter("Hello", "Please ring me.", sender="jo@elsewhere.example"))
        expect(made.once().code == 0, "once")
        for words, view in ((("inbox", "list"), "v_message"), (("return", "list"), "v_submission"),
                            (("round", "list"), "v_round"), (("outbox", "list"), "v_outbox"),
                            (("audit", "show"), "v_audit")):
            columns = [row[1] for row in made.sql(f"PRAGMA table_info({view})")]
            rows = made.json(*words)
            expect(rows and all(list(row) == columns for row in rows), f"{words}: {rows[:1]}")
        expect(made.json("action", "list") == [], "action list")
        shown = made.json("return", "show", "r-000001")
        expect(shown["ref"] == "R-000001" and shown["lines"] == [], shown)
        expect([row for row in shown["answers"] if row["field"] == "role"]
               == [{"ref": "R-000001", "tbl": "", "row": "", "field": "role", "value": "Named Nurse"}], shown["answers"])
        problem = shown["problems"][0]
        expect(list(problem) == ["letter", "tbl", "row", "field", "wrote", "reason", "allowed"], problem)
        expect((problem["letter"], problem["wrote"]) == ("A", "7"), problem)
        form = made.json("form", "show", "SECTION-11")
        expect(list(form) == ["name", "title", "version", "handler", "fields", "tables"], form)
        expect({"name", "label", "type", "required"} <= set(form["fields"][0]), form["fields"][0])
        expect(list(form["tables"][0]) == ["name", "label", "rows", "row_names", "columns"], form["tables"][0])


@test
def exit_codes_of_lscpctl():
    with home() as made:
        open_round(made)
        made.once()
        for code, line in ((64, ""), (64, "inbox"), (64, "inbox eat"), (64, "nothing"), (64, "inbox show abc"),
                           (64, "inbox list --outcome eaten"), (64, "outbox list --state gone"), (64, "inbox list x"),
                           (64, "round list --form"), (64, "backup --dry-run x.db"), (64, "register export --dry-run x"),
                           (64, "round open R2 --form section-11 --due 02/27/2026"), (64, "form template section-11"),
                           (64, "form template section-11 -o x.pdf"), (64, "round extend R2 --to 2026-03-01"),
                           (1, "inbox show 99"), (1, "inbox release 99"), (1, "return show R-000009"),
                           (1, "action show A-0001"), (1, "outbox retry 99"), (1, "round show NONE"),
                           (1, "round close NONE"), (1, "form show none"), (1, "return export --round NONE -o x.csv"),
                           (65, "round open S11-2026 --form section-11 --due 2026-02-27"),
                           (65, "round open R2 --form none --due 2026-02-27"),
                           (65, "round open R2 --form section-11 --due 2026-01-27"),
                           (65, "round open R2 --form section-11 --due 2026-02-27 --agencies NHT;NONE"),
                           (65, "outbox hold 1"), (65, "outbox release 1"), (65, "outbox retry 1"),
                           (65, "register import ."), (0, "round show s11-2026"), (0, "audit show s11-2026"),
                           (0, "inbox list --outcome FILED"), (0, "outbox list --state sent")):
            done = made.ctl(*line.split())
            expect(done.code == code, f"lscpctl {line}: {done.code} and not {code}: {done.out}{done.err}")
            expect(code == 0 or done.err, f"lscpctl {line}: no word why")


@test
def output_that_is_lost_is_an_error():
    with home() as made, open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run(made.command("lscpctl", "register", "show"), stdout=full, stderr=subprocess.PIPE, check=False)
        expect(done.returncode == 74 and done.stderr, done)


@test
def a_dry_run_ends_as_the_real_one_and_changes_nothing():
    with home({"outgoing": '{ url = "maildir:outbox" mode = supervised hold = {"request"} }'}) as made:
        open_round(made)
        made.deliver(letter("Hello", "Please ring me."))
        made.once()
        made.ctl("register", "export", "out")
        with open(made.join("out", "groups.csv"), "a", encoding="utf-8") as file:
            file.write("NEW,New group,panel,,5,10\n")
        for line in ("register import out", "round open R2 --form section-11 --due 2026-02-27", "round close S11-2026",
                     "inbox retry 1", "inbox release 1", "outbox release 1", "outbox release all", "outbox retry 1",
                     "round close NONE", "inbox retry 77"):
            before = dump(made)
            dry = made.ctl(*line.split(), "--dry-run")
            expect(dump(made) == before, f"{line} --dry-run changed something")
            real = made.ctl(*line.split())
            expect(dry.code == real.code, f"{line}: {dry.code} dry, {real.code} in earnest: {real.err}")
            expect(real.code != 0 or dry.out.strip(), f"{line} --dry-run says nothing")


# The audit trail, and what must stand nowhere ----------------------------------------

@test
def an_outsider_can_compute_the_audit_trail():
    with home() as made:
        open_round(made)
        made.deliver(letter("Section 11", section_11()))
        made.deliver(letter("Zebulon", "Please ring me about Zebulon.", sender="jo@elsewhere.example"))
        made.once()
        made.ctl("inbox", "release", "2")
        made.once()
        before = ""
        rows = made.sql("SELECT id, at, actor, verb, ref, detail, hash FROM v_audit ORDER BY id")
        for row in rows:
            sha = hashlib.sha256()
            for text in (before,) + row[:6]:
                data = str(text).encode()
                sha.update(b"%d:%s" % (len(data), data))
            expect(sha.hexdigest() == row[6], f"row {row} does not follow from {before}")
            before = row[6]
            words = " ".join(str(one) for one in row[2:6])
            expect("@" not in words and "ebulon" not in words, f"an address or words of a mail: {row}")
        expect({row[2] for row in rows} >= {"staff", "clerk"}, "who acted")
        expect(made.ctl("verify").code == 0, "verify")


@test
def of_quarantined_mail_nothing_is_kept():
    with home() as made:
        first = letter("About Zebulon", f"Zebulon has {CHILD}.", attachments=[("zebulon.txt", "text/plain", b"Zebulon")])
        made.deliver(first)
        made.deliver(letter("Zebulon again", f"{CHILD}, Zebulon", sender="jo@elsewhere.example"))
        log = made.once().err
        made.deliver(first.replace(b"mail.northbank.example", b"mx2.northbank.example"))  # by another way
        log += made.once().err
        log += "".join(made.ctl(*words).out for words in (("inbox", "list"), ("inbox", "show", "1"), ("audit", "show")))
        expect(outcomes(made) == ["quarantined", "quarantined", "duplicate"], outcomes(made))
        expect(len(made.folder("Quarantine")) == 3, made.folder("Quarantine"))
        for path in glob.glob(made.join("lscpd.db*")) + made.outbox():
            with open(path, "rb") as file:
                log += file.read().decode("latin-1")
        for word in ("zebulon", "943 476", "9434765919"):
            expect(word not in log.lower(), f"{word} is kept")


# What a person does about a mail ------------------------------------------------------

@test
def what_is_asked_for_by_hand_is_judged_at_once():
    with home() as made:
        made.deliver(letter("Hello", "Please ring me."))
        made.deliver(letter("Hello", "Please ring me too.", sender="jo@elsewhere.example"))
        made.deliver(letter("Hello", f"She has {CHILD}."))
        made.once()
        for words in (("retry", "1"), ("release", "2"), ("retry", "3")):
            expect(made.ctl("inbox", *words).code == 0, words)
        began = time.monotonic()
        expect(made.once().code == 0, "once")
        expect(time.monotonic() - began < 15, "it slept with work to do")
        rows = made.sql("SELECT outcome, reason, folder FROM v_message WHERE id > 3 ORDER BY id")
        expect([row[0] for row in rows] == ["attention", "attention", "quarantined"], rows)
        expect(len(made.folder("Attention")) == 2 and len(made.folder("Quarantine")) == 1, "folders")
        again = made.sql("SELECT max(id) FROM v_message")[0][0]
        expect(made.ctl("inbox", "release", str(again)).code == 0, "release")
        made.once()
        expect(outcomes(made)[-1] == "attention", outcomes(made))
        expect(made.folder("Quarantine") == [], "the released mail has not left Quarantine")


@test
def what_killed_the_parser_is_tried_again_each_time_that_is_asked():
    folder = poisoned()
    try:
        with home(build=folder) as made:
            made.deliver(letter("help", headers=[("X-Poison", "crash")]))
            made.once()
            for number in (1, 2, 3):
                expect(made.ctl("inbox", "retry", str(number)).code == 0, number)
                done = made.once()
                expect("the parser failed" in done.err, f"retry {number} did not try: {done.err}")
                expect(outcomes(made) == ["quarantined"] * (number + 1), outcomes(made))
            made.build = house.build_dir()  # the parser was mended
            expect(made.ctl("inbox", "retry", "4").code == 0 and made.once().code == 0, "retry")
            expect(outcomes(made)[-1] == "answered" and made.folder("Quarantine") == [], outcomes(made))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@test
def a_retried_mail_can_still_be_settled_and_dragged_back():
    with home() as made:
        made.deliver(letter("Hello", "Please ring me."))
        made.once()
        made.ctl("inbox", "retry", "1")
        made.once()
        path = made.folder("Attention")[0]
        os.rename(path, made.join("inbox", "new", os.path.basename(path)))
        made.once()
        expect(outcomes(made) == ["attention"] * 3, outcomes(made))
        expect('"attention": 1' in made.ctl("--json", "status").out, "one mail waits")
        os.rename(made.folder("Attention")[0], made.join("inbox", ".Filed", "cur", "done"))
        made.once()
        expect('"attention": 0' in made.ctl("--json", "status").out, "it is settled")


@test
def a_move_that_nobody_heard_of_is_believed_when_seen():
    with home() as made:
        made.deliver(letter("Hello", "Please ring me."))
        made.once()
        poke(made, "UPDATE message SET moved_at = NULL")  # as after a crash in between
        made.once()
        expect(made.sql("SELECT moved_at IS NOT NULL FROM message") == [(1,)], "not believed")
        path = made.folder("Attention")[0]
        os.rename(path, made.join("inbox", "new", os.path.basename(path)))
        made.once()
        expect(outcomes(made) == ["attention", "attention"], outcomes(made))


@test
def a_file_that_was_renamed_on_its_way_is_known_by_its_new_name():
    with home() as made:
        made.once()
        for sub in ("cur", "new"):
            with open(made.join("inbox", ".Attention", sub, "1700000001.M1P1.host:2,"), "wb") as file:
                file.write(b"Subject: another file of that name\r\n\r\n")
        made.deliver(letter("Hello", "Please ring me."), "1700000001.M1P1.host")
        made.once()
        key = made.sql("SELECT mailbox_key FROM message")[0][0]
        expect(key != "1700000001.M1P1.host", "the row keeps the old name")
        expect(any(os.path.basename(path).startswith(key) for path in made.folder("Attention")), key)
        made.once()
        expect(made.sql("SELECT settled_at FROM message") == [(None,)], "taken for settled")


@test
def a_run_that_is_stopped_says_that_it_is_not_done():
    with home() as made:
        for number in range(1500):
            made.deliver(letter("Hello", "Please ring me.", sender=f"p{number}@elsewhere.example"))
        process = subprocess.Popen(made.command("lscpd", "--once"), stderr=subprocess.DEVNULL)
        made.wait_for(lambda: len(made.folder("Attention")) > 0, 20, 0.01)
        code = house.House.stop(process)
        left = len(made.folder("INBOX"))
        expect(left == 0 or code == 75, f"{left} left, and it ended with {code}")
        expect(made.once().code == 0 and made.folder("INBOX") == [], "the next one goes on")
        expect(made.sql("SELECT count(*), count(DISTINCT message_id) FROM v_message") == [(1500, 1500)], "counts")


@test
def what_comes_while_it_runs_waits():
    with home() as made:
        for number in range(400):
            made.deliver(letter("Hello", "Please ring me.", sender=f"p{number}@elsewhere.example"))
        process = subprocess.Popen(made.command("lscpd", "--once"), stderr=subprocess.DEVNULL)
        made.wait_for(lambda: len(made.folder("Attention")) > 0, 20, 0.01)
        for _ in range(3):
            made.deliver(letter("Late", "Please ring me."))
        running = process.poll() is None
        expect(process.wait(60) == 0, "once")
        late = made.sql("SELECT count(*) FROM v_message WHERE subject = 'Late'")[0][0]
        expect(late == 0 and len(made.folder("INBOX")) == 3, f"{late} late ones were taken; running: {running}")


@test
def two_databases_in_one_folder_do_not_share_a_bell():
    with home() as made:
        process = made.start()
        expect(made.wait_for(lambda: os.path.exists(made.join("lscpd.bell")), 15), "it did not come up")
        config = dict(made.config, store='{ path = "other.db" min-free = "1M" }', mailbox='{ url = "maildir:inbox2" }')
        with open(made.join("other.conf"), "w", encoding="utf-8") as file:
            file.write("".join(f"{name} {text}\n" for name, text in config.items()))
        done = subprocess.run([os.path.join(made.build, "lscpd"), "-c", made.join("other.conf"), "--once"],
                              capture_output=True, timeout=60, check=False)
        house.House.stop(process)
        expect(done.returncode == 75 and str(process.pid).encode() in done.stderr, done)


@test
def status_says_when_mail_cannot_be_sent():
    with home() as made:
        open_round(made)
        with open(made.join("outbox"), "w", encoding="ascii") as file:
            file.write("not a folder\n")
        expect(made.once().code == 75, "once")
        done = made.ctl("status")
        expect(done.code == 1 and "sending does not work" in done.out, f"{done.code}: {done.out}")
        os.unlink(made.join("outbox"))
        expect(made.once().code == 0 and made.ctl("status").code == 0, "on again")
        poke(made, "UPDATE outbox SET state = 'failed'")
        done = made.ctl("status")
        expect(done.code == 1 and "sending does not work" in done.out, f"{done.code}: {done.out}")


@contextlib.contextmanager
def password(made):
    with open(made.join("password"), "w", encoding="ascii") as file:
        file.write("open sesame\n")
    os.chmod(made.join("password"), 0o600)
    yield made


def status_says(made, code, *words):
    done = made.ctl("status")
    expect(done.code == code, f"status ends with {done.code}, not {code}: {done.out}")
    for word in words:
        expect(word in done.out.split("\n")[0], f"{word!r} is not said: {done.out}")
    return done


@test
def status_says_what_the_mailbox_server_says():
    with home() as made, password(made):
        for trick, words in (({"login": lambda s, t, w: s.send(f"{t} NO no such user") or True}, "does not let lscp in; check the user"),
                             ({"greeting": lambda s, t, w: s.close()}, "closed the connection")):
            with Evil([], **trick) as evil:
                made.config["mailbox"] = f'{{ url = "imap://lscp@localhost:{evil.port}" password-file = "password" timeout = 2 }}'
                made.write_config()
                expect(made.once().code == 75, "once")
                status_says(made, 1, "intake does not work (localhost", words, "sending works")
                expect(made.json_of("status", 1)["works"] is False, "--json")
                evil.tricks.clear()
                expect(made.once().code == 0, "once, well")
                status_says(made, 0, "intake works, sending works")
        port = free_port()
        made.config["mailbox"] = f'{{ url = "imap://lscp@127.0.0.1:{port}" password-file = "password" timeout = 2 }}'
        made.write_config()
        made.once()
        status_says(made, 1, f"127.0.0.1 port {port} cannot be reached: Connection refused")


@test
def status_says_why_there_is_no_token():
    with home() as made, password(made), TokenServer() as tokens, Evil([]) as evil:
        made.config["mailbox"] = f'{{ url = "imap://lscp@localhost:{evil.port}" oauth2 = "m365" timeout = 2 }}'
        made.config['oauth2 "m365"'] = f'{{ token-url = "{tokens.url}" client-id = "x" client-secret-file = "password" }}'
        made.write_config()
        tokens.answer = (401, {"error": "invalid_client", "error_codes": [7000222]})
        expect(made.once().code == 75, "once")
        status_says(made, 1, "intake does not work", "the client secret has expired: make a new one")


@test
def status_says_that_the_last_look_is_too_long_ago():
    with home({"mailbox": '{ url = "maildir:inbox" poll = 60 }'}) as made:
        process = made.start()
        try:
            expect(made.wait_for(lambda: made.ctl("status").code == 0, 15), "it did not come up")
            poke(made, "UPDATE meta SET value = value - 125 WHERE key = 'last_sync_at'")
            status_says(made, 1, "intake does not work (the last look at the mailbox is too long ago")
        finally:
            house.House.stop(process)
        status_says(made, 0, "no daemon is running")


def hang(session, _tag, _words):
    session.sleep()


@test
def servers_that_hang_cost_one_run_twice_the_timeout():
    timeout_s, said = 2, []
    for name, tricks, script in (("greeting", {"greeting": hang}, {}), ("login", {"login": hang}, {}), ("body", {"body": hang}, {}),
                                 ("move", {"move": hang}, {}), ("outgoing", {}, {"connect": HANG}), ("last byte", {}, {"final": HANG}),
                                 ("both", {"greeting": hang}, {"connect": HANG}), ("both, late", {"move": hang}, {"final": HANG})):
        with Evil([letter("help"), letter("help")], **tricks) as evil, SmtpServer(**script) as server, home() as made, password(made):
            made.config["mailbox"] = f'{{ url = "imap://lscp@localhost:{evil.port}" password-file = "password" timeout = {timeout_s} }}'
            made.config["outgoing"] = f'{{ url = "{server.url()}" timeout = {timeout_s} }}'
            made.write_config()
            began = time.monotonic()
            done = made.once()
            took = time.monotonic() - began
            expect(done.code == 75, f"{name}: {done.code}: {done.err}")
            expect(took < 2 * timeout_s + 2, f"{name}: {took:.1f} s with a timeout of {timeout_s}")  # and what a start costs
            said.append(f"{name} {took:.1f}")
    return f"# seconds with a timeout of {timeout_s}: " + ", ".join(said)


# Backups --------------------------------------------------------------------------------

def put_back(made, data):
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(made.join("lscpd.db" + suffix))
    with open(made.join("lscpd.db"), "wb") as file:
        file.write(data)


@test
def a_backup_can_be_put_back_and_a_damaged_one_is_told():
    with home() as made:
        open_round(made)
        for _ in range(20):
            made.deliver(letter("Hello", "Please ring me."))
        made.once()
        for name in ("lscpd.db", "lscpd.conf"):
            done = made.ctl("backup", made.join(name))
            expect(done.code == 65, f"a backup over {name}: {done.code} {done.err}")
        for _ in range(2):  # over the older one
            expect(made.ctl("backup", made.join("copy.db")).code == 0, "backup")
        with open(made.join("copy.db"), "rb") as file:
            good = file.read()
        for what, data in (("half", good[:len(good) // 2]), ("no database", b"x" * len(good)),
                           ("a lost page", good[:40960] + bytes(4096) + good[45056:]),
                           ("a changed mail", good.replace(b"ring me.", b"call me.", 1)),
                           ("a changed audit row", good.replace(b"judgedmessage", b"filed!message", 1))):
            put_back(made, data)
            done = made.ctl("verify")
            expect(done.code == 1, f"{what}: verify ends with {done.code}: {done.out}{done.err}")
        put_back(made, good)
        expect(made.ctl("verify").code == 0, "the good copy")
        made.deliver(letter("help"))
        expect(made.once().code == 0 and len(made.sql("SELECT 1 FROM v_message")) == 21, "on from the copy")


# Configuration and register ---------------------------------------------------------------

@test
def a_check_names_every_mistake():
    with home() as made:
        made.config["partnership"] = '{ name = "X"\n short = "LSCP"\n colour = red\n address = "nobody"\n shape = {"a",\n "b"} }'
        made.config["mailbox"] = '{ url = "imaps://user@host.example:993/INBOX" }'
        made.config["nonsense"] = '"title" { a = "}" }'
        made.config["trust"] = "{ profile = none hops = -1 }"
        made.config["forms"] = '{ path = "no-forms" }'
        made.config["templates"] = '{ path = "no-templates" }'
        made.write_config()
        done = made.call("lscpd", "--check", now=False)
        expect(done.code == 78, done.code)
        for words in ("lscpd.conf:3: no such option 'colour'", "lscpd.conf:5: no such option 'shape'",
                      "no such option 'nonsense'", "lscpd.conf:4: partnership: address", "must say what 'phone' is",
                      "must say what 'concern' is", "the user 'user' has no password; write password-file, credential or oauth2",
                      "for Maildirs only", "hops: '-1'", "no-forms: ", "no-templates: "):
            expect(words in done.out, f"not told: {words}\n{done.out}")
        expect(made.once().code == 78 and made.ctl("status").code == 78, "they start all the same")


@test
def a_broken_template_is_named_by_file_and_line():
    with home() as made:
        shutil.copytree(os.path.join(house.REPO, "config", "templates"), made.join("templates"))
        with open(made.join("templates", "help.txt"), "a", encoding="utf-8") as file:
            file.write("{{#nothing}}\n")
        made.config["templates"] = '{ path = "templates" }'
        made.write_config()
        for done in (made.once(), made.call("lscpd", "--check", now=False), made.ctl("status")):
            expect(done.code == 78 and "help.txt:" in done.out + done.err, f"{done.code}: {done.out}{done.err}")


@test
def a_broken_form_is_named_and_can_be_checked_alone():
    with home() as made:
        shutil.copytree(os.path.join(house.REPO, "config", "forms"), made.join("forms"))
        made.config["forms"] = '{ path = "forms" }'
        made.write_config()
        with open(made.join("forms", "own.form"), "w", encoding="utf-8") as file:
            file.write('form "own" {\n title = "Own" version = 1 senders = {lead} period = none\n'
                       ' field "a" { label = "A"\n typ = text }\n}\n')
        for done in (made.once(), made.call("lscpd", "--check", now=False), made.ctl("status")):
            expect(done.code == 78 and (done.out + done.err).count("own.form:4") == 1, f"{done.code}: {done.out}{done.err}")
        for name, code in (("own", 65), ("section-11", 0)):
            done = made.ctl("form", "check", made.join("forms", name + ".form"))
            expect(done.code == code, f"form check {name}: {done.code}: {done.out}{done.err}")


@test
def a_register_as_excel_saves_it():
    with home() as made:
        made.ctl("register", "export", "out")
        contacts = made.join("out", "contacts.csv")
        with open(contacts, "rb") as file:
            text = file.read().replace(b"\r\n", b"\n")
        text += b'New@Northbank.example,"O\'Neil, ""Bo""",nht,"data;deputy",,a1@x.example;a2@x.example,away until 2026-03-01,,,\n'
        with open(contacts, "wb") as file:
            file.write(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"))
        done = made.ctl("register", "import", "out")
        expect(done.code == 0, done.err)
        made.once()
        rows = made.sql("SELECT * FROM v_contact WHERE email LIKE 'new@%'")
        expect(rows == [("new@northbank.example", 'O\'Neil, "Bo"', "NHT", "deputy;data", "away", "2026-03-01", None)], rows)
        with open(contacts, "wb") as file:
            file.write(text + "z\u00e9@x.example,Z\u00e9,NHT,data,,,active,,,\n".encode("latin-1"))
        done = made.ctl("register", "import", "out")
        expect(done.code == 65 and done.err.count("\n") == 2 and "CSV UTF-8" in done.err, done.err)


def main():
    failed = 0
    for function in TESTS:
        name = function.__name__.replace("_", " ")
        if sys.argv[1:] and not any(word in name for word in sys.argv[1:]):
            continue
        try:
            said = function()
            if said:
                print(said, flush=True)
            print(f"ok administrator: {name}", flush=True)
        except Exception as error:  # whatever it is, the next test runs
            failed += 1
            print(f"not ok administrator: {name}: {type(error).__name__}: {error}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
