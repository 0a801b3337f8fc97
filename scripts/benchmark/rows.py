"""The rows: what is measured, in which unit, and who takes part. Budgets are in budgets.py."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

import limits
import micro
import web
from budgets import (
    NGINX_HELLO, OURS, OWN_HELLO, OWN_MEDIAN, OWN_MOST, PLAIN_CURL, RESTY_HTTP)
from child import LOAD_CORE, ChildFault
from peers import Peers

PARKED_REQUESTS = 4000

# The ways of nginx to ask an upstream, by their pages in its configuration: lua-resty-http's, one written by hand on
# the bare socket for this one request, and none of Lua at all.
NGINX_GATEWAYS = {RESTY_HTTP: "resty", "nginx-lua cosocket": "cosocket", "nginx proxy_pass": "proxy"}
UPSTREAM_PAGES = {"gateway", *NGINX_GATEWAYS.values()}
# Contestants that are another's program on another page, in another figure, or with limits.
PROGRAMS = {
    OWN_HELLO: OURS, OWN_MEDIAN: OURS, OWN_MOST: OURS, NGINX_HELLO: "nginx-lua", "nginx-lua cosocket": "nginx-lua",
    "nginx proxy_pass": "nginx", **dict.fromkeys(limits.OPTIONS, OURS),
}


class Bench:
    """What the rows of one run share: the peers, the length of a load, and the servers that stay up between rounds."""

    def __init__(self, found: Peers, seconds: float, descriptors: int, open_servers: ExitStack):
        self.found = found
        self.seconds = seconds
        self.parked_requests = min(PARKED_REQUESTS, descriptors - 256)
        self.open_servers = open_servers
        self.servers: dict[tuple[str, str], web.Server] = {}
        self.upstream_server: web.Server | None = None
        self.reply_bytes = 0
        self.answers_checked: set[str] = set()
        self.latencies: dict[int, web.Latency] = {}

    def server(self, name: str, page: str) -> web.Server:
        """The peer's server with this page, started at first use."""
        if (name, page) not in self.servers:
            if name == "plain C":
                self.reply_bytes = self.reply_bytes or self.usual_reply_bytes()
            upstream = self.upstream() if page in UPSTREAM_PAGES else None
            started = web.serving(name, page, self.found, self.reply_bytes, upstream)
            server = self.servers[name, page] = self.open_servers.enter_context(started)
            # The first second of a server is its dearest: memory is fetched, LuaJIT compiles.
            with server.child.blamed():
                web.load(server, 1.0)
        return self.servers[name, page]

    def upstream(self) -> web.Server:
        """What HTTP clients ask, on the load's core: nginx without Lua, or the plain C server where it is missing."""
        if not self.upstream_server:
            name = "nginx" if self.found.has("nginx") else "plain C"
            started = web.serving(name, "hello", self.found, core=LOAD_CORE)
            self.upstream_server = self.open_servers.enter_context(started)
        return self.upstream_server

    def reply_sizes(self) -> str:
        """Bytes of each peer's hello reply; where they differ much, the figures do not compare."""
        return ", ".join(f"{name} {server.reply_bytes}" for (name, page), server in self.servers.items() if page == "hello")

    def usual_reply_bytes(self) -> int:
        """How large the plain C server's reply is to be: as ours, or else as nginx's, so that both copy as much."""
        for name in (OURS, "nginx-lua"):
            if self.found.has(name):
                try:
                    return self.server(name, "hello").reply_bytes
                except ChildFault:
                    continue  # its own row tells the fault
        return 0


@dataclass(frozen=True)
class Row:
    key: str
    title: str
    unit: str
    contestants: list[str]
    sample: Callable[[Bench, str], float]


def requests(page: str) -> Callable[[Bench, str], float]:
    def sample(bench: Bench, name: str) -> float:
        shown = "hello" if name == OWN_HELLO else page
        return web.cpu_per_request(bench.server(OURS if name == OWN_HELLO else name, shown), bench.seconds)
    return sample


def gateway(bench: Bench, name: str) -> float:
    if name == NGINX_HELLO:
        server = bench.server("nginx-lua", "hello")
    elif name in NGINX_GATEWAYS:
        server = bench.server("nginx-lua", NGINX_GATEWAYS[name])
    else:
        server = bench.server(name, "gateway")
    return web.cpu_per_request(server, bench.seconds)


def get(bench: Bench, name: str) -> float:
    return micro.per_unit(name, "get", bench.found, bench.upstream().url) * 1e6


def parked_requests(bench: Bench, name: str) -> float:
    first = name not in bench.answers_checked
    figure = web.memory_per_parked_request(name, bench.parked_requests, bench.found, check_answers=first)
    bench.answers_checked.add(name)
    return figure


def neighbour(connections: int) -> Callable[[Bench, str], float]:
    """All three figures are of one load, which the first of the row makes; its server is never idle, and so ends."""
    def sample(bench: Bench, name: str) -> float:
        if name == OURS:
            bench.latencies.pop(connections, None)
            with web.serving(OURS, "spinners", bench.found) as server:
                bench.latencies[connections] = web.latency(server, bench.seconds, connections)
        elif connections not in bench.latencies:
            raise ChildFault("the load whose figure it is did not end well")
        latency = bench.latencies[connections]
        return {OURS: latency.p99, OWN_MEDIAN: latency.median, OWN_MOST: latency.most}[name]
    return sample


def language(script: str) -> Callable[[Bench, str], float]:
    return lambda bench, name: micro.language(name, script, bench.found) * 1e3


def script(row: str, scale: float) -> Callable[[Bench, str], float]:
    return lambda bench, name: micro.per_unit(name, row, bench.found) * scale


MICRO = [OURS, "lua5.4", "gevent"]
NEIGHBOUR = [OURS, OWN_MEDIAN, OWN_MOST]
LANGUAGE = {
    "fib": "calls: Fibonacci numbers",
    "nbody": "floats in fields: six bodies",
    "spectral": "floats in arrays: spectral norm",
    "strings": "string building",
    "sort": "table.sort",
    "sort-by": "table.sort with a comparator",
    "trees": "binary trees",
    "patterns": "find, match, gmatch, gsub",
    "tables": "table.insert, remove, concat, move",
    "calls": "ipairs, pairs, tostring, pcall",
    "coroutines": "coroutines of the script's own",
}

ROWS = [
    Row("hello", "hello handler, keep-alive, 64 connections", "CPU µs",
        [OURS, "plain C", "nginx", "nginx-lua", "haproxy-lua", "gevent"], requests("hello")),
    Row("park", "handler that parks once", "CPU µs",
        [OURS, OWN_HELLO, "nginx-lua", "haproxy-lua", "gevent"], requests("park")),
    Row("get", "GET over keep-alive, 16 greens", "CPU µs", [OURS, PLAIN_CURL], get),
    Row("gateway", "handler with one upstream GET", "CPU µs", [OURS, NGINX_HELLO, *NGINX_GATEWAYS], gateway),
    Row("yield", "yield + resume of a green", "CPU µs", MICRO, script("yield", 1e6)),
    Row("spawn", "spawn to finished", "CPU µs", MICRO, script("spawn", 1e6)),
    Row("pool", "pool job, 5 000 on 100 workers", "CPU µs", [OURS, "gevent"], script("pool", 1e6)),
    Row("lock", "GreenLock hand-off, 10 workers", "CPU µs", [OURS, "gevent"], script("lock", 1e6)),
    Row("parked-green", "memory of a parked green", "kB", MICRO, script("parked", 1 / 1024)),
    Row("parked-request", "memory of a parked request", "kB", [OURS, "nginx-lua", "haproxy-lua", "gevent"],
        parked_requests),
    Row("start", "start of a one-line script", "wall ms", [OURS, "lua5.4"],
        lambda bench, name: micro.start_milliseconds(name, bench.found)),
    *(Row(f"lua-{key}", f"Lua, {title}", "CPU ms", [OURS, "lua5.4"], language(key))
      for key, title in LANGUAGE.items()),
    Row("neighbour-1", "p99 of a hello beside four endless loops", "wall ms", NEIGHBOUR, neighbour(1)),
    Row("neighbour-16", "the same, 16 connections", "wall ms", NEIGHBOUR, neighbour(16)),
]

# The columns of the table of limits: all of ours, with one limit each.
LIMIT_ROWS = [
    Row("limits-fib", "calls", "CPU ms", limits.CONTESTANTS, language("fib")),
    Row("limits-trees", "binary trees", "CPU ms", limits.CONTESTANTS, language("trees")),
    Row("limits-spawn", "spawn to finished", "CPU µs", limits.CONTESTANTS, script("spawn", 1e6)),
    Row("limits-hello", "hello handler", "CPU µs", limits.CONTESTANTS, requests("hello")),
]


def contestants(row: Row, found: Peers) -> list[str]:
    """Who of a row's contestants is installed."""
    return [name for name in row.contestants if found.has(PROGRAMS.get(name, name))]
