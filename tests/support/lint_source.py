#!/usr/bin/env python3
"""House rules that a compiler does not check. Prints each breach; exit 1 then."""

import glob
import os
import re
import sys

REPO = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FILE_LINES = 600

# Somebody's home folder, or a tracker's number, means nothing to a reader.
PLACES = re.compile(r"/(?:home|root)/\w|\bissue #?\d", re.I)
LEFTOVER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b(?!X)")
CLOCKS = re.compile(r"(?<![\w.>])(time|clock_gettime|gettimeofday|clock)\s*\(")
SQLITE = re.compile(r"\bsqlite3_\w+")
ADDRESS = re.compile(r"[\w.+-]+@([\w-]+\.)+[a-z]{2,}", re.I)


def code_only(text):
    """The text with comments and strings blanked, line for line."""
    def blank(found):
        return re.sub(r"[^\n]", " ", found.group(0))
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', blank, text, flags=re.S)


def lines_with(pattern, text):
    for number, line in enumerate(text.split("\n"), 1):
        found = pattern.search(line)
        if found:
            yield number, found.group(0)


def source_files():
    for pattern in ("daemon/*.c", "daemon/*/*.[ch]", "handlers/*.[ch]", "tests/**/*.[ch]", "tests/**/*.py",
                    "tests/**/*.sh", "daemon/store/schema/*.sql"):
        yield from glob.glob(os.path.join(REPO, pattern), recursive=True)


def text_files():
    yield from source_files()
    for pattern in ("*.md", "Makefile", "config/**/*", "tests/**/*.mk", "tests/scenario/*", "tests/fixtures/**/*",
                    ".ci/*"):
        for path in glob.glob(os.path.join(REPO, pattern), recursive=True):
            if os.path.isfile(path):
                yield path


def check_file(path, say):
    name = os.path.relpath(path, REPO)
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read()
    if name != "tests/support/lint_source.py":
        for number, word in lines_with(PLACES, text):
            say(name, number, f"speaks of something outside the project: {word}")
        for number, word in lines_with(LEFTOVER, text):
            say(name, number, f"unfinished: {word}")
    if not name.endswith((".c", ".h")):
        return
    if text.count("\n") > FILE_LINES:
        say(name, FILE_LINES, f"{text.count(chr(10))} lines, more than {FILE_LINES}")
    code = code_only(text)
    if name.startswith(("daemon/", "handlers/")):
        if name != "daemon/base/clock.c":
            for number, word in lines_with(CLOCKS, code):
                say(name, number, f"asks the system for the time: {word}); only base/clock.c may")
        if not name.startswith("daemon/store/"):
            for number, word in lines_with(SQLITE, code):
                say(name, number, f"calls {word}; only store may")
        for number, _ in lines_with(re.compile(r"\btypedef\b(?!.*_fn\b)"), code):
            say(name, number, "a typedef that is no _fn")
    if name.endswith(".h") and not re.match(r"\s*/\*", text):
        say(name, 1, "a header opens with what the module owns and promises")


def check_people(path, say):
    """Example people live at .example addresses."""
    name = os.path.relpath(path, REPO)
    with open(path, encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            for found in ADDRESS.finditer(line):
                if not re.search(r"\.(example|invalid|test)$|@example\.(com|org|net)$|@localhost$", found.group(0), re.I):
                    say(name, number, f"an address that somebody may have: {found.group(0)}")


def main():
    bad = []

    def say(name, number, what):
        bad.append(f"{name}:{number}: {what}")
    for path in sorted(set(text_files())):
        check_file(path, say)
        if not path.endswith((".mk", "lint_source.py")):
            check_people(path, say)
    print("\n".join(bad) if bad else "", end="\n" if bad else "")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
