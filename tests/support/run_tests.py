#!/usr/bin/env python3
"""make test: builds, runs every suite, and counts.

Each suite prints lines `ok NAME` and `not ok NAME: why`; all but failures go
to build/test.log. The last line is `N passed, N failed`.
"""

import glob
import os
import re
import shlex
import subprocess
import sys
import time

REPO = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("LSCPD_BUILD", "build")
MAKE = shlex.split(os.environ.get("MAKE", "make"))
LINE = re.compile(r"^(ok|not ok)\b[ \t]*(.*)$")


class Tally:
    def __init__(self, log):
        self.passed, self.failed, self.log = 0, [], log

    def add(self, good, name, why=""):
        if good:
            self.passed += 1
        else:
            self.failed.append(name)
            print(f"not ok {name}" + (f": {why}" if why else ""), flush=True)


def stream(tally, command, suite, env=None, prefix=""):
    """Run a suite; count its lines; its own failure without a line counts too."""
    began, seen, bad = time.monotonic(), 0, 0
    child = subprocess.Popen(command, cwd=REPO, env={**os.environ, **(env or {})}, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace")
    tail = []
    for line in child.stdout:
        tally.log.write(line)
        tail = (tail + [line.rstrip()])[-15:]
        found = LINE.match(line)
        if found and not re.search(r"# SKIP", line):
            seen += 1
            bad += found.group(1) != "ok"
            tally.add(found.group(1) == "ok", prefix + re.sub(r"^\d+ - ", "", found.group(2)))
        elif line.startswith("# skipped") or (line.startswith("#   ") and bad):
            print(line.rstrip(), flush=True)
    code = child.wait()
    if code != 0 and bad == 0 or seen == 0 and code != 0:
        tally.add(False, suite, f"ended with {code}\n" + "\n".join("#   " + one for one in tail))
    print(f"# {suite}: {seen} results, {bad} bad, {time.monotonic() - began:.0f} s", flush=True)
    return code


def build(tally, name, *args):
    began = time.monotonic()
    done = subprocess.run([*MAKE, "-s", "-j2", "-k", *args], cwd=REPO, text=True, errors="replace",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    tally.log.write(done.stdout)
    tail = "\n".join("#   " + line for line in done.stdout.strip().split("\n")[-25:])
    tally.add(done.returncode == 0, f"build {name}", "\n" + tail)
    print(f"# build {name}: {time.monotonic() - began:.0f} s", flush=True)
    return done.returncode == 0


def units(tally):
    sources = sorted(glob.glob(os.path.join(REPO, "tests", "unit", "*", "test_*.c")))
    for source in sources:
        name = os.path.relpath(source, os.path.join(REPO, "tests", "unit"))[:-2]
        program = os.path.join(REPO, BUILD, "tests", "unit", name)
        if not os.path.exists(program):
            tally.add(False, f"unit {name}", "it was not built")
            continue
        stream(tally, [program], f"unit {name}", {"CMOCKA_MESSAGE_OUTPUT": "TAP"}, f"{name}: ")


def lint(tally):
    for name, command in (("includes", ["tests/support/lint_includes.sh"]),
                          ("source", ["tests/support/lint_source.py"]),
                          ("forms", ["tests/support/lint_forms.py"]),
                          ("metrics", ["tests/support/metrics.py", "--limits"]),
                          ("format", [*MAKE, "-s", "format-check"])):
        done = subprocess.run(command, cwd=REPO, text=True, errors="replace",
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        tally.log.write(done.stdout)
        lines = done.stdout.strip().split("\n")
        tally.add(done.returncode == 0, f"lint {name}", "\n" + "\n".join("#   " + one for one in lines[:40]))


PROGRAMS = (  # word on the command line, name in the output, command
    ("scenarios", "scenarios", ["tests/support/scenario.py"]),
    ("faults", "integration faults", ["tests/integration/faults.py"]),
    ("workbooks", "integration workbooks", ["tests/integration/workbooks.py"]),
    ("exports", "integration exports", ["tests/integration/exports.py"]),
    ("administrator", "integration administrator", ["tests/integration/administrator.py"]),
    ("imap", "integration imap", ["tests/integration/imap.py"]),
    ("smtp", "integration smtp", ["tests/integration/smtp.py"]),
    ("loop", "integration loop", ["tests/integration/loop.py"]),
    ("online", "integration online", ["tests/integration/online.py"]),
    ("reload", "integration reload", ["tests/integration/reload.py"]),
    ("install", "integration units", ["tests/integration/units.py"]),
    ("readers", "integration readers", ["tests/integration/readers.py"]),
    ("replay", "fuzz corpora", ["tests/fuzz/replay.py"]),
    ("corpus", "integration corpus", ["tests/integration/corpus.py"]),
    ("crash", "crash walk", ["tests/crash/walk.py", "--short"]),
    ("crash-servers", "crash walk over servers", ["tests/crash/walk.py", "--short", "--servers"]),
)


def main():
    os.environ.pop("MAKEFLAGS", None)  # it says how the outer make was called
    which = sys.argv[1:] or ["lint", "units", *(word for word, _, _ in PROGRAMS)]
    os.makedirs(os.path.join(REPO, BUILD), exist_ok=True)
    with open(os.path.join(REPO, BUILD, "test.log"), "w", encoding="utf-8") as log:
        tally = Tally(log)
        if "lint" in which:
            lint(tally)
        good = build(tally, "programs", f"B={BUILD}", "all", "tools-build")
        if "units" in which:
            build(tally, "unit tests", f"B={BUILD}", "units-build")
            units(tally)
        if {"crash", "crash-servers"} & set(which):
            good = build(tally, "with fault points", "faults-build") and good
        for word, name, command in PROGRAMS:
            if good and word in which:
                stream(tally, [sys.executable, *command], name)
        for name in tally.failed:
            print(f"failed: {name.splitlines()[0][:160]}")
        print(f"{tally.passed} passed, {len(tally.failed)} failed")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
