"""Api: every public name of every public module, with the first sentence of its docstring.

Law of this file: docs/api.md says what the code says, and nothing of its own. Public is what a
package lists in its `__all__`, and of a class what has a docstring and no underscore, also where it
comes from a base that is not public itself. A name of a floor that `reactor` has too is told there.

    python3 -m tests.project.api     writes docs/api.md
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.project.environments import PROJECT
from tests.project.sources import Module, last_name, read

PAGE = Path("docs/api.md")
WIDTH = 120
INTRO = """# Every public name

Each with the first sentence of its docstring, which `help()` shows whole. What several floors have
is told once, under `reactor`. This page is written by `python3 -m tests.project.api`, and a test
says when it is not what the code says.
"""
SENTENCE = re.compile(r".*?[.!?](?= |$)")

OPERATIONS = {"Operation", "Steps", "Trap", "Sleep", "Checkpoint", "Breath"}
MADE = re.compile(r"\b[Mm]ade by ")  # elsewhere, so nobody needs to know what of


class Found(NamedTuple):
    """Where a name is defined: a class, a function, or an assignment and its docstring."""

    module: Module
    node: ast.stmt
    doc: str


class Api:
    """The public names of the packages of a tree, whose top is the first of modules."""

    def __init__(self, modules: list[Module]) -> None:
        self._modules = {module.name: module for module in modules}
        self._top = modules[0]
        depth = self._top.name.count(".") + 1
        self._packages = [
            module for module in modules if module.is_package and module.name.count(".") <= depth
        ]

    def public(self) -> dict[str, list[str]]:
        """Return what each package lists."""
        return {package.name: _listed(package) for package in self._packages}

    def page(self) -> str:
        """Return the page."""
        return INTRO + "".join(self._section(package) for package in self._packages)

    def operations(self) -> set[str]:
        """Return what is annotated to return something to wait for: functions, and methods as
        Class.method.
        """
        found = set()
        for package in self._packages:
            for name in _listed(package):
                definition = self._find(package, name)
                if isinstance(definition.node, ast.FunctionDef) and _waits(definition.node):
                    found.add(name)
                for one in self._line_of(definition):
                    found |= {f"{name}.{method.name}" for method in _methods(one) if _waits(method)}
        return found

    def _section(self, package: Module) -> str:
        top = set() if package is self._top else set(_listed(self._top))
        names = _listed(package)
        lines = [f"\n## {package.name}\n", *_wrapped(_sentence(_doc_of(package.tree)), ""), ""]
        for name in (name for name in names if name not in top):
            lines += self._entry(package, name)
        if told := [f"`{name}`" for name in names if name in top]:
            lines += ["", *_wrapped(f"As in `{self._top.name}`: {', '.join(told)}.", "")]
        return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"

    def _entry(self, package: Module, name: str) -> Iterator[str]:
        found = self._find(package, name)
        sentence = _sentence(found.doc)
        if not sentence:
            raise ValueError(f"{package.name}.{name} has no docstring; write one")
        shown = name if MADE.search(_paragraph(found.doc)) else name + self._arguments(found)
        yield from _wrapped(f"- `{shown}`: {sentence}", "  ")
        for member, doc in sorted(self._members(found).items()):
            yield from _wrapped(f"  - `{member}`: {_sentence(doc)}", "    ")

    def _arguments(self, found: Found) -> str:
        node = found.node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return _signature(node, bound=False)
        for one in self._line_of(found):
            for method in _methods(one):
                if method.name == "__init__":
                    return _signature(method, bound=True)
            if any(last_name(base) == "NamedTuple" for base in one.bases):
                fields = (field for field in one.body if isinstance(field, ast.AnnAssign))
                return f"({', '.join(ast.unparse(field.target) for field in fields)})"
        return ""

    def _members(self, found: Found) -> dict[str, str]:
        """Return the public methods and properties of a class, as shown, with their docstrings."""
        members: dict[str, str] = {}
        seen: set[str] = set()
        for one in self._line_of(found):
            for method in _methods(one):
                doc = ast.get_docstring(method)
                if doc and not method.name.startswith(("_", "test_")) and method.name not in seen:
                    seen.add(method.name)
                    decorators = {last_name(decorator) for decorator in method.decorator_list}
                    bound = "staticmethod" not in decorators
                    shown = "" if "property" in decorators else _signature(method, bound=bound)
                    members[method.name + shown] = doc
        return members

    def _line_of(self, found: Found) -> Iterator[ast.ClassDef]:
        """Yield a class, then its bases as far as they are no public names themselves."""
        if isinstance(found.node, ast.ClassDef):
            yield found.node
            public = {name for names in self.public().values() for name in names}
            for base in found.node.bases:
                name = last_name(base)
                if name not in public and (inner := self._look_up(found.module, name)):
                    yield from self._line_of(inner)

    def _find(self, module: Module, name: str) -> Found:
        found = self._look_up(module, name)
        if found is None:
            raise ValueError(f"{module.name} lists {name}, which is defined nowhere; mend __all__")
        return found

    def _look_up(self, module: Module, name: str) -> Found | None:
        body = module.tree.body
        for number, node in reversed(list(enumerate(body))):
            if _name_of(node) == name:
                return Found(module, node, _doc_of(node, *body[number + 1 : number + 2]))
        for imported in module.imports():
            if imported.name == name and imported.module in self._modules:
                return self._look_up(self._modules[imported.module], name)
        return None


def api() -> Api:
    """Return that of reactor."""
    return Api(read(PROJECT, "reactor"))


def _listed(package: Module) -> list[str]:
    for node in package.tree.body:
        if isinstance(node, ast.Assign) and _name_of(node) == "__all__":
            names: list[str] = ast.literal_eval(node.value)
            return sorted(names, key=lambda name: (name.upper() == name, name.lower()))
    raise ValueError(f"{package.path} has no __all__; list what is public")


def _name_of(node: ast.stmt) -> str:
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case _:
            return ""


def _doc_of(node: ast.AST, *following: ast.stmt) -> str:
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
        return ast.get_docstring(node) or ""
    match following:
        case [ast.Expr(value=ast.Constant(value=str(text)))]:
            return text
        case _:
            return ""


def _methods(node: ast.ClassDef) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (one for one in node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))


def _waits(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    returned = "" if node.returns is None else last_name(node.returns)
    return not node.name.startswith("_") and returned in OPERATIONS


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef, *, bound: bool) -> str:
    arguments = ast.parse(ast.unparse(node)).body[0]
    assert isinstance(arguments, ast.FunctionDef | ast.AsyncFunctionDef)
    for argument in ast.walk(arguments.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    plain = arguments.args.posonlyargs or arguments.args.args
    del plain[: int(bound)]
    return f"({ast.unparse(arguments.args)})"


def _sentence(doc: str) -> str:
    paragraph = _paragraph(doc)
    match = SENTENCE.match(paragraph)
    return match[0] if match else paragraph


def _paragraph(doc: str) -> str:
    return " ".join(doc.split("\n\n", maxsplit=1)[0].split())


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


if __name__ == "__main__":
    (PROJECT / PAGE).write_text(api().page())
