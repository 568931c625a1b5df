#!/usr/bin/env python3
"""Each shipped form has a scenario that is accepted and one that comes back.

A scenario says so in its title line: `title section-11 accepted: …` and
`title section-11 refused: …`.
"""

import glob
import os
import re
import sys

REPO = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def main():
    titles = []
    for path in glob.glob(os.path.join(REPO, "tests", "scenario", "*.scn")):
        with open(path, encoding="utf-8") as file:
            titles += re.findall(r"(?m)^title (\S+) (accepted|refused):", file.read())
    missing = []
    for path in sorted(glob.glob(os.path.join(REPO, "config", "forms", "*.form"))):
        name = os.path.splitext(os.path.basename(path))[0]
        missing += [f"config/forms/{name}.form: no scenario `title {name} {word}: …`"
                    for word in ("accepted", "refused") if (name, word) not in titles]
    for line in missing:
        print(line)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
