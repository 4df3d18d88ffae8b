"""Tests of work done in threads."""

from __future__ import annotations
