#!/usr/bin/env python3
"""Runs the scenario files of tests/scenario: see tests/scenario/README.md.

    scenario.py [-v] [--keep] [FILE or NAME …]

Prints a line `ok NAME` or `not ok NAME: FILE:LINE: what` for each, and the
counts at the end.
"""

import argparse
import concurrent.futures
import copy
import glob
import io
import os
import re
import shlex
import shutil
import sys
import tempfile
import zipfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import house
import mailkit
import sheets
import workbook

FOLDER = os.path.join(house.REPO, "tests", "scenario")
FIXTURES = os.path.join(house.REPO, "tests", "fixtures")
SANITIZER = re.compile(r"Sanitizer|runtime error:|bug at |Assertion")


class Failed(Exception):
    pass


class Step:
    """A verb, its words, and the indented lines below as options or as raw lines."""

    def __init__(self, line, verb, words, rest):
        self.line, self.verb, self.words, self.rest = line, verb, words, rest
        self.raw = []
        self.options = []

    def all(self, key):
        return [value for name, value in self.options if name == key]

    def get(self, key, default=None):
        found = self.all(key)
        return found[-1] if found else default


RAW_VERBS = ("config", "rows", "file", "raw", "register")


def block(lines, at, indent):
    """The lines from `at` that stand deeper than `indent`, freed of their own indent."""
    taken = []
    while at < len(lines) and (not lines[at].strip() or len(lines[at]) - len(lines[at].lstrip(" ")) > indent):
        taken.append(lines[at])
        at += 1
    while taken and not taken[-1].strip():
        taken.pop()
    depth = min((len(one) - len(one.lstrip(" ")) for one in taken if one.strip()), default=0)
    return [one[depth:] for one in taken], at


def read_options(step, lines, name):
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if not line.strip() or line.startswith("#"):
            continue
        found = re.match(r"([a-z-]+!?(?: [^:]+)?):(?: (.*))?$", line)
        if not found:
            raise Failed(f"{name}:{step.line}: not an option: {line.strip()!r}")
        key, value = found.group(1), found.group(2)
        if value is None:
            taken, at = block(lines, at, 0)
            value = "\n".join(taken)
        elif value.startswith("< "):
            with open(os.path.join(FIXTURES, value[2:].strip()), encoding="utf-8") as file:
                value = file.read().rstrip("\n")
        head, _, tail = key.partition(" ")
        if head.endswith("!"):
            value, head = value.encode("latin-1", "backslashreplace").decode("unicode_escape"), head[:-1]
        step.options.append(((head + " " + tail).strip(), value))


def read_scenario(path):
    name = os.path.basename(path)
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    steps, at = [], 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if not line.strip() or line.startswith("#"):
            continue
        if line[0] == " ":
            raise Failed(f"{name}:{at}: indented, but belongs to no step")
        verb, _, rest = line.partition(" ")
        words = rest.split() if verb in ("title", "rows") else shlex.split(rest)
        step = Step(at, verb, words, rest.strip())
        below, at = block(lines, at, 0)
        if verb == "include":
            steps += read_scenario(os.path.join(os.path.dirname(path), words[0]))
            continue
        if verb in RAW_VERBS:
            step.raw = below
        else:
            read_options(step, below, name)
        steps.append(step)
    return steps


class Play:
    """One scenario being played in its own house."""

    def __init__(self, path, folder, verbose):
        self.steps = read_scenario(path)
        self.home = house.House(folder)
        self.people = house.contacts()
        self.verbose = verbose
        self.imported = False
        self.letters, self.unclaimed, self.claimed = {}, [], []
        self.mails, self.last = {}, None
        self.delivered = 0
        self.calendar = False

    # What the steps do --------------------------------------------------------

    def do_title(self, step):
        pass

    def do_config(self, step):
        for line in step.raw:
            name, _, text = line.strip().partition(" ")
            self.home.config[name] = text.replace("@REPO@", house.REPO)
        self.home.write_config()

    def do_file(self, step):
        path = self.home.join(step.words[0])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(step.raw) + "\n")

    def do_copy(self, step):
        shutil.copytree(os.path.join(house.REPO, step.words[0]), self.home.join(step.words[1]),
                        dirs_exist_ok=True)

    def do_register(self, step):
        """Lines `contacts: …` are put behind the example register's own."""
        folder = self.home.join("register")
        shutil.copytree(house.REGISTER, folder, dirs_exist_ok=True)
        for line in step.raw:
            name, _, row = line.partition(":")
            with open(os.path.join(folder, name.strip() + ".csv"), "a", encoding="utf-8") as file:
                file.write(row.strip() + "\n")
        self.home.register(folder)
        self.people = house.contacts(folder)
        self.imported = True

    def ready(self):
        if not self.imported:
            self.home.register()
            self.imported = True

    def do_at(self, step):
        self.home.now = step.words[0]

    def do_run(self, step):
        self.ready()
        self.no_mail_left()
        before = set(self.home.outbox())
        done = self.home.once()
        want = int(step.get("exit", "0"))
        self.say(done.err)
        if SANITIZER.search(done.err):
            raise Failed(f"a sanitizer or a bug spoke: {done.err[-2000:]}")
        if re.search(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\ufffd]", done.err):
            raise Failed(f"control characters in the log: {done.err!r}")
        if done.code != want:
            raise Failed(f"lscpd --once ended with {done.code}, not {want}: {done.err[-600:]}")
        for text in step.all("log"):
            if text not in done.err:
                raise Failed(f"the log lacks {text!r}: {done.err[-600:]}")
        for text in step.all("log-lacks"):
            if text in done.err:
                raise Failed(f"the log holds {text!r}")
        self.collect(before)

    def collect(self, before):
        order = dict(self.home.sql("SELECT message_id, id FROM v_outbox"))
        fresh = [mailkit.Letter(path) for path in self.home.outbox() if path not in before]
        for letter in sorted(fresh, key=lambda one: order.get(one.message_id, 0)):
            if letter.message_id not in order:
                raise Failed(f"a mail that v_outbox does not know: {letter.describe()}")
            wrong = mailkit.faults(letter)
            if wrong:
                raise Failed(f"{letter.describe()}: {'; '.join(wrong)}\n{letter.text}")
            self.unclaimed.append(letter)

    def do_check(self, step):
        self.program_ends(step, self.home.call("lscpd", "--check", now=False), 0)

    def do_lscpd(self, step):
        self.program_ends(step, self.home.call("lscpd", *self.fill_in(step.words)), 0)

    def do_ctl(self, step):
        self.ready() if step.words[:2] != ["register", "import"] else None
        self.program_ends(step, self.home.ctl(*self.fill_in(step.words)), 0)

    def do_json(self, step):
        """What lscpctl --json prints: `is: PATH = VALUE`, PATH as in answers.0.field; `keys: PATH = a b c`."""
        self.ready()
        data = self.home.json(*self.fill_in(step.words))
        for key, text in step.options:
            path, _, want = self.fill_in(text).partition(" = ")
            found = data
            for name in path.split("."):
                found = found[int(name)] if name.isdigit() else found[name] if name else found
            found = " ".join(found) if key == "keys" else "" if found is None else str(found)
            if found != want:
                raise Failed(f"{path} is {found!r}, not {want!r}")

    def do_contains(self, step):
        """contains FILE: what a file in the scenario's folder holds."""
        with open(self.home.join(step.words[0]), "rb") as file:
            data = file.read()
        text = workbook.as_text(data) if data.startswith(b"PK") else data.decode("utf-8-sig")
        self.text_has(step, text, self.fill_in)

    def program_ends(self, step, done, default):
        said = done.out + done.err
        self.say(said)
        if re.search(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\ufffd]", said):
            raise Failed(f"control characters on the terminal: {said!r}")
        want = int(step.get("exit", str(default)))
        if SANITIZER.search(said):
            raise Failed(f"a sanitizer or a bug spoke: {said[-2000:]}")
        if done.code != want:
            raise Failed(f"ended with {done.code}, not {want}: {said[-800:]}")
        self.text_has(step, said, self.fill_in)

    def text_has(self, step, said, fill_in):
        for text in fill_in(step.all("has")):
            if mailkit.squeeze(text) not in mailkit.squeeze(said):
                raise Failed(f"lacks {text!r}:\n{said[-3000:]}")
        for text in fill_in(step.all("lacks")):
            if mailkit.squeeze(text) in mailkit.squeeze(said):
                raise Failed(f"holds {text!r}:\n{said[-3000:]}")

    def variables(self):
        letter = self.claimed[-1] if self.claimed else None
        code = re.search(r"Reply code: (\S+)", letter.text) if letter else None
        found = {"code": code.group(1) if code else "", "request": next((one.message_id for one in self.claimed
                                                                              if one.kind == "request"), ""),
                 "address": house.ADDRESS, "repo": house.REPO}
        if os.path.exists(self.home.join("lscpd.db")):
            row = self.home.sql("SELECT id, ref FROM v_message ORDER BY id DESC LIMIT 1")
            found["message"], found["ref"] = (str(row[0][0]), row[0][1]) if row else ("", "")
            row = self.home.sql("SELECT id FROM v_outbox ORDER BY id DESC LIMIT 1")
            found["outbox"] = str(row[0][0]) if row else ""
        return found

    def fill_in(self, what):
        if isinstance(what, list):
            return [self.fill_in(one) for one in what]
        if "$(" not in what:
            return what
        known = self.variables()
        return re.sub(r"\$\(([a-z]+)\)", lambda found: known.get(found.group(1), found.group(0)), what)

    # Mail in --------------------------------------------------------------------

    def draft(self, step, sender):
        draft = mailkit.Draft(sender, self.home.now)
        draft.name = self.fill_in(step.get("name", self.people.get(sender, {}).get("name", "")))
        draft.subject = self.fill_in(step.get("subject", ""))
        draft.message_id = step.get("message-id", f"<{self.delivered + 1}.{os.path.basename(self.home.path)}"
                                                  f"@{sender.rsplit('@', 1)[-1]}>")
        draft.auth = step.get("auth", "pass")
        draft.charset = step.get("charset", "utf-8")
        draft.encoding = step.get("encoding")
        draft.eol = step.get("eol", "crlf")
        draft.to = step.get("to-address", house.ADDRESS)
        for line in step.all("header"):
            name, _, value = self.fill_in(line).partition(":")
            draft.headers.append((name, value.strip()))
        for key, value in step.options:
            if key.startswith("attach "):
                words = key.split()
                data = self.file_bytes(self.changed(step, self.fill_in(value)), words[3] if len(words) > 3 else "utf-8")
                draft.attachments.append((words[1], words[2], data))
        return draft

    @staticmethod
    def file_bytes(text, charset):
        """In a charset with CRLF, `lf` as UTF-8 with LF, `zip` as a zip that holds it, `xlsx` as a workbook (sheets.py)."""
        if charset == "xlsx":
            return sheets.xlsx(sheets.parse(text))
        if charset == "lf":
            return text.encode("utf-8")
        if charset == "zip":
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w") as file:
                file.writestr("[Content_Types].xml", text)
                file.writestr("xl/workbook.xml", "<workbook/>")
            return out.getvalue()
        return text.replace("\n", "\r\n").encode(charset)

    def changed(self, step, text):
        """`change: OLD -> NEW` where OLD stands in the text, once each."""
        for line in step.all("change"):
            old, _, new = line.partition(" -> ")
            text = text.replace(old, new, 1)
        return text

    def deliver(self, step, data):
        self.last = step.get("as", f"mail {self.delivered}")
        self.mails[self.last] = (data, self.home.deliver(data, name=step.get("file-name")))
        self.delivered += 1

    def do_mail(self, step):
        self.ready()
        draft = self.draft(step, step.words[0])
        text = step.get("text")
        draft.text = self.changed(step, self.fill_in(text)) if text is not None else None
        draft.html = self.fill_in(step.get("html")) if step.get("html") is not None else None
        data = draft.bytes()
        if step.get("cut"):
            data = data[:-int(step.get("cut"))]
        if step.get("pad"):
            data += b"x" * 70 + b"\r\n"
            data += (b"y" * 70 + b"\r\n") * (int(step.get("pad")) // 72)
        self.deliver(step, data)

    def do_reply(self, step):
        style, sender = step.words[0], step.words[1]
        letter = copy.copy(self.find_letter(step.get("to", ""), sender))
        draft = self.draft(step, sender)
        if step.get("workbook") is not None:
            draft.attachments.append(self.filled_workbook(letter, step.get("workbook")))
        text = self.changed(step, self.fill_in(step.get("text", "")))
        wanted = mailkit.parse_fill(step.get("fill", ""))
        if step.get("thread") == "lost":  # a relay has rewritten the Message-IDs
            letter.message_id = "<rewritten@relay.example>"
        try:
            mailkit.reply(letter, draft, style, text, wanted)
        except ValueError as error:
            raise Failed(f"{error}\n{letter.text}") from error
        self.deliver(step, draft.bytes())

    @staticmethod
    def filled_workbook(letter, wanted):
        """The workbook of that mail, with these answers typed into it."""
        for name, data in letter.attachments:
            if name.endswith(".xlsx"):
                return name, workbook.TYPE, workbook.fill(data, wanted)
        raise Failed("that mail has no workbook")

    def find_letter(self, kind, sender):
        """The newest mail of ours that fits: to the sender if there is one, else to anybody."""
        words = kind.split()
        fits = [letter for letter in self.claimed + self.unclaimed if not words or
                letter.kind == words[0] and all(word.lower() in letter.subject.lower() for word in words[1:])]
        own = [letter for letter in fits if letter.to == sender]
        if own or fits and words:
            return (own or fits)[-1]
        raise Failed(f"no mail of ours {kind!r} to answer")

    def do_raw(self, step):
        self.ready()
        text = self.fill_in("\n".join(step.raw))
        self.deliver(step, (text + "\n").encode("utf-8").replace(b"\n", b"\r\n"))

    def do_again(self, step):
        """The same bytes once more, with another Received on top."""
        data, _ = self.mails[step.get("mail", self.last)]
        self.deliver(step, mailkit.received("pass", "relay.example").encode() + data)

    def do_drag(self, step):
        """drag FROM TO: what a person does with the last mail (or `mail: NAME`)."""
        source, target = step.words
        data, _ = self.mails[step.get("mail", self.last)]
        for path in self.home.folder(source):
            with open(path, "rb") as file:
                if file.read() == data:
                    break
        else:
            raise Failed(f"the mail is not in {source}")
        base = self.home.join("inbox") if target == "INBOX" else self.home.join("inbox", "." + target)
        os.rename(path, os.path.join(base, "cur", os.path.basename(path)))

    # What is expected -------------------------------------------------------------

    def do_outcome(self, step):
        data, _ = self.mails[step.get("mail", self.last)]
        letter = mailkit.email.message_from_bytes(data)
        known = (letter["Message-ID"] or "").strip()
        row = self.home.sql("SELECT id, outcome, reason, class, folder, ref FROM v_message WHERE message_id = ?"
                            " ORDER BY id DESC LIMIT 1", known)
        if not row:
            raise Failed("the mail has no row in v_message")
        found = dict(zip(("id", "outcome", "reason", "class", "folder", "ref"), row[0]))
        want = {"outcome": step.words[0]}
        want.update(word.split("=", 1) for word in self.fill_in(step.words[1:]))
        count = want.pop("rows", None)
        if count is not None:
            rows = self.home.sql("SELECT count(*) FROM v_message WHERE message_id = ?", known)[0][0]
            if rows != int(count):
                raise Failed(f"{rows} rows in v_message, not {count}")
        for key, value in want.items():
            if str(found[key]) != value:
                raise Failed(f"{key} is {found[key]!r}, not {value!r} ({found})")
        in_folder = []
        for path in self.home.folder(found["folder"]):
            with open(path, "rb") as file:
                in_folder.append(file.read())
        if data not in in_folder:
            raise Failed(f"the mail is not in the folder {found['folder']}")

    def do_sent(self, step):
        if step.words == ["nothing"]:
            return self.no_mail_left()
        kind, to = step.words[0], step.words[2] if len(step.words) > 2 else "*"
        fits = [letter for letter in self.unclaimed
                if letter.kind == kind and to in ("*", letter.to)]
        if not fits:
            waiting = [one.describe() for one in self.unclaimed]
            raise Failed(f"no {kind} to {to} was sent; there are: {waiting}")
        if to != "*":
            fits = fits[:1]
        if step.get("count") and len(fits) != int(step.get("count")):
            raise Failed(f"{len(fits)} of kind {kind} were sent, not {step.get('count')}")
        for letter in fits:
            self.unclaimed.remove(letter)
            self.claimed.append(letter)
            self.say(f"--- {letter.describe()}\n{letter.text}\n")
            self.check_letter(step, letter)
        return None

    def check_letter(self, step, letter):
        for text in self.fill_in(step.all("subject")):
            if text.lower() not in letter.subject.lower():
                raise Failed(f"the subject is {letter.subject!r}, without {text!r}")
        for text in self.fill_in(step.all("text-has")):
            if text not in letter.text:
                raise Failed(f"the text lacks {text!r}:\n{letter.text}")
        for name, data in letter.attachments:
            if name.endswith(".xlsx") and workbook.Book(data).formulas():
                raise Failed(f"{name} holds formulas: {workbook.Book(data).formulas()}")
        self.text_has(step, letter.text, self.fill_in)
        rendered = mailkit.html_to_text(letter.html)
        self.text_has(step, "in HTML: " + rendered, self.fill_in)
        for line in self.fill_in(step.all("header")):
            name, _, value = line.partition(":")
            if value.strip() not in letter[name]:
                raise Failed(f"{name} is {letter[name]!r}, without {value.strip()!r}")
        for key, value in step.options:
            if key.startswith("attachment "):
                self.check_attachment(letter, key.split()[1], self.fill_in(value))
        if step.get("answers"):
            data, _ = self.mails[step.get("answers")]
            asked = mailkit.email.message_from_bytes(data)["Message-ID"].strip()
            if asked not in letter["In-Reply-To"]:
                raise Failed(f"In-Reply-To is {letter['In-Reply-To']!r}, not {asked}")

    def check_attachment(self, letter, name, value):
        found = [data for file, data in letter.attachments if name in file]
        if not found:
            raise Failed(f"no attachment like {name!r}: {[file for file, _ in letter.attachments]}")
        if found[0].startswith(b"PK"):
            text = workbook.as_text(found[0])
        else:
            text = found[0].decode("utf-8", "replace").replace("\r\n", "\n")
        for line in value.split("\n"):
            if line and line not in text:
                raise Failed(f"the attachment {name} lacks {line!r}:\n{text[:2000]}")

    def no_mail_left(self):
        if self.unclaimed:
            one = self.unclaimed[0]
            raise Failed(f"a mail that nothing expects: {one.describe()}\n{one.text}")

    def do_rows(self, step):
        found = []
        for row in self.home.sql(self.fill_in(step.rest)):
            found.append(" | ".join("" if cell is None else str(cell).replace("\n", "\\n") for cell in row).rstrip())
        want = [self.fill_in(line).rstrip() for line in step.raw]
        if found != want:
            raise Failed("rows are\n  " + "\n  ".join(found) + "\nnot\n  " + "\n  ".join(want))

    def do_folder(self, step):
        count = len(self.home.folder(step.words[0]))
        if count != int(step.words[1]):
            raise Failed(f"{count} mails in {step.words[0]}, not {step.words[1]}")

    # The whole ---------------------------------------------------------------------

    def say(self, text):
        if self.verbose and text:
            print("    | " + text.rstrip().replace("\n", "\n    | "))

    def end(self):
        self.no_mail_left()
        if not os.path.exists(self.home.join("lscpd.db")) or not self.delivered:
            return
        done = self.home.ctl("verify")
        if done.code != 0:
            raise Failed(f"lscpctl verify ended with {done.code}: {done.out}{done.err}")
        if os.listdir(self.home.join("inbox", "new")):
            raise Failed("mail was left in the inbox unseen")

    def play(self):
        for step in self.steps:
            doing = getattr(self, "do_" + step.verb, None)
            if doing is None:
                raise Failed(f"{step.line}: no such step: {step.verb}")
            if self.verbose:
                print(f"  {step.line}: {step.verb} {step.rest}")
            try:
                doing(step)
            except Failed as failure:
                raise Failed(f"{step.line}: {step.verb} {step.rest}: {failure}") from failure
            except Exception as error:
                raise Failed(f"{step.line}: {step.verb} {step.rest}: {type(error).__name__}: {error}") from error
        self.end()


def run_one(path, options):
    name = os.path.splitext(os.path.basename(path))[0]
    folder = tempfile.mkdtemp(prefix=f"lscpd-{name}-")
    try:
        Play(path, folder, options.verbose).play()
        problem = None
    except Failed as failure:
        problem = f"{os.path.relpath(path, house.REPO)}:{failure}"
    if options.keep:
        print(f"# {name}: {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return name, problem


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-v", "--verbose", action="store_true", help="say each step and what programs say")
    parser.add_argument("--keep", action="store_true", help="leave the folders there")
    parser.add_argument("-j", type=int, default=2, help="how many at once")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    paths = []
    for name in options.names or ["*"]:
        paths += [name] if os.path.exists(name) else sorted(glob.glob(os.path.join(FOLDER, name + ".scn")))
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(1 if options.verbose else options.j) as pool:
        for name, problem in pool.map(lambda path: run_one(path, options), paths):
            if problem:
                failed += 1
                problem = problem.replace("\n", "\n#   ")
            print(f"not ok scenario {name}: {problem}" if problem else f"ok scenario {name}", flush=True)
    print(f"# scenarios: {len(paths) - failed} passed, {failed} failed")
    return 1 if failed or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
