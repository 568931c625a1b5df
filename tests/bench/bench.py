#!/usr/bin/env python3
"""make bench: figures, never a test. Each with its target beside it.

A mailbox of 10,000 mails (mails.py) on a Dovecot of our own, answers over TLS
into a sink of our own; beside lscpd, in turn, medians of five: the script of an
afternoon (baseline.py) and, where it is installed, mbsync. Once on this disk and
once with every sync, ours and the server's, made to take 4 ms. No rate counts
before all mails are found filed once, byte for byte, answered once and moved.
Then latency, memory, wakeups, large mailboxes, a large database, a slow line.

    bench.py [-n MAILS] [-r ROUNDS] [speed|slow|latency|memory|idle|large|million|far …]
"""

import argparse
import contextlib
import hashlib
import os
import shutil
import sqlite3
import statistics
import struct
import subprocess
import sys
import tempfile
import time

import stage
from stage import Stage, USER, timed

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import house
import mails
import measure

BASELINE_MAILS = 300
MBSYNC_MAILS = 1000
SECOND = "lscp@fscp.example"
SLOT = struct.Struct("24sq")
SLOW_US = 4000


def say(what, value, target=None, is_good=None):
    mark = "" if is_good is None else "  ok" if is_good else "  MISSED"
    print(f"  {what:58} {value:>14}" + (f"   target {target}{mark}" if target else ""), flush=True)


def at_least(what, value, target, digits=2):
    say(what, f"{value:.{digits}f}", f">= {target}", value >= target)


def at_most(what, value, target, digits=3):
    say(what, f"{value:.{digits}f}", f"<= {target}", value <= target)


def sync_cost():
    """This disk's own word: a small write and fdatasync, median."""
    times = []
    with tempfile.NamedTemporaryFile(prefix="lscpd-bench-") as file:
        for _ in range(50):
            file.write(b"x" * 4096)
            file.flush()
            began = time.monotonic()
            os.fdatasync(file.fileno())
            times.append(time.monotonic() - began)
    return 1000 * statistics.median(times)


# The mails, made once --------------------------------------------------------

class Post:
    """All mails and what they must become."""

    def __init__(self, count, seed=1, big_every=mails.BIG_EVERY, start=0):
        self.path = tempfile.mkdtemp(prefix="lscpd-bench-mails-")
        self.count, self.bytes = count, 0
        self.digests, self.files = set(), []
        writer = mails.Writer(seed)
        for n in range(start, start + count):
            data, files = writer.mail(n, big_every > 0 and n % big_every == big_every // 2)
            self.digests.add(hashlib.sha256(data).hexdigest())
            self.files += files
            self.bytes += len(data)
            with open(os.path.join(self.path, f"{n:06}"), "wb") as file:
                file.write(data)

    def __iter__(self):
        for name in sorted(os.listdir(self.path)):
            with open(os.path.join(self.path, name), "rb") as file:
                yield file.read()

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


# Whole pipeline ----------------------------------------------------------------

def judge(theatre, home, post, earlier=0):
    """All filed once, byte for byte, answered once, moved; else no rate."""
    taken, sessions = theatre.sink.taken()
    rows = home.sql("SELECT count(*), count(DISTINCT message_id), count(DISTINCT sha256) FROM message WHERE id > ?", earlier)[0]
    assert rows == (post.count,) * 3, f"{rows} of {post.count}"
    assert {row[0] for row in home.sql("SELECT sha256 FROM message WHERE id > ?", earlier)} == post.digests, "other bytes"
    kept = sorted(row[0] for row in home.sql("SELECT sha256 FROM part WHERE message > ?", earlier))
    assert kept == sorted(post.files), f"{len(kept)} of {len(post.files)} files"
    assert len(taken) == post.count and len({one[2] for one in taken}) == post.count, f"{len(taken)} answers"
    assert theatre.left() == 0, "mail is left in the inbox"
    return sessions


def run_lscpd(theatre, template, post, env=None, **how):
    home = theatre.house(template, **how)
    seconds, cpu = timed(home.command("lscpd", "--once"), env=env)
    sessions = judge(theatre, home, post)
    theatre.refill()
    return {"seconds": seconds, "cpu": cpu, "sessions": sessions, "rate": post.count / seconds}


def run_baseline(theatre, template, env=None):
    folder = tempfile.mkdtemp(dir=theatre.folder)
    database = os.path.join(folder, "baseline.db")
    seconds, cpu = timed([sys.executable, os.path.join(stage.HERE, "baseline.py"), str(theatre.server.tls), str(theatre.sink.port),
                          theatre.server.dir, database, os.path.join(theatre.folder, "register", "contacts.csv"),
                          str(BASELINE_MAILS)], env=env)
    with contextlib.closing(sqlite3.connect(database)) as db:
        count = db.execute("SELECT count(DISTINCT message_id) FROM message").fetchone()[0]
    assert count == BASELINE_MAILS and len(theatre.sink.taken()[0]) == count, f"the script filed {count}"
    theatre.refill()
    return {"seconds": seconds, "cpu": cpu, "rate": BASELINE_MAILS / seconds}


def run_mbsync(theatre, user, count, is_durable, env=None):
    folder = tempfile.mkdtemp(dir=theatre.folder)
    for name in ("new", "cur", "tmp"):
        os.makedirs(os.path.join(folder, "in", name))
    with open(os.path.join(folder, "rc"), "w", encoding="ascii") as file:
        file.write(("" if is_durable else "FSync no\n\n") + f"IMAPAccount a\nHost localhost\nPort {theatre.server.tls}\n"
                   f"User {user}\nPassCmd \"cat {theatre.server.join('password')}\"\nSSLType IMAPS\n"
                   f"CertificateFile {theatre.server.join('ca', 'ca.crt')}\n\nIMAPStore far\nAccount a\n\n"
                   f"MaildirStore near\nPath {folder}/\nInbox {folder}/in\n\n"
                   "Channel c\nFar :far:INBOX\nNear :near:INBOX\nSync Pull\nCreate Near\nSyncState *\n")
    seconds, cpu = timed(["mbsync", "-c", os.path.join(folder, "rc"), "c"], env=env)
    got = sum(len(os.listdir(os.path.join(folder, "in", name))) for name in ("new", "cur"))
    assert got == count, f"mbsync fetched {got} of {count}"
    shutil.rmtree(folder)
    return {"seconds": seconds, "cpu": cpu, "rate": count / seconds}


def shown(name, runs, count):
    rates = [one["rate"] for one in runs]
    cpu = statistics.median(one["cpu"] for one in runs)
    print(f"  {name:34} {statistics.median(rates):8.0f} mails/s ({min(rates):.0f} to {max(rates):.0f})"
          f" {1000 * cpu / count:7.2f} ms CPU a mail", flush=True)


def counted(path):
    with open(path, "rb") as file:
        return {name.rstrip(b"\0").decode(): count for name, count in SLOT.iter_unpack(file.read()) if name[0]}


def speed(post, rounds, is_slow):
    counts = tempfile.NamedTemporaryFile(prefix="lscpd-syncs-")
    counts.write(b"\0" * 16 * SLOT.size)
    counts.flush()
    os.chmod(counts.name, 0o666)
    slow = {"LD_PRELOAD": stage.tool("count_syncs.so"), "LSCPD_SYNC_COUNTS": counts.name, "LSCPD_SYNC_US": str(SLOW_US)}
    env = {**os.environ, **slow} if is_slow else None
    has_mbsync = shutil.which("mbsync") is not None
    runs = {"fetch": [], "lscpd": [], "script": [], "mbsync": []}
    small = Post(MBSYNC_MAILS, big_every=0)
    with contextlib.closing(Stage(env=slow if is_slow else None)) as theatre:
        theatre.fill(post)
        theatre.fill(small, SECOND)
        template = theatre.template(min(mails.AGENCIES, post.count))
        for _ in range(rounds):
            if has_mbsync:
                runs["fetch"].append(run_mbsync(theatre, USER, post.count, False, env))
            before = counted(counts.name)
            runs["lscpd"].append(run_lscpd(theatre, template, post, env))
            after = counted(counts.name)
            runs["script"].append(run_baseline(theatre, template, env))
            if has_mbsync:
                runs["mbsync"].append(run_mbsync(theatre, SECOND, MBSYNC_MAILS, True, env))
    small.remove()
    report_speed(runs, post, is_slow)
    if is_slow:
        own = after.get("lscpd", 0) - before.get("lscpd", 0)
        server = after.get("imap", 0) - before.get("imap", 0)
        at_most("syncs of lscpd, a mail", own / post.count, 0.10)
        at_most("syncs of the server, a mail (with its own refill's)", server / post.count, 0.15)


def report_speed(runs, post, is_slow):
    median = {name: statistics.median(one["rate"] for one in some) for name, some in runs.items() if some}
    shown("lscpd --once", runs["lscpd"], post.count)
    shown(f"the script (first {BASELINE_MAILS})", runs["script"], BASELINE_MAILS)
    at_least("lscpd / the script", median["lscpd"] / median["script"], 30 if is_slow else 10, 1)
    if runs["fetch"]:
        shown("mbsync, FSync no: fetches only", runs["fetch"], post.count)
        shown(f"mbsync as it comes ({MBSYNC_MAILS})", runs["mbsync"], MBSYNC_MAILS)
        if not is_slow:
            at_least("lscpd / mbsync without syncs", median["lscpd"] / median["fetch"], 0.30)
        at_least("lscpd / mbsync as it comes", median["lscpd"] / median["mbsync"], 8 if is_slow else 1.5)
    else:
        print("  mbsync (package isync) is not installed: two ratios are missing")
    at_most("TLS handshakes with the mail server, a session", max(one["sessions"] for one in runs["lscpd"]), 1, 0)


# All parts ----------------------------------------------------------------------

KEPT = []


def big_post(options):
    """The large mailbox, made at its first use."""
    if not KEPT:
        KEPT.append(Post(options.n))
        print(f"  {options.n} mails, {KEPT[0].bytes / options.n / 1000:.1f} kB on average")
    return KEPT[0]


PARTS = {
    "speed": ("on this disk", lambda options: speed(big_post(options), options.r, False)),
    "slow": ("every sync takes 4 ms, ours and the server's",
             lambda options: speed(big_post(options), options.r, True)),
    "latency": ("one mail by itself", lambda _: measure.latency(at_most, sync_cost())),
    "memory": ("proportional memory of all four processes", lambda options: measure.memory(say, at_most, options.n)),
    "idle": ("waiting under IDLE", lambda _: measure.idle(at_most)),
    "large": ("a mailbox with nothing new", lambda _: measure.large(say, at_most)),
    "million": ("a database with a million returns", lambda _: measure.million(say, at_least)),
    "far": ("200 ms of round trip", lambda _: measure.far(say, at_least, at_most)),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=10000)
    parser.add_argument("-r", type=int, default=5)
    parser.add_argument("what", nargs="*", choices=[*PARTS, []])
    options = parser.parse_args()
    with open("/proc/loadavg", encoding="ascii") as file:
        load = file.read().split()[0]
    print(f"{os.cpu_count()} processors, load {load}, a sync takes {sync_cost():.2f} ms", flush=True)
    try:
        for name in options.what or PARTS:
            began = time.monotonic()
            print(f"{name}: {PARTS[name][0]}", flush=True)
            PARTS[name][1](options)
            print(f"  ({time.monotonic() - began:.0f} s)", flush=True)
    finally:
        for post in KEPT:
            post.remove()
    return 0


if __name__ == "__main__":
    sys.exit(main())
