"""Tests about the project itself: its structure, its wheel, its documents, and how it is tried.

The modules beside the tests are the tools that they (and the Makefile) use; those that the Makefile
runs need the standard library only.
"""
