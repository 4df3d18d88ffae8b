"""The document: a recording as one page of HTML that needs nothing but a browser.

Law of this file: the page loads nothing and runs nothing but what is in it, and says so to the
browser, by the digests of its own style and script. What a recording says reaches it as JSON
without a `<`, so nothing of it can be read as HTML.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from importlib.resources import files
from string import Template
from typing import Final

from reactor.watch import Event, Header

STYLES: Final = ("colours.css", "layout.css", "panels.css")

SCRIPTS: Final = (
    *("elements.js", "recording.js", "state.js", "history.js", "words.js"),
    *("lanes.js", "drawing.js", "heap.js", "panels.js", "log.js"),
    *("transport.js", "keys.js", "theme.js", "main.js"),
)
"""One module, in parts that follow one another."""


def as_page(header: Header, events: Sequence[Event]) -> str:
    """Return a recording as a page of HTML that stands alone."""
    style, script = _read(STYLES), _read(SCRIPTS)
    return Template(_read(["page.html"])).substitute(
        policy=f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}",
        style=style,
        script=script,
        recording=_harmless(json.dumps([header, *events], separators=(",", ":"))),
    )


def _read(names: Iterable[str]) -> str:
    folder = files("reactor.command.view") / "page"
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in names)


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _harmless(text: str) -> str:
    """Return the same JSON without `<`, which stands in strings only."""
    return text.replace("<", r"\u003c")
