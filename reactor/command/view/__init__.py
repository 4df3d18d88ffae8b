"""A recording, to be looked at: as a page, as a picture, as a trace for Perfetto, as a text.

Read document.py, which puts together the files of page/; then names.py, lanes.py and picture.py,
perfetto.py and lines.py.
"""

from __future__ import annotations

from .document import as_page
from .lines import as_lines
from .perfetto import as_trace
from .picture import as_picture

__all__ = ["as_lines", "as_page", "as_picture", "as_trace"]
