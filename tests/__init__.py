"""Tests of the reactor, floor by floor; `docs/contributing.md` says how they read."""
