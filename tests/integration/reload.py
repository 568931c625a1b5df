#!/usr/bin/env python3
"""SIGHUP, and the daemon's words to its service manager.

Each test has a house of its own with a daemon that serves it. Prints `ok …`
and `not ok …` lines.
"""

import os
import shutil
import signal
import socket
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from faults import expect, home, letter, outcomes
import house
import mailkit
from smtpd import SmtpServer

TESTS = []


def test(function):
    TESTS.append(function)
    return function


class Daemon:
    """One that tells us, as it tells systemd, when it is ready."""

    def __init__(self, made, **env):
        self.made, self.said = made, []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(made.join("notify"))
        self.socket.settimeout(60)
        made.env = {**made.env, "NOTIFY_SOCKET": made.join("notify"), **env}
        self.process = made.start()
        made.env = {key: value for key, value in made.env.items() if key not in env and key != "NOTIFY_SOCKET"}

    def __enter__(self):
        self.wait("READY=1")
        return self

    def __exit__(self, *_):
        code = house.House.stop(self.process) if self.process.poll() is None else self.process.returncode
        self.socket.close()
        expect(code == 0, f"the daemon ended with {code}: {self.log()}")

    def wait(self, word):
        while True:
            self.said.append(self.socket.recv(4000).decode())
            if word in self.said[-1].split("\n"):
                return self.said[-1]

    def status(self, words):
        while True:
            said = self.socket.recv(4000).decode()
            self.said.append(said)
            if said.startswith("STATUS=") and words in said:
                return said, said

    def reload(self):
        self.process.send_signal(signal.SIGHUP)
        self.wait("RELOADING=1")
        return self.wait("READY=1")

    def log(self):
        with open(self.made.join("daemon.log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def answered(self, count, folder="outbox"):
        def mails():
            place = self.made.join(folder, "new")
            return os.listdir(place) if os.path.isdir(place) else []
        expect(self.made.wait_for(lambda: len(mails()) >= count, 20), f"{len(mails())} answers, not {count}: {self.log()}")
        return [mailkit.Letter(os.path.join(self.made.join(folder, "new"), name)) for name in mails()]


def own_words(made):
    for name in ("forms", "templates"):
        shutil.copytree(os.path.join(house.REPO, "config", name), made.join(name))
        made.config[name] = f'{{ path = "{name}" }}'
    made.write_config()


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


OWN_FORM = ('form "own" {\n title = "Own return" version = 1 senders = {lead} period = none\n'
            ' field "a" { label = "Anything" type = text required = true }\n}\n')


@test
def forms_templates_and_settings_are_read_anew():
    with home() as made:
        own_words(made)
        with Daemon(made) as daemon:
            made.deliver(letter("template own"))
            expect("own" not in daemon.answered(1)[0].text.split("Own return")[1:], "it knows the form before it is there")
            write(made.join("forms", "own.form"), OWN_FORM)
            with open(made.join("templates", "help.txt"), "r+", encoding="utf-8") as file:
                text = file.read()
                file.seek(0)
                file.write(text + "\nFrom the new template.\n")
            made.config["outgoing"] = '{ url = "maildir:outbox2" }'
            made.write_config()
            daemon.reload()
            made.deliver(letter("template own"))
            made.deliver(letter("help"))
            answers = daemon.answered(2, "outbox2")
            expect(any("Anything" in one.text for one in answers), "the new form is not known")
            expect(any("From the new template." in one.text for one in answers), "the old template")
            expect(len(daemon.answered(1)) == 1, "the old outgoing was used")
            expect("read anew" in daemon.log(), daemon.log())


@test
def where_anything_is_wrong_all_of_the_old_stays():
    with home() as made:
        own_words(made)
        with Daemon(made) as daemon:
            good = dict(made.config)
            write(made.join("forms", "own.form"), OWN_FORM.replace("type = text", "typ = text"))
            made.config["outgoing"] = '{ url = "maildir:outbox2" }'
            made.write_config()
            daemon.reload()
            expect("own.form:3" in daemon.log() and "stay in force" in daemon.log(), daemon.log())
            os.unlink(made.join("forms", "own.form"))
            for section, text, words in (("outgoing", '{ url = "ftp://x" }', "lscpd.conf:"),
                                         ("holidays", '{ file = "none.json" }', "none.json"),
                                         ("templates", '{ path = "nowhere" }', "nowhere"),
                                         ("outgoing", f'{{ url = "smtps://u@mail.example" password-file = "x" }}', "--now is for trials"),
                                         ("store", '{ path = "/proc/none/lscpd.db" min-free = "1M" }', "/proc/none")):
                made.config = dict(good, **{section: text})
                made.write_config()
                before = len(daemon.log())
                daemon.reload()
                said = daemon.log()[before:]
                expect(words in said and said.count("stay in force") == 1, f"{section}: {said}")
            with open(made.join("lscpd.conf"), "a", encoding="utf-8") as file:
                file.write("store {")
            daemon.reload()
            made.deliver(letter("help"))
            daemon.answered(1)
            expect(not os.path.exists(made.join("outbox2")), "the new outgoing was taken")
            made.config = good
            made.write_config()
            daemon.reload()
            made.deliver(letter("mine"))
            daemon.answered(2)


@test
def nothing_is_lost_or_doubled_in_a_backlog():
    with home() as made:
        count = 300
        for number in range(count):
            made.deliver(letter("help", sender="laura.carver@fmht.example") if number % 3 == 0
                         else letter("Hello", "Please ring me.", sender=f"p{number}@elsewhere.example"))
        with Daemon(made) as daemon:
            for _ in range(6):
                time.sleep(0.3)
                daemon.reload()
            expect(made.wait_for(lambda: len(outcomes(made)) == count and made.folder("INBOX") == [], 60),
                   f"{len(outcomes(made))} of {count}: {daemon.log()}")
        expect(made.once().code == 0, "something is left over")
        rows = made.sql("SELECT count(*), count(DISTINCT message_id) FROM v_message")
        expect(rows == [(count, count)], rows)
        expect(made.sql("SELECT DISTINCT state FROM v_outbox") == [("sent",)], "the outbox")
        expect(len(made.outbox()) == made.sql("SELECT count(*) FROM v_outbox")[0][0], "mails lost or doubled")


@test
def a_mail_that_a_slow_server_has_is_waited_for():
    with SmtpServer(final=lambda s, a: time.sleep(10)) as server, \
            home({"outgoing": f'{{ url = "{server.url()}" timeout = 30 }}'}) as made, Daemon(made) as daemon:
        made.deliver(letter("help"))
        expect(made.wait_for(lambda: server.bodies, 20), "nothing is sent")
        daemon.reload()
        expect(made.sql("SELECT state FROM v_outbox") == [("sent",)], made.sql("SELECT state, last_error FROM v_outbox"))
        expect(len(server.bodies) == 1, "sent twice")


@test
def sigterm_is_heard_while_it_rests():
    with SmtpServer(final=lambda s, a: time.sleep(30)) as server, \
            home({"outgoing": f'{{ url = "{server.url()}" timeout = 60 }}'}) as made, Daemon(made) as daemon:
        made.deliver(letter("help"))
        expect(made.wait_for(lambda: server.bodies, 20), "nothing is sent")
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait("RELOADING=1")
        time.sleep(1)
        began = time.monotonic()
        expect(house.House.stop(daemon.process) == 0, "it did not end")
        expect(time.monotonic() - began < 11, f"{time.monotonic() - began:.1f} s")


def figures(made, pid):
    expect(made.wait_for(lambda: len(children(pid)) == 3, 10), "no children")
    time.sleep(1)
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        rss = next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
    return len(os.listdir(f"/proc/{pid}/fd")), rss


@test
def many_reloads_leave_nothing_behind():
    with home() as made, Daemon(made) as daemon:
        for _ in range(10):
            daemon.reload()
        before = figures(made, daemon.process.pid)
        for _ in range(30):
            daemon.reload()
        after = figures(made, daemon.process.pid)
        expect(after[0] == before[0], f"descriptors: {before[0]}, {after[0]}")
        expect("asan" in made.build or after[1] < before[1] + 2000, f"KiB: {before[1]}, {after[1]}")
        made.deliver(letter("help"))
        daemon.answered(1)
        return f"# resident after 10 and 40 reloads: {before[1]} and {after[1]} KiB"


# systemd ---------------------------------------------------------------------------------

@test
def the_service_manager_is_told():
    with home() as made, Daemon(made) as daemon:
        expect("STATUS=" in daemon.said[-1], daemon.said)
        began = time.monotonic_ns() // 1000
        daemon.reload()
        words = dict(line.split("=", 1) for one in daemon.said for line in one.split("\n") if "=" in line)
        expect(began <= int(words["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000, words)
        expect("WATCHDOG" not in words, "nobody asked for a watchdog")
        daemon.status("intake works; sending works; mailbox last read on")
        os.rename(made.join("inbox"), made.join("away"))
        made.ctl("round", "open", "R1", "--form", "section-11", "--due", "2026-02-27", "--agencies", "NHT")  # rings the bell
        expect(made.join("inbox") in daemon.status("intake does not work (")[1], daemon.said)
        os.rename(made.join("away"), made.join("inbox"))
        made.ctl("round", "close", "R1")
        daemon.status("intake works")


@test
def the_watchdog_is_fed_at_half_its_interval():
    with home() as made, Daemon(made, WATCHDOG_USEC="2000000") as daemon:
        end = time.monotonic() + 5.5
        daemon.socket.settimeout(3)
        count = 0
        while time.monotonic() < end:
            count += daemon.socket.recv(4000) == b"WATCHDOG=1"
        expect(4 <= count <= 7, f"{count} in 5.5 s")
        for pid in children(daemon.process.pid):
            os.kill(pid, signal.SIGSTOP)
        end = time.monotonic() + 2.5
        while time.monotonic() < end:
            expect(daemon.socket.recv(4000), "children that stand still do not starve it")
        for pid in children(daemon.process.pid):
            os.kill(pid, signal.SIGCONT)


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(one) for one in file.read().split()]


def main():
    failed = 0
    for function in TESTS:
        name = function.__name__.replace("_", " ")
        if sys.argv[1:] and not any(word in name for word in sys.argv[1:]):
            continue
        try:
            said = function()
            if said:
                print(said, flush=True)
            print(f"ok reload: {name}", flush=True)
        except Exception as error:  # whatever it is, the next test runs
            failed += 1
            print(f"not ok reload: {name}: {type(error).__name__}: {error}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
