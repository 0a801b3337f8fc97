"""Who takes part: our own binary, the plain C server, and the peers that are installed."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import limits
from budgets import OURS, OWN_HELLO, PLAIN_CURL, RESTY_HTTP
from child import ChildFault

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# Beside SwiftPM's own folder and, like it, not under version control.
BUILT = ROOT / ".build-benchmark"
PYTHON_PEERS = BUILT / "python"
# Where nginx-lua, as Debian builds it, looks for modules.
RESTY_FOLDERS = [Path("/usr/share/lua/5.1"), Path("/usr/local/share/lua/5.1")]
NGINX_LUA = Path("/usr/lib/nginx/modules/ngx_http_lua_module.so")


@dataclass
class Peers:
    """The programs found, each with its version; and what is missing, each with what that means."""

    greenhouse: Path | None
    versions: dict[str, str]
    missing: list[str]

    def has(self, name: str) -> bool:
        return name in self.versions


def program(name: str) -> str | None:
    """Where a program is; Debian keeps servers in a folder that is not on every user's PATH."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


def first_line(*argv: str, environment: dict[str, str] | None = None) -> str:
    """What a program says of its own version; some say it on standard error."""
    try:
        result = subprocess.run(argv, capture_output=True, text=True, timeout=20, env={**os.environ, **(environment or {})})
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = (result.stdout + result.stderr).strip().splitlines()
    return lines[0] if result.returncode == 0 and lines else ""


def python_path() -> dict[str, str]:
    """Lets Python find the gevent that --install-peers put beside the build, before any other."""
    return {"PYTHONPATH": str(PYTHON_PEERS)}


def environment(name: str, upstream: str = "") -> dict[str, str]:
    """What a peer's program finds in its environment beside what is there anyway."""
    found = python_path() if name == "gevent" else {}
    return {**found, "GREENHOUSE_BENCHMARK_UPSTREAM": upstream} if upstream else found


def find(greenhouse: Path | None) -> Peers:
    versions, missing = {"plain C": first_line("cc", "--version")}, []
    if greenhouse:
        versions[OURS] = first_line(str(greenhouse), "--version") or "(prints no version)"
    nginx = program("nginx")
    if nginx and NGINX_LUA.exists():
        versions["nginx"] = versions["nginx-lua"] = first_line(nginx, "-v").removeprefix("nginx version: ")
        if any((folder / "resty" / "http.lua").exists() for folder in RESTY_FOLDERS):
            versions[RESTY_HTTP] = versions["nginx-lua"]
        else:
            missing.append(f"{RESTY_HTTP} is not installed, and not in Debian: a multiple of nginx-lua's hello stands in")
    if (BUILT / "multi").exists():
        versions[PLAIN_CURL] = first_line("curl-config", "--version")
    else:
        missing.append(f"{PLAIN_CURL} is left out: it needs libcurl's headers (Debian: libcurl4-openssl-dev)")
    if haproxy := program("haproxy"):
        versions["haproxy-lua"] = first_line(haproxy, "-v").partition(" - ")[0]
    if lua := program("lua5.4"):
        versions["lua5.4"] = first_line(lua, "-v").partition("  ")[0]
    if gevent := first_line(sys.executable, "-c", "import gevent; print(gevent.__version__)", environment=python_path()):
        versions["gevent"] = f"gevent {gevent} on Python {sys.version.split()[0]}"
    for name in ("nginx-lua", "haproxy-lua", "lua5.4", "gevent"):
        if name not in versions:
            missing.append(f"{name} is not installed: its figures are left out (scripts/bench --install-peers gets it)")
    return Peers(greenhouse, versions, missing)


def compile_tools() -> None:
    """Builds plain.c, load.c and, where libcurl is, multi.c, if newer than what is there."""
    BUILT.mkdir(exist_ok=True)
    programs = {"plain": [], "load": [], "multi": curl_libraries()}
    for name, libraries in programs.items():
        source, binary = HERE / f"{name}.c", BUILT / name
        if libraries is not None and (not binary.exists() or binary.stat().st_mtime < source.stat().st_mtime):
            subprocess.run(["cc", "-O2", "-o", str(binary), str(source), *libraries], check=True)


def curl_libraries() -> list[str] | None:
    """What the C compiler has to be told for libcurl; None where libcurl cannot be built with."""
    return first_line("curl-config", "--cflags", "--libs").split() or None if program("curl-config") else None


# What stands in a configuration for an upstream that nobody will ask.
UNUSED_PORT = 9


def server_command(
    name: str, page: str, port: int, folder: Path, peers: Peers, reply_bytes: int, upstream_port: int
) -> list[str]:
    """How to start a peer's HTTP server.

    page: hello, park, hold, spinners, or one that asks the upstream. folder: the server's own, empty and writable.
    """
    if name in (OURS, OWN_HELLO, *limits.OPTIONS):
        app = HERE / "servers" / f"{page}.lua"
        # The row of parked requests parks more than the default number of handlers.
        options = ["--max-workers", "10000", *limits.OPTIONS.get(name, [])]
        return [str(peers.greenhouse), "serve", str(app), "--bind", f"127.0.0.1:{port}", *options]
    if name == "plain C":
        return [str(BUILT / "plain"), str(port), str(reply_bytes)]
    if name in ("nginx", "nginx-lua"):
        config = filled("nginx.conf", folder, PORT=port, UPSTREAM_PORT=upstream_port or UNUSED_PORT)
        return [program("nginx"), "-p", f"{folder}/", "-c", str(config), "-e", "stderr"]
    if name == "haproxy-lua":
        config = filled("haproxy.cfg", folder, PORT=port, SERVICES=HERE / "servers" / "haproxy_services.lua")
        return [program("haproxy"), "-db", "-f", str(config)]
    if name == "gevent":
        return [sys.executable, str(HERE / "servers" / "gevent_server.py"), str(port)]
    raise ChildFault(f"no server named {name}")


def micro_command(name: str, row: str, peers: Peers, upstream: str = "") -> list[str]:
    """How to run a peer's script of a micro row."""
    if name == PLAIN_CURL:
        return [str(BUILT / "multi"), upstream, "20000"]
    if name == OURS or name in limits.OPTIONS:
        return [*interpreter(name, peers), str(HERE / "micro" / "green" / f"{row}.lua")]
    if name == "lua5.4":
        return [*interpreter(name, peers), str(HERE / "micro" / "raw" / f"{row}.lua")]
    return [sys.executable, str(HERE / "micro" / "gevent_micro.py"), row]


def language_command(name: str, program_name: str, peers: Peers) -> list[str]:
    """How to run one of the scripts that need nothing but Lua."""
    return [*interpreter(name, peers), str(HERE / "language" / f"{program_name}.lua")]


def interpreter(name: str, peers: Peers) -> list[str]:
    """What runs a Lua script whose path follows: a plain Lua, or ours with the limits that the name stands for."""
    return [program("lua5.4")] if name == "lua5.4" else [str(peers.greenhouse), "run", *limits.OPTIONS.get(name, [])]


def start_command(name: str, peers: Peers) -> list[str]:
    """How to run a one-line script."""
    return [*interpreter(name, peers), str(HERE / "micro" / "start.lua")]


def filled(template: str, folder: Path, **values: object) -> Path:
    text = (HERE / "servers" / f"{template}.in").read_text()
    for key, value in values.items():
        text = text.replace(f"@{key}@", str(value))
    path = folder / template
    path.write_text(text)
    return path
