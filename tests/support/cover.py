#!/usr/bin/env python3
"""Line coverage of a build made with --coverage: cover.py BUILD."""

import os
import re
import subprocess
import sys

REPO = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FILE = re.compile(r"File '(?:.*/)?((?:daemon|handlers)/[^']+\.c)'\nLines executed:([\d.]+)% of (\d+)")


def main():
    found = {}
    for folder, _, files in os.walk(os.path.join(REPO, sys.argv[1])):
        data = [os.path.join(folder, name) for name in files if name.endswith(".gcda")]
        if not data:
            continue
        said = subprocess.run(["gcov", "-n", *data], cwd=REPO, capture_output=True, text=True, errors="replace").stdout
        for name, share, lines in FILE.findall(said):
            hit = float(share) * int(lines) / 100
            found[name] = max(found.get(name, (0, 0)), (hit, int(lines)))
    for name, (hit, lines) in sorted(found.items(), key=lambda one: one[1][0] / one[1][1]):
        print(f"{100 * hit / lines:6.1f} %  {lines:5}  {name}")
    total = sum(lines for _, lines in found.values())
    if total:
        print(f"{100 * sum(hit for hit, _ in found.values()) / total:6.1f} % of {total} lines")
    return 0


if __name__ == "__main__":
    sys.exit(main())
