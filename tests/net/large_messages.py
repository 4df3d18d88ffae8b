"""Receives large messages, and prints how many page faults the second half of them cost.

Law of this file: nothing else runs in its process, for it is the allocator's state that is asked
after, and everything that was ever let go has its part in that.
"""

from __future__ import annotations

import resource
from typing import Final

from reactor import Steps, coroutine, run
from reactor.net import Connection, stream_pair

SIZE: Final = 128 * 1024
MESSAGES: Final = 100


def page_faults() -> int:
    """Return how many there were so far that needed no I/O (ru_minflt, man 2 getrusage)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


@coroutine
def exchange(near: Connection, far: Connection) -> Steps[None]:
    """Send MESSAGES from far to near, one at a time."""
    message = bytes(SIZE)
    for _ in range(MESSAGES):
        yield from far.send_all(message)
        left = SIZE
        while left:
            left -= len((yield from near.receive()))


@coroutine
def main() -> Steps[int]:
    """Return the page faults of MESSAGES large messages, after as many that do not count."""
    near, far = stream_pair()
    with near, far:
        yield from exchange(near, far)
        before = page_faults()
        yield from exchange(near, far)
        return page_faults() - before


if __name__ == "__main__":
    print(run(main))
