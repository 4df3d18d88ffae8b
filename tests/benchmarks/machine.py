"""The machine that was measured on: ratios carry over to others, absolute figures do not."""

from __future__ import annotations

import os
import platform
import resource
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

LIBRARIES: Final = ("uvloop", "rloop", "trio", "gevent", "curio")


def facts() -> dict[str, str]:
    """Return what a figure depends on, by name."""
    return {
        "processor": f"{_processor()}, {os.cpu_count()} of it",
        "system": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "libraries": ", ".join(filter(None, map(_library, LIBRARIES))) or "none",
        "load when it began": " ".join(f"{load:.1f}" for load in os.getloadavg()),
    }


def descriptors() -> int:
    """Return how many descriptors a process may have, after asking for as many as there may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        return soft  # macOS says so and then refuses what is asked
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    for line in told.read_text().splitlines() if told.exists() else ():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"


def _library(name: str) -> str | None:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return None
