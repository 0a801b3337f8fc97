"""What a figure cannot be read without: the processor, the kernel, the commit, how busy the machine was."""

import os
import platform
import subprocess
from pathlib import Path


def processor() -> str:
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def commit(root: Path) -> str:
    """The commit's short name; says so when the tree differs from it or there is none yet."""
    def git(*arguments: str) -> str:
        result = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True)
        return result.stdout.strip() if result.returncode == 0 else ""
    name = git("rev-parse", "--short=12", "HEAD")
    if not name:
        return "none yet"
    return name + (" with changes" if git("status", "--porcelain") else "")


def load_average() -> float:
    return os.getloadavg()[0]


def describe(root: Path) -> dict[str, str]:
    return {
        "processor": f"{processor()}, {len(os.sched_getaffinity(0))} cores",
        "kernel": f"{platform.system()} {platform.release()}",
        "commit": commit(root),
    }
