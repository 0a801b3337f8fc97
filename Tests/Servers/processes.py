"""Starting, awaiting and ending: the servers, the command, and whatever these leave behind. Linux only."""

import ctypes
import os
import random
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 20
END_SECONDS = 5
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LIBC = ctypes.CDLL(None, use_errno=True)


class ServerFault(Exception):
    """A server does not come up; the message says which and why, in one line."""


@dataclass(frozen=True)
class Probe:
    """What a server is asked on a port until it answers."""

    port: int
    question: bytes = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    tls: bool = False

    def answered(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as plain:
                if not self.tls:
                    return self.asked(plain)
                trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
                with trusting.wrap_socket(plain) as encrypted:
                    return self.asked(encrypted)
        except OSError:
            return False

    def asked(self, connection: socket.socket) -> bool:
        connection.sendall(self.question)
        return bool(connection.recv(1))


def free_ports(count: int) -> list[int]:
    """Ports that nobody has. Below the range from which the kernel gives ports to clients (32768 and up), so that no
    connection takes one before its server does."""
    held: list[socket.socket] = []
    try:
        while len(held) < count:
            candidate = socket.socket()
            held.append(candidate)
            try:
                candidate.bind(("127.0.0.1", random.randrange(15_000, 32_000)))
            except OSError:
                held.pop().close()
        return [candidate.getsockname()[1] for candidate in held]
    finally:
        for candidate in held:
            candidate.close()


def adopt_orphans() -> None:
    """From now on what a child leaves behind becomes a child of this process, and so can be ended by it."""
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_with_parent() -> None:
    """Runs in a server before its exec: should this process be killed outright, the kernel ends the server."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


class Server:
    """A server's process. In a session of its own, so that Ctrl-C at a terminal reaches the command alone."""

    def __init__(self, name: str, argv: list[str], probes: Iterable[Probe], log: Path) -> None:
        self.name, self.probes, self.log = name, list(probes), log
        try:
            with log.open("wb") as output:
                self.process = subprocess.Popen(
                    argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=log.parent,
                    start_new_session=True, preexec_fn=end_with_parent)
        except OSError as error:
            raise ServerFault(f"{name} server does not start: {argv[0]}: {error.strerror}") from None

    def await_answers(self, deadline: float) -> None:
        for probe in self.probes:
            while not probe.answered():
                if (code := self.process.poll()) is not None:
                    raise ServerFault(f"{self.name} server ended with {code}: {self.last_words()}")
                if time.monotonic() > deadline:
                    raise ServerFault(f"{self.name} server is silent on port {probe.port}: {self.last_words()}")
                time.sleep(0.02)

    def last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it printed nothing"


def children() -> list[int]:
    return [int(pid) for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()]


def end_children() -> None:
    """Ends every child by its pid, orphans included: asks, and after a few seconds kills. Asks again as long as there
    are new ones, for a server's workers become children of ours when the server has gone."""
    asked: set[int] = set()
    deadline = time.monotonic() + END_SECONDS
    while left := children():
        late = time.monotonic() > deadline
        for pid in left:
            if late or pid not in asked:
                os.kill(pid, signal.SIGKILL if late else signal.SIGTERM)
                asked.add(pid)
        # Reaps whatever has ended; these pids stay ours until then, so that no signal meets a stranger.
        for pid in left:
            os.waitpid(pid, os.WNOHANG)
        time.sleep(0.01)
