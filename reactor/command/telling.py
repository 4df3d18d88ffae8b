"""Telling: what a command writes to standard output, a line each.

Law of this file: who has read enough may go, and nobody complains; an output that takes nothing is
told in one line, as all that goes wrong.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from io import TextIOWrapper

from .refusal import NobodyReadsError, RefusalError


def tell(lines: Iterable[str]) -> None:
    """Write lines. Raises NobodyReadsError when the reader has gone, RefusalError where nothing
    can be written.
    """
    if sys.stdout is None:
        raise RefusalError("there is no standard output; do not close it")
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # not all that is told is in all locales
    try:
        sys.stdout.writelines(f"{line}\n" for line in lines)
        sys.stdout.flush()
    except OSError as error:
        _drop_the_rest()
        if isinstance(error, BrokenPipeError):
            raise NobodyReadsError from None
        why = (error.strerror or str(error)).lower()
        raise RefusalError(f"cannot write what was found: {why}; send it elsewhere") from None


def _drop_the_rest() -> None:
    """Python flushes once more when it ends, and would complain of that."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
