"""What each row may cost. The one place where a budget is written down; the design article gives the reasons."""

from dataclasses import dataclass

OURS = "greenhouse"
OWN_HELLO = "greenhouse hello"


@dataclass(frozen=True)
class Budget:
    """An upper limit on our median: of the ratio to a reference, or of the figure itself.

    reference: the contestant shown beside ours; the ratio is taken to it, round by round.
    ratio: the limit of that ratio; None when the limit is absolute.
    limit: the limit in the row's own unit; None when it is a ratio.
    """

    row: str
    reference: str
    ratio: float | None = None
    limit: float | None = None


BUDGETS = [
    Budget("hello", "plain C", ratio=1.3),
    Budget("hello", "nginx-lua", ratio=0.75),
    Budget("park", OWN_HELLO, ratio=1.15),
    Budget("yield", "lua5.4", limit=0.25),
    Budget("spawn", "lua5.4", limit=1.0),
    Budget("pool", "gevent", limit=1.5),
    Budget("lock", "gevent", limit=0.5),
    Budget("parked-green", "lua5.4", limit=1.5),
    Budget("parked-request", "nginx-lua", limit=4.0),
    Budget("start", "lua5.4", limit=8.0),
]
