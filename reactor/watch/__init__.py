"""Floor 3, watching: who waits for what, and where.

Read explanation.py.
"""

from __future__ import annotations

from .explanation import Place, explain, stack_of

__all__ = ["Place", "explain", "stack_of"]
