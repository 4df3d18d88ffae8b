"""Tests of `python -m reactor`, a file for each of its commands."""
