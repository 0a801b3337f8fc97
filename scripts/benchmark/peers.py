"""Who takes part: our own binary, the plain C server, and the peers that are installed."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from budgets import OURS, OWN_HELLO
from child import ChildFault

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# Beside SwiftPM's own folder and, like it, not under version control.
BUILT = ROOT / ".build-benchmark"
PYTHON_PEERS = BUILT / "python"
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


def find(greenhouse: Path | None) -> Peers:
    versions, missing = {"plain C": first_line("cc", "--version")}, []
    if greenhouse:
        versions[OURS] = first_line(str(greenhouse), "--version") or "(prints no version)"
    nginx = program("nginx")
    if nginx and NGINX_LUA.exists():
        versions["nginx"] = versions["nginx-lua"] = first_line(nginx, "-v").removeprefix("nginx version: ")
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
    """Builds plain.c and load.c when they are newer than what is there."""
    BUILT.mkdir(exist_ok=True)
    for name in ("plain", "load"):
        source, binary = HERE / f"{name}.c", BUILT / name
        if not binary.exists() or binary.stat().st_mtime < source.stat().st_mtime:
            subprocess.run(["cc", "-O2", "-o", str(binary), str(source)], check=True)


def server_command(name: str, page: str, port: int, folder: Path, peers: Peers, reply_bytes: int) -> list[str]:
    """How to start a peer's HTTP server. page: hello, park or hold. folder: the server's own, empty and writable."""
    if name in (OURS, OWN_HELLO):
        app = HERE / "servers" / f"{page}.lua"
        # The row of parked requests parks more than the default number of handlers.
        workers = ["--max-workers", "10000"]
        return [str(peers.greenhouse), "serve", str(app), "--bind", f"127.0.0.1:{port}", *workers]
    if name == "plain C":
        return [str(BUILT / "plain"), str(port), str(reply_bytes)]
    if name in ("nginx", "nginx-lua"):
        config = filled("nginx.conf", folder, PORT=port)
        return [program("nginx"), "-p", f"{folder}/", "-c", str(config), "-e", "stderr"]
    if name == "haproxy-lua":
        config = filled("haproxy.cfg", folder, PORT=port, SERVICES=HERE / "servers" / "haproxy_services.lua")
        return [program("haproxy"), "-db", "-f", str(config)]
    if name == "gevent":
        return [sys.executable, str(HERE / "servers" / "gevent_server.py"), str(port)]
    raise ChildFault(f"no server named {name}")


def micro_command(name: str, row: str, peers: Peers) -> list[str]:
    """How to run a peer's script of a micro row."""
    if name == OURS:
        return [str(peers.greenhouse), "run", str(HERE / "micro" / "green" / f"{row}.lua")]
    if name == "lua5.4":
        return [program("lua5.4"), str(HERE / "micro" / "raw" / f"{row}.lua")]
    return [sys.executable, str(HERE / "micro" / "gevent_micro.py"), row]


def start_command(name: str, peers: Peers) -> list[str]:
    """How to run a one-line script."""
    script = str(HERE / "micro" / "start.lua")
    return [str(peers.greenhouse), "run", script] if name == OURS else [program("lua5.4"), script]


def filled(template: str, folder: Path, **values: object) -> Path:
    text = (HERE / "servers" / f"{template}.in").read_text()
    for key, value in values.items():
        text = text.replace(f"@{key}@", str(value))
    path = folder / template
    path.write_text(text)
    return path
