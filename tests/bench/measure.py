"""What the bench measures beside rates: latency, memory, wakeups, large
mailboxes, a large database, a line with 200 ms of round trip.
"""

import contextlib
import imaplib
import os
import random
import sqlite3
import socket
import ssl
import statistics
import tempfile
import threading
import time

import stage
from stage import Stage
import dovecot
import house
import mails

LONE_MAILS = 30
IDLE_S = 180
PASSES = 20


# What processes cost ------------------------------------------------------------

def tree(pid):
    pids = [pid]
    with contextlib.suppress(FileNotFoundError), open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        for child in file.read().split():
            pids += tree(int(child))
    return pids


def proportional(pid):
    """PSS of the tree in MiB, without unlinked spool files and memfds."""
    total = 0
    for one in tree(pid):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError), \
                open(f"/proc/{one}/smaps", encoding="ascii", errors="replace") as file:
            is_spool = False
            for line in file:
                if "-" in line.split(" ", 1)[0] and not line[0].isupper():
                    is_spool = "(deleted)" in line
                elif line.startswith("Pss:") and not is_spool:
                    total += int(line.split()[1])
    return total / 1024


def cpu_ms(pids):
    total = 0
    for pid in pids:
        with contextlib.suppress(FileNotFoundError), open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1e6


def switches(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("voluntary_ctxt_switches"))


@contextlib.contextmanager
def daemon(home):
    process = home.start()
    try:
        yield process
    finally:
        house.House.stop(process)


def wait_until(condition, seconds=600, step=0.05):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(step)


# One mail by itself --------------------------------------------------------------

class Onlooker:
    """A second mail program under IDLE: when is a mail first announced?"""

    def __init__(self, server):
        trust = ssl.create_default_context(cafile=server.join("ca", "ca.crt"))
        self.box = imaplib.IMAP4_SSL("localhost", server.tls, ssl_context=trust)
        self.box.login(stage.USER, dovecot.PASSWORD)
        self.box.select("INBOX", readonly=True)
        self.seen = []
        self.box.send(b"x1 IDLE\r\n")
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        with contextlib.suppress(OSError, ValueError):
            while line := self.box.readline():
                if b" EXISTS" in line:
                    self.seen.append(time.monotonic_ns() // 1000)

    def close(self):
        self.box.sock.shutdown(socket.SHUT_RDWR)


def percent(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def latency(at_most, sync_ms):
    post = [one for one, _ in mails.mails(LONE_MAILS + 1, seed=7, big_every=0)]
    dice = random.Random(7)
    whole, own = [], []
    with contextlib.closing(Stage("maildir")) as theatre:
        home = theatre.house(theatre.template(LONE_MAILS + 1))
        with daemon(home), contextlib.closing(Onlooker(theatre.server)) as onlooker:
            theatre.server.append(post.pop())
            wait_until(lambda: theatre.sink.taken()[0], 60)
            for data in post:
                time.sleep(1 + dice.random())
                onlooker.seen.clear()
                began = time.monotonic_ns() // 1000
                theatre.deliver(data)
                taken = []
                wait_until(lambda: taken.extend(theatre.sink.taken()[0]) or taken, 60, 0.02)
                whole.append((taken[0][0] - began) / 1000)
                if onlooker.seen:  # a mail that was moved at once is announced to nobody else
                    own.append((taken[0][0] - onlooker.seen[0]) / 1000)
    assert own, "nobody was told of any mail"
    at_most("EXISTS seen to the answer's 250, median, ms", statistics.median(own), round(3 + 2 * sync_ms, 2), 2)
    at_most("  99 %, ms", percent(own, 0.99), round(15 + 4 * sync_ms, 2), 2)
    at_most("delivery to the answer's 250, median, ms", statistics.median(whole), 515, 1)


# Memory ---------------------------------------------------------------------------

def peak_while(process, is_over):
    most, end = 0, time.monotonic() + 600
    while not is_over():
        assert time.monotonic() < end, "it takes too long"
        most = max(most, proportional(process.pid))
        time.sleep(0.1)
    return most


def memory(say, at_most, count):
    writer, few = mails.Writer(5), 100
    with contextlib.closing(Stage()) as theatre:
        home = theatre.house(theatre.template(min(few + count + 1, mails.AGENCIES)))
        judged = lambda: home.sql("SELECT count(*) FROM message")[0][0]
        with daemon(home) as process:
            theatre.fill(writer.mail(n)[0] for n in range(few))
            peak_few = peak_while(process, lambda: judged() >= few)
            theatre.fill(writer.mail(n)[0] for n in range(few, few + count))
            peak_many = peak_while(process, lambda: judged() >= few + count)
            time.sleep(2)
            rest = proportional(process.pid)
            writer.file = lambda n, is_big: ("film.bin", "bin", writer.junk(60_000_000))
            data, _ = writer.mail(few + count)
            theatre.fill([data])
            peak_large = peak_while(process, lambda: judged() > few + count)
    say("with 100 mails in the inbox, at most, MiB", f"{peak_few:.1f}")
    at_most(f"{count} mails in the inbox add, MiB", peak_many - peak_few, 4, 1)
    say("at rest after them, MiB", f"{rest:.1f}")
    at_most(f"a mail of {len(data) / 1e6:.0f} MB adds to what they took, MiB", peak_large - peak_many, 2, 1)


# Waiting ---------------------------------------------------------------------------

def idle(at_most):
    with contextlib.closing(Stage()) as theatre:
        home = theatre.house(theatre.template(10))
        with daemon(home) as process:
            theatre.fill(one for one, _ in mails.mails(5, big_every=0))
            wait_until(lambda: len(theatre.sink.taken()[0]) > 0, 60)
            time.sleep(15)
            pids = tree(process.pid)
            before, cpu = {pid: switches(pid) for pid in pids}, cpu_ms(pids)
            time.sleep(IDLE_S)
            minutes = IDLE_S / 60
            for pid in pids:
                with open(f"/proc/{pid}/comm", encoding="ascii") as file:
                    print(f"    {file.read().strip():15} {switches(pid) - before[pid]} wakeups")
            at_most("wakeups a minute, all four", sum(switches(pid) - before[pid] for pid in pids) / minutes, 1, 2)
            at_most("CPU, ms a minute", (cpu_ms(pids) - cpu) / minutes, 0.1)


# A large mailbox ---------------------------------------------------------------------

def old_mailbox(count):
    """Mails from before `since`: they stay, unread, in the inbox."""
    with tempfile.NamedTemporaryFile("w", prefix="lscpd-bench-", suffix=".mbox", delete=False) as file:
        for n in range(count):
            file.write(f"From old@b1.example Sat Jan 04 10:00:00 2020\nFrom: old@b1.example\nMessage-ID: <{n}@b1.example>\n"
                       f"Subject: old {n}\nDate: Sat, 4 Jan 2020 10:00:00 +0000\n\nold\n\n")
    os.chmod(file.name, 0o644)
    return file.name


def one_pass(theatre, count):
    """(ms of lscpd's CPU, of the server's) of a pass that the bell asks for."""
    source = old_mailbox(count)
    theatre.doveadm("import", "-u", stage.USER, f"mbox:/tmp:INBOX={source}", "", "ALL")
    os.unlink(source)
    assert theatre.left() == count, f"{theatre.left()} of {count} imported"
    home = theatre.house(theatre.template(10), more='since = "2026-01-01"')
    with daemon(home) as process:
        wait_until(lambda: home.sql("SELECT count(*) FROM meta WHERE key = 'last_sync_at'")[0][0], 120)
        time.sleep(5)
        ours, theirs = tree(process.pid), tree(theatre.server.process.pid)
        bell = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        before = cpu_ms(ours), cpu_ms(theirs)
        for _ in range(PASSES):
            bell.sendto(b"!", home.join("lscpd.bell"))
            time.sleep(0.3)
        time.sleep(1)
        return (cpu_ms(ours) - before[0]) / PASSES, (cpu_ms(theirs) - before[1]) / PASSES


def large(say, at_most):
    costs = {}
    for count in (1000, 100_000):
        with contextlib.closing(Stage()) as theatre:
            costs[count] = one_pass(theatre, count)
        say(f"a pass over {count}: ms of CPU, ours and the server's", "{:.2f} + {:.2f}".format(*costs[count]))
    at_most("100,000 / 1,000", sum(costs[100_000]) / sum(costs[1000]), 2, 2)


# A large database --------------------------------------------------------------------

RETURNS = 1_000_000
GROWN = """
PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF; PRAGMA cache_size = -400000; PRAGMA foreign_keys = OFF;
CREATE TEMP TABLE n AS WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {count}) SELECT i FROM c;
INSERT INTO message(id, key_hash, sha_hash, content_hash, mailbox_key, sha256, content_key, received_at, judged_at, from_addr,
                    message_id, class, outcome, folder, size_bytes, moved_at)
  SELECT 1000 + i, random(), random(), random(), 'Filed/1/' || i, hex(randomblob(32)), hex(randomblob(32)), 1.6e9 + i, 1.6e9 + i,
         'lead@b' || i % 1000 || '.example', '<' || i || '@x>', 'human', 'filed', 'Filed', 1000, 1.6e9 FROM n;
INSERT INTO raw(message, piece, data) SELECT 1000 + i, 0, zeroblob(500) FROM n;
INSERT INTO submission(id, ref, form, form_version, period, agency, thing, sender, received_at, state)
  SELECT 1000 + i, 'X-' || i, 'training-return', 1, '1990-Q1', (SELECT min(id) FROM agency) + i % 1000, 'thing ' || i,
         'lead@b' || i % 1000 || '.example', 1.6e9 + i, 'superseded' FROM n;
INSERT INTO submission_version SELECT 1000 + i, 1, 1000 + i, 'lead@b.example', 1.6e9 + i FROM n;
INSERT INTO answer SELECT 1000 + i, 'levels', '1', 'in_scope', 1, 1, '17' FROM n;
INSERT INTO outbox(id, kind, recipient, envelope_to, envelope_from, subject, id_hash, message_id, token, answers, state, queued_at)
  SELECT 100000 + i, 'receipt', 'lead@b' || i % 1000 || '.example', 'x@b.example', '', 'We have it', random(), '<' || i || '@y>',
         hex(randomblob(4)) || i, 1000 + i, 'sent', 1.6e9 + i FROM n;
INSERT INTO outbox_body SELECT 100000 + i, 'text', zeroblob(500) FROM n;
"""


def grow(home):
    with contextlib.closing(sqlite3.connect(home.join("lscpd.db"), isolation_level=None)) as db:
        db.executescript(GROWN.format(count=RETURNS))


def drain(theatre, home, count, start):
    post = []
    writer = mails.Writer(start)
    for n in range(start, start + count):
        post.append(writer.mail(n)[0])
    theatre.fill(post)
    last = home.sql("SELECT coalesce(max(id), 0) FROM message")[0][0]
    seconds, _ = stage.timed(home.command("lscpd", "--once"))
    got = home.sql("SELECT count(*) FROM message WHERE id > ?", last)[0][0]
    assert got == count and len(theatre.sink.taken()[0]) == count, f"{got} of {count} were filed"
    return count / seconds


def million(say, at_least):
    rates = {"empty": [], "full": []}
    with contextlib.closing(Stage()) as theatre:
        template = theatre.template(1000)
        full = theatre.house(template)
        began = time.monotonic()
        grow(full)
        say("made, s, and its size, GB", f"{time.monotonic() - began:.0f}, {os.stat(full.join('lscpd.db')).st_size / 1e9:.1f}")
        for turn in range(3):
            rates["empty"].append(drain(theatre, theatre.house(template), 500, 10000 * turn))
            rates["full"].append(drain(theatre, full, 500, 10000 * turn))
    for name, some in rates.items():
        say(f"{name}: mails/s", f"{statistics.median(some):.0f}")
    at_least("full / empty", statistics.median(rates["full"]) / statistics.median(rates["empty"]), 0.5)


# A long line ------------------------------------------------------------------------

class Relay:
    """Everything arrives `delay_s` later, each way; counts round trips."""

    def __init__(self, port, delay_s):
        self.target, self.delay_s, self.trips = port, delay_s, 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.socket.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
                for one in (near, far):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                state = {"asks": False}
                for ends in ((near, far, True), (far, near, False)):
                    self.pump(state, *ends)

    def pump(self, state, source, target, is_ask):
        waiting, news = [], threading.Condition()

        def take():
            data = b"x"
            while data:
                with contextlib.suppress(OSError):
                    data = source.recv(1 << 18)
                self.trips += is_ask and bool(data) and not state["asks"]
                state["asks"] = is_ask
                with news:
                    waiting.append((time.monotonic() + self.delay_s, data))
                    news.notify()

        def give():
            while True:
                with news:
                    news.wait_for(lambda: waiting)
                    at, data = waiting.pop(0)
                time.sleep(max(0, at - time.monotonic()))
                with contextlib.suppress(OSError):
                    if not data:
                        target.shutdown(socket.SHUT_WR)
                        return
                    target.sendall(data)

        for work in (take, give):
            threading.Thread(target=work, daemon=True).start()


FAR_MAILS = 1000


def far(say, at_least, at_most):
    post = [one for one, _ in mails.mails(FAR_MAILS, big_every=0)]
    rates = {}
    with contextlib.closing(Stage()) as theatre:
        theatre.fill(post)
        template = theatre.template(FAR_MAILS)
        for name, mailbox_s, sending_s, count in (("loopback", 0, 0, FAR_MAILS), ("far mailbox", 0.1, 0, FAR_MAILS)):
            with contextlib.closing(Relay(theatre.server.tls, mailbox_s)) as imap, \
                    contextlib.closing(Relay(theatre.sink.port, sending_s)) as smtp:
                home = theatre.house(template, imap_port=imap.port, smtp_port=smtp.port)
                seconds, _ = stage.timed(home.command("lscpd", "--once"))
                assert len(theatre.sink.taken()[0]) == count and theatre.left() == 0
                rates[name] = count / seconds
                say(f"{name}: mails/s", f"{rates[name]:.0f}")
                if name == "loopback":
                    at_most("round trips to the mailbox, a mail", imap.trips / count, 0.15)
                    trips = smtp.trips / count
            theatre.refill()
    at_least("far mailbox / loopback", rates["far mailbox"] / rates["loopback"], 0.25)
    say("round trips to the mail server, an answer", f"{trips:.1f}")
    say("so with it 200 ms away, answers/s", f"{1 / (0.2 * trips):.1f}")
