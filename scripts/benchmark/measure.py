"""The figures themselves: processor time and memory of a process and its children, and the spread of samples."""

import os
import re
import statistics
import time
from dataclasses import dataclass


def process_tree(root: int) -> list[int]:
    """The process and all that descend from it: a server may answer from a worker process."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as file:
                    # The second field is a name in parentheses and may hold spaces; the parent is two fields after it.
                    parent = int(file.read().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            children.setdefault(parent, []).append(int(name))
    tree = [root]
    for pid in tree:
        tree.extend(children.get(pid, []))
    return tree


def cpu_seconds(root: int) -> float:
    """User and system time of the process and its living children, threads that have ended included.

    Read from each process's own CPU-time clock, which counts nanoseconds; /proc/PID/stat counts ticks of 10 ms.
    """
    # Linux makes the clock's number from the pid this way (clock_getcpuclockid(3)); Python has it for no other process.
    return sum(time.clock_gettime((~pid << 3) | 2) for pid in process_tree(root))


def resident_bytes(root: int) -> int:
    """Proportional set size of the process and its children: pages that they share count once."""
    total = 0
    for pid in process_tree(root):
        with open(f"/proc/{pid}/smaps_rollup") as file:
            total += 1024 * int(re.search(r"^Pss:\s*(\d+) kB", file.read(), re.MULTILINE)[1])
    return total


def wait_until_idle(root: int, limit: float = 20.0) -> None:
    """Returns when the process has done next to nothing for 200 ms: all that it was sent is parked by then."""
    deadline = time.monotonic() + limit
    before = cpu_seconds(root)
    while time.monotonic() < deadline:
        time.sleep(0.2)
        after = cpu_seconds(root)
        if after - before < 0.002:
            return
        before = after
    raise TimeoutError(f"the server was still busy after {limit:.0f} seconds")


@dataclass(frozen=True)
class Spread:
    """Median, least and largest of the rounds' samples."""

    median: float
    low: float
    high: float

    @staticmethod
    def of(samples: list[float]) -> "Spread":
        return Spread(statistics.median(samples), min(samples), max(samples))
