"""A scripted SMTP server, a token server and certificates, all on loopback.

An SmtpServer does what a good one does unless its script says otherwise: a
phase (connect, ehlo, starttls, auth, mail, rcpt, data, body, final) has a
reply, HANG, DROP, or a function of (session, argument) that returns one.
"""

import base64
import contextlib
import http.server
import json
import os
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse

HANG, DROP = object(), object()
HANG_SECONDS = 30


class Gone(Exception):
    """The connection is over."""


class Authority:
    """A certificate authority of its own, in a folder."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.file = self.path("ca.crt")
        self.openssl("req", "-x509", *self.KEY, "-keyout", self.path("ca.key"), "-out", self.file, "-days", "30",
                     "-subj", f"/CN=Test authority {name}")

    KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")

    def path(self, name):
        return os.path.join(self.folder, f"{self.name}-{name}")

    @staticmethod
    def openssl(*args):
        done = subprocess.run(["openssl", *args], capture_output=True, timeout=60)
        if done.returncode != 0:
            raise AssertionError(f"openssl {args[0]}: {done.stderr.decode()}")

    def context(self, host="localhost", days=30):
        """What a server with a certificate for `host` needs."""
        stem = f"{host}{days}"
        key, crt, csr, ext = (self.path(stem + end) for end in (".key", ".crt", ".csr", ".ext"))
        with open(ext, "w", encoding="ascii") as file:
            file.write(f"subjectAltName=DNS:{host}\n")
        self.openssl("req", *self.KEY, "-keyout", key, "-out", csr, "-subj", f"/CN={host}")
        self.openssl("x509", "-req", "-in", csr, "-CA", self.file, "-CAkey", self.path("ca.key"), "-CAcreateserial",
                     "-days", str(days), "-extfile", ext, "-out", crt)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(crt, key)
        return context


class Session:
    """One connection: what was said, what was taken."""

    def __init__(self, server, sock):
        self.server, self.sock = server, sock
        self.file = sock.makefile("rb")
        self.commands, self.is_tls, self.user = [], False, None
        self.sender = self.recipient = None

    def say(self, text):
        self.sock.sendall(text.encode() + b"\r\n")

    def line(self):
        data = self.file.readline()
        if not data:
            raise Gone()
        return data.rstrip(b"\r\n").decode("utf-8", "replace")

    def drop(self):
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)  # the file of it is open too
        self.sock.close()
        raise Gone()

    def wrap(self, context):
        self.file.close()
        self.sock = context.wrap_socket(self.sock, server_side=True)
        self.file = self.sock.makefile("rb")
        self.is_tls = True

    def do(self, phase, argument, good):
        """What the script wants, else `good`; true where `good` was said."""
        wish = self.server.script.get(phase)
        if callable(wish):
            wish = wish(self, argument)
        if wish is HANG:
            self.server.stopped.wait(HANG_SECONDS)
            self.drop()
        if wish is DROP:
            self.drop()
        self.say(wish or good)
        return not wish or wish[:1] in "23"

    # Commands -----------------------------------------------------------------

    def ehlo(self, _):
        lines = ["localhost", "8BITMIME", "SIZE 50000000"]
        if self.server.starttls and not self.is_tls:
            lines.append("STARTTLS")
        if self.server.mechanisms and (self.is_tls or not self.server.starttls):
            lines.append("AUTH " + self.server.mechanisms)
        good = "\r\n".join(f"250{' ' if one is lines[-1] else '-'}{one}" for one in lines)
        self.do("ehlo", None, good)

    def begin_tls(self, _):
        if self.do("starttls", None, "220 go ahead"):
            self.wrap(self.server.context)

    def auth(self, argument):
        words = argument.split()
        data = base64.b64decode(words[1]) if len(words) > 1 else b""
        if not data:
            self.say("334 ")
            data = base64.b64decode(self.line())
        proof = data.decode("utf-8", "replace")
        self.server.proofs.append((words[0].upper(), proof))
        if words[0].upper() == "XOAUTH2":
            good = proof.split("auth=Bearer ")[-1].strip("\1") in self.server.tokens
            if not good:
                self.say("334 " + base64.b64encode(b'{"status":"401"}').decode())
                self.line()
        else:
            good = proof.split("\0")[1:] == list(self.server.login)
        self.do("auth", proof, "235 2.7.0 welcome" if good else "535 5.7.8 authentication failed")

    def mail(self, argument):
        self.sender = argument.split(">")[0].split("<")[-1]
        self.do("mail", self.sender, "250 2.1.0 ok")

    def rcpt(self, argument):
        self.recipient = argument.split(">")[0].split("<")[-1]
        self.do("rcpt", self.recipient, "250 2.1.5 ok")

    def data(self, _):
        if not self.do("data", None, "354 go ahead"):
            return
        lines = []
        wish = self.server.script.get("body")
        while True:
            line = self.file.readline()
            if not line:
                raise Gone()
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b".") else line)
            if wish is DROP and len(lines) > 20:
                self.drop()
        self.server.bodies.append((self.sender, self.recipient, b"".join(lines)))
        if self.do("final", self.recipient, "250 2.0.0 queued"):
            self.server.mails.append(self.server.bodies[-1])

    def serve(self):
        if self.server.context is not None and not self.server.starttls:
            self.wrap(self.server.context)
        if not self.do("connect", None, "220 localhost ready"):
            self.drop()
        verbs = {"EHLO": self.ehlo, "HELO": self.ehlo, "STARTTLS": self.begin_tls, "AUTH": self.auth,
                 "MAIL": self.mail, "RCPT": self.rcpt, "DATA": self.data}
        while True:
            line = self.line()
            self.commands.append(line)
            verb, _, argument = line.partition(" ")
            if verb.upper() == "QUIT":
                self.say("221 bye")
                self.drop()
            if verb.upper() in verbs:
                verbs[verb.upper()](argument)
            else:
                self.say("250 ok" if verb.upper() in ("RSET", "NOOP") else "502 what")


class SmtpServer:
    """`context`: TLS from the start, or by STARTTLS where `by_starttls`."""

    def __init__(self, context=None, by_starttls=False, **script):
        self.context, self.starttls, self.script = context, by_starttls, script
        self.mechanisms, self.login, self.tokens = "", ("", ""), set()
        self.sessions, self.mails, self.bodies, self.proofs = [], [], [], []
        self.stopped = threading.Event()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                sock, _ = self.socket.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            session = Session(self, sock)
            self.sessions.append(session)
            threading.Thread(target=self.one, args=(session,), daemon=True).start()

    @staticmethod
    def one(session):
        try:
            session.serve()
        except (Gone, OSError, ValueError):
            pass
        finally:
            session.sock.close()

    def commands(self, verb):
        return [line for session in self.sessions for line in session.commands if line.upper().startswith(verb)]

    def url(self, user="", host="localhost"):
        scheme = "smtps" if self.context is not None and not self.starttls else "smtp"
        return f"{scheme}://{user + '@' if user else ''}{host}:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopped.set()
        # A thread inside accept() keeps the port until it is woken.
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


class Proxy:
    """An HTTP proxy that knows CONNECT; `asked` has the places."""

    def __init__(self):
        self.asked = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            sock, _ = self.socket.accept()
            threading.Thread(target=self.one, args=(sock,), daemon=True).start()

    def one(self, sock):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += sock.recv(1)
        self.asked.append(head.split()[1].decode())
        other = socket.create_connection(("127.0.0.1", int(self.asked[-1].rsplit(":", 1)[1])))
        sock.sendall(b"HTTP/1.1 200 connected\r\n\r\n")
        threading.Thread(target=self.pump, args=(other, sock), daemon=True).start()
        self.pump(sock, other)

    @staticmethod
    def pump(one, other):
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)


class TokenServer:
    """Client credentials: hands out token-1, token-2 … or what `answer` says."""

    def __init__(self, answer=None, life=3600, context=None):
        self.answer, self.life, self.asked, self.headers = answer, life, [], {}
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                owner.asked.append({key: values[0] for key, values in urllib.parse.parse_qs(form).items()})
                status, words = owner.answer or (200, {"token_type": "Bearer", "expires_in": owner.life,
                                                       "access_token": f"token-{len(owner.asked)}"})
                if words is HANG:
                    time.sleep(HANG_SECONDS)
                    return
                data = words if isinstance(words, bytes) else json.dumps(words).encode()
                self.send_response(status)
                for name, value in owner.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        if context is not None:
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
        scheme = "http" if context is None else "https"
        self.url = f"{scheme}://localhost:{self.http.server_address[1]}/tenant/token"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()
