"""A small partnership in a temporary folder, and the programs run in it.

Every judge (scenarios, crash walk, corpus, faults, bench, demo) works on a
House: an own lscpd.conf, an inbox and an outbox Maildir, a database, and the
example register of config/register.
"""

import contextlib
import csv
import glob
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time

REPO = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
REGISTER = os.path.join(REPO, "config", "register")
ADDRESS = "lscp@fscp.example"
AUTHSERV = "mx.fscp.example"
START = "2026-02-02T09:00:00Z"


def build_dir():
    return os.path.join(REPO, os.environ.get("LSCPD_BUILD", "build"))


def holidays_file():
    found = sorted(glob.glob(os.path.join(REPO, "config", "holidays", "*.json")))
    return found[0] if found else os.path.join(REPO, "config", "holidays.json")


def default_config():
    """The sections of lscpd.conf, each as its text after the name."""
    return {
        "partnership": '{ name = "Fairbourne Safeguarding Children Partnership" short = "LSCP"'
                       f' address = "{ADDRESS}" aliases = {{"lscb@fscp.example"}}'
                       ' phone = "020 7946 0396" timezone = "Europe/London" marking = "OFFICIAL"'
                       ' concern = "If a child is at risk now: MASH 020 7946 0660, or 999." }',
        "mailbox": '{ url = "maildir:inbox" }',
        "outgoing": '{ url = "maildir:outbox" }',
        "store": '{ path = "lscpd.db" min-free = "1M" }',
        "forms": f'{{ path = "{REPO}/config/forms" }}',
        "templates": f'{{ path = "{REPO}/config/templates" }}',
        "holidays": f'{{ file = "{holidays_file()}" }}',
        "trust": f'{{ profile = rfc8601 authserv-id = "{AUTHSERV}" require = dmarc hops = 0 }}',
        "digest": '{ at = "07:30" to = {"staff"} }',
    }


def contacts(folder=REGISTER):
    with open(os.path.join(folder, "contacts.csv"), encoding="utf-8") as file:
        return {row["email"]: row for row in csv.DictReader(file)}


class Result:
    """What a program said and how it ended."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err


class House:
    def __init__(self, path, config=None, build=None):
        self.path = path
        self.build = build or build_dir()
        self.config = default_config()
        self.config.update(config or {})
        self.env = {**os.environ, "LC_ALL": "C.UTF-8"}
        self.now = START
        self.serial = 0
        os.makedirs(path, exist_ok=True)
        for name in ("new", "cur", "tmp"):
            os.makedirs(os.path.join(path, "inbox", name), exist_ok=True)
        self.write_config()

    def join(self, *names):
        return os.path.join(self.path, *names)

    def write_config(self):
        with open(self.join("lscpd.conf"), "w", encoding="utf-8") as file:
            for name, text in self.config.items():
                file.write(f"{name} {text}\n")

    # Programs ---------------------------------------------------------------

    def command(self, program, *args, now=None):
        line = [os.path.join(self.build, program), "-c", self.join("lscpd.conf")]
        if now is not False:
            line += ["--now", now or self.now]
        return line + list(args)

    def call(self, program, *args, now=None, timeout=120, stdin=None, env=None):
        done = subprocess.run(self.command(program, *args, now=now), capture_output=True,
                              timeout=timeout, input=stdin, env=env or self.env, cwd=self.path)
        return Result(done.returncode, done.stdout.decode("utf-8", "replace"),
                      done.stderr.decode("utf-8", "replace"))

    def once(self, **how):
        return self.call("lscpd", "--once", **how)

    def ctl(self, *args, **how):
        return self.call("lscpctl", *args, **how)

    def json(self, *args):
        done = self.ctl("--json", *args)
        if done.code != 0:
            raise AssertionError(f"lscpctl {' '.join(args)}: exit {done.code}: {done.err.strip()}")
        return json.loads(done.out)

    def json_of(self, noun, code):
        done = self.ctl("--json", noun)
        if done.code != code:
            raise AssertionError(f"lscpctl {noun}: exit {done.code}, not {code}: {done.err.strip()}")
        return json.loads(done.out)

    def start(self, *args, now=None, log=None):
        """The daemon in the background; stop() ends it."""
        self.log = open(log or self.join("daemon.log"), "ab")
        return subprocess.Popen(self.command("lscpd", *args, now=now), stderr=self.log,
                                stdout=self.log, env=self.env, cwd=self.path)

    @staticmethod
    def stop(process, seconds=12):
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return None

    def register(self, folder=REGISTER):
        done = self.ctl("register", "import", folder)
        if done.code != 0:
            raise AssertionError(f"register import: exit {done.code}: {done.out}{done.err}")

    # Mail in and out --------------------------------------------------------

    def deliver(self, data, name=None, folder="new"):
        """One mail into the inbox as a delivery agent does it; returns its name."""
        self.serial += 1
        name = name or f"{1700000000 + self.serial}.M{self.serial}P1.host"
        temporary = self.join("inbox", "tmp", name)
        with open(temporary, "wb") as file:
            file.write(data)
        os.rename(temporary, self.join("inbox", folder, name))
        return name

    def folder(self, name):
        """Paths of the mails in a folder, INBOX for the inbox itself."""
        base = self.join("inbox") if name == "INBOX" else self.join("inbox", "." + name)
        found = []
        for sub in ("new", "cur"):
            try:
                found += [os.path.join(base, sub, one) for one in os.listdir(os.path.join(base, sub))]
            except FileNotFoundError:
                pass
        return sorted(found)

    def outbox(self):
        found = []
        for sub in ("new", "cur"):
            folder = self.join("outbox", sub)
            if os.path.isdir(folder):
                found += [os.path.join(folder, one) for one in os.listdir(folder)]
        return sorted(found, key=lambda path: (os.stat(path).st_mtime_ns, path))

    # The books --------------------------------------------------------------

    def sql(self, statement, *values):
        path = f"file:{self.join('lscpd.db')}?mode=ro"
        with contextlib.closing(sqlite3.connect(path, uri=True, timeout=10)) as db:
            return db.execute(statement, values).fetchall()

    def wait_for(self, condition, seconds=10.0, step=0.05):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if condition():
                return True
            time.sleep(step)
        return bool(condition())

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)
