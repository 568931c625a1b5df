"""A parser that misbehaves on one kind of mail, for faults.py.

It stands between the engine and the real lscpd-parser: it passes frames and
descriptors on, but a mail that holds `X-Poison: crash` kills it and one that
holds `X-Poison: hang` makes it sleep.
"""

import os
import socket
import struct
import sys
import time

FRAME = struct.Struct("=IHH")  # length of the payload, type, version


def receive(sock):
    head, fds = b"", []
    while len(head) < FRAME.size:
        data, more, _, _ = socket.recv_fds(sock, FRAME.size - len(head), 4)
        if not data:
            os._exit(0)
        head, fds = head + data, fds + more
    length = FRAME.unpack(head)[0]
    body = b""
    while len(body) < length:
        data, more, _, _ = socket.recv_fds(sock, length - len(body), 4)
        if not data:
            os._exit(0)
        body, fds = body + data, fds + more
    return head + body, fds


def send(sock, data, fds):
    sent = socket.send_fds(sock, [data], fds)
    if sent < len(data):
        sock.sendall(data[sent:])
    for fd in fds:
        os.close(fd)


def main(real):
    engine = socket.socket(fileno=3)
    engine.setblocking(True)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    if os.fork() == 0:
        os.dup2(theirs.fileno(), 3)
        os.set_inheritable(3, True)
        os.execv(real, [real])
    theirs.close()
    while True:
        data, fds = receive(engine)
        for fd in fds:
            mail = os.pread(fd, 4096, 0)
            if b"X-Poison: crash" in mail:
                os.abort()
            if b"X-Poison: hang" in mail:
                time.sleep(3600)
        send(ours, data, fds)
        data, fds = receive(ours)
        send(engine, data, fds)


if __name__ == "__main__":
    main(sys.argv[1])
