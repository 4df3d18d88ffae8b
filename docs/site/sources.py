"""Pages for the sources: what a document links to or names is shown, in colours, on the site.

Law of this file: a document names a file as it stands in the project, by a link from where it is or
by its path from the top in `code`. Only what is named gets a page; a folder that is named has one
that lists what is in it, and so have those within.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING, Final

from docutils import nodes
from sphinx import addnodes
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.util.osutil import relative_uri

from docs.site.order import BEFORE_COLLECTORS

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

KIND: Final = "source"
"""The class of a link to one, and the folder of the site that has them."""

SOURCES: Final = {".ci", "docs", "reactor", "servers", "tests"}
"""The folders that have any. What a tool has made in others is here today, and not tomorrow."""


def setup(app: Sphinx) -> ExtensionMetadata:
    app.connect("doctree-read", lead_to_sources, priority=BEFORE_COLLECTORS)
    app.connect("html-collect-pages", show_sources)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def lead_to_sources(app: Sphinx, doctree: nodes.document) -> None:
    """Make links of what names a source."""
    here = app.env.docname
    for link in [
        *doctree.findall(addnodes.pending_xref),
        *doctree.findall(addnodes.download_reference),
    ]:
        name = normpath(join(dirname(here), link["reftarget"]))
        if link.get("refdomain") is None and _is_source(app.srcdir, name):
            link.replace_self(_link(here, name, *link.children))
    for code in list(doctree.findall(nodes.literal)):
        name = code.astext()
        # One word alone, as `servers`, is more often something else than a file at the top.
        is_path = "/" in name.strip("/") and _is_source(app.srcdir, name)
        if is_path and not _is_linked(code):
            code.replace_self(_link(here, normpath(name), code.deepcopy()))


def show_sources(app: Sphinx) -> Iterator[tuple[str, dict[str, str], str]]:
    """Yield a page for each source that is named, and for what is in the folders that are."""
    named = {
        link[KIND]
        for docname in app.env.found_docs
        for link in app.env.get_doctree(docname).findall(nodes.reference)
        if KIND in link
    }
    for name in sorted({each for one in named for each in _with_all_in(app.srcdir, one)}):
        path = Path(app.srcdir, name)
        body = _listing(path, name) if path.is_dir() else _highlighted(app, path)
        title = f"<code>{escape(name)}</code>"
        context = {"title": name, "body": f'<h1 class="{KIND}">{title}</h1>\n{body}'}
        yield _page_of(name), context, "page.html"


def _is_source(top: Path, name: str) -> bool:
    return (
        name.partition("/")[0] in SOURCES and not name.endswith(".md") and Path(top, name).exists()
    )


def _is_linked(node: nodes.Node) -> bool:
    linking = (nodes.reference, addnodes.pending_xref)
    return isinstance(node.parent, linking) or isinstance(node.parent.parent, linking)


def _link(here: str, name: str, *shown: nodes.Node) -> nodes.reference:
    uri = _uri(here, name)
    return nodes.reference(
        "", "", *shown, refuri=uri, classes=[KIND], internal=True, **{KIND: name}
    )


def _page_of(name: str) -> str:
    return f"{KIND}/{name}"


def _uri(here: str, name: str) -> str:
    return relative_uri(f"{here}.html", f"{_page_of(name)}.html")


def _with_all_in(top: Path, name: str) -> Iterator[str]:
    yield name
    if Path(top, name).is_dir():
        for within in _within(Path(top, name)):
            yield from _with_all_in(top, f"{name}/{within.name}")


def _within(folder: Path) -> list[Path]:
    """Return the sources and the folders of sources in folder, folders first."""
    found = [
        path
        for path in folder.iterdir()
        if path.suffix == ".py" or (path.is_dir() and any(path.glob("*.py")))
    ]
    return sorted(found, key=lambda path: (path.is_file(), path.name))


def _listing(folder: Path, name: str) -> str:
    rows = [
        f'<li><a class="{KIND}" href="{_uri(_page_of(name), f"{name}/{path.name}")}">'
        f"<code>{escape(path.name)}{'/' if path.is_dir() else ''}</code></a></li>"
        for path in _within(folder)
    ]
    return "\n".join(["<ul>", *rows, "</ul>"])


def _highlighted(app: Sphinx, path: Path) -> str:
    assert isinstance(app.builder, StandaloneHTMLBuilder)
    language = "python" if path.suffix == ".py" else "text"
    return app.builder.highlighter.highlight_block(
        path.read_text(), language, location=str(path), linenos="inline", lineanchors="line"
    )
