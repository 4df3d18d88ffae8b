"""`python3 -m servers compare`: all rooms under the same loads, side by side.

Read loads.py (what a server is put through), usage.py (what that cost it, by /proc), subject.py
(the server as a process), rounds.py (in which order), then table.py.
"""

from __future__ import annotations

from .rounds import Result, compare
from .subject import CompareError
from .table import as_json, as_table

__all__ = ["CompareError", "Result", "as_json", "as_table", "compare"]
