"""Gets the peers: Debian's packages by name through apt-get, gevent through pip into the benchmark's own folder."""

import importlib.util
import shutil
import subprocess
import sys

import peers

DEBIAN = {
    "nginx-lua": ["nginx", "libnginx-mod-http-lua"],
    "haproxy-lua": ["haproxy"],
    "lua5.4": ["lua5.4"],
}


def install(found: peers.Peers) -> list[str]:
    """Installs what is missing; returns what did not work, to be said and not to stop at."""
    faults = []
    packages = [package for name, names in DEBIAN.items() if not found.has(name) for package in names]
    if not found.has("gevent") and importlib.util.find_spec("pip") is None:
        packages.append("python3-pip")
    if packages and shutil.which("apt-get"):
        if not (succeeds("apt-get", "update") and succeeds("apt-get", "install", "-y", "--no-install-recommends", *packages)):
            faults.append(f"apt-get could not install {' '.join(packages)}: are you root?")
    elif packages:
        faults.append(f"no apt-get here: install {' '.join(packages)} by hand")
    if not found.has("gevent"):
        # Into a folder of its own: the system's Python stays as it is, and Debian's refuses anything else.
        if not succeeds(sys.executable, "-m", "pip", "install", "--quiet", "--target", str(peers.PYTHON_PEERS), "gevent"):
            faults.append("pip could not install gevent")
    return faults


def succeeds(*argv: str) -> bool:
    print("$", " ".join(argv), file=sys.stderr, flush=True)
    return subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=sys.stderr).returncode == 0
