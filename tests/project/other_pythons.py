"""The suite on every other Python: all that can be used here, but for the one that runs this.

Law of this file: nobody is left out in silence. What is used and what is not is printed before the
first test; under REQUIRE_ALL=1 a minor version that is missing is a failure, said at the end. They
run side by side, since most tests wait for a server to start, and each is printed when it has
ended.

    .venv/bin/python -m tests.project.other_pythons
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import PIPE, STDOUT

from tests.project.environments import PROJECT, ensure
from tests.project.pythons import Python, find, show

Minor = tuple[int, int]


def main(environ: Mapping[str, str], here: Minor, arguments: list[str]) -> int:
    """Try the suite on each Python but those like here; return the exit status for the whole."""
    found = find(environ)
    others = [python for python in found.used if python.minor != here]
    missing = [minor for minor in found.missing() if minor != show(here)]
    plan = [f"{show(here)} has run the suite already"]
    plan += [f"using    {python}" for python in others]
    plan += [f"skipping {skipped}" for skipped in found.skipped]
    plan += [f"skipping {minor}: none can be used" for minor in missing]
    print(*plan, sep="\n", flush=True)

    with ThreadPoolExecutor() as side_by_side:
        passed = side_by_side.map(lambda python: passes(python, arguments), others)
        complaints = [
            f"the suite fails on {python}"
            for python, good in zip(others, passed, strict=True)
            if not good
        ]
    if environ.get("REQUIRE_ALL") == "1":
        complaints += [f"no Python {minor}; install it or name it in PYTHONS" for minor in missing]
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


def passes(python: Python, arguments: list[str]) -> bool:
    """Run the suite on python, in an environment of its own, and return whether it passed."""
    environment = Path(".venv/others", show(python.minor))
    ensure(environment, python.path, "test", pip_of=Path(sys.executable))
    pytest = [str(environment / "bin/python"), "-m", "pytest", "-m", "not soak and not once"]
    suite = subprocess.run(
        [*pytest, *arguments], check=False, cwd=PROJECT, stdout=PIPE, stderr=STDOUT, text=True
    )
    print(f"\n-- Python {show(python.version)}\n{suite.stdout}", end="", flush=True)
    return suite.returncode == 0


if __name__ == "__main__":
    sys.exit(main(os.environ, sys.version_info[:2], sys.argv[1:]))
