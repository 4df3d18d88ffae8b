"""State: what a module of reactor/ keeps between calls, which must be next to nothing.

Law of this file: several reactors run in one process and know nothing of each other, so whatever
changes at run time belongs to an object. A module may bind constants, and tables that nothing
changes; a thread-local (the reactor that runs here) and a weak set (whom a fork concerns) are the
two exceptions, one of each in the whole framework.

A constant is known by its name in capitals or by Final. What is called to make one is believed,
unless it is known to make something that changes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tests.project.sources import Module, functions, last_name, statements

EXCEPTIONS = ("local", "WeakSet")

# What these make is made to be changed.
CHANGES = {
    "Barrier", "BoundedSemaphore", "BytesIO", "Condition", "ContextVar", "Counter", "Event",
    "LifoQueue", "Lock", "OrderedDict", "PriorityQueue", "Queue", "RLock", "Random",
    "Semaphore", "SimpleNamespace", "SimpleQueue", "StringIO", "WeakKeyDictionary", "WeakSet",
    "WeakValueDictionary", "array", "bytearray", "count", "cycle", "defaultdict", "deque",
    "dict", "iter", "list", "local", "open", "set", "socket", "socketpair",
}  # fmt: skip

# What these make is a type or a logger, whose name need not be in capitals.
MAKES_A_CONSTANT = {"NewType", "ParamSpec", "TypeVar", "TypeVarTuple", "getLogger", "namedtuple"}

READ_ONLY = {"Final", "Mapping", "Sequence", "TypeAlias"}

REMEMBERS = {"cache", "lru_cache"}

WRITES = {
    "add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove",
    "reverse", "setdefault", "sort", "update",
}  # fmt: skip

DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)

MAY = "a module may keep constants only; give it to an object"


class Binding(NamedTuple):
    """A name that a module or a class body binds, and what to."""

    line: int
    name: str
    value: ast.expr
    constant: bool
    in_class: bool


def modules_keep_no_state(modules: list[Module]) -> list[str]:
    """Complain of what reactor/ keeps in its modules, but for one thread-local and one weak set."""
    complaints = []
    left = list(EXCEPTIONS)
    for module in modules:
        if not module.is_shipped:
            continue
        complaints += [module.at(line, complaint) for line, complaint in _statements(module.tree)]
        thread_locals = _thread_locals(module.tree)
        for binding in _bindings(module.tree.body):
            made_by = _made_by(binding.value, thread_locals)
            if made_by in left:
                left.remove(made_by)
            elif complaint := _judge(binding, made_by, module.tree):
                complaints.append(module.at(binding.line, f"{binding.name} {complaint}; {MAY}"))
    return complaints


def _judge(binding: Binding, made_by: str, tree: ast.Module) -> str:
    if made_by in CHANGES:
        return f"holds a {made_by}"
    if isinstance(binding.value, DISPLAYS):
        if ast.unparse(binding.value) in {"[]", "{}"}:
            return "begins empty, so it is there to be filled"
        if not binding.constant:
            return "can be changed (say Final if it stays)"
        return "is a table that this module changes" if _is_written(binding.name, tree) else ""
    if made_by and not (binding.constant or binding.in_class or made_by in MAKES_A_CONSTANT):
        return f"is made by {made_by} (say Final if it stays)"
    return ""


def _made_by(value: ast.expr, thread_locals: set[str]) -> str:
    name = last_name(value.func) if isinstance(value, ast.Call) else ""
    return "local" if name in thread_locals else name


def _thread_locals(tree: ast.Module) -> set[str]:
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and "local" in map(last_name, node.bases)
    }


def _bindings(body: Iterable[ast.stmt], in_class: bool = False) -> Iterator[Binding]:
    """Yield what is bound outside functions, but for names such as __all__ and __slots__."""
    for node in statements(body):
        if isinstance(node, ast.ClassDef):
            yield from _bindings(node.body, in_class=True)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            annotation = node.annotation if isinstance(node, ast.AnnAssign) else None
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                name = last_name(target)
                if not name.startswith("__"):
                    constant = name.isupper() or _is_read_only(annotation)
                    yield Binding(node.lineno, name, node.value, constant, in_class)


def _is_read_only(annotation: ast.expr | None) -> bool:
    if annotation is None:
        return False
    names = {last_name(node) for node in ast.walk(annotation) if isinstance(node, ast.expr)}
    return not names.isdisjoint(READ_ONLY)


def _is_written(name: str, tree: ast.Module) -> bool:
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=table, ctx=ast.Store() | ast.Del()):
                pass
            case ast.AugAssign(target=table):
                pass
            case ast.Call(func=ast.Attribute(value=table, attr=method)) if method in WRITES:
                pass
            case _:
                continue
        if last_name(table) == name:
            return True
    return False


def _statements(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield node.lineno, f"global {', '.join(node.names)} is rebound at run time; {MAY}"
    for function in functions(tree):
        for name in REMEMBERS.intersection(map(last_name, function.decorator_list)):
            yield function.lineno, f"{function.name} remembers in a {name}; {MAY}"
