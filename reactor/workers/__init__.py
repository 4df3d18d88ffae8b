"""Floor 3, workers: calls that would hold the loop, in threads of their own."""

from __future__ import annotations
