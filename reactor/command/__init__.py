"""The commands of `python -m reactor`, one file each.

Law of this file: what a person can get wrong is answered by one line that says what to do, and by
an exit code; a traceback is a bug of ours.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Final

from . import listing, looking, recording, top, viewing
from .refusal import NobodyReadsError, RefusalError

__all__ = ["main"]

PROGRAM: Final = "python -m reactor"
COMMANDS: Final[tuple[ModuleType, ...]] = (recording, viewing, listing, looking, top)
"""A module each, whose add(commands) adds its parser, which has carry_out(arguments) -> int."""


def main(words: Sequence[str] | None = None) -> int:
    """Carry out a command (that of the process unless words are given); return its exit code."""
    parser = argparse.ArgumentParser(PROGRAM, description="Look at what a reactor does.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    arguments = parser.parse_args(words)
    try:
        code: int = arguments.carry_out(arguments)
    except RefusalError as refusal:
        sys.stderr.write(f"{PROGRAM}: {refusal}\n")
        return refusal.code
    except NobodyReadsError:
        return 1
    return code
