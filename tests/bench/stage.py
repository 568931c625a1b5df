"""Where the bench plays: one Dovecot with a filled mailbox, a sink for mail,
and houses of lscpd, the baseline script or mbsync that work on both.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import dovecot
import house
import mails

NOW = "2026-02-24T10:45:00Z"
USER = "lscp"
ROUND_DUE = "2026-02-27"
FOLDERS = ("Filed", "Problems", "Attention", "Ignored", "Quarantine", "Done")


def tool(name):
    return os.path.join(house.build_dir(), "tests", "bench", name)


class Sink:
    """The server that takes our mail; its log says when it took which."""

    def __init__(self, server, folder):
        self.path = os.path.join(folder, "sink.log")
        self.process = subprocess.Popen([tool("smtp_sink"), server.join("ca", "server.crt"), server.join("ca", "server.key"),
                                         self.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())
        self.seen = 0

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def taken(self):
        """Since the last call: ([(microsecond, recipient, answered id)], sessions)."""
        with open(self.path, "rb") as file:
            file.seek(self.seen)
            data = file.read()
        data = data[:data.rfind(b"\n") + 1]
        self.seen += len(data)
        lines = data.decode("ascii", "replace").splitlines()
        rows = [line.split("\t") for line in lines if line != "session"]
        return [(int(row[0]), row[1], row[2].strip()) for row in rows], lines.count("session")


class Stage:
    """`env` is what Dovecot runs with; `layout` how it stores mail."""

    def __init__(self, layout="mdbox", env=None):
        self.folder = tempfile.mkdtemp(prefix="lscpd-bench-")
        os.chmod(self.folder, 0o755)
        self.server = dovecot.Dovecot()
        self.server.configure(f"mail_location = {layout}:{self.server.join('mail')}/%u/store\n"
                              f"import_environment = TZ {' '.join(env or {})}")
        os.environ.update(env or {})
        self.server.start()
        for name in env or {}:
            del os.environ[name]
        self.sink = Sink(self.server, self.folder)
        self.count = 0

    def close(self):
        self.sink.close()
        self.server.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def doveadm(self, *args):
        done = subprocess.run(["doveadm", "-c", self.server.join("dovecot.conf"), *args], capture_output=True)
        assert done.returncode == 0, (args, done.stderr)
        return done.stdout.decode()

    def fill(self, messages, user=USER):
        """Mail into the inbox, as an import: quick, and in its order."""
        source = tempfile.mkdtemp(dir=self.folder)
        for name in ("new", "cur", "tmp"):
            os.mkdir(os.path.join(source, name))
        for n, data in enumerate(messages):
            with open(os.path.join(source, "cur", f"{1700000000 + n}.M{n}P1.bench,S={len(data)}:2,"), "wb") as file:
                file.write(data)
        if os.getuid() == 0:
            subprocess.run(["chown", "-R", self.server.user, source], check=True)
            os.chmod(source, 0o755)
        self.doveadm("import", "-u", user, f"maildir:{source}", "", "ALL")
        shutil.rmtree(source)

    def deliver(self, data, user=USER):
        """As a delivery agent does, into the inbox of a Maildir store."""
        self.count += 1
        name = f"{1800000000 + self.count}.M{self.count}P1.bench"
        folder = self.server.join("mail", user, "store")
        temporary = os.path.join(folder, "tmp", name)
        with open(temporary, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o666)
        if os.getuid() == 0:
            shutil.chown(temporary, self.server.user)
        os.rename(temporary, os.path.join(folder, "new", name))

    def refill(self, user=USER):
        """All that was moved goes back."""
        there = self.doveadm("mailbox", "list", "-u", user).split("\n")
        for name in FOLDERS:
            name = self.server.name(name)
            if name in there:
                self.doveadm("move", "-u", user, "INBOX", "mailbox", name, "all")
        self.doveadm("flags", "remove", "-u", user, "\\Seen \\Flagged", "mailbox", "INBOX", "all")

    def left(self, user=USER, folder="INBOX"):
        return int(self.doveadm("mailbox", "status", "-u", user, "messages", folder).rsplit("=", 1)[1])

    # Houses of lscpd ----------------------------------------------------------

    def config(self, imap_port=None, smtp_port=None, more=""):
        trusted = f'ca-file = "{self.server.join("ca", "ca.crt")}" timeout = 30'
        return {
            "mailbox": f'{{ url = "imaps://{USER}@localhost:{imap_port or self.server.tls}/INBOX" {trusted}'
                       f' password-file = "{self.server.join("password")}" {more} }}',
            "outgoing": f'{{ url = "smtps://localhost:{smtp_port or self.sink.port}" {trusted} }}',
        }

    def template(self, agencies):
        """A house with its register and rounds, before any mail was sent."""
        made = house.House(os.path.join(self.folder, "template"))
        folder = os.path.join(self.folder, "register")
        mails.register(folder, agencies)
        made.register(folder)
        for ref, form in mails.ROUNDS.items():
            done = made.ctl("round", "open", ref, "--form", form, "--due", ROUND_DUE, timeout=600)
            assert done.code == 0, done.err
        done = made.once(timeout=600)  # the requests go to a Maildir
        assert done.code == 0, done.err
        return made

    def house(self, template, **how):
        """A copy of the template that works on the servers."""
        self.count += 1
        path = os.path.join(self.folder, f"house{self.count}")
        os.mkdir(path)
        for name in os.listdir(template.path):
            if name.startswith("lscpd.db"):
                shutil.copy(template.join(name), path)
        made = house.House(path, self.config(**how))
        made.now = NOW
        os.sync()
        return made


def usage():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def timed(command, **how):
    """(seconds, seconds of CPU) of a program and all that it waits for."""
    before, began = usage(), time.monotonic()
    done = subprocess.run(command, capture_output=True, **how)
    seconds = time.monotonic() - began
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")[-2000:]
    return seconds, usage() - before
