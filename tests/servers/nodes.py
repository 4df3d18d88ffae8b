"""HTML as a tree, read strictly: what begins ends, in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "input"}


@dataclass(eq=False)
class Node:
    """An element, or text, which has no name."""

    name: str
    attributes: dict[str, str | None] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    own_text: str = ""

    @property
    def text(self) -> str:
        """All that is to be read in it."""
        return self.own_text + "".join(child.text for child in self.children)

    def inside(self) -> Iterator[Node]:
        """All that is in it, in the order of the page."""
        for child in self.children:
            yield child
            yield from child.inside()

    def all(self, name: str, **wanted: str) -> list[Node]:
        """All elements of a name in it, with those attributes; a class may be one of several."""
        return [node for node in self.inside() if node.name == name and _has(node, wanted)]

    def one(self, name: str, **wanted: str) -> Node:
        """The only one."""
        (found,) = self.all(name, **wanted)
        return found


def read(text: str) -> Node:
    """Return what holds the elements of a page."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.root


def _has(node: Node, wanted: dict[str, str]) -> bool:
    for name, value in wanted.items():
        found = node.attributes.get(name.rstrip("_").replace("_", "-")) or ""
        if found != value and value not in found.split():
            return False
    return True


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Node("")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self._open.append(self._open[-1].children[-1])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"{tag} has an attribute twice: {attrs}"
        self._open[-1].children.append(Node(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().name == tag, f"</{tag}> ends something else"

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(Node("", own_text=data))

    def close(self) -> None:
        super().close()
        assert self._open == [self.root], f"{self._open[-1].name} does not end"
