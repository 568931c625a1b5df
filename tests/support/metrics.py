#!/usr/bin/env python3
"""Lengths of functions and files, by ctags; --limits makes breaches an error.

House rule: median at most 20 lines, 95 % at most 50, none over 80; files at
most 600 lines.
"""

import glob
import json
import os
import shutil
import subprocess
import sys

REPO = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def functions(files):
    tags = subprocess.run(["ctags", "--output-format=json", "--fields=+ne", "--c-kinds=f", "-f", "-"] + files,
                          capture_output=True, check=True).stdout.decode("utf-8", "replace")
    for line in tags.splitlines():
        tag = json.loads(line)
        if tag.get("kind") == "function" and "end" in tag:
            yield tag["end"] - tag["line"] + 1, tag["name"], os.path.relpath(tag["path"], REPO), tag["line"]


def main():
    if not shutil.which("ctags"):
        print("metrics: ctags is missing (make deps)")
        return 0
    bad = []
    for title, patterns in (("product", ("daemon/*.c", "daemon/*/*.c", "handlers/*.c")),
                            ("tests", ("tests/**/*.c",))):
        files = sorted(path for pattern in patterns
                       for path in glob.glob(os.path.join(REPO, pattern), recursive=True))
        found = sorted(functions(files)) if files else []
        if not found:
            continue
        lengths = [one[0] for one in found]
        at = lambda share: lengths[min(len(lengths) - 1, int(share * len(lengths)))]
        sizes = [(sum(1 for _ in open(path, "rb")), os.path.relpath(path, REPO)) for path in files]
        print(f"{title}: {len(files)} files, {sum(size for size, _ in sizes)} lines; {len(found)} functions:"
              f" median {at(0.5)}, 95 % {at(0.95)}, longest {lengths[-1]} lines")
        print(f"  longest file {max(sizes)[1]} ({max(sizes)[0]} lines)")
        for length, name, path, line in [one for one in reversed(found) if one[0] > 50][:15]:
            print(f"  {length:4} {path}:{line} {name}()")
        if title == "product":
            if at(0.5) > 20:
                bad.append(f"median {at(0.5)} > 20")
            if at(0.95) > 50:
                bad.append(f"95 % {at(0.95)} > 50")
            bad += [f"{path}:{line}: {name}() has {length} lines" for length, name, path, line in found if length > 80]
    for line in bad:
        print("over the limit: " + line)
    return 1 if bad and "--limits" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
