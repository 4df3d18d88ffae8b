"""Listing: `ps`, all reactors of this user that can be looked into.

Law of this file: each is looked at twice, half a second apart, for what it does in between. One
that ends meanwhile is not there; one that does not answer is, and says so.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Final

from reactor.errors import EndOfStream, ReactorError
from reactor.watch import Inspected

from .answers import program
from .figures import seconds
from .rates import rates
from .target import Answer, known, name_of, take_json
from .telling import tell
from .words import share, span, table

HEADS: Final = ("REACTOR", "STATE", "TASKS", "TURNS/S", "BUSY", "UP", "POLLER", "PROGRAM")
NOBODY: Final = "no reactor can be looked into; start one with REACTOR_INSPECT=1"
SECONDS: Final = 1.0
"""So long one may take to answer."""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the parser of ps."""
    what = "all reactors of yours that can be looked into"
    parser = commands.add_parser("ps", help=what, description=f"List {what}.")
    parser.add_argument(
        "--interval", type=seconds, default=0.5, help="seconds to count turns in, half a one"
    )
    take_json(parser)
    parser.set_defaults(carry_out=_carry_out)


def _carry_out(arguments: argparse.Namespace) -> int:
    before = {one: _ask(one) for one in known()}
    if before:
        time.sleep(arguments.interval)
    after = {one: _ask(one) for one in before}
    if arguments.json:
        tell(json.dumps(answer) for answer in after.values() if answer is not None)
        return 0
    rows = [_row(one, before[one], answer) for one, answer in after.items() if answer is not None]
    tell(table(HEADS, rows) if rows else [NOBODY])
    return 0


def _ask(one: Inspected) -> Answer | None:
    """Return what one says, {} if it does not answer, None if it has ended."""
    try:
        return one.ask(seconds=SECONDS) | {"number": one.number}
    except TimeoutError:
        return {"pid": one.pid, "number": one.number, "error": "does not answer"}
    except (OSError, EndOfStream):
        return None
    except ReactorError as error:
        return {"pid": one.pid, "number": one.number, "error": str(error)}


def _row(one: Inspected, before: Answer | None, after: Answer) -> tuple[str, ...]:
    if "error" in after:
        return (name_of(one), after["error"], *"-" * 6)
    first = None if before is None or "error" in before else before
    speed = rates(first, after)
    return (
        name_of(one),
        after["state"],
        str(after["task_count"]),
        f"{speed.turns:.1f}",
        share(speed.busy),
        span(after["seconds"]),
        after["poller"],
        program(after),
    )
