"""Results as a page to look at: plots of all loads, a table, and what each model is.

Read charts.py (what is to be seen in results), scale.py and plot.py (how it is drawn), sheet.py
(the tables), then document.py, which fills page.html. The page is whole without its scripts: they
add what moves.
"""

from __future__ import annotations

from .document import as_page

__all__ = ["as_page"]
