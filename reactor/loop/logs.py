"""The log: what nobody else can be told goes to the logger "reactor".

Law of this file: `logging` is imported when there is something to say. To import it takes as long
as all of this package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging


def log() -> logging.Logger:
    """Return the logger."""
    import logging

    return logging.getLogger("reactor")
