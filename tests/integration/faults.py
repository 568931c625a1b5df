#!/usr/bin/env python3
"""What goes wrong around the daemon: full disk, folders that cannot be written,
bad configuration, a second instance, signals, a parser that dies.

Each test has a house of its own. Prints `ok …` and `not ok …` lines.
"""

import contextlib
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import house
import mailkit

POISON = os.path.join(os.path.dirname(os.path.abspath(__file__)), "poison_parser.py")
TESTS = []


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
    draft.message_id = f"<{letter.count}.faults@{sender.split('@')[1]}>"
    for name, value in more.items():
        setattr(draft, name, value)
    return draft.bytes()


letter.count = 0


@contextlib.contextmanager
def home(config=None, build=None, where=None):
    folder = tempfile.mkdtemp(prefix="lscpd-faults-", dir=where)
    made = house.House(os.path.join(folder, "house"), config, build)
    made.register()
    try:
        yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def daemon(made):
    process = made.start()
    try:
        expect(made.wait_for(lambda: os.path.isdir(made.join("inbox", ".Filed")), 15), "it did not come up")
        yield process
    finally:
        if process.poll() is None:
            house.House.stop(process)


def outcomes(made):
    return [row[0] for row in made.sql("SELECT outcome FROM v_message ORDER BY id")]


# Configuration and usage --------------------------------------------------------

@test
def bad_configuration_ends_with_78():
    with home() as made:
        for section, text in (("mailbox", '{ url = "ftp://x" }'), ("trust", "{ profile = some }"),
                              ("partnership", '{ name = "x" '), ("nonsense", "{ a = 1 }"),
                              ("mailbox", '{ url = "imaps://u@host:993/INBOX" }'),
                              ("outgoing", '{ url = "smtps://u@host:465" }')):
            old = dict(made.config)
            made.config[section] = text
            made.write_config()
            for command in ("--once", "--check"):
                done = made.call("lscpd", command, now=False)
                expect(done.code == 78, f"{section} {text}: {command} ended with {done.code}: {done.err}")
                expect("lscpd.conf" in done.out + done.err, f"{section}: no file is named: {done.out}{done.err}")
            made.config = old
            made.write_config()


@test
def no_configuration_at_all_ends_with_78():
    done = subprocess.run([os.path.join(house.build_dir(), "lscpd"), "-c", "/nonexistent/lscpd.conf", "--once"],
                          capture_output=True, timeout=20)
    expect(done.returncode == 78, done)


@test
def wrong_usage_ends_with_64():
    with home() as made:
        for words in (["--frobnicate"], ["--once", "--now", "yesterday"], ["--once", "stray"]):
            done = made.call("lscpd", *words, now=False)
            expect(done.code == 64, f"{words}: {done.code} {done.err}")
        for words in ([], ["inbox"], ["inbox", "frobnicate"], ["nothing", "list"]):
            done = made.ctl(*words)
            expect(done.code == 64, f"lscpctl {words}: {done.code} {done.err}")


@test
def an_unusable_database_ends_with_74():
    with home() as made:
        with open(made.join("lscpd.db"), "wb") as file:
            file.write(b"This is no database at all.\n" * 400)
        for suffix in ("-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(made.join("lscpd.db" + suffix))
        made.deliver(letter("help"))
        done = made.once()
        expect(done.code == 74, f"{done.code}: {done.err}")
        expect(len(made.folder("INBOX")) == 1, "the mail is gone")


@test
def a_newer_database_is_refused():
    with home() as made:
        with contextlib.closing(sqlite3.connect(made.join("lscpd.db"))) as db:
            db.execute("PRAGMA user_version = 9999")
        done = made.once()
        expect(done.code in (74, 78), f"{done.code}: {done.err}")


# Instances, signals, the bell ----------------------------------------------------

@test
def a_second_instance_says_who_holds_it_and_ends_with_75():
    with home() as made, daemon(made) as process:
        done = made.once()
        expect(done.code == 75, f"{done.code}: {done.err}")
        expect(str(process.pid) in done.err, f"it does not say that {process.pid} holds it: {done.err}")
        expect(made.ctl("status").code == 0, "status while the daemon runs")


@test
def the_daemon_serves_what_comes_and_the_bell_wakes_it():
    with home() as made, daemon(made):
        made.deliver(letter("help"))
        bell = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        bell.connect(made.join("lscpd.bell"))
        bell.send(b"ring")
        expect(made.wait_for(lambda: len(made.outbox()) == 1, 10), "no answer within 10 s of the bell")
        expect(outcomes(made) == ["answered"], outcomes(made))
        made.deliver(letter("mine"))
        expect(made.wait_for(lambda: len(made.outbox()) == 2, 90), "no answer without the bell")


@test
def sigterm_finishes_what_is_in_hand_within_10_seconds():
    with home() as made, daemon(made) as process:
        for _ in range(300):
            made.deliver(letter("help", sender="laura.carver@fmht.example"))
        made.wait_for(lambda: outcomes(made), 10)
        began = time.monotonic()
        code = house.House.stop(process, 12)
        expect(code == 0, f"it ended with {code} after {time.monotonic() - began:.1f} s")
        expect(time.monotonic() - began < 10, f"it took {time.monotonic() - began:.1f} s")
        done = made.once()
        expect(done.code == 0, done.err)
        expect(len(outcomes(made)) == 300, f"{len(outcomes(made))} rows")
        expect(made.folder("INBOX") == [], "mail is left")


@test
def killed_engines_leave_no_children():
    with home() as made, daemon(made) as process:
        with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as file:
            children = file.read().split()
        expect(len(children) >= 2, f"children: {children}")
        process.kill()
        process.wait()
        gone = made.wait_for(lambda: not any(alive(int(pid)) for pid in children), 5)
        expect(gone, f"still there: {[pid for pid in children if alive(int(pid))]}")


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@test
def killed_children_are_replaced():
    with home() as made, daemon(made) as process:
        with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as file:
            for pid in file.read().split():
                os.kill(int(pid), signal.SIGKILL)
        made.deliver(letter("help"))
        expect(made.wait_for(lambda: len(made.outbox()) == 1, 30), "no answer after the children were killed")
        expect(process.poll() is None, "the daemon died")


@test
def a_busy_database_ends_lscpctl_with_75():
    with home() as made:
        db = sqlite3.connect(made.join("lscpd.db"), isolation_level=None)
        db.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        done = made.ctl("round", "open", "S1", "--form", "section-11", "--due", "2026-03-27", "--agencies", "NHT")
        expect(done.code == 75, f"{done.code}: {done.err}")
        expect(time.monotonic() - began < 8, "it waited too long")
        expect(made.ctl("round", "list").code == 0, "reading while somebody writes")
        db.execute("ROLLBACK")
        db.close()
        done = made.ctl("round", "open", "S1", "--form", "section-11", "--due", "2026-03-27", "--agencies", "NHT")
        expect(done.code == 0, done.err)


# Disks and folders ----------------------------------------------------------------

@test
def little_space_stops_intake_but_not_sending():
    with home() as made:
        done = made.ctl("round", "open", "S1", "--form", "section-11", "--due", "2026-03-27", "--agencies", "NHT")
        expect(done.code == 0, done.err)
        old = made.config["store"]
        made.config["store"] = '{ path = "lscpd.db" min-free = "8000G" }'
        made.write_config()
        made.deliver(letter("help"))
        done = made.once()
        expect(done.code == 75, f"{done.code}: {done.err}")
        expect(outcomes(made) == [], "it was fetched all the same")
        expect(len(made.outbox()) == 1, "the request was not sent")
        expect(made.ctl("status").code == 1, "status is well on a full disk")
        made.config["store"] = old
        made.write_config()
        expect(made.once().code == 0, "on again")
        expect(outcomes(made) == ["answered"], outcomes(made))


def leave_free(path, room_bytes):
    """Fill the disk with one file, but for so much."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        while os.write(fd, b"z" * 4096):
            pass
    os.ftruncate(fd, max(0, os.fstat(fd).st_size - room_bytes))
    os.close(fd)


@test
def a_full_disk_loses_nothing():
    disk = tempfile.mkdtemp(prefix="lscpd-disk-")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk], capture_output=True).returncode != 0:
        os.rmdir(disk)
        return "# skipped: a small disk cannot be mounted here"
    try:
        with home() as made:
            made.config["store"] = f'{{ path = "{disk}/lscpd.db" min-free = "1K" }}'
            made.write_config()
            made.register()
            for number in range(40):
                made.deliver(letter("help", "x" * 9000, sender="laura.carver@fmht.example")
                             if number % 2 else letter("Section 11", "Form: section-11\nCompleted by: A. O.\n" + "y " * 20000))
            leave_free(os.path.join(disk, "filler"), 400 * 1024)
            done = made.once()
            expect(done.code == 75, f"on a full disk: {done.code}: {done.err}")
            os.unlink(os.path.join(disk, "filler"))
            with contextlib.closing(sqlite3.connect(f"file:{disk}/lscpd.db?mode=ro", uri=True)) as db:
                before = db.execute("SELECT count(*) FROM v_message").fetchone()[0]
            inbox = len(made.folder("INBOX"))
            expect(before + inbox >= 40, f"{before} rows and {inbox} in the inbox")
            subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
            done = made.once()
            expect(done.code == 0, f"with space again: {done.code}: {done.err}")
            with contextlib.closing(sqlite3.connect(f"file:{disk}/lscpd.db?mode=ro", uri=True)) as db:
                rows = db.execute("SELECT count(*), count(DISTINCT message_id) FROM v_message").fetchone()
            expect(rows == (40, 40), rows)
            expect(made.folder("INBOX") == [], "mail is left")
            expect(made.ctl("verify").code == 0, "verify")
    finally:
        subprocess.run(["umount", "-l", disk], check=False)
        os.rmdir(disk)
    return None


@test
def a_full_disk_of_the_outbox_is_told():
    disk = tempfile.mkdtemp(prefix="lscpd-disk-")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True).returncode != 0:
        os.rmdir(disk)
        return "# skipped: a small disk cannot be mounted here"
    try:
        with home({"outgoing": f'{{ url = "maildir:{disk}/outbox" }}'}) as made:
            expect(made.once().code == 0, "nothing to do")
            leave_free(os.path.join(disk, "filler"), 0)
            for _ in range(3):
                made.deliver(letter("help"))
            done = made.once()
            expect(done.code == 75 and outcomes(made) == ["answered"] * 3, f"{done.code} {outcomes(made)}: {done.err}")
            expect(done.err.count("No space left") == 1, f"not one line: {done.err}")
            status = made.ctl("status")
            expect(status.code == 1 and "intake works, sending does not work" in status.out and "No space left" in status.out,
                   f"{status.code}: {status.out}")
            expect(made.sql("SELECT DISTINCT state FROM v_outbox") == [("queued",)], "states")
            os.unlink(os.path.join(disk, "filler"))
            expect(made.once(now="2026-02-02T13:00:00Z").code == 0, "with room again")
            expect(len(os.listdir(os.path.join(disk, "outbox", "new"))) == 3, "lost or doubled")
            expect(made.ctl("status").code == 0, made.ctl("status").out)
    finally:
        subprocess.run(["umount", "-l", disk], check=False)
        os.rmdir(disk)
    return None


def as_nobody(made, *args):
    """lscpd as a user who is not root, so that permissions count."""
    for folder, folders, files in os.walk(os.path.dirname(made.path)):
        for name in [folder] + [os.path.join(folder, one) for one in folders + files]:
            os.chown(name, 65534, 65534)
    return subprocess.run(made.command("lscpd", *args), capture_output=True, timeout=60, cwd=made.path,
                          user=65534, group=65534, extra_groups=[])


@test
def a_read_only_folder_is_said_and_loses_nothing():
    if os.getuid() != 0:
        return "# skipped: permissions are tried as root with a user of their own"
    with home() as made:
        os.chmod(os.path.dirname(made.path), 0o755)
        probe = as_nobody(made, "--version")
        if probe.returncode != 0:
            return "# skipped: the programs cannot be reached by another user"
        first = as_nobody(made, "--once")
        expect(first.returncode == 0, first.stderr.decode())
        made.deliver(letter("help"))
        for folder in (("inbox", ".Filed", "cur"), ("inbox", ".Filed", "tmp"), ("inbox", ".Filed", "new"), ("outbox", "tmp")):
            os.chmod(made.join(*folder), 0o500)
        done = as_nobody(made, "--once")
        expect(done.returncode == 75, f"{done.returncode}: {done.stderr.decode()}")
        expect(b"Permission denied" in done.stderr, f"no reason is given: {done.stderr.decode()}")
        expect(len(made.folder("INBOX")) == 1 and made.outbox() == [], "something moved all the same")
        for folder in (("inbox", ".Filed", "cur"), ("inbox", ".Filed", "tmp"), ("inbox", ".Filed", "new"), ("outbox", "tmp")):
            os.chmod(made.join(*folder), 0o700)
        done = as_nobody(made, "--once")
        expect(done.returncode == 0, done.stderr.decode())
        expect(outcomes(made) == ["answered"], outcomes(made))
        expect(len(made.outbox()) == 1 and made.folder("INBOX") == [], "it did not go on")
    return None


@test
def a_file_where_a_folder_should_be():
    with home() as made:
        with open(made.join("outbox"), "w", encoding="ascii") as file:
            file.write("not a folder\n")
        made.deliver(letter("help"))
        done = made.once()
        expect(done.code in (75, 78), f"{done.code}: {done.err}")
        os.unlink(made.join("outbox"))
        expect(made.once().code == 0, "on again")
        expect(outcomes(made) == ["answered"] and len(made.outbox()) == 1, outcomes(made))


@test
def a_message_that_vanishes_is_no_trouble():
    with home() as made:
        expect(made.once().code == 0, "first")
        os.symlink("/nonexistent/mail", made.join("inbox", "new", "1700000500.M5.gone"))
        os.mkdir(made.join("inbox", "new", "1700000501.M5.folder"))
        made.deliver(letter("help"))
        done = made.once()
        expect(outcomes(made) == ["answered"], f"{outcomes(made)} {done.code} {done.err}")


# The books ---------------------------------------------------------------------------

def some_mail(made):
    """A house with a few mails dealt with; returns what was delivered."""
    data = [letter("Section 11", "Form: section-11\nCompleted by: A. O.\n"), letter("help", sender="laura.carver@fmht.example"),
            letter("Hello", "Caf\u00e9\n", sender="jo@elsewhere.example")]
    done = made.ctl("round", "open", "S11-2026", "--form", "section-11", "--due", "2026-03-27", "--agencies", "NHT")
    expect(done.code == 0, done.err)
    for one in data:
        made.deliver(one)
    expect(made.once().code == 0, "first run")
    return data


@test
def raw_bytes_come_back_exactly():
    with home() as made:
        data = some_mail(made) + [letter("help", "x" * 3_000_000, sender="laura.carver@fmht.example"), b"From: a@b.example\n\n\x00\xff\r\n"]
        for one in data[3:]:
            made.deliver(one)
        expect(made.once().code == 0, "second run")
        found = []
        for (identity,) in made.sql("SELECT id FROM v_message"):
            done = subprocess.run(made.command("lscpctl", "inbox", "show", str(identity), "--raw"), capture_output=True, timeout=30)
            expect(done.returncode == 0, done.stderr)
            found.append(done.stdout)
        expect(sorted(found) == sorted(data), f"{len(found)} raw messages, not the {len(data)} that were delivered")


@test
def verify_finds_what_was_tampered_with():
    with home() as made:
        some_mail(made)
        expect(made.ctl("verify").code == 0, "sound at first")
        with contextlib.closing(sqlite3.connect(made.join("lscpd.db"), isolation_level=None)) as db:
            db.execute("DROP TRIGGER audit_no_update")
            db.execute("UPDATE audit SET ref = 'R-000009' WHERE id = (SELECT max(id) - 1 FROM audit)")
        done = made.ctl("verify")
        expect(done.code == 1, f"after a change: {done.code} {done.out}{done.err}")


@test
def the_audit_trail_holds_no_text_and_no_addresses():
    with home() as made:
        some_mail(made)
        for row in made.sql("SELECT actor, verb, ref, detail FROM v_audit"):
            expect("@" not in " ".join(str(cell) for cell in row), row)


@test
def a_backup_is_one_file_that_works():
    with home() as made:
        some_mail(made)
        path = made.join("copy.db")
        expect(made.ctl("backup", path).code == 0, "backup")
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(made.join("lscpd.db" + suffix))
        os.rename(path, made.join("lscpd.db"))
        expect(made.ctl("verify").code == 0, "verify of the copy")
        expect(made.once().code == 0, "on with the copy")
        expect(len(made.sql("SELECT 1 FROM v_message")) == 3, "three mails, still")


@test
def dry_runs_change_nothing():
    with home() as made:
        some_mail(made)
        before = made.sql("SELECT count(*), max(id) FROM v_audit")
        for words in (["register", "import", "--dry-run", house.REGISTER], ["round", "close", "S11-2026", "--dry-run"],
                      ["inbox", "retry", "1", "--dry-run"], ["inbox", "release", "3", "--dry-run"],
                      ["outbox", "hold", "1", "--dry-run"]):
            done = made.ctl(*words)
            expect(done.code in (0, 65), f"{words}: {done.code} {done.err}")
        expect(made.sql("SELECT count(*), max(id) FROM v_audit") == before, "the audit trail has grown")
        expect(made.sql("SELECT state FROM v_round") == [("open",)], "the round is closed")


# A parser that dies ------------------------------------------------------------------

def poisoned():
    """Programs in a folder of their own, with a parser that can be poisoned."""
    folder = tempfile.mkdtemp(prefix="lscpd-bin-")
    for name in ("lscpd", "lscpd-mailbox", "lscpd-courier", "lscpctl"):
        shutil.copy2(os.path.join(house.build_dir(), name), folder)
    path = os.path.join(folder, "lscpd-parser")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"#!{os.path.realpath(sys.executable)}\nimport runpy, sys\n"
                   f"sys.argv = ['parser', {os.path.join(house.build_dir(), 'lscpd-parser')!r}]\n"
                   f"runpy.run_path({POISON!r}, run_name='__main__')\n")
    os.chmod(path, 0o755)
    return folder


@test
def what_kills_the_parser_twice_is_quarantined_alone():
    folder = poisoned()
    try:
        with home(build=folder) as made:
            made.deliver(letter("help", sender="laura.carver@fmht.example"))
            made.deliver(letter("Section 11", headers=[("X-Poison", "crash")]))
            made.deliver(letter("mine"))
            done = made.once()
            expect(done.code == 0, f"{done.code}: {done.err}")
            rows = made.sql("SELECT outcome, reason FROM v_message ORDER BY outcome")
            expect(rows == [("answered", ""), ("answered", ""), ("quarantined", "killed the parser")], rows)
            expect(len(made.folder("Quarantine")) == 1, "it is not in Quarantine")
            expect(made.once().code == 0 and len(made.sql("SELECT 1 FROM v_message")) == 3, "once more")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@test
def what_hangs_the_parser_is_quarantined_too():
    folder = poisoned()
    try:
        with home(build=folder) as made:
            made.deliver(letter("Section 11", headers=[("X-Poison", "hang")]))
            made.deliver(letter("help", sender="laura.carver@fmht.example"))
            began = time.monotonic()
            done = made.once(timeout=300)
            expect(done.code == 0, f"{done.code}: {done.err}")
            rows = made.sql("SELECT outcome, reason FROM v_message ORDER BY outcome")
            expect(rows == [("answered", ""), ("quarantined", "killed the parser")], rows)
            return f"# a parser that hangs cost {time.monotonic() - began:.0f} s"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    wanted = sys.argv[1:]
    failed = 0
    for function in TESTS:
        name = function.__name__.replace("_", " ")
        if wanted and not any(word in name for word in wanted):
            continue
        try:
            said = function()
            print(said if said else f"ok faults: {name}", flush=True)
            if said and not said.startswith("# skipped"):
                print(f"ok faults: {name}", flush=True)
        except Exception as error:  # whatever it is, the next test runs
            failed += 1
            print(f"not ok faults: {name}: {type(error).__name__}: {error}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
