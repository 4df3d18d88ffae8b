"""Tests of reactor.command.

Law of this folder: a command is a process, and what it says and leaves behind is what counts.
"""
