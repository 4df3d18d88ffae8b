"""Looking: `tree`, `where`, `fds` and `timers`, each one look into a process."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator

from . import answers
from .answers import title
from .refusal import RefusalError
from .target import Answer, show, take_target
from .words import printable

Commands = argparse._SubParsersAction  # noqa: SLF001 - argparse has no other name for it


def add(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add the parsers of these commands."""
    tree = _command(commands, "tree", "the tasks of a process, and what each waits for", _tree)
    where = _command(commands, "where", "where its loop and its tasks stand, line by line", _where)
    fds = _command(commands, "fds", "the descriptors that it watches, and for whom", _fds)
    timers = _command(commands, "timers", "its timers, the nearest first", _timers)
    for parser in (tree, where, fds, timers):
        take_target(parser)
    where.add_argument("task", metavar="TASK", nargs="?", help="only tasks of this name")


def _command(
    commands: Commands[argparse.ArgumentParser],
    name: str,
    what: str,
    carry_out: Callable[[argparse.Namespace], None],
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=what, description=f"Show {what}.")
    parser.set_defaults(carry_out=carry_out)
    return parser


def _tree(arguments: argparse.Namespace) -> None:
    def lines(answer: Answer) -> Iterator[str]:
        yield title(answer)
        yield from answers.tree(answer)

    show(arguments, ("tasks",), lines)


def _where(arguments: argparse.Namespace) -> None:
    name, names = arguments.task, set[str]()

    def lines(answer: Answer) -> Iterator[str]:
        tasks = [row for row in answer["tasks"]["rows"] if "task" in row]
        names.update(row["task"] for row in tasks)
        yield title(answer)
        yield from answers.holder(answer)
        for row in tasks:
            if name in (None, row["task"]):
                yield printable(row["text"])
                yield from (f"  at {place}" for place in answers.places(row["stack"]))

    show(arguments, ("stack", "tasks"), lines)
    if name is not None and name not in names and not arguments.json:
        there = ", ".join(sorted(names)) or "none"
        raise RefusalError(f"there is no task {name!r}; there are {there}")


def _fds(arguments: argparse.Namespace) -> None:
    def lines(answer: Answer) -> Iterator[str]:
        yield title(answer)
        yield from answers.descriptors(answer)

    show(arguments, ("descriptors",), lines)


def _timers(arguments: argparse.Namespace) -> None:
    def lines(answer: Answer) -> Iterator[str]:
        yield title(answer)
        yield from answers.timers(answer)

    show(arguments, ("timers",), lines)
