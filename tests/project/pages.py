"""Pages: what is made of the documents for a browser, and whether one can go where they lead.

Law of this file: it reads what a browser would, files and no more. What the documents say is
checked where they are read (documents.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

FRONT: Final = "index.html"

LOADS: Final = {"src", "srcset", "data", "poster", "action", "formaction", "background"}
"""The attributes by which a page loads something, or sends something; a link's is `href`."""

LOADED_BY_STYLES: Final = re.compile(r"""(?:url\(|@import)\s*["']?\s*((?:[a-z]+:)?//[^"')\s]+)""")


class Page(NamedTuple):
    """A page under its path from the top of the site: what it has, leads to and loads."""

    path: Path
    anchors: set[str]
    links: list[str]
    loads: list[str]

    def near(self, links: list[str]) -> Iterator[tuple[str, Path, str]]:
        """Yield of links those within the site: what it says, the path that is meant, the anchor.

        The path is from the top of the site, and has dots where a link leads out of it.
        """
        for link in links:
            if not is_far(link):
                said = urlsplit(link)
                there = self.path.parent / unquote(said.path) if said.path else self.path
                yield link, _plain(there), unquote(said.fragment)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if not value:
                continue
            if name == "id":
                self.anchors.add(value)
            elif name == "href":
                (self.links if tag == "a" else self.loads).append(value)
            elif name in LOADS:
                self.loads.append(value)
            elif tag == "meta" and name == "content" and "url=" in value:
                self.links.append(value.partition("url=")[2])


Pages = dict[Path, Page]


def pages(site: Path) -> Pages:
    """Return the pages of a site, each under its path from the top of it."""
    found = {}
    for path in sorted(site.rglob("*.html")):
        reader = _Reader()
        reader.feed(path.read_text())
        at = path.relative_to(site)
        found[at] = Page(at, reader.anchors, reader.links, reader.loads)
    return found


def is_far(link: str) -> bool:
    """Return whether a link leads out of where the pages are: it names a scheme or a host."""
    return re.match(r"[a-z][a-z0-9+.-]*:|//", link, re.IGNORECASE) is not None


def dead_ends(site: Path, made: Pages) -> list[str]:
    """Return a complaint for each link, and whatever is loaded, that leads to nothing."""
    complaints = []
    for page in made.values():
        for link, path, anchor in page.near(page.links + page.loads):
            if not (site / path).is_file():
                complaints.append(f"{page.path}: {link} does not exist")
            elif anchor and path in made and anchor not in made[path].anchors:
                complaints.append(f"{page.path}: {link} has no such anchor")
    return complaints


def orphans(made: Pages) -> list[Path]:
    """Return the pages to which no way leads from the front."""
    reached = {Path(FRONT)}
    ways = [made[Path(FRONT)]]
    while ways:
        page = ways.pop()
        nearby = {path for _, path, _ in page.near(page.links + page.loads)}
        for path in nearby & made.keys() - reached:
            reached.add(path)
            ways.append(made[path])
    return sorted(made.keys() - reached)


def foreign(site: Path, made: Pages) -> list[str]:
    """Return a complaint for whatever is loaded from elsewhere, by a page or by a style."""
    by_pages = [
        f"{page.path}: loads {what}"
        for page in made.values()
        for what in page.loads
        if is_far(what) and not what.startswith("data:")
    ]
    by_styles = [
        f"{path.relative_to(site)}: loads {what}"
        for path in sorted(site.rglob("*.css"))
        for what in LOADED_BY_STYLES.findall(path.read_text())
    ]
    return by_pages + by_styles


def _plain(path: Path) -> Path:
    """Return path without dots; those that lead out of the site stay, and an absolute path too."""
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        else:
            parts.append(part)
    return Path(*parts)
