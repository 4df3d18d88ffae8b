"""Tests of what tasks wait for together."""

from __future__ import annotations
