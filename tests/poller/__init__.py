"""Floor 0: what the system can tell us, held against itself and against CPython's own tests."""

from __future__ import annotations
