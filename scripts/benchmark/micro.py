"""The rows that run a script to its end: a switch, a spawn, a job, a hand-off, a parked green, plain Lua, a start."""

import os
import statistics
import time

import child
import peers
from child import ChildFault

RUN_SECONDS = 180
STARTS_PER_ROUND = 20


def per_unit(name: str, script: str, found: peers.Peers, upstream: str = "") -> float:
    """What one unit of a peer's script took. upstream: the URL that the scripts of HTTP clients ask."""
    return timed(peers.micro_command(name, script, found, upstream), peers.environment(name, upstream))


def language(name: str, script: str, found: peers.Peers) -> float:
    """CPU seconds that a script took which needs nothing but Lua, its start not counted."""
    return timed(peers.language_command(name, script, found), {})


def timed(argv: list[str], environment: dict[str, str]) -> float:
    """Runs a script that prints its units and what they took together; returns what one took."""
    printed = child.run(argv, child.MEASURED_CORE, RUN_SECONDS, environment)
    try:
        units, total = map(float, printed.split())
    except ValueError:
        raise ChildFault(f"{' '.join(argv)} printed {printed[:200]!r}, expected two numbers") from None
    return total / units


def start_milliseconds(name: str, found: peers.Peers) -> float:
    """Wall milliseconds from the spawn of a one-line script's process to its end, median of 20 after one to warm up.

    The one row in wall time: it is what a person waits for, and the CPU time of so short a run says little.
    """
    argv = peers.start_command(name, found)
    nowhere = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    samples = []
    os.sched_setaffinity(0, {child.MEASURED_CORE})
    try:
        for _ in range(STARTS_PER_ROUND + 1):
            start = time.perf_counter()
            pid = os.posix_spawn(argv[0], argv, os.environ, file_actions=nowhere)
            _, status = os.waitpid(pid, 0)
            samples.append((time.perf_counter() - start) * 1e3)
            if status != 0:
                raise ChildFault(f"{' '.join(argv)} ended with {os.waitstatus_to_exitcode(status)}, expected 0")
    finally:
        os.sched_setaffinity(0, child.CORES)
    return statistics.median(samples[1:])
