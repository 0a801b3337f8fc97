"""scripts/test-servers: runs a command with the test servers beside it."""

import argparse
import ast
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import processes
import servers

TEACHING = """\
Starts the servers that the HTTP client's tests talk to, on free ports of 127.0.0.1: nginx, tinyproxy, microsocks,
httpbin, a WebSocket server, and a raw-bytes server for what no correct server sends. When each answers, runs COMMAND
with the variables below, ends every server, and exits with COMMAND's code. Nothing is left behind.

variables, each with the prefix GREENHOUSE_TEST_:
"""

EXAMPLES = """
examples:
  scripts/test-servers swift test --skip-build
  scripts/test-servers sh -c 'curl --cacert $GREENHOUSE_TEST_CA $GREENHOUSE_TEST_HTTPS/seen'
  scripts/test-servers bash                  a shell to try things in
  scripts/test-servers --paths               the pages of the servers

What is missing is installed first: nginx, tinyproxy, microsocks and Python with apt-get; httpbin, websockets and their
like from PyPI into .build-venv. A server that does not come up is named in one line, and the exit code is 1.
"""

NGINX_PAGES = """\
nginx: HTTP, OTHER, HTTPS, HTTPS1, MTLS, WRONG_HOST, EXPIRED and UNIX have these pages; text is gzipped if asked for.
  /small.txt /empty.txt /data.json /lines.txt   files: "small", nothing, an object, "line 1" to "line 10000"
  /1MiB.bin /10MiB.bin                          files: byte number n is n modulo 256; ranges, ETag, Last-Modified
  /seen                                         what came: host, authorization, cookie, protocol, tls, client
  /redirect/N                                   N redirects (50 at most), then "arrived"
  /cross-host /to-https /to-http                one redirect: to OTHER/seen, HTTPS/seen, HTTP/seen
  /raw/…                                        the raw-bytes server, through nginx
"""


class Ended(BaseException):
    """A signal asks this process to end."""

    def __init__(self, number: int) -> None:
        self.number = number


def end(number: int, _frame: object) -> None:
    ignore_signals()
    raise Ended(number)


SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def ignore_signals() -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def main() -> int:
    options = parse()
    if options.paths:
        print(NGINX_PAGES, flush=True)
        raw = servers.HERE / "raw_server.py"
        code = subprocess.run([sys.executable, "-B", str(raw), "--paths"]).returncode
        websocket = servers.HERE / "websocket_server.py"
        print(ast.get_docstring(ast.parse(websocket.read_text())))
        return code
    for number in SIGNALS:
        signal.signal(number, end)
    processes.adopt_orphans()
    # A Unix socket's path has 107 bytes at most.
    parent = tempfile.gettempdir() if len(tempfile.gettempdir()) < 60 else "/tmp"
    folder = Path(tempfile.mkdtemp(prefix="greenhouse-servers-", dir=parent))
    try:
        # nginx's worker may run as another user, and has to reach its files.
        os.chmod(folder, 0o755)
        return run([options.command, *options.arguments], servers.start(folder))
    except (processes.ServerFault, OSError) as fault:
        print(f"test-servers: {fault}", file=sys.stderr)
        return 1
    except Ended as ended:
        return 128 + ended.number
    finally:
        ignore_signals()
        processes.end_children()
        shutil.rmtree(folder, ignore_errors=True)


def run(argv: list[str], variables: dict[str, str]) -> int:
    """Runs the command to its end and returns its exit code; hands on the signal that ends us."""
    try:
        command = subprocess.Popen(argv, env={**os.environ, **variables})
    except FileNotFoundError:
        print(f"test-servers: no command {argv[0]}", file=sys.stderr)
        return 127
    try:
        code = command.wait()
        return code if code >= 0 else 128 - code
    except Ended as ended:
        command.send_signal(ended.number)
        try:
            command.wait(processes.END_SECONDS)
        except subprocess.TimeoutExpired:
            command.kill()
            command.wait()
        raise


def parse() -> argparse.Namespace:
    variables = "\n".join(f"  {name:<12}{meaning}" for name, meaning in servers.VARIABLES.items())
    parser = argparse.ArgumentParser(
        prog="scripts/test-servers", usage="scripts/test-servers COMMAND [ARGUMENT …] | --paths | --help",
        description=TEACHING + variables, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--paths", action="store_true", help="print the pages of nginx, the raw-bytes server and the WebSocket server")
    parser.add_argument("command", nargs="?", metavar="COMMAND", help="what to run")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="ARGUMENT", help="its arguments, options too")
    options = parser.parse_args()
    if not options.paths and options.command is None:
        parser.error("no command: expected one to run beside the servers")
    return options


if __name__ == "__main__":
    sys.exit(main())
