"""A recording, to be looked at: as a page, as a trace for Perfetto, as text.

Read document.py, which puts together the files of page/; trace.py; lines.py.
"""

from __future__ import annotations

from .document import as_page

__all__ = ["as_page"]
