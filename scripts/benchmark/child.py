"""Processes that the benchmark starts: on a core of their own, with enough descriptors, and ended by their own id."""

import os
import resource
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO


class ChildFault(Exception):
    """A program did not do what the benchmark needs of it; says which, and what it printed."""


def raise_descriptor_limit(wanted: int = 16384) -> int:
    """Raises the soft limit towards `wanted`, for this process and all that it starts; returns what it is now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < enough:
        resource.setrlimit(resource.RLIMIT_NOFILE, (enough, hard))
        return enough
    return soft


CORES = sorted(os.sched_getaffinity(0))
LOAD_CORE = CORES[0]
# The measured program never shares a core with its load, and never moves: both cost cache, and differently each round.
MEASURED_CORE = CORES[-1]


def on_core(core: int):
    """What the child runs before exec: a server that sizes itself by the cores it may use sees one."""
    return lambda: os.sched_setaffinity(0, {core})


def run(argv: list[str], core: int, timeout: float, environment: dict[str, str] | None = None) -> str:
    """Runs a program to its end and returns what it printed."""
    try:
        result = subprocess.run(
            argv, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL,
            preexec_fn=on_core(core), env={**os.environ, **(environment or {})})
    except subprocess.TimeoutExpired:
        raise ChildFault(f"{argv[0]} did not end within {timeout:.0f} seconds") from None
    except OSError as error:
        raise ChildFault(f"{argv[0]} does not start: {error.strerror}") from None
    if result.returncode != 0:
        raise ChildFault(f"{' '.join(argv)} ended with {result.returncode}: {result.stderr.strip()[-600:]}")
    return result.stdout


@dataclass(frozen=True)
class Child:
    """A server that runs; output is where all that it prints goes."""

    process: subprocess.Popen
    output: IO[bytes]

    @contextmanager
    def blamed(self) -> Iterator[None]:
        """What goes wrong in the block is a fault of this child, told together with the last that it printed."""
        try:
            yield
        except (OSError, TimeoutError, ChildFault) as error:
            self.output.seek(0)
            printed = self.output.read().decode(errors="replace").strip()[-600:]
            raise ChildFault(f"{error}; it printed: {printed}" if printed else str(error)) from error


@contextmanager
def running(
    argv: list[str], environment: dict[str, str] | None = None, core: int = MEASURED_CORE
) -> Iterator[Child]:
    """A server for as long as the block lasts; afterwards asked to end, and killed when it has not after 3 seconds."""
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                preexec_fn=on_core(core), env={**os.environ, **(environment or {})})
        except OSError as error:
            raise ChildFault(f"{argv[0]} does not start: {error.strerror}") from None
        try:
            yield Child(process, output)
        finally:
            end(process)


def end(process: subprocess.Popen) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(3)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
