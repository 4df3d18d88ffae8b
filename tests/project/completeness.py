"""Completeness: whether everything public of a package is typed to the end, as pyright sees it.

Law of this file: what an editor shows to those who use the package is a type, never a guess. A name
whose type is unknown, or left to be inferred, is a complaint; so is a package that says of itself
that it has no types.

    python3 -m tests.project.completeness reactor
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.project.environments import PROJECT


def complaints(package: str, project: Path) -> list[str]:
    """Return what is not typed to the end in package, which stands in project."""
    command = [sys.executable, "-m", "pyright", "--outputjson", "--ignoreexternal"]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    result = subprocess.run(
        [*command, "--verifytypes", package],
        capture_output=True,
        check=False,
        cwd=project,
        env={**environ, "PYTHONPATH": str(project)},
        text=True,
    )
    try:
        report = json.loads(result.stdout)
    except ValueError:
        raise RuntimeError(f"pyright gave up: {result.stdout}{result.stderr}") from None
    said = [f"{package}: {whole['message']}" for whole in report["generalDiagnostics"]]
    said += dict.fromkeys(_of_symbols(report["typeCompleteness"]["symbols"], project))
    if bool(said) != bool(result.returncode):
        raise RuntimeError(f"pyright ended with {result.returncode}, but says {said}")
    return said


def _of_symbols(symbols: list[dict[str, Any]], project: Path) -> Iterator[str]:
    for symbol in symbols:
        for said in symbol["diagnostics"]:
            if said["severity"] == "error":  # the rest is of docstrings, which are tested elsewhere
                where = symbol["name"]
                if said["file"]:
                    path = Path(said["file"]).relative_to(project)
                    where = f"{path}:{said['range']['start']['line'] + 1}: {where}"
                yield f"{where}: {' '.join(said['message'].split())}"


if __name__ == "__main__":
    found = complaints(sys.argv[1], PROJECT)
    sys.exit("\n".join(found) if found else 0)
