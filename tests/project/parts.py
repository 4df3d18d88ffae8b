"""The parts of the check: what is run for each of its names, on which Python.

Law of this file: every test is in a part, and a folder that nobody thought of as well. What no
Python can change, and what the coverage of reactor/ does not need, is asked where it is cheapest.

    .venv/bin/python -m tests.project.parts               all of it
    .venv/bin/python -m tests.project.parts lint types    some of it

A check comes out the same each time: the seeds of the worlds of the suite are always the same two.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from tests.project.environments import PROJECT, ensure
from tests.project.pythons import Python, find, show
from tests.project.side_by_side import Ended, Part, run
from tests.trials import FEW

Minor = tuple[int, int]

AT_A_TIME: Final = (os.cpu_count() or 1) + 1
"""One more than can work: most tests of the servers wait."""

NAMES: Final = ("servers", "coverage", "others", "rest", "types", "seeds", "lint")
"""What there is, the longest first."""

SEEDS: Final = "1:2"
"""Of the 200 of `make soak`."""

BROWSER: Final = "tests/browser"
"""Apart from the rest, which need not wait for a browser."""


def parts_of(name: str, others: Sequence[Python], project: Path = PROJECT) -> list[Part]:
    """Return the parts that a name stands for, the longest first."""
    python = sys.executable
    if name == "servers":
        return _servers(f"on {show(sys.version_info[:2])}", python, "not soak")
    if name == "coverage":
        return _measured(python, floors(project))
    if name == "others":
        return [part for other in others for part in _other(other)]
    if name == "rest":
        return _rest(python, floors(project))
    if name == "types":
        return [_pyright(python), *(_types(python, platform) for platform in ("linux", "darwin"))]
    if name == "seeds":
        return [
            Part(
                f"worlds, under the seeds {SEEDS}", [_pytest(python, "not soak", "--seeds", SEEDS)]
            )
        ]
    ruff = str(Path(python).with_name("ruff"))
    return [Part("lint", [[ruff, "format", "--check", "."], [ruff, "check", "."]])]


def floors(project: Path) -> list[str]:
    """Return the folders of tests that mirror one of reactor/: coverage is measured of these."""
    packages = sorted(path.parent.name for path in project.glob("reactor/*/__init__.py"))
    return [f"tests/{name}" for name in packages if (project / "tests" / name).is_dir()]


def _servers(where: str, python: str, marks: str) -> list[Part]:
    # By what they stand on, so that each half has something of every test.
    return [
        Part(f"servers, {half}, {where}", [_pytest(python, marks, "-k", half, "tests/servers")])
        for half in ("not asyncio", "asyncio")
    ]


def _measured(python: str, folders: Sequence[str]) -> list[Part]:
    coverage = [python, "-m", "coverage", "run", "-m"]
    return [
        Part(
            f"coverage, {' '.join(half)}",
            [[*coverage, *_pytest(python, "not soak and not hypothesis", *half)[2:]]],
        )
        for half in (folders[::2], folders[1::2])
    ]


def _rest(python: str, folders: Sequence[str]) -> list[Part]:
    ignored = [f"--ignore={folder}" for folder in (*folders, "tests/servers", BROWSER)]
    examples = _pytest(python, "not soak and hypothesis", *folders)
    return [
        Part("all that is neither a floor nor a server", [_pytest(python, "not soak", *ignored)]),
        Part("floors, any program, without coverage", [examples]),
        Part("pages, in a browser", [_pytest(python, "not soak", BROWSER)]),
    ]


def _other(other: Python) -> list[Part]:
    where = f"on {show(other.minor)}"
    python = str(environment_of(other) / "bin/python")
    marks = "not soak and not once"
    suite = _pytest(python, marks, f"--hypothesis-profile={FEW}", "--ignore=tests/servers")
    return [*_servers(where, python, marks), Part(f"all but the servers, {where}", [suite])]


def _types(python: str, platform: str) -> Part:
    # A cache for each platform: mypy throws one away that was made for another.
    options = ["--platform", platform, "--cache-dir", f".mypy_cache/{platform}"]
    return Part(f"types, {platform}", [[python, "-m", "mypy", *options]])


def _pyright(python: str) -> Part:
    complete = [python, "-m", "tests.project.completeness", "reactor"]
    return Part("types, pyright", [[python, "-m", "pyright", "--pythonpath", python], complete])


def _pytest(python: str, marks: str, *words: str) -> list[str]:
    return [python, "-m", "pytest", "-q", "-m", marks, *words]


def environment_of(other: Python) -> Path:
    """Return the place of the environment that another Python has here."""
    return Path(".venv/others", show(other.minor))


def look_for_others(environ: Mapping[str, str], here: Minor) -> tuple[list[Python], list[str]]:
    """Return the Pythons that can be used but for those like here, and complaints.

    It is said what is used and what is not. Under REQUIRE_ALL=1 each minor version that is missing
    is a complaint.
    """
    found = find(environ)
    others = [python for python in found.used if python.minor != here]
    missing = [minor for minor in found.missing() if minor != show(here)]
    plan = [f"using    {python}" for python in others]
    plan += [f"skipping {skipped}" for skipped in found.skipped]
    plan += [f"skipping {minor}: none can be used" for minor in missing]
    print(*plan, sep="\n", flush=True)
    if environ.get("REQUIRE_ALL") != "1":
        missing = []
    return others, [f"no Python {minor}; install it or name it in PYTHONS" for minor in missing]


def _make_environment(other: Python) -> None:
    ensure(environment_of(other), other.path, "test", pip_of=Path(sys.executable))


def _say(line: str) -> None:
    print(f"{line}\n", end="", flush=True)  # in one write, as several are told at a time


def check(names: Sequence[str]) -> int:
    """Run what the names stand for, and return the exit status for the whole."""
    others: list[Python] = []
    complaints: list[str] = []
    if "others" in names:
        others, complaints = look_for_others(os.environ, sys.version_info[:2])
        with ThreadPoolExecutor() as side_by_side:
            list(side_by_side.map(_make_environment, others))
    parts = [part for name in NAMES if name in names for part in parts_of(name, others)]
    coverage = [sys.executable, "-m", "coverage"]
    ended: list[Ended] = []
    if "coverage" in names:
        ended += run([Part("coverage, begun anew", [[*coverage, "erase"]])], 1, _say)
    print(f"{len(parts)} parts, {AT_A_TIME} at a time; each is shown when it has ended")
    ended += run(parts, AT_A_TIME, _say)
    if "coverage" in names:
        report = [[*coverage, "combine", "--quiet"], [*coverage, "report"]]
        ended += run([Part("coverage, every line and every branch", report)], 1, _say)
    print("\n== in all", *ended, *complaints, sep="\n")
    return 0 if all(part.passed for part in ended) and not complaints else 1


if __name__ == "__main__":
    chosen = sys.argv[1:] or NAMES
    if unknown := [name for name in chosen if name not in NAMES]:
        sys.exit(f"no part of the check is called {' or '.join(unknown)}; there are {NAMES}")
    sys.exit(check(chosen))
