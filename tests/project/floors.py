"""Floors: who may import whom.

Law of this file: imports go down only, enter a floor through its `__init__`, and never come back.
Each check takes modules and returns complaints; none means that the law holds.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter

from tests.project.sources import Import, Module

# From the ground up. Those of one row stand side by side: none imports another.
HOUSE = (
    ("reactor.errors",),
    ("reactor.poller",),
    ("reactor.loop",),
    ("reactor.tasks",),
    ("reactor.sync", "reactor.workers", "reactor.watch"),
    ("reactor.net",),
    ("reactor.serving", "reactor.process", "reactor.testing", "reactor.asyncio_bridge"),
    ("reactor",),  # the front door: reactor/__init__.py, and nothing else
    ("reactor.command", "servers"),
    ("reactor.__main__",),
)

HEIGHT = {room: height for height, row in enumerate(HOUSE) for room in row}

OURS = ("reactor", "servers")

# A plugin is imported by the program that it is for, so that is there when it is.
BRINGERS = {"reactor.testing.plugin": {"pytest"}}

IMPLEMENTING = {
    "DefaultSelector",
    "DevpollSelector",
    "EpollSelector",
    "KqueueSelector",
    "PollSelector",
    "SelectSelector",
}


def imports_go_down(modules: list[Module]) -> list[str]:
    """Complain of a module outside every room, and of an import that goes up or sideways."""
    complaints = [
        module.at(1, f"{module.name} is on no floor; give it one in tests/project/floors.py")
        for module in modules
        if room_of(module.name) is None
    ]
    for module, item, target in _imports_of_ours(modules):
        here, there = room_of(module.name), room_of(target)
        if here is None or there is None or here == there:
            continue
        if HEIGHT[there] >= HEIGHT[here]:
            complaints.append(module.at(item.line, f"{here} imports {there}, which is not below"))
    return complaints


def floors_are_entered_by_the_door(modules: list[Module]) -> list[str]:
    """Complain of an import from inside another room than one's own."""
    return [
        module.at(item.line, f"imports {target}; go through {room_of(target)}")
        for module, item, target in _imports_of_ours(modules)
        if room_of(target) not in (room_of(module.name), target)
    ]


def imports_make_no_circle(modules: list[Module]) -> list[str]:
    """Complain of the first circle of modules that import each other."""
    graph: dict[str, set[str]] = {module.name: set() for module in modules}
    for module, _, target in _imports_of_ours(modules):
        graph[module.name].add(target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        # It names each after those that import it.
        return [f"a circle of imports: {' <- '.join(error.args[1])}"]
    return []


def nothing_is_depended_on(modules: list[Module]) -> list[str]:
    """Complain of an import from outside the standard library and the project."""
    return [
        module.at(item.line, f"imports {item.module}, which is not in the standard library")
        for module in modules
        for item in module.imports()
        if item.module.partition(".")[0] not in _given(module)
    ]


def pollers_are_hand_built(modules: list[Module]) -> list[str]:
    """Complain if reactor/ uses a class of `selectors` that implements, however it is spelled."""
    return [
        module.at(
            getattr(node, "lineno", 1),
            f"uses {name}; a poller is built on the select module itself",
        )
        for module in modules
        if module.is_shipped
        for node in ast.walk(module.tree)
        if (name := _named(node)) in IMPLEMENTING
    ]


def room_of(name: str) -> str | None:
    """Return the room that a module belongs to. The front door is a room of one module."""
    if name == "reactor":
        return name
    parts = name.split(".")
    room = ".".join(parts[: 2 if parts[0] == "reactor" else 1])
    return room if room in HEIGHT else None


def _given(module: Module) -> set[str]:
    """What is there without being installed. `_typeshed` is there for type checkers only."""
    ours = {"reactor"} if module.is_shipped else set(OURS)
    ours |= BRINGERS.get(module.name, set())
    return ours | sys.stdlib_module_names | {"_typeshed"}


def _named(node: ast.AST) -> str | None:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
            return name
        case ast.Constant(value=str(name)):  # as in getattr(selectors, "EpollSelector")
            return name
        case _:
            return None


def _imports_of_ours(modules: list[Module]) -> Iterable[tuple[Module, Import, str]]:
    """Yield each import within the project with the name of the module that it means."""
    known = {module.name for module in modules}
    for module in modules:
        for item in module.imports():
            if item.module.partition(".")[0] in OURS:
                inner = f"{item.module}.{item.name}"
                yield module, item, inner if inner in known else item.module
