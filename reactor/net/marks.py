"""Marks: where in what has come the next one is.

Law of this file: no byte is searched twice, but for the few before the end in which a mark may have
begun; and a mark that does not come within a limit is not waited for.
"""

from __future__ import annotations

from reactor.errors import LimitError


def find_mark(
    have: bytes | bytearray, mark: bytes, limit: int, searched: int, owner: object
) -> int:
    """Return how many bytes of have come before mark, -1 if it has not come yet.

    The first so many bytes were searched before, to no avail. Raises LimitError, which names owner,
    if more than limit bytes come before it.
    """
    at = have.find(mark, max(0, searched - len(mark) + 1))
    if at > limit or (at < 0 and len(have) >= limit + len(mark)):
        raise LimitError(
            f"no {mark!r} among the first {limit} bytes of {owner!r}; they are held: give a "
            "higher limit, receive them otherwise, or close it"
        )
    return at


def refuse_empty(mark: bytes, owner: object) -> None:
    """Raise ValueError for a mark that is everywhere."""
    if not mark:
        raise ValueError(f"there is no empty mark to find in {owner!r}; give a byte or more")
