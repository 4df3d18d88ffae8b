"""Environments: one for each Python, made again only when what it is made from has changed.

Law of this file: an environment is good if the recipe written down in it, last of all, is the one
that we would follow now. A half-made one has no recipe, so it is made again from nothing.

    python3 -m tests.project.environments .venv dev
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[2]

RECIPE = "made-from.json"

PIP = "pip >=25.1"


def ensure(environment: Path, python: Path, group: str, *, pip_of: Path | None = None) -> bool:
    """Make environment from python with the dependency group in it; return False if it was there.

    pip_of is the Python whose pip fills it. None gives the environment a pip of its own, new
    enough to read dependency groups: that which comes with an older Python is not.
    """
    recipe = _recipe(python, group)
    note = environment / RECIPE
    if note.is_file() and note.read_text() == recipe:
        return False
    print(f"making {environment} from {python}", flush=True)
    inside = environment / "bin/python"
    if pip_of is None:
        _run(python, "-m", "venv", "--clear", environment)
        _run(inside, "-m", "pip", "install", "-qq", "--upgrade", PIP)
        pip: list[str | Path] = [inside, "-m", "pip"]
    else:
        _run(python, "-m", "venv", "--clear", "--without-pip", environment)
        pip = [pip_of, "-m", "pip", "--python", inside]
    _run(*pip, "install", "-qq", "--group", f"{PROJECT / 'pyproject.toml'}:{group}")
    note.write_text(recipe)
    return True


def _recipe(python: Path, group: str) -> str:
    groups = tomllib.loads((PROJECT / "pyproject.toml").read_text())["dependency-groups"]
    whose = subprocess.run(
        [python, "-I", "-c", "import sys; print(sys.base_prefix, sys.version)"],
        capture_output=True,
        check=True,
        text=True,
    )
    return json.dumps({"python": whose.stdout, "group": group, "groups": groups}, indent=1)


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


if __name__ == "__main__":
    ensure(Path(sys.argv[1]), Path(sys.executable), sys.argv[2])
