"""Tests of floor 4, sockets: real ones, with peers that behave and peers that do not."""
