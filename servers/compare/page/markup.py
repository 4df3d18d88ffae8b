"""Markup: text becomes HTML here, and nowhere else.

Law of this file: whatever is not made here is text, and is escaped.
"""

from __future__ import annotations

from html import escape
from typing import Final

_VOID: Final = frozenset({"circle", "input", "line", "path", "rect"})
"""Those that have no content, and so no end."""


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(name: str, /, *content: str, **attributes: str | float | bool | None) -> Markup:
    """Return an element. An attribute that is None or False is left out, True has no value.

    In the name of an attribute `_` is `-`, and one at the end is dropped: `class_`.
    """
    start = name + "".join(_attribute(*each) for each in attributes.items())
    if name in _VOID:
        return Markup(f"<{start}/>")
    return Markup(f"<{start}>{join(*content)}</{name}>")


def join(*content: str) -> Markup:
    """Return one after the other, text escaped."""
    return Markup("".join(each if isinstance(each, Markup) else escape(each) for each in content))


def _attribute(name: str, value: str | float | bool | None) -> str:
    if value is None or value is False:
        return ""
    shown = name.rstrip("_").replace("_", "-")
    if value is True:
        return f" {shown}"
    return f' {shown}="{escape(f"{value:g}" if isinstance(value, float) else str(value))}"'
