"""The four hooks that a loop asks of a poller, as their signatures have it, in a few words.

python3 -m docs.book.programs.mechanism_in_words
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from reactor.poller import Mechanism

WORDS: dict[Callable[..., Any], str] = {
    Mechanism.add: "begin to watch a descriptor",
    Mechanism.change: "watch it for something else",
    Mechanism.drop: "watch it no longer",
    Mechanism.wait: "sleep until something is ready; return who, and how",
}


def lines() -> list[str]:
    told = []
    for hook, words in WORDS.items():
        names = ", ".join(name for name in inspect.signature(hook).parameters if name != "self")
        told.append(f"{f'{hook.__name__}({names})':<24}{words}")
    return told


if __name__ == "__main__":
    print("\n".join(lines()))
