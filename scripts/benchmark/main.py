"""scripts/bench: measures the rows of the budget table against the peers, interleaved, and prints the tables."""

import argparse
import json
import shlex
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import child
import install
import machine
import peers
import report
from budgets import OURS
from rows import LIMIT_ROWS, ROWS, Bench, Row, contestants

TEACHING = """\
Measures what Greenhouse costs beside its peers: CPU microseconds (user + system of the server's processes)
per unit of work, memory per parked green and request, the start-up time, pure Lua code beside lua5.4, and the wall
time of answers beside scripts that never wait.

Every round measures every contestant of every row once, so that a noisy minute meets them all; the tables show
the median of the rounds with the least and the most, and ratios are medians of each round's own ratio.
The measured program has one core for itself and the load another. Quiet machines give better figures.

rows:
"""

EXAMPLES = """
examples:
  scripts/bench                            all rows, about 8 minutes with all peers
  scripts/bench --install-peers            first gets nginx-lua, HAProxy, lua5.4 (apt-get) and gevent (pip);
                                           Debian starts nginx and haproxy as services, if it runs services
  scripts/bench --only hello --only park   two rows
  scripts/bench --rounds 1 --seconds 1     a quick look
  scripts/bench --limits                   instead of the rows, what each kind of limit costs; about 5 minutes
  scripts/bench --peers-only               the references alone, without building Greenhouse

A missed budget is printed and is no failure. The exit code is 0, or 1 when Greenhouse could not be
built, started or measured, or 2 when the command line is wrong.
"""


def parse(arguments: list[str]) -> argparse.Namespace:
    rows = "\n".join(f"  {row.key:<16}{row.title} ({row.unit})" for row in ROWS)
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description=TEACHING + rows, epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--install-peers", action="store_true", help="install the peers that are missing, then measure")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="rounds, 1 to 100 (default 5)")
    parser.add_argument("--seconds", type=float, default=3, metavar="S", help="length of each HTTP load, 0.2 to 60 (default 3)")
    parser.add_argument("--only", action="append", choices=[row.key for row in ROWS], metavar="ROW", help="this row only; may be repeated")
    parser.add_argument("--limits", action="store_true", help="instead of the rows, what each kind of limit costs")
    parser.add_argument("--greenhouse", type=Path, metavar="PATH", help="the binary to measure (default: builds and takes the release product)")
    parser.add_argument("--peers-only", action="store_true", help="measure the peers without Greenhouse")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every sample to FILE")
    options = parser.parse_args(arguments)
    if not 1 <= options.rounds <= 100:
        parser.error(f"--rounds {options.rounds}: expected 1 to 100")
    if not 0.2 <= options.seconds <= 60:
        parser.error(f"--seconds {options.seconds:g}: expected 0.2 to 60")
    if options.limits and (options.only or options.peers_only):
        parser.error("--limits measures rows of its own, of Greenhouse alone: expected neither --only nor --peers-only")
    if options.greenhouse and not options.greenhouse.is_file():
        parser.error(f"--greenhouse {options.greenhouse}: no such file; build it with: scripts/build")
    return options


def our_binary(options: argparse.Namespace) -> Path | None:
    """The binary to measure. Built here unless named, so that the figures are those of the commit that is printed."""
    if options.peers_only:
        return None
    if options.greenhouse:
        return options.greenhouse.resolve()
    build = [str(peers.ROOT / "scripts" / "build")]
    say("$ " + " ".join(build))
    subprocess.run(build, check=True, stdout=sys.stderr)
    return peers.ROOT / ".build" / "release" / "greenhouse"


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def measure(bench: Bench, rows: list[Row], rounds: int, samples: report.Samples) -> list[str]:
    """Fills in the samples, round by round; a contestant that fails in a row sits out that row from then on."""
    faults: list[str] = []
    failed: set[tuple[str, str]] = set()
    for round_number in range(1, rounds + 1):
        for row in rows:
            for name in contestants(row, bench.found):
                figure = None
                if (row.key, name) not in failed:
                    try:
                        figure = row.sample(bench, name)
                        say(f"round {round_number}/{rounds}  {row.key:<15} {name:<17} {report.shown(figure)} {row.unit}")
                    except (child.ChildFault, OSError, TimeoutError) as error:
                        failed.add((row.key, name))
                        faults.append(f"{name}, row {row.key}: {error}")
                        say(f"round {round_number}/{rounds}  {faults[-1]}")
                samples.setdefault((row.key, name), []).append(figure)
    return faults


def main() -> int:
    options = parse(sys.argv[1:])
    # An ended benchmark takes its servers with it: the exit unwinds every block that started one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    descriptors = child.raise_descriptor_limit()
    try:
        peers.compile_tools()
        greenhouse = our_binary(options)
    except (subprocess.CalledProcessError, OSError) as error:
        say(f"bench: {error}")
        return 1
    found = peers.find(greenhouse)
    faults = []
    if options.install_peers and found.missing:
        faults += install.install(found)
        found = peers.find(greenhouse)

    rows = LIMIT_ROWS if options.limits else [row for row in ROWS if not options.only or row.key in options.only]
    described = machine.describe(peers.ROOT)
    load_before = machine.load_average()
    samples: report.Samples = {}
    with ExitStack() as open_servers:
        bench = Bench(found, options.seconds, descriptors, open_servers)
        measuring = measure(bench, rows, options.rounds, samples)

    described["load average"] = f"{load_before:.2f} before, {machine.load_average():.2f} after"
    described["versions"] = "; ".join(f"{name}: {version}" for name, version in found.versions.items())
    described["bytes of a hello reply"] = bench.reply_sizes() or "not measured"
    described["command"] = shlex.join(["scripts/bench", *sys.argv[1:]])
    tables = [report.limit_rows] if options.limits else [report.budget_rows, report.contestant_rows]
    for table in tables:
        print(report.aligned(table(samples, rows)), end="\n\n")
    for key, value in described.items():
        print(f"{key}: {value}")
    for line in found.missing + faults + measuring:
        print(f"note: {line}")
    if options.json:
        options.json.write_text(json.dumps(report.as_json(samples, described), indent=1, ensure_ascii=False) + "\n")
    return 1 if any(fault.startswith(OURS) for fault in measuring) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
