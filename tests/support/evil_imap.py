"""An IMAP server that behaves well but for one thing, which a test chooses.

`Evil` listens on a loopback port in a thread; each connection is served by a
thread of its own. A trick is a function (session, tag, words) that may answer
a command instead of the server and returns True then.
"""

import contextlib
import socket
import ssl
import threading
import time

CAPABILITIES = "IMAP4rev1 UIDPLUS MOVE IDLE"


class Gone(Exception):
    pass


class Session:
    def __init__(self, server, sock):
        self.server, self.sock = server, sock
        self.file = sock.makefile("rb")

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
        for line in iter(self.file.readline, b""):
            words = line.decode("ascii", "replace").split()
            if len(words) >= 2:
                self.command(words[0], words[1:])
            elif words and words[0].upper() == "DONE":
                self.send(f"{self.idle_tag} OK idled")

    def trick(self, name, tag, words):
        trick = self.server.tricks.get(name)
        return trick is not None and trick(self, tag, words)

    def command(self, tag, words):
        name = words[0].lower()
        if name == "uid":
            name = words[1].lower()
        self.server.seen.append(" ".join([name] + words[1:] if name != "login" else ["login"]))
        if self.trick(name, tag, words):
            return
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
        if words[-1].endswith("%") or words[-1].endswith('%"'):
            for folder in ("Filed", "Problems", "Attention", "Ignored", "Quarantine"):
                self.send(f'* LIST () "/" INBOX/{folder}')
        else:
            self.send('* LIST () "/" INBOX')
        self.send(f"{tag} OK done")

    def on_select(self, tag, words):
        self.inbox = words[-1].strip('"') == "INBOX"
        mails = self.server.mails if self.inbox else {}
        self.send(f"* {len(mails)} EXISTS")
        self.send(f"* OK [UIDVALIDITY {self.server.validity}] valid")
        self.send(f"* OK [UIDNEXT {max(mails, default=0) + 1}] next")
        self.send(f"{tag} OK [READ-WRITE] selected")

    def wanted(self, text):
        uids = set()
        for part in text.split(","):
            first, _, last = part.partition(":")
            end = max(self.server.mails, default=0) if last == "*" else int(last or first)
            uids.update(uid for uid in self.server.mails if int(first) <= uid <= end)
        return sorted(uids) if self.inbox else []

    def on_fetch(self, tag, words):
        for number, uid in enumerate(self.wanted(words[2]), 1):
            data = self.server.mails[uid]
            if "BODY.PEEK" in " ".join(words).upper():
                if not self.trick("body", tag, [number, uid, data]):
                    self.send(f"* {number} FETCH (UID {uid} BODY[] {{{len(data)}}}\r\n".encode() + data + b")\r\n")
            else:
                size = self.server.sizes.get(uid, len(data))
                self.send(f'* {number} FETCH (UID {uid} RFC822.SIZE {size} INTERNALDATE "02-Feb-2026 09:00:00 +0000")')
        self.send(f"{tag} OK done")

    def on_move(self, tag, words):
        moved = self.wanted(words[2])
        if moved:
            named = ",".join(str(uid) for uid in moved)
            self.send(f"* OK [COPYUID 99 {named} {named}] moved")
        for uid in moved:
            self.server.filed[uid] = self.server.mails.pop(uid)
            self.send("* 1 EXPUNGE")
        self.send(f"{tag} OK done")

    def on_idle(self, tag, _words):
        self.idle_tag = tag
        self.send("+ idling")

    def on_logout(self, tag, _words):
        self.send("* BYE bye")
        self.send(f"{tag} OK done")
        raise Gone


class Evil:
    def __init__(self, mails=(), implicit=False, certificate=None, **tricks):
        self.mails = dict(enumerate(mails, 1))
        self.sizes, self.filed, self.seen = {}, {}, []
        self.tricks, self.implicit, self.certificate = tricks, implicit, certificate
        self.capabilities, self.validity = CAPABILITIES, 7
        self.connections = 0
        self.stopping = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

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
        with contextlib.suppress(Gone, OSError, ValueError):
            session = Session(self, sock)
            session.serve()
        with contextlib.suppress(OSError):
            session.sock.close()
