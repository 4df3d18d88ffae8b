"""Answers: what a reactor says of itself, in lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reactor.watch import Place

from .target import Answer
from .words import counted, printable, span, table


def title(answer: Answer) -> str:
    """Return whose reactor this is, and what it does."""
    reactor = f"reactor {answer['pid']}.{answer['number']} of {program(answer)}"
    state = f"{answer['state']} for {span(answer['in_this_state'])}"
    tasks = counted(answer["task_count"], "task")
    return printable(f"{reactor}: over {answer['poller']}, {state}, {tasks}")


def program(answer: Answer) -> str:
    """Return the words of its command line, but for the interpreter; the first of them, if they
    are many.
    """
    words = " ".join(answer["program"][1:]) or "python"
    return words if len(words) <= 60 else f"{words[:57]}..."


def tree(answer: Answer) -> Iterator[str]:
    """Yield the tree of tasks, and what each waits for."""
    for row in answer["tasks"]["rows"]:
        indent = "  " * row["depth"]
        if "task" in row:
            yield printable(f"{indent}{row['text']}")
            yield from (f"{indent}  at {place}" for place in places(row["stack"]))
        else:
            yield printable(f"{indent}in {row['text']}")
    yield from left_out(answer["tasks"])


def places(stack: list[list[Any]]) -> list[str]:
    """Return the places of a stack, outermost first."""
    return [printable(str(Place(*place))) for place in stack]


def holder(answer: Answer) -> Iterator[str]:
    """Yield what the loop does at this moment, and where it stands."""
    yield f"the loop is {answer['state']}, for {span(answer['in_this_state'])}"
    stack = answer["stack"]
    if answer["state"] == "at work":
        runs = stack["runs"]
        yield "  it is between two calls" if runs is None else printable(f"  it runs {runs}")
        yield from (f"  at {place}" for place in places(stack["places"]))


def descriptors(answer: Answer) -> list[str]:
    """Return a table of the descriptors: which side, whether the poller is asked, who waits."""
    rows = [
        (str(row["fd"]), row["side"], "yes" if row["armed"] else "no", row["waiter"] or "nobody")
        for row in answer["descriptors"]["rows"]
    ]
    heads = ("fd", "side", "armed", "who waits")
    return [*table(heads, rows), *left_out(answer["descriptors"])]


def timers(answer: Answer) -> list[str]:
    """Return a table of the timers, the nearest first."""
    rows = [
        ("never" if row["seconds"] is None else span(row["seconds"]), row["text"])
        for row in answer["timers"]["rows"]
    ]
    return [*table(("due in", "what"), rows), *left_out(answer["timers"])]


def left_out(part: dict[str, Any]) -> Iterator[str]:
    """Yield that there are more, if there are."""
    if part["left_out"]:
        yield f"... and {part['left_out']} more"
