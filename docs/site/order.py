"""The order of the pages: what stands beside them, and which is before and after which.

Law of this file: the tables that readers see say the order. docs/index.md has that of the whole,
docs/book/index.md that of the chapters. A page in neither has no place, which is a warning.
"""

from __future__ import annotations

from pathlib import Path
from posixpath import dirname, join
from typing import TYPE_CHECKING, Final

from docutils import nodes
from sphinx import addnodes

from tests.project.documents import Document

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

BEFORE_COLLECTORS: Final = 400
"""Sphinx takes down what is on a page at 500."""


def setup(app: Sphinx) -> ExtensionMetadata:
    app.connect("doctree-read", add_order, priority=BEFORE_COLLECTORS)
    app.connect("doctree-read", call_by_title, priority=BEFORE_COLLECTORS)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def add_order(app: Sphinx, doctree: nodes.document) -> None:
    """Put a table of contents, which is not seen, into the pages that begin one."""
    docname = app.env.docname
    if docname == "README":
        pages = ["docs/index", *linked("docs/index", app), "CHANGES"]
    elif docname == "docs/book/index":
        pages = linked(docname, app)
    else:
        return
    # Inside the first section: what stands before it in the order is then what it hangs from.
    next(doctree.findall(nodes.section)).append(contents(docname, pages))


def call_by_title(app: Sphinx, doctree: nodes.document) -> None:
    """Where a table lists `tour.md`, show what that page is called: nobody opens files here."""
    for link in doctree.findall(addnodes.pending_xref):
        is_listed = isinstance(link.parent.parent, nodes.entry)
        if is_listed and link["refdomain"] == "doc" and link.astext().endswith(".md"):
            link["refexplicit"] = False


def linked(docname: str, app: Sphinx) -> list[str]:
    """Return the pages that one links to, below it and whole, in its order and each once."""
    path = Path(app.srcdir, f"{docname}.md")
    targets = [target for _, target in Document(path, path.read_text()).links()]
    pages = [target for target in targets if target.endswith(".md") and target[:2] != ".."]
    return list(dict.fromkeys(join(dirname(docname), page)[: -len(".md")] for page in pages))


def contents(docname: str, pages: list[str]) -> nodes.Element:
    toctree = addnodes.toctree()
    toctree.update_all_atts(
        {
            "parent": docname,
            "entries": [(None, page) for page in pages],
            "includefiles": pages,
            "maxdepth": -1,
            "hidden": True,
            "glob": False,
            "numbered": 0,
            "titlesonly": True,
            "caption": None,
            "includehidden": False,
        }
    )
    return toctree
