"""Tests of what tests are made with: worlds, seeds, networks in memory, contracts, the plugin."""

from __future__ import annotations
