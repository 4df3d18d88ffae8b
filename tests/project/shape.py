"""Shape: names, docstrings, sizes, and what a module may keep.

Law of this file: a check says what is wrong where, so that it can be mended without reading the
check. Each takes modules and returns complaints; none means that the law holds.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from statistics import median

from tests.project.sources import Module, functions, last_name, statements

SAYS_NOTHING = {"common", "helper", "helpers", "misc", "util", "utils"}

FILE_LINES = 300
FUNCTION_LINES = 40
MEDIAN_LINES = 10
CORE_LINES = 1289

# The reading order of docs/book/index.md: what makes a turn, and what a task does in it. Beside it
# stand the selectors-style face, signals, forks, threads, debugging, the tracer, deadlines, the way
# in and the ways out.
CORE = {
    *("reactor.poller.mechanism", "reactor.poller.epoll_poller"),
    *(f"reactor.loop.{name}" for name in ("runnable", "timers", "sides", "scheduler")),
    "reactor.loop.reactor",
    *(f"reactor.tasks.{name}" for name in ("door", "operation", "task", "scope", "group")),
}


def modules_have_names_of_their_own(modules: list[Module]) -> list[str]:
    """Complain of a module named like one of the standard library, or like a drawer."""
    complaints = []
    for module in modules:
        own = module.name.rpartition(".")[2]
        if own in sys.stdlib_module_names and own != "__main__":
            complaints.append(module.at(1, f"{own} is a module of the standard library; rename it"))
        if own in SAYS_NOTHING:
            complaints.append(module.at(1, f"{own} does not say what it holds; rename it"))
    return complaints


def modules_open_with_a_docstring(modules: list[Module]) -> list[str]:
    """Complain of a module without a docstring, private ones too."""
    return [
        module.at(1, f"{module.name} has no docstring; it opens with its law")
        for module in modules
        if not ast.get_docstring(module.tree)
    ]


def public_names_are_documented(modules: list[Module]) -> list[str]:
    """Complain of a public class or function of reactor/ without a docstring.

    An override may go without where the method that it overrides, of a class of the project, has
    one: help() shows that. So may a test of a contract: its name is a sentence.
    """
    classes = {
        node.name: node
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
    }
    return [
        module.at(node.lineno, f"{node.name} is public and has no docstring")
        for module in modules
        if module.is_shipped
        for node, owner in _public(module.tree)
        if not ast.get_docstring(node)
        and not _inherits_docstring(node.name, owner, classes)
        and not _is_clause(node.name, owner)
    ]


def files_are_short(modules: list[Module]) -> list[str]:
    """Complain of a file of FILE_LINES lines or more, all lines counted."""
    return [
        module.at(lines, f"{lines} lines; find what can stand in a file of its own")
        for module in modules
        if (lines := module.text.count("\n")) >= FILE_LINES
    ]


def functions_are_short(modules: list[Module]) -> list[str]:
    """Complain of a function of FUNCTION_LINES lines of code or more, and of a high median."""
    complaints = []
    sizes = []
    for module in modules:
        for function in functions(module.tree):
            size = module.lines_of_code(function)
            sizes.append(size)
            if size >= FUNCTION_LINES:
                complaint = f"{function.name} has {size} lines of code; split it"
                complaints.append(module.at(function.lineno, complaint))
    if sizes and median(sizes) >= MEDIAN_LINES:
        complaints.append(f"half of all functions have {median(sizes):g} lines of code or more")
    return complaints


def the_core_reads_in_an_afternoon(modules: list[Module]) -> list[str]:
    """Complain if the core to read has grown past CORE_LINES lines of code."""
    core = [module for module in modules if module.name in CORE]
    total = sum(module.lines_of_code() for module in core)
    if total <= CORE_LINES:
        return []
    sizes = ", ".join(f"{module.path} {module.lines_of_code()}" for module in core)
    return [f"the core has {total} lines of code, and may have {CORE_LINES}: {sizes}"]


Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _public(
    tree: ast.Module | ast.ClassDef, owner: ast.ClassDef | None = None
) -> Iterator[tuple[Definition, ast.ClassDef | None]]:
    """Yield public definitions with the class that each stands in. No overloads, no setters."""
    for node in statements(tree.body):
        if not isinstance(node, Definition) or node.name.startswith("_"):
            continue
        if not {"overload", "setter", "deleter"} & {last_name(d) for d in node.decorator_list}:
            yield node, owner
        if isinstance(node, ast.ClassDef):
            yield from _public(node, node)


def _is_clause(name: str, owner: ast.ClassDef | None) -> bool:
    return owner is not None and owner.name.endswith("Contract") and name.startswith("test_")


def _inherits_docstring(
    name: str, owner: ast.ClassDef | None, classes: dict[str, ast.ClassDef]
) -> bool:
    if owner is None:
        return False
    for base in (classes.get(last_name(base)) for base in owner.bases):
        if base is None or base is owner:
            continue
        own = [node for node in base.body if isinstance(node, Definition) and node.name == name]
        if any(ast.get_docstring(node) for node in own):
            return True
        if _inherits_docstring(name, base, classes):
            return True
    return False
