"""Import and first turn: prints the CPU seconds from before the import to after the turn.

    python -I tests/benchmarks/first_turn.py LIBRARY

It is run by its path, alone, so that nothing that the library needs is loaded before.
"""

from __future__ import annotations

import sys
import time


def reactor() -> None:
    """Take one turn of ours."""
    from reactor import Reactor

    with Reactor() as loop:
        loop.call_soon(loop.stop)
        loop.run()


def asyncio() -> None:
    """Take one turn of asyncio's."""
    from asyncio import new_event_loop

    loop = new_event_loop()
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.close()


def main() -> None:
    """Print what it took."""
    sys.path.insert(0, __file__.rpartition("/tests/")[0])
    first_turn = {"reactor": reactor, "asyncio": asyncio}[sys.argv[1]]
    began = time.process_time()
    first_turn()
    print(time.process_time() - began)


if __name__ == "__main__":
    main()
