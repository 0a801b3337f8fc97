"""The HTTP rows: starts the servers, puts load on them, and asks what a request cost."""

import os
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import child
import peers
from child import Child, ChildFault
from measure import cpu_seconds, resident_bytes, wait_until_idle

CONNECTIONS = 64
WARM_UP_SECONDS = 0.3
# How long the hold pages park a request: more than it takes to send thousands and read the memory.
HOLD_SECONDS = 8


@dataclass(frozen=True)
class Server:
    """A server that answers; reply_bytes is the size of its reply to a plain GET, head included."""

    child: Child
    port: int
    path: str
    reply_bytes: int

    @property
    def pid(self) -> int:
        return self.child.process.pid

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.path}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def path_of(name: str, page: str) -> str:
    """nginx answers all pages from one configuration, without Lua at /return; the others ignore the path or share it."""
    return "/return" if name == "nginx" else f"/{page}"


@contextmanager
def serving(
    name: str, page: str, found: peers.Peers, reply_bytes: int = 0, upstream: Server | None = None,
    core: int = child.MEASURED_CORE
) -> Iterator[Server]:
    """A peer's server with this page, from its first good answer (or, for hold, its first connection) on."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="greenhouse-bench-") as folder:
        # nginx's worker may run as another user, and has to reach its own files.
        os.chmod(folder, 0o755)
        upstream_port = upstream.port if upstream else 0
        argv = peers.server_command(name, page, port, Path(folder), found, reply_bytes, upstream_port)
        environment = peers.environment(name, upstream.url if upstream else "")
        with child.running(argv, environment, core) as started:
            with started.blamed():
                size = first_reply(started, port, path_of(name, page), page)
            yield Server(started, port, path_of(name, page), size)


def first_reply(started: Child, port: int, path: str, page: str) -> int:
    """Waits until the server takes connections and answers; the size of its reply, 0 where it never answers."""
    deadline = time.monotonic() + 10
    while True:
        try:
            if page != "hold":
                return ask_once(port, path)
            connect(port).close()
            return 0
        except ConnectionRefusedError:
            if started.process.poll() is not None:
                raise ChildFault(f"ended with {started.process.returncode} before it took a connection") from None
            if time.monotonic() > deadline:
                raise ChildFault("took no connection within 10 seconds") from None
            time.sleep(0.02)


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=5)


def request(port: int, path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()


def ask_once(port: int, path: str) -> int:
    """The size of the reply to one request; raises when it is not a 200 that says hello."""
    with connect(port) as connection:
        connection.sendall(request(port, path))
        reply = b""
        while not reply.endswith(b"hello"):
            more = connection.recv(4096)
            if not more:
                break
            reply += more
    if not (reply.startswith(b"HTTP/1.1 200") and reply.endswith(b"\r\n\r\nhello")):
        raise ChildFault(f"answered {reply[:200]!r}, expected a 200 with the body 'hello'")
    return len(reply)


def cpu_per_request(server: Server, seconds: float) -> float:
    """CPU microseconds per request under keep-alive load; the warm-up before is not counted."""
    with server.child.blamed():
        load(server, WARM_UP_SECONDS)
        before = cpu_seconds(server.pid)
        responses = load(server, seconds)
        return (cpu_seconds(server.pid) - before) / responses * 1e6


@dataclass(frozen=True)
class Latency:
    """Wall milliseconds from a request to the end of its response."""

    median: float
    p99: float
    most: float


def load(server: Server, seconds: float) -> int:
    """Puts load on the server and returns how many requests it answered."""
    responses, *_ = run_load(server, seconds, CONNECTIONS)
    return responses


def latency(server: Server, seconds: float, connections: int) -> Latency:
    """How long the answers take when each of the connections asks again as soon as it has its answer."""
    with server.child.blamed():
        run_load(server, WARM_UP_SECONDS, connections)
        _, median, p99, most = run_load(server, seconds, connections)
        return Latency(median / 1e3, p99 / 1e3, most / 1e3)


def run_load(server: Server, seconds: float, connections: int) -> tuple[int, int, int, int]:
    """Responses, and the microseconds they took: the median, the 99th percentile, the most."""
    argv = [str(peers.BUILT / "load"), str(server.port), server.path, str(connections), str(seconds)]
    responses, _, reconnects, median, p99, most = map(int, child.run(argv, child.LOAD_CORE, seconds + 20).split())
    if responses == 0 or reconnects > responses / 100:
        raise ChildFault(f"answered {responses} requests and ended {reconnects} connections, expected keep-alive")
    return responses, median, p99, most


def memory_per_parked_request(name: str, count: int, found: peers.Peers, check_answers: bool) -> float:
    """kB (of 1 024 bytes) that each of `count` more requests takes in a server where 64 are parked already.

    The 64 are there so that what the first request loads is not counted. The kernel's socket buffers never are.
    check_answers: wait until all are answered. Were they only queued in front of a few workers, most would be late.
    """
    held: list[socket.socket] = []
    with serving(name, "hold", found) as server, server.child.blamed():
        try:
            park(server, CONNECTIONS, held)
            wait_until_idle(server.pid)
            before = resident_bytes(server.pid)
            park(server, count, held)
            wait_until_idle(server.pid)
            used = resident_bytes(server.pid) - before
            expect_silence(held)
            if check_answers:
                expect_answers(held)
            return used / count / 1024
        finally:
            for connection in held:
                connection.close()


def park(server: Server, count: int, held: list[socket.socket]) -> None:
    for _ in range(count):
        connection = connect(server.port)
        held.append(connection)
        connection.sendall(request(server.port, server.path))


def expect_silence(held: list[socket.socket]) -> None:
    """A request that was answered or cut off was not parked, and its memory would be missing from the figure."""
    for connection in held:
        connection.setblocking(False)
        try:
            answer = connection.recv(80)
        except BlockingIOError:
            continue
        raise ChildFault(f"answered {answer!r} on a connection that was to stay parked")


def expect_answers(held: list[socket.socket]) -> None:
    deadline = time.monotonic() + HOLD_SECONDS + 4
    for answered, connection in enumerate(held):
        connection.settimeout(max(0.1, deadline - time.monotonic()))
        try:
            answer = connection.recv(80)
        except TimeoutError:
            raise ChildFault(f"answered {answered} of {len(held)} held requests in time: were the others parked, or queued?") from None
        if not answer.startswith(b"HTTP/1.1 200"):
            raise ChildFault(f"answered a held request with {answer!r}, expected a 200")
