"""Measure, and print what each costs, how costs grow, and what is reached of what is aimed at.

    make bench                              all axes, short: a few minutes
    make bench ROUNDS=15 AXES="echo ok"     some of them, for longer
    make bench AXES=grid                    echo of every size on every number of connections

Law of this file: what is missing is said and left out, and what has been measured is printed and
kept, whatever else fails.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Final

from tests.benchmarks import growth, machine, nine
from tests.benchmarks.axes import AXES, GRID, Axis
from tests.benchmarks.growth import Panel
from tests.benchmarks.kinds import present
from tests.benchmarks.plot import as_svg, as_text
from tests.benchmarks.rounds import Costs
from tests.benchmarks.table import EXPLANATION, aims_table, costs_table

GROWTH_ROUNDS: Final = 2
LEAVES: Final = (*AXES, "growth")
GROUPS: Final = {"short": LEAVES, "grid": tuple(GRID)}

tell = partial(print, file=sys.stderr, flush=True)


def main() -> None:
    """Do as the arguments say. Exits with 1 if an axis could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("--rounds", type=int, default=6, help="how often each is measured")
    parser.add_argument("--folder", type=Path, default=Path(".bench"), help="where results go")
    names = [*GROUPS, *LEAVES, "nine", *GRID]
    parser.add_argument("axes", nargs="*", metavar="AXIS", help=", ".join(names))
    options = parser.parse_args()
    if unknown := [axis for axis in options.axes if axis not in names]:
        parser.error(f"there is no axis {unknown[0]}; take some of {', '.join(names)}")
    if options.rounds < 1:
        parser.error("measure one round at least")
    asked = [leaf for axis in options.axes or ["short"] for leaf in GROUPS.get(axis, (axis,))]
    machine.descriptors()  # before any server is started: it may have as many as we have then
    run = Run(options.rounds, options.folder)
    for axis in dict.fromkeys(asked):
        run.measure(axis)
    run.conclude()
    sys.exit(bool(run.failed))


class Run:
    """Measurements of so many rounds, kept in folder."""

    def __init__(self, rounds: int, folder: Path) -> None:
        self.failed: list[str] = []
        self._rounds = rounds
        self._folder = folder
        self._results: dict[str, Costs] = {}
        self._panels: list[Panel] = []
        self._facts = {**machine.facts(), "rounds": str(rounds)}
        folder.mkdir(parents=True, exist_ok=True)
        print("\n".join(f"{name}: {fact}" for name, fact in self._facts.items()))

    def measure(self, axis: str) -> None:
        """Measure an axis and print it; if that fails, say so."""
        began = time.monotonic()
        tell(f"\n{axis}")
        try:
            if axis == "growth":
                self._grow()
            elif axis == "nine":
                self._results[axis] = nine.nine(self._rounds, tell)
            else:
                self._take(axis, AXES.get(axis) or GRID[axis])
        except Exception:
            self.failed.append(axis)
            print(f"\n{axis} was not measured: {traceback.format_exc()}", flush=True)
        self._keep()
        tell(f"{time.monotonic() - began:.0f} s")

    def _take(self, name: str, axis: Axis) -> None:
        if (why := axis.lacking()) is not None:
            print(f"\nleft out: {name}: {why}")
            return
        here = present(axis.names, print, axis.reason)
        self._results[name] = costs = axis.measure(here, self._rounds, tell)
        print(f"\n{costs_table(axis, costs)}", flush=True)

    def _grow(self) -> None:
        for panel in growth.panels(min(self._rounds, GROWTH_ROUNDS), tell):
            print(f"\n{as_text(panel)}", flush=True)
            self._panels.append(panel)
            (self._folder / "growth.svg").write_text(as_svg(self._panels))

    def _keep(self) -> None:
        grown = [asdict(panel) for panel in self._panels]
        kept = {"machine": self._facts, "costs": self._results, "growth": grown}
        (self._folder / "results.json").write_text(json.dumps(kept, indent=1) + "\n")

    def conclude(self) -> None:
        """Print what is reached of what is aimed at."""
        print(f"\n{aims_table(self._results)}\n\n{EXPLANATION}")
        print(f"\nall figures are in {self._folder}/")
        if self.failed:
            print(f"not measured: {', '.join(self.failed)}")


if __name__ == "__main__":
    main()
