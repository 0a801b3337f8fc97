"""What each row may cost. The one place where a budget is written down; the design article gives the reasons."""

from dataclasses import dataclass

OURS = "greenhouse"
OWN_HELLO = "greenhouse hello"
NGINX_HELLO = "nginx-lua hello"
PLAIN_CURL = "plain curl"
RESTY_HTTP = "lua-resty-http"
OWN_MEDIAN = "greenhouse p50"
OWN_MOST = "greenhouse max"


# Scripts that may cost no more than lua5.4's own figure, but for noise: preemption is free until a slice is over.
PURE_LUA = ["fib", "nbody", "spectral", "strings", "sort", "sort-by", "trees", "patterns", "tables", "calls"]


@dataclass(frozen=True)
class Budget:
    """An upper limit on our median: of the ratio to a reference, or of the figure itself.

    reference: the contestant shown beside ours; the ratio is taken to it, round by round.
    ratio: the limit of that ratio; None when the limit is absolute.
    limit: the limit in the row's own unit; None when it is a ratio.
    stand_in: what holds instead where the reference was not measured.
    """

    row: str
    reference: str
    ratio: float | None = None
    limit: float | None = None
    stand_in: "Budget | None" = None


BUDGETS = [
    Budget("hello", "plain C", ratio=1.3),
    Budget("hello", "nginx-lua", ratio=0.75),
    Budget("park", OWN_HELLO, ratio=1.15),
    Budget("get", PLAIN_CURL, ratio=1.3),
    # lua-resty-http is not in Debian. On one machine a gateway on it took 55.5 us and nginx-lua's hello 12.1.
    Budget("gateway", RESTY_HTTP, ratio=0.75,
           stand_in=Budget("gateway", NGINX_HELLO, ratio=round(0.75 * 55.5 / 12.1, 2))),
    Budget("yield", "lua5.4", limit=0.25),
    Budget("spawn", "lua5.4", limit=1.0),
    Budget("pool", "gevent", limit=1.5),
    Budget("lock", "gevent", limit=0.5),
    Budget("parked-green", "lua5.4", limit=1.5),
    Budget("parked-request", "nginx-lua", limit=4.0),
    Budget("start", "lua5.4", limit=8.0),
    Budget("neighbour-1", OWN_MEDIAN, limit=20),
    Budget("neighbour-16", OWN_MEDIAN, limit=20),
    *(Budget(f"lua-{script}", "lua5.4", ratio=1.03) for script in PURE_LUA),
]
