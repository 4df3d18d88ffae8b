"""`python3 -m servers compare`: all rooms under the same loads, side by side.

Read loads.py (what a server is put through), usage.py (what that cost it, by /proc), subject.py
(the server as a process), rounds.py (in which order), then table.py and, for the page, page/.
"""

from __future__ import annotations

from .circumstances import Circumstances
from .page import as_page
from .rounds import Result, compare
from .subject import CompareError
from .table import as_json, as_table
from .whole_file import CannotWriteError, WholeFile

__all__ = [
    "CannotWriteError",
    "Circumstances",
    "CompareError",
    "Result",
    "WholeFile",
    "as_json",
    "as_page",
    "as_table",
    "compare",
]
