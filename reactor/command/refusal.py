"""Refusal: why a command does nothing."""

from __future__ import annotations

import os


class RefusalError(Exception):
    """A command cannot be carried out; the text is one line that says what to do."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code


def why(error: OSError) -> str:
    """Return what the system says, as a part of such a line."""
    return (str(error) if error.errno is None else os.strerror(error.errno)).lower()
