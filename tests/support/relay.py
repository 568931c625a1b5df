"""A real Postfix as the mail server of a partnership and of an agency.

It takes mail by STARTTLS and a login that Dovecot judges, writes the results
of its check of the sender on top of each mail, as RFC 8601 wants them, and
delivers into Dovecot's folders. All it has is in Dovecot's temporary folder,
and it listens on loopback; but only root may start it.
"""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import time

from dovecot import free_port

AUTHSERV = "mx.fscp.example"

MAIN = """\
compatibility_level = 3.6
queue_directory = {dir}/relay/queue
data_directory = {dir}/relay/data
maillog_file = {dir}/relay/log
maillog_file_prefixes = {dir}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = {authserv}
mydestination =
mynetworks =
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = {domains}
virtual_mailbox_maps = texthash:{dir}/relay/people
virtual_mailbox_base = {dir}/mail
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
default_transport = error:nothing leaves this machine
smtpd_tls_cert_file = {dir}/ca/server.crt
smtpd_tls_key_file = {dir}/ca/server.key
smtpd_tls_security_level = encrypt
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{auth}
smtpd_sender_login_maps = texthash:{dir}/relay/owners
smtpd_sender_restrictions = reject_sender_login_mismatch
smtpd_recipient_restrictions = check_sender_access texthash:{dir}/relay/results, permit_sasl_authenticated, reject
smtpd_reject_unlisted_recipient = no
"""

MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""

LOGINS = """\
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {auth}
  }}
}}
"""


def why_not():
    """Why it cannot run here, or ""."""
    if os.getuid() != 0:
        return "Postfix wants to be started by root"
    return "" if shutil.which("postfix", path="/usr/sbin:/sbin") else "Postfix is not installed"


class Relay:
    """`people`: each address and its owner's name in `dovecot`, which is not yet running. `empty`: domains of nobody."""

    def __init__(self, dovecot, people, empty=()):
        self.dovecot, self.port, auth = dovecot, free_port(), free_port()
        domains = sorted({*(address.split("@")[1] for address in people), *empty})
        owner = pwd.getpwnam(dovecot.user)
        words = {"dir": dovecot.dir, "port": self.port, "auth": auth, "authserv": AUTHSERV, "uid": owner.pw_uid,
                 "gid": owner.pw_gid, "domains": ", ".join(domains)}
        for name in ("relay", "relay/queue", "relay/data"):
            os.makedirs(dovecot.join(name))
        os.chown(dovecot.join("relay", "data"), pwd.getpwnam("postfix").pw_uid, -1)
        self.write("main.cf", MAIN.format(**words))
        self.write("master.cf", MASTER.format(**words))
        self.write("people", "".join(f"{address} {name}/\n" for address, name in people.items()))
        self.write("owners", "".join(f"{address} {name}\n" for address, name in people.items()))
        self.write("results", "".join(f"{domain} PREPEND Authentication-Results: {AUTHSERV}; dmarc=pass header.from={domain}\n"
                                      for domain in domains))
        dovecot.configure(LOGINS.format(**words))

    def write(self, name, text):
        with open(self.dovecot.join("relay", name), "w", encoding="utf-8") as file:
            file.write(text)

    def call(self, verb):
        subprocess.run(["/usr/sbin/postfix", "-c", self.dovecot.join("relay"), verb], timeout=60,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        self.call("start")
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            time.sleep(0.05)
        self.__exit__()
        raise RuntimeError(f"Postfix does not come up: {self.log()}")

    def __exit__(self, *_):
        """By its own word: it knows its processes, all of this folder's queue."""
        self.call("stop")

    def log(self):
        with contextlib.suppress(FileNotFoundError), open(self.dovecot.join("relay", "log"), encoding="utf-8",
                                                          errors="replace") as file:
            return file.read()[-4000:]
        return ""
