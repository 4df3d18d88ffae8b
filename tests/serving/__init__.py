"""Tests of services: clients of a server on Unix sockets in a World, and over TCP for real."""

from __future__ import annotations
