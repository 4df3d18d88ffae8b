"""Note: what somebody who looks wants of a call.

Law of this file: a call that nobody looks at has none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Note:
    """Beside a handle: line is which asked for the call, check is called before it is called off,
    and tell(handle) when it is, while it still has its function.
    """

    __slots__ = ("check", "line", "tell")

    def __init__(self, line: str | None = None, check: Callable[[], None] = lambda: None) -> None:
        self.line: str | None = line
        self.check: Callable[[], None] = check
        # Any is the handle, which is one file further up.
        self.tell: Callable[[Any], object] = lambda handle: None
