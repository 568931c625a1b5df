#!/usr/bin/env python3
"""make install, and what systemd thinks of the units that it puts there.

Prints `ok …` and `not ok …` lines.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

REPO = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("LSCPD_BUILD", "build")
EXPOSURE_MAX = 2.0
UNITS = ("lscpd.service", "lscpd@.service")
EXPECTED = ("bin/lscpd", "bin/lscpctl", "libexec/lscpd/lscpd-courier", "libexec/lscpd/lscpd-mailbox",
            "libexec/lscpd/lscpd-parser", "share/lscpd/forms/section-11.form", "share/lscpd/lscpd.conf.example",
            "share/doc/lscpd/README.md", "share/lscpd/register/contacts.csv", "lib/sysusers.d/lscpd.conf", "lib/tmpfiles.d/lscpd.conf")


def run(*command):
    return subprocess.run(command, cwd=REPO, capture_output=True, text=True, timeout=120)


def all_is_there(prefix):
    missing = [name for name in EXPECTED if not os.path.isfile(os.path.join(prefix, name))]
    assert not missing, f"missing: {missing}"
    done = run(os.path.join(prefix, "bin", "lscpd"), "--version")
    assert done.returncode == 0, done.stderr
    for unit in UNITS:
        with open(os.path.join(prefix, "lib", "systemd", "system", unit), encoding="utf-8") as file:
            text = file.read()
        left = re.findall(r"@[A-Z]+@", text)
        assert not left, f"{unit}: {left} was not replaced"
        assert "ProtectSystem=strict" in text and f"ExecStart={prefix}/bin/lscpd -c /etc/lscpd" in text, text


def units_are_well_formed(prefix):
    for unit in UNITS:
        name = unit.replace("@.", "@fairbourne.")
        path = os.path.join(prefix, "lib", "systemd", "system", name)
        if name != unit:
            os.symlink(unit, path)
        done = run("systemd-analyze", "verify", "--man=no", path)
        said = [line for line in done.stderr.splitlines() if "lscpd" in line]
        assert done.returncode == 0 and not said, done.stderr


def little_is_exposed(prefix):
    said = []
    for unit in UNITS:
        path = os.path.join(prefix, "lib", "systemd", "system", unit)
        done = run("systemd-analyze", "security", "--offline=true", "--no-pager", path)
        found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
        assert found, done.stdout + done.stderr
        assert float(found.group(1)) <= EXPOSURE_MAX, f"{unit}: {found.group(1)}"
        said.append(f"{unit} {found.group(1)}")
    return "# exposure: " + ", ".join(said)


CONFIG = """
partnership { name = "Fairbourne Partnership" short = "LSCP" address = "lscp@fscp.example" phone = "020 7946 0396"
              concern = "If a child is at risk now: MASH 020 7946 0660, or 999." }
mailbox { url = "maildir:inbox" }   outgoing { url = "maildir:outbox" }
store { path = "lscpd.db" min-free = "1M" }   trust { profile = none }
"""


def it_runs_from_where_it_was_put(prefix):
    """As a package does: PREFIX is /usr, and the files are somewhere else."""
    root = os.path.join(os.path.dirname(prefix), "root")
    done = run("make", "-s", f"B={BUILD}", "PREFIX=/usr", f"DESTDIR={root}", "install")
    assert done.returncode == 0, done.stderr
    share, conf = os.path.join(root, "usr", "share", "lscpd"), os.path.join(root, "lscpd.conf")
    lscpd, lscpctl = (os.path.join(root, "usr", "bin", name) for name in ("lscpd", "lscpctl"))
    done = run(lscpd, "--check", "-c", os.path.join(share, "lscpd.conf.example"))
    assert done.returncode == 0, f"the example: {done.stdout}{done.stderr}"
    with open(conf, "w", encoding="utf-8") as file:
        file.write(CONFIG)
    for command in ((lscpd, "--check", "--online"), (lscpctl, "register", "import", os.path.join(share, "register")),
                    (lscpd, "--once"), (lscpctl, "form", "show", "section-11"), (lscpctl, "status")):
        done = run(command[0], "-c", conf, *command[1:])
        assert done.returncode == 0, f"{command}: {done.returncode} {done.stdout}{done.stderr}"
    with open(os.path.join(root, "usr", "lib", "systemd", "system", "lscpd.service"), encoding="utf-8") as file:
        unit = file.read()
    for line in ("ExecStart=/usr/bin/lscpd -c /etc/lscpd/lscpd.conf", "ExecReload=/usr/bin/lscpd --check", "Type=notify",
                 "LoadCredential=mail-password:", "LoadCredential=client-secret:"):
        assert "\n" + line in unit, f"not in the unit: {line}"
    minutes = re.search(r"^WatchdogSec=(\d+)min$", unit, re.M)
    assert int(minutes.group(1)) >= 2, "an idle daemon would be woken more than once a minute"


def what_the_readme_says_is_a_configuration(prefix):
    """Each `lscpd.conf` that README.md shows passes the check, and stands in the example too."""
    with open(os.path.join(REPO, "README.md"), encoding="utf-8") as file:
        text = file.read()
    blocks = re.findall(r"(?:^ {4,}\S.*\n|^\n(?= {4}))+", text, re.M)
    slugs = {re.sub(r"[^\w -]", "", line).strip().lower().replace(" ", "-") for line in re.findall(r"^#+ (.*)$", text, re.M)}
    broken = [link for link in re.findall(r"\]\(#([^)]+)\)", text) if link not in slugs]
    assert not broken, f"links to nothing: {broken}"
    who = next(block for block in blocks if block.lstrip().startswith("partnership {"))
    shown = [block for block in blocks if block.lstrip().startswith("mailbox ")]
    assert len(shown) == 3, f"{len(shown)} mailboxes: {shown}"
    for block in shown:
        conf = os.path.join(os.path.dirname(prefix), "readme.conf")
        with open(conf, "w", encoding="utf-8") as file:
            file.write(who + block)
        done = run(os.path.join(prefix, "bin", "lscpd"), "--check", "-c", conf)
        assert done.returncode == 0, f"{done.stdout}\n{block}"
    with open(os.path.join(prefix, "share", "lscpd", "lscpd.conf.example"), encoding="utf-8") as file:
        example = file.read()
    for word in set(re.findall(r"^\s+(?:\w+ +)?(?:\{ )?([a-z-]+) = ", "".join(shown), re.M)):
        assert re.search(rf"\b{word} +=", example), f"the example has no {word}"


def main():
    prefix = os.path.join(tempfile.mkdtemp(prefix="lscpd-install-"), "usr")
    failed = 0
    try:
        done = run("make", "-s", f"B={BUILD}", f"PREFIX={prefix}", "DESTDIR=", "install")
        print(f"{'ok' if done.returncode == 0 else 'not ok'} units: make install {done.stderr.strip()[-600:]}".strip())
        failed += done.returncode != 0
        for check in (all_is_there, what_the_readme_says_is_a_configuration, it_runs_from_where_it_was_put, units_are_well_formed, little_is_exposed):
            name = check.__name__.replace("_", " ")
            if check in (units_are_well_formed, little_is_exposed) and not shutil.which("systemd-analyze"):
                print(f"# skipped: {name}: there is no systemd-analyze")
                continue
            try:
                said = check(prefix)
                if said:
                    print(said)
                print(f"ok units: {name}")
            except Exception as error:  # whatever it is, the next one runs
                failed += 1
                print(f"not ok units: {name}: {type(error).__name__}: {error}")
    finally:
        shutil.rmtree(os.path.dirname(prefix), ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
