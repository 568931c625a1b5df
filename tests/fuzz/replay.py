#!/usr/bin/env python3
"""The kept corpora through the fuzz targets, without a fuzzer."""

import glob
import os
import subprocess
import sys

REPO = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("LSCPD_BUILD", "build")


def main():
    bad = 0
    for folder in sorted(glob.glob(os.path.join(REPO, "tests/fuzz/corpus/*"))):
        reader = os.path.basename(folder)
        files = [os.path.relpath(path, REPO) for path in sorted(glob.glob(os.path.join(folder, "*")))]
        done = subprocess.run([os.path.join(BUILD, "replay"), reader, *files], cwd=REPO, text=True,
                              stdout=subprocess.PIPE)
        lines = done.stdout.splitlines()
        print("\n".join(lines), flush=True)
        if done.returncode != 0 or len(lines) != len(files):
            print(f"not ok {files[len(lines)] if len(lines) < len(files) else reader}: ended with {done.returncode}")
            bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main())
