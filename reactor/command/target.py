"""Target: the reactors that a command is about, and what they say.

Law of this file: of a process that cannot be looked into it is said why, in one line. What was
said before one of them died is not taken back.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Iterator
from typing import Any

from reactor.errors import EndOfStream, ReactorError
from reactor.watch import Inspected, inspectable, is_there

from .refusal import RefusalError
from .telling import tell

Answer = dict[str, Any]
"""What a reactor says of itself: see docs/watch.md."""


def take_target(parser: argparse.ArgumentParser) -> None:
    """Have parser take a process, and whether the answer is for a program."""
    parser.add_argument(
        "process", metavar="PID", help="a process, or PID.N for one of its reactors, as in ps"
    )
    take_json(parser)


def take_json(parser: argparse.ArgumentParser) -> None:
    """Have parser take whether the answer is for a program."""
    parser.add_argument("--json", action="store_true", help="one JSON object a line, for programs")


def known() -> list[Inspected]:
    """Return the reactors of this user that can be looked into."""
    try:
        return inspectable()
    except (OSError, ReactorError) as error:
        raise RefusalError(str(error)) from error


def chosen(word: str) -> list[Inspected]:
    """Return the reactors that word, PID or PID.N, stands for. Raises RefusalError if none do."""
    pid, number = _numbers(word)
    if not is_there(pid):
        raise RefusalError(f"there is no process {pid}; ps shows those that can be looked into")
    of_process = [one for one in known() if one.pid == pid]
    if not of_process:
        raise RefusalError(_why_not(pid))
    wanted = [one for one in of_process if number in (None, one.number)]
    if not wanted:
        numbers = ", ".join(str(one.number) for one in of_process)
        raise RefusalError(f"process {pid} has no reactor {number}; it has {numbers}")
    return wanted


def _numbers(word: str) -> tuple[int, int | None]:
    pid, dot, number = word.partition(".")
    try:
        found = int(pid), int(number) if dot else None
    except ValueError:
        found = 0, None
    if found[0] < 1:
        raise RefusalError(f"{word!r} is no process; give PID or PID.N, as ps shows them", 2)
    return found


def _why_not(pid: int) -> str:
    try:
        os.kill(pid, 0)
    except OSError:
        return f"process {pid} belongs to another user; only that user can look into it"
    return (
        f"process {pid} has no reactor that can be looked into; "
        "start it with REACTOR_INSPECT=1, or have it say run(..., inspect=True)"
    )


def name_of(one: Inspected) -> str:
    """Return PID.N."""
    return f"{one.pid}.{one.number}"


def ask(one: Inspected, *parts: str) -> Answer:
    """Return what one says, with the reactor's number. Raises RefusalError if it says nothing."""
    try:
        return one.ask(*parts) | {"number": one.number}
    except TimeoutError as error:
        raise RefusalError(
            f"reactor {name_of(one)} does not answer: its process is stopped, or in C code that "
            "keeps Python to itself"
        ) from error
    except (OSError, EndOfStream) as error:
        raise RefusalError(f"reactor {name_of(one)} has ended meanwhile") from error
    except ReactorError as error:
        raise RefusalError(f"reactor {name_of(one)} does not tell: {error}") from error


def show(
    arguments: argparse.Namespace, parts: tuple[str, ...], lines: Callable[[Answer], Iterator[str]]
) -> int:
    """Write what each reactor of the process says, in lines unless JSON is wanted; return 0."""
    for count, one in enumerate(chosen(arguments.process)):
        answer = ask(one, *parts)
        if arguments.json:
            tell([json.dumps(answer)])
        else:
            tell([*[""] * (count > 0), *lines(answer)])
    return 0
