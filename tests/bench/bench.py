#!/usr/bin/env python3
"""make bench: figures, never a test.

1,000 mails with real forms through Maildirs, beside tests/bench/baseline.py
doing the same work, interleaved, medians; syncs a mail; memory that an 81 MB
mail adds; wakeups at idle.

    bench.py [-n MAILS] [-r ROUNDS] [speed|syncs|memory|idle …]
"""

import argparse
import csv
import os
import resource
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import demo_mails
import house
import mailkit

BASELINE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "baseline.py")
SLOT = struct.Struct("24sq")


def register_of(folder, agencies):
    """A partnership with so many agencies, each with a lead and an executive."""
    shutil.copytree(house.REGISTER, folder)
    with open(os.path.join(folder, "agencies.csv"), "a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([f"B{n:04}", f"Agency number {n}", "VCS", "", f"b{n}.example", "", "2020-01-01"]
                                   + [""] * 6 for n in range(agencies))
    with open(os.path.join(folder, "contacts.csv"), "a", encoding="utf-8", newline="") as file:
        for n in range(agencies):
            csv.writer(file).writerows([[f"lead@b{n}.example", f"Lead {n}", f"B{n:04}", "lead"] + [""] * 6,
                                        [f"boss@b{n}.example", f"Boss {n}", f"B{n:04}", "executive"] + [""] * 6])


def form_mails(count):
    """Half typed, a quarter from Outlook with its HTML, a quarter with CSV."""
    form = demo_mails.fixture("section-11.txt")
    for n in range(count):
        text = form.replace("helen.marsh@northbank.example", f"boss@b{n}.example")
        text = text.replace("Owner: ben.tate@northbank.example\n", "").replace("Amara Okafor", f"Lead {n}")
        draft = mailkit.Draft(f"lead@b{n}.example", "2026-02-24T10:42:00Z")
        draft.name, draft.subject, draft.message_id = f"Lead {n}", "Our return", f"<{n}.bench@b{n}.example>"
        draft.text = text
        if n % 4 == 2:
            draft.html = demo_mails.in_outlook(text)
        if n % 4 == 3:
            draft.text = "Form: section-11\nRound: S11-2026\n"
            draft.attachments = [("section-11.csv", "text/csv", as_csv(text))]
        yield draft.bytes()


def as_csv(text):
    rows, row, last = [["table", "row", "field", "value"]], "", None
    for line in text.split("\n"):
        if line.startswith("=="):
            row = line.strip("= ")
        elif line.startswith("---"):
            break
        elif ":" in line:
            label, _, value = line.partition(":")
            last = ["standards" if row else "", row, label, value.strip()]
            rows.append(last)
        elif line and last:
            last[3] += "\n" + line
    return "\r\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in one) for one in rows).encode()


def prepared(folder, mails):
    home = house.House(folder)
    home.register(register_of_cached(len(mails)))
    done = home.ctl("round", "open", "S11-2026", "--form", "section-11", "--due", "2026-02-27", timeout=300)
    assert done.code == 0, done.err
    done = home.once(timeout=600)
    assert done.code == 0, done.err
    home.now = "2026-02-24T10:45:00Z"
    return home


CACHE = {}
# Folders of finished runs, removed at the very end: ext4 walks around inodes
# that were freed within the last minute, and would slow the next run down.
LEFT = []


def register_of_cached(count):
    if count not in CACHE:
        CACHE[count] = os.path.join(tempfile.mkdtemp(prefix="lscpd-bench-register-"), "register")
        register_of(CACHE[count], count)
    return CACHE[count]


def fill(home, mails):
    for n, data in enumerate(mails):
        home.deliver(data, name=f"{1700000000 + n}.M{n}.bench")


def timed(command, **how):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, **how)
    seconds = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")[-2000:]
    return seconds, cpu


def copied(template):
    folder = tempfile.mkdtemp(prefix="lscpd-bench-")
    shutil.copytree(template, os.path.join(folder, "house"))
    home = house.House(os.path.join(folder, "house"))
    home.now = "2026-02-24T10:45:00Z"
    os.sync()
    return home


def one_lscpd(template, mails, env=None):
    home = copied(template)
    fill(home, mails)
    figures = timed(home.command("lscpd", "--once"), env=env or os.environ)
    count = home.sql("SELECT count(*) FROM v_submission WHERE state = 'returned'")[0][0]
    assert count == len(mails), f"only {count} of {len(mails)} were filed as complete"
    LEFT.append(os.path.dirname(home.path))
    return figures


def one_baseline(template, mails):
    home = copied(template)
    fill(home, mails)
    figures = timed([sys.executable, BASELINE, home.join("inbox"), home.join("baseline-out"),
                     home.join("baseline.db"), os.path.join(register_of_cached(len(mails)), "contacts.csv")])
    import sqlite3
    with sqlite3.connect(home.join("baseline.db")) as db:
        count = db.execute("SELECT count(*) FROM submission WHERE state = 'returned'").fetchone()[0]
    assert count == len(mails), f"the baseline filed {count} of {len(mails)}"
    LEFT.append(os.path.dirname(home.path))
    return figures


def speed(template, mails, rounds):
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(one_lscpd(template, mails))
        theirs.append(one_baseline(template, mails))
    for name, figures in (("lscpd --once", ours), ("baseline.py", theirs)):
        seconds = statistics.median(one[0] for one in figures)
        cpu = statistics.median(one[1] for one in figures)
        print(f"{name:14} {len(mails) / seconds:8.0f} mails/s   {1000 * cpu / len(mails):7.2f} ms CPU a mail"
              f"   ({', '.join(f'{one[0]:.2f}' for one in figures)} s)")
    ratio = statistics.median(one[0] for one in theirs) / statistics.median(one[0] for one in ours)
    print(f"lscpd is {ratio:.1f} times as fast as the script")


def syncs(template, mails):
    library = os.path.join(house.build_dir(), "tests", "bench", "count_syncs.so")
    counts = tempfile.NamedTemporaryFile(prefix="lscpd-syncs-")
    counts.write(b"\0" * 16 * SLOT.size)
    counts.flush()
    one_lscpd(template, mails, {**os.environ, "LD_PRELOAD": library, "LSCPD_SYNC_COUNTS": counts.name})
    with open(counts.name, "rb") as file:
        for name, count in SLOT.iter_unpack(file.read()):
            name = name.rstrip(b"\0").decode()
            if name:
                print(f"syncs of {name:15} {count:6}   {count / len(mails):.3f} a mail")


def tree(pid):
    pids = [pid]
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            for child in file.read().split():
                pids += tree(int(child))
    except FileNotFoundError:
        pass
    return pids


def proportional(pid):
    """(all PSS, PSS without unlinked spool files and memfds) of the tree, in KiB."""
    total = apart = 0
    for one in tree(pid):
        try:
            with open(f"/proc/{one}/smaps", encoding="ascii", errors="replace") as file:
                spool = False
                for line in file:
                    if "-" in line.split(" ", 1)[0] and not line[0].isupper():
                        spool = "(deleted)" in line
                    elif line.startswith("Pss:"):
                        total += int(line.split()[1])
                        apart += 0 if spool else int(line.split()[1])
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            pass
    return total, apart


def running(home):
    process = home.start()
    home.deliver(demo_mails.mail("amara.okafor@northbank.example", "help", "Thanks").bytes())
    assert home.wait_for(lambda: home.outbox(), 30), "no answer"
    time.sleep(2)
    return process


def memory():
    folder = tempfile.mkdtemp(prefix="lscpd-bench-")
    home = house.House(os.path.join(folder, "house"))
    home.register()
    process = running(home)
    before = proportional(process.pid)
    draft = demo_mails.mail("laura.carver@fmht.example", "help", "help\n",
                            attachments=[("film.bin", "application/octet-stream", os.urandom(60 * 1024 * 1024))])
    data = draft.bytes()
    size = len(data)
    home.deliver(data)
    del data, draft
    most = before
    began = time.monotonic()
    while len(home.outbox()) < 2 and time.monotonic() - began < 120:
        now = proportional(process.pid)
        most = (max(most[0], now[0]), max(most[1], now[1]))
        time.sleep(0.02)
    print(f"a mail of {size / 1e6:.0f} MB took {time.monotonic() - began:.1f} s and added"
          f" {(most[1] - before[1]) / 1024:.1f} MiB of proportional memory"
          f" ({(most[0] - before[0]) / 1024:.1f} MiB with mapped spool files), over {before[1] / 1024:.1f} MiB at rest")
    house.House.stop(process)
    shutil.rmtree(folder)


def idle(seconds=130):
    folder = tempfile.mkdtemp(prefix="lscpd-bench-")
    home = house.House(os.path.join(folder, "house"))
    home.register()
    process = running(home)
    time.sleep(8)
    before = {pid: switches_of(pid) for pid in tree(process.pid)}
    time.sleep(seconds)
    after = {pid: switches_of(pid) for pid in tree(process.pid)}
    total = sum(after.values()) - sum(before.get(pid, 0) for pid in after)
    for pid, count in after.items():
        with open(f"/proc/{pid}/comm", encoding="ascii") as file:
            print(f"  {file.read().strip():15} {count - before.get(pid, 0)} wakeups")
    print(f"at idle {60 * total / seconds:.2f} wakeups a minute over {len(after)} processes ({total} in {seconds} s)")
    house.House.stop(process)
    shutil.rmtree(folder)


def switches_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("voluntary_ctxt_switches"))


def sync_cost():
    """This disk's own word: a small write and fdatasync, median."""
    times = []
    with tempfile.NamedTemporaryFile(prefix="lscpd-bench-", dir=tempfile.gettempdir()) as file:
        for _ in range(50):
            file.write(b"x" * 4096)
            file.flush()
            began = time.monotonic()
            os.fdatasync(file.fileno())
            times.append(time.monotonic() - began)
    print(f"this disk: a sync takes {1000 * statistics.median(times):.2f} ms; {os.cpu_count()} processors")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=1000)
    parser.add_argument("-r", type=int, default=3)
    parser.add_argument("what", nargs="*")
    options = parser.parse_args()
    what = options.what or ["speed", "syncs", "memory", "idle"]
    sync_cost()
    if "speed" in what or "syncs" in what:
        mails = list(form_mails(options.n))
        work = tempfile.mkdtemp(prefix="lscpd-bench-base-")
        template = prepared(os.path.join(work, "base"), mails).path
        if "speed" in what:
            speed(template, mails, options.r)
        if "syncs" in what:
            syncs(template, mails)
        shutil.rmtree(work)
    if "memory" in what:
        memory()
    if "idle" in what:
        idle()
    for folder in LEFT:
        shutil.rmtree(folder, ignore_errors=True)
    for folder in CACHE.values():
        shutil.rmtree(os.path.dirname(folder), ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
