"""The real lscpd-parser for tests: mails in, records out, and what it cost."""

import array
import base64
import json
import os
import socket
import struct
import subprocess
import tempfile

REPO = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(REPO, os.environ.get("LSCPD_BUILD", "build"))
FRAME = struct.Struct("<IHH")  # length of the payload, type, version
VERSION, CONFIG, READY, PARSE, RECORD = 1, 1, 2, 30, 31
TICKS = os.sysconf("SC_CLK_TCK")


class Died(Exception):
    """The parser ended instead of answering, or answered nonsense."""


def mail(files, body=b"Dear all, see the file.\n"):
    """A message with attached files: (name, type, bytes)."""
    parts = [b"From: Amara Osei <amara@hospital.example>\nSubject: return\nMIME-Version: 1.0\n"
             b"Content-Type: multipart/mixed; boundary=bound\n\n--bound\nContent-Type: text/plain\n\n" + body]
    for name, kind, data in files:
        head = (f'Content-Type: {kind}; name="{name}"\nContent-Disposition: attachment; filename="{name}"\n'
                "Content-Transfer-Encoding: base64\n\n")
        parts.append(head.encode() + base64.encodebytes(data))
    return b"\n--bound\n".join(parts) + b"\n--bound--\n"


class Parser:
    """One process, as the engine starts it."""

    def __init__(self):
        self.sock, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self.child = subprocess.Popen([os.path.join(BUILD, "lscpd-parser")], preexec_fn=lambda: os.dup2(theirs.fileno(), 3),
                                      close_fds=False)
        theirs.close()
        self.write(CONFIG, struct.pack("<I", 0))
        kind, _ = self.read()
        assert kind == READY, kind

    def write(self, kind, payload=b"", fd=None):
        data = FRAME.pack(len(payload), kind, VERSION) + payload
        fds = [] if fd is None else [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))]
        self.sock.sendmsg([data], fds)

    def exactly(self, count):
        data = b""
        while len(data) < count:
            piece = self.sock.recv(count - len(data))
            if not piece:
                raise Died(f"exit code {self.child.wait()}")
            data += piece
        return data

    def read(self):
        length, kind, _ = FRAME.unpack(self.exactly(FRAME.size))
        return kind, self.exactly(length)

    def cpu(self):
        with open(f"/proc/{self.child.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def peak(self):
        with open(f"/proc/{self.child.pid}/status", encoding="ascii") as file:
            for line in file:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
        return 0.0

    def parse(self, message):
        """The record as record_dump shows it; None where there is none."""
        fd = os.memfd_create("mail")
        with open(fd, "wb", closefd=False) as file:
            file.write(message)
        self.write(PARSE, fd=fd)
        os.close(fd)
        kind, payload = self.read()
        if kind != RECORD:
            return None
        with tempfile.NamedTemporaryFile() as file:
            file.write(payload)
            file.flush()
            shown = subprocess.run([os.path.join(BUILD, "record_dump"), "-r", file.name],
                                   stdout=subprocess.PIPE, check=False).stdout
        if not shown:
            raise Died("its record cannot be decoded")
        return json.loads(shown)

    def close(self):
        self.sock.close()
        return self.child.wait()
