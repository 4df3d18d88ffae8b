"""How Sphinx makes pages of the documents: `make site`.

Law of this file: the documents are plain Markdown, which any forge shows, and know nothing of
Sphinx. What a site wants beyond that is made here: an order (order.py) and the sources that the
documents speak of (sources.py).

The source folder is the top of the project, so that a link from one file to another means here
what it means there.
"""

from __future__ import annotations

import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]
sys.path.insert(0, str(PROJECT))

project = "reactor"
copyright = "the reactor authors"  # noqa: A001  # Sphinx calls it that
extensions = ["myst_parser", "docs.site.order", "docs.site.sources"]

root_doc = "README"
include_patterns = ["README.md", "CHANGES.md", "docs/**.md"]
exclude_patterns = [
    ".*",
    "build",
    "dist",
    "reactor",
    "servers",
    "tests",
]  # nothing to look for there
source_suffix = {".md": "markdown"}
smartquotes = False  # a quotation mark is what somebody typed
highlight_language = "text"

myst_heading_anchors = 6
myst_heading_slug_func = "tests.project.documents.slug_of"

html_theme = "furo"
html_title = "reactor"
html_static_path = ["static"]
html_css_files = ["site.css"]
templates_path = ["templates"]
html_additional_pages = {"index": "front.html"}
html_copy_source = False
html_show_sourcelink = False
html_use_index = False
html_show_search_summary = False  # it is fetched, and browsers fetch nothing from file://
pygments_dark_style = "github-dark"
html_codeblock_linenos_style = "inline"
