"""Refusal: why a command does nothing, or no more."""

from __future__ import annotations


class RefusalError(Exception):
    """A command cannot be carried out; the text is one line that says what to do."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code


def why(error: OSError) -> str:
    """Return what the system says, as a part of such a line."""
    return (error.strerror or str(error)).partition(":")[0].lower()  # but for other advice


class NobodyReadsError(Exception):
    """Whoever reads has read enough, as `head` does."""
