"""Sources: the modules of a tree, parsed, and what they import.

Law of this file: modules are read, never imported, so that what must not be imported can be judged.
Every import counts, wherever it stands: inside a function, under TYPE_CHECKING.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple


class Import(NamedTuple):
    """One name imported: all of a module if name is empty."""

    line: int
    module: str
    name: str


class Module(NamedTuple):
    """A module of the tree, under its dotted name."""

    name: str
    path: Path
    text: str
    tree: ast.Module

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"

    @property
    def is_shipped(self) -> bool:
        """Whether it is part of reactor/, which the wheel holds."""
        return self.name.split(".")[0] == "reactor"

    def at(self, line: int, complaint: str) -> str:
        """Return a complaint as everybody's tools know to show it."""
        return f"{self.path}:{line}: {complaint}"

    def imports(self) -> Iterator[Import]:
        """Yield what this module imports, relative imports made absolute."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(node.lineno, alias.name, "")
            elif isinstance(node, ast.ImportFrom):
                module = self._absolute(node.level, node.module)
                for alias in node.names:
                    yield Import(node.lineno, module, alias.name)

    def lines_of_code(self, node: ast.AST | None = None) -> int:
        """Count the lines of this module, or of a node in it: no blanks, comments, docstrings."""
        tree = node or self.tree
        first = getattr(tree, "lineno", 1)
        last = getattr(tree, "end_lineno", None) or self.text.count("\n") + 1
        lines = self.text.split("\n")[first - 1 : last]
        code = {number for number, line in enumerate(lines, first) if _is_code(line)}
        return len(code - _docstring_lines(tree))

    def _absolute(self, level: int, module: str | None) -> str:
        if level == 0:
            return module or ""
        parents = self.name.split(".")
        base = parents[: len(parents) + self.is_package - level]
        return ".".join([*base, module] if module else base)


def read(root: Path, *packages: str) -> list[Module]:
    """Read every module of the packages under root. Raises FileNotFoundError for an absent one."""
    modules = []
    for package in packages:
        paths = sorted((root / package).rglob("*.py"))
        if not paths:
            raise FileNotFoundError(f"{root / package} holds no module; nothing would be judged")
        for path in paths:
            relative = path.relative_to(root)
            dotted = ".".join(relative.with_suffix("").parts).removesuffix(".__init__")
            text = path.read_text()
            modules.append(Module(dotted, relative, text, ast.parse(text)))
    return modules


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function under tree, methods and inner functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a body and of what merely stands round some: an if, a try, a loop."""
    for node in body:
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.stmt):
                    yield from statements([child])
                elif isinstance(child, ast.ExceptHandler | ast.match_case):
                    yield from statements(child.body)


def last_name(node: ast.expr) -> str:
    """Return the name that an expression ends in: Trap for `tasks.Trap[T]`, or nothing."""
    match node:
        case ast.Subscript(value=inner) | ast.Call(func=inner):
            return last_name(inner)
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return ""


def _is_code(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _docstring_lines(tree: ast.AST) -> set[int]:
    """The lines of strings that stand for themselves: docstrings, and those under constants."""
    return {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
