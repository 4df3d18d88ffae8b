"""Tests that nobody starves, whoever is busy, and that nothing turns in vain."""

from __future__ import annotations
