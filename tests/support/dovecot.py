"""A real Dovecot on loopback, as a child, with certificates of its own.

It works as root (mail belongs to `nobody`) and as an ordinary user; it is
stopped by the id of the process that was started.
"""

import contextlib
import copy
import grp
import http.server
import imaplib
import json
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.parse

PASSWORD = "a long \"secret\" \\ of words"

CONFIG = """\
base_dir = {dir}/run
state_dir = {dir}/run
log_path = {dir}/dovecot.log
protocols = imap
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
ssl = yes
ssl_cert = <{dir}/ca/server.crt
ssl_key = <{dir}/ca/server.key
disable_plaintext_auth = no
auth_mechanisms = plain login {mechanisms}
mail_location = maildir:{dir}/mail/%u
mail_uid = {user}
mail_gid = {group}
passdb {{
  driver = passwd-file
  args = {dir}/users
  mechanisms = plain login
}}
{tokens}
userdb {{
  driver = static
  args = uid={user} gid={group} home={dir}/mail/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = {separator}
  prefix = {prefix}
}}
mail_max_userip_connections = 100
{more}
"""


def free_port():
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def openssl(*args):
    subprocess.run(["openssl", *args], check=True, capture_output=True)


def make_authority(folder, name="ca"):
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", f"/CN=Test authority {name}",
            "-keyout", os.path.join(folder, f"{name}.key"), "-out", os.path.join(folder, f"{name}.crt"))


def make_certificate(folder, name, subject, authority="ca", expired=False):
    """NAME.crt and NAME.key for a host name, signed by the authority."""
    path = os.path.join(folder, name)
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={subject}", "-keyout", path + ".key", "-out", path + ".csr")
    with open(path + ".ext", "w", encoding="ascii") as file:
        file.write(f"subjectAltName=DNS:{subject}\n")
    when = ["-days", "30"]
    if expired:
        os.makedirs(path + ".db", exist_ok=True)
        for one, text in (("index.txt", ""), ("serial", "01\n")):
            with open(os.path.join(path + ".db", one), "w", encoding="ascii") as file:
                file.write(text)
        with open(path + ".cnf", "w", encoding="ascii") as file:
            file.write(f"[ca]\ndefault_ca=d\n[d]\ndatabase={path}.db/index.txt\nserial={path}.db/serial\n"
                       f"new_certs_dir={path}.db\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n")
        openssl("ca", "-batch", "-config", path + ".cnf", "-in", path + ".csr", "-out", path + ".crt", "-notext",
                "-cert", os.path.join(folder, authority + ".crt"), "-keyfile", os.path.join(folder, authority + ".key"),
                "-extfile", path + ".ext", "-startdate", "20200101000000Z", "-enddate", "20200201000000Z")
        return
    openssl("x509", "-req", "-in", path + ".csr", "-CA", os.path.join(folder, authority + ".crt"),
            "-CAkey", os.path.join(folder, authority + ".key"), "-CAcreateserial", *when,
            "-extfile", path + ".ext", "-out", path + ".crt")


TOKENS = """\
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {dir}/oauth2.conf
}}
"""


class TokenServer:
    """Hands out access tokens, and tells Dovecot which of them are good."""

    def __init__(self, user="lscp"):
        self.user, self.asked, self.good, self.answer = user, [], set(), None
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                token = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query).get("token", [""])[0]
                self.say(200, {"active": "true" if token in owner.good else "false", "username": owner.user})

            def do_POST(self):
                length = int(self.headers["Content-Length"])
                owner.asked.append(urllib.parse.parse_qs(self.rfile.read(length).decode()))
                token = f"token-{len(owner.asked)}"
                if owner.answer is None:
                    owner.good.add(token)
                self.say(*(owner.answer or (200, {"token_type": "Bearer", "expires_in": 3600, "access_token": token})))

            def say(self, status, words):
                data = json.dumps(words).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.http.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()


class Dovecot:
    """One server with many users, all with one password; `of` is it as one of
    them sees it."""

    USERS = ["lscp", "lscp@fscp.example"] + [f"lscp{number}" for number in range(40)]

    def __init__(self, separator="/", prefix="", more="", tokens=None):
        self.tokens = tokens
        self.dir = tempfile.mkdtemp(prefix="lscpd-dovecot-")
        os.chmod(self.dir, 0o755)
        self.user = "nobody" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        self.group = grp.getgrgid(pwd.getpwnam(self.user).pw_gid).gr_name
        self.plain, self.tls = free_port(), free_port()
        self.separator, self.prefix = separator, prefix
        for name in ("ca", "mail", "run"):
            os.makedirs(self.join(name))
        make_authority(self.join("ca"))
        make_certificate(self.join("ca"), "server", "localhost")
        if os.getuid() == 0:
            os.chown(self.join("mail"), pwd.getpwnam(self.user).pw_uid, pwd.getpwnam(self.user).pw_gid)
        with open(self.join("users"), "w", encoding="ascii") as file:
            for name in self.USERS:
                file.write(f"{name}:{{PLAIN}}{PASSWORD}::::::\n")
        with open(self.join("password"), "w", encoding="ascii") as file:
            file.write(PASSWORD + "\n")
        os.chmod(self.join("password"), 0o600)
        self.process, self.me = None, "lscp"
        self.configure(more)

    def of(self, user):
        view = copy.copy(self)
        view.me = user
        return view

    def join(self, *names):
        return os.path.join(self.dir, *names)

    def configure(self, more=""):
        if self.tokens is not None:
            with open(self.join("oauth2.conf"), "w", encoding="ascii") as file:
                file.write(f"introspection_mode = get\nintrospection_url = http://127.0.0.1:{self.tokens.port}/?token=\n"
                           "username_attribute = username\nactive_attribute = active\nactive_value = true\n")
        with open(self.join("dovecot.conf"), "w", encoding="ascii") as file:
            file.write(CONFIG.format(dir=self.dir, user=self.user, group=self.group, plain=self.plain, tls=self.tls,
                                     separator=self.separator, prefix=self.prefix, more=more,
                                     mechanisms="xoauth2" if self.tokens else "",
                                     tokens=TOKENS.format(dir=self.dir) if self.tokens else ""))

    def start(self):
        self.process = subprocess.Popen(["dovecot", "-F", "-c", self.join("dovecot.conf")],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.plain), 1).close()
                return self
            time.sleep(0.05)
        raise RuntimeError(f"dovecot does not come up: {self.log()}")

    def children(self):
        with contextlib.suppress(OSError), open(f"/proc/{self.process.pid}/task/{self.process.pid}/children",
                                                encoding="ascii") as file:
            return [int(pid) for pid in file.read().split()]
        return []

    def stop(self):
        """With its sessions, which would outlive their master."""
        if self.process is not None:
            children = self.children()
            self.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            for pid in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process = None

    def remove(self):
        self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.remove()

    def log(self):
        with contextlib.suppress(FileNotFoundError), open(self.join("dovecot.log"), encoding="utf-8", errors="replace") as file:
            return file.read()[-3000:]
        return ""

    # A mail program beside the daemon ---------------------------------------

    @contextlib.contextmanager
    def client(self):
        trust = ssl.create_default_context(cafile=self.join("ca", "ca.crt"))
        box = imaplib.IMAP4_SSL("localhost", self.tls, ssl_context=trust)
        box.login(self.me, PASSWORD)
        try:
            yield box
        finally:
            with contextlib.suppress(Exception):
                box.logout()

    def append(self, mails, folder="INBOX"):
        with self.client() as box:
            for data in mails if isinstance(mails, list) else [mails]:
                status, said = box.append(self.name(folder), None, None, data)
                assert status == "OK", said

    def name(self, folder):
        """As imaplib wants it: with quotes where it has blanks."""
        name = "INBOX" if folder == "INBOX" else f"INBOX{self.separator}{folder}"
        return f'"{name}"' if " " in name else name

    def uids(self, folder):
        with self.client() as box:
            status, said = box.select(self.name(folder), readonly=True)
            if status != "OK":
                return None
            return [int(uid) for uid in box.uid("SEARCH", "ALL")[1][0].split()]

    def flags(self, folder):
        with self.client() as box:
            box.select(self.name(folder), readonly=True)
            return [imaplib.ParseFlags(one) for one in box.uid("FETCH", "1:*", "(FLAGS)")[1] if one]

    def move(self, source, target):
        with self.client() as box:
            box.select(self.name(source))
            status, said = box.uid("MOVE", "1:*", self.name(target))
            assert status == "OK", said
