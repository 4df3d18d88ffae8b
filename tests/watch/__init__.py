"""Tests of what looks into a reactor."""

from __future__ import annotations
