"""An IMAP server that behaves well but for one thing, which a test chooses.

`Evil` listens on a loopback port in a thread; each connection is served by a
thread of its own. A trick is a function (session, tag, words) that may answer
a command instead of the server and returns True then.
"""

import contextlib
import datetime
import re
import socket
import ssl
import threading

CAPABILITIES = "IMAP4rev1 UIDPLUS MOVE IDLE"
OURS = ("Filed", "Problems", "Attention", "Ignored", "Quarantine")


class Gone(Exception):
    pass


class Session:
    def __init__(self, server, sock):
        self.server, self.sock = server, sock
        self.file = sock.makefile("rb")
        self.selected, self.deleted, self.idle_tag = "INBOX", set(), None

    def send(self, data):
        self.sock.sendall(data if isinstance(data, bytes) else data.encode() + b"\r\n")

    def close(self):
        """At once, as a process that is killed does."""
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        raise Gone

    def sleep(self, seconds=3600):
        self.server.stopping.wait(seconds)
        if self.server.stopping.is_set():
            raise Gone

    def starttls(self):
        self.sock = self.server.context().wrap_socket(self.sock, server_side=True)
        self.file = self.sock.makefile("rb")

    def serve(self):
        if self.server.implicit:
            self.starttls()
        if not self.trick("greeting", "*", []):
            self.send(f"* OK [CAPABILITY {self.server.capabilities}] here")
        while line := self.file.readline():  # of the file that is ours by now
            words = re.findall(r'"[^"]*"|\S+', line.decode("ascii", "replace"))
            if len(words) >= 2:
                self.command(words[0], words[1:])
            elif words and words[0].upper() == "DONE":
                self.send(f"{self.idle_tag} OK idled")
                self.idle_tag = None

    def trick(self, name, tag, words):
        trick = self.server.tricks.get(name)
        return trick is not None and trick(self, tag, words)

    def command(self, tag, words):
        name = words[0].lower()
        if name == "uid":
            name = words[1].lower()
        self.server.seen.append(" ".join([name] + words[1:] if name != "login" else ["login"]))
        if not self.trick(name, tag, words):
            getattr(self, "on_" + name, self.on_other)(tag, words)

    def on_other(self, tag, _words):
        self.send(f"{tag} OK done")

    def on_capability(self, tag, _words):
        self.send(f"* CAPABILITY {self.server.capabilities}")
        self.send(f"{tag} OK done")

    def on_starttls(self, tag, _words):
        self.send(f"{tag} OK begin")
        self.starttls()

    def on_list(self, tag, words):
        if words[-1].strip('"').endswith("%"):
            for folder in OURS:
                self.send(f'* LIST () "/" INBOX/{folder}')
        else:
            self.send('* LIST () "/" INBOX')
        self.send(f"{tag} OK done")

    def on_select(self, tag, words):
        self.selected = self.server.name(words[-1])
        mails = self.mails()
        self.send(f"* {len(mails)} EXISTS")
        self.send(f"* OK [UIDVALIDITY {self.server.validity_of(self.selected)}] valid")
        self.send(f"* OK [UIDNEXT {self.server.next_uid(self.selected)}] next")
        self.send(f"{tag} OK [READ-WRITE] selected")

    def on_status(self, tag, words):
        name = self.server.name(words[1])
        self.send(f"* STATUS {words[1]} (MESSAGES {len(self.server.folder(name))} UIDNEXT {self.server.next_uid(name)}"
                  f" UIDVALIDITY {self.server.validity_of(name)})")
        self.send(f"{tag} OK done")

    def mails(self):
        return self.server.folder(self.selected)

    def wanted(self, text):
        uids, mails = set(), self.mails()
        text = str(max(mails, default=0)) if text == "*" else text
        for part in text.split(","):
            first, _, last = part.partition(":")
            end = max(mails, default=0) if last == "*" else int(last or first)
            uids.update(uid for uid in mails if int(first) <= uid <= end)
        return sorted(uids)

    def on_fetch(self, tag, words):
        mails = self.mails()
        for uid in self.wanted(words[2]):
            number, data = sorted(mails).index(uid) + 1, mails[uid]
            if "BODY.PEEK" in " ".join(words).upper():
                if not self.trick("body", tag, [number, uid, data]):
                    self.send(f"* {number} FETCH (UID {uid} BODY[] {{{len(data)}}}\r\n".encode() + data + b")\r\n")
            else:
                size = self.server.sizes.get(uid, len(data))
                day = self.server.dates.get(uid, "02-Feb-2026")
                self.send(f'* {number} FETCH (UID {uid} RFC822.SIZE {size} INTERNALDATE "{day} 09:00:00 +0000")')
        self.send(f"{tag} OK done")

    def on_search(self, tag, words):
        """SINCE alone."""
        def day(text):
            return datetime.datetime.strptime(text, "%d-%b-%Y")
        found = [uid for uid in sorted(self.mails())
                 if day(self.server.dates.get(uid, "02-Feb-2026")) >= day(words[-1].strip('"'))]
        self.send(f"* SEARCH {' '.join(str(uid) for uid in found)}".rstrip())
        self.send(f"{tag} OK done")

    def carry(self, uids, name):
        """Copies into a folder: the word that names them."""
        target, pairs = self.server.folder(name), []
        for uid in uids:
            new = self.server.next_uid(name)
            target[new] = self.mails()[uid]
            self.server.next[name] = new + 1
            pairs.append((uid, new))
        named = [",".join(str(pair[i]) for pair in pairs) for i in (0, 1)]
        return f"[COPYUID {self.server.validity_of(name)} {named[0]} {named[1]}] " if pairs else ""

    def expunge(self, uids):
        for uid in uids:
            number = sorted(self.mails()).index(uid) + 1
            del self.mails()[uid]
            self.send(f"* {number} EXPUNGE")

    def on_move(self, tag, words):
        uids = self.wanted(words[2])
        said = self.carry(uids, self.server.name(words[-1]))
        if said:
            self.send(f"* OK {said}moved")
        self.expunge(uids)
        self.send(f"{tag} OK done")

    def on_copy(self, tag, words):
        self.send(f"{tag} OK {self.carry(self.wanted(words[2]), self.server.name(words[-1]))}copied")

    def on_store(self, tag, words):
        self.deleted.update(self.wanted(words[2]))
        self.send(f"{tag} OK stored")

    def on_expunge(self, tag, words):
        self.expunge([uid for uid in self.wanted(words[2]) if uid in self.deleted])
        self.send(f"{tag} OK expunged")

    def on_idle(self, tag, _words):
        self.idle_tag = tag
        self.send("+ idling")

    def on_logout(self, tag, _words):
        self.send("* BYE bye")
        self.send(f"{tag} OK done")
        raise Gone


class Evil:
    def __init__(self, mails=(), implicit=False, certificate=None, **tricks):
        self.folders = {"INBOX": dict(enumerate(mails, 1))}
        self.next, self.sizes, self.dates, self.seen = {"INBOX": len(mails) + 1}, {}, {}, []
        self.tricks, self.implicit, self.certificate = tricks, implicit, certificate
        self.capabilities, self.validity = CAPABILITIES, 7
        self.connections, self.sessions = 0, []
        self.stopping = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    # What lies there --------------------------------------------------------

    @staticmethod
    def name(word):
        word = word.strip('"')
        return word[len("INBOX/"):] if word.startswith("INBOX/") else word

    def folder(self, name):
        return self.folders.setdefault(name, {})

    @property
    def mails(self):
        return self.folder("INBOX")

    @property
    def filed(self):
        """All that is no longer in the inbox."""
        return [(name, uid) for name in self.folders if name != "INBOX" for uid in self.folders[name]]

    def next_uid(self, name):
        return self.next.setdefault(name, 1)

    def validity_of(self, name):
        return self.validity if name == "INBOX" else 99

    def put(self, data):
        uid = self.next_uid("INBOX")
        self.mails[uid] = data
        self.next["INBOX"] = uid + 1
        return uid

    def push(self, *lines):
        """To whoever idles, as a server does without being asked."""
        for session in list(self.sessions):
            if session.idle_tag is not None:
                with contextlib.suppress(OSError):
                    for line in lines:
                        session.send(line)

    def push_exists(self):
        self.push(f"* {len(self.mails)} EXISTS")

    # The server ---------------------------------------------------------------

    def context(self):
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(self.certificate + ".crt", self.certificate + ".key")
        return made

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.listener.close()

    def accept(self):
        while not self.stopping.is_set():
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        session = Session(self, sock)
        self.sessions.append(session)
        with contextlib.suppress(Gone, OSError, ValueError):
            session.serve()
        self.sessions.remove(session)
        with contextlib.suppress(OSError):
            session.sock.close()
