"""The commands of `python -m reactor`, one file each.

Law of this file: what a person can get wrong is answered by one line that says what to do, and by
an exit code; a traceback is a bug of ours. Who reads no more, or presses Ctrl-C, has none either.
What is run for somebody is run when all of that is behind us: its errors are its own.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Final

from . import listing, looking, recording, top, viewing
from .program import Program
from .refusal import NobodyReadsError, RefusalError
from .words import printable

__all__ = ["main"]

PROGRAM: Final = "python -m reactor"
COMMANDS: Final[tuple[ModuleType, ...]] = (recording, viewing, listing, looking, top)
"""A module each, whose add(commands) adds its parser, which has carry_out(arguments): it returns
the Program that is to be run then, None if there is none.
"""


def main(words: Sequence[str] | None = None) -> int:
    """Carry out a command (that of the process unless words are given); return its exit code.

    What a program lets out that `record` runs is raised.
    """
    parser = argparse.ArgumentParser(PROGRAM, description="Look at what a reactor does.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    arguments = parser.parse_args(words)
    try:
        program: Program | None = arguments.carry_out(arguments)
    except RefusalError as refusal:
        sys.stderr.write(f"{PROGRAM}: {printable(str(refusal))}\n")
        return refusal.code
    except NobodyReadsError:
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT  # as a shell has it
    if program is not None:
        program.run()
    return 0
