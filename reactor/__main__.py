"""`python -m reactor`: what somebody does with a reactor from outside."""

from __future__ import annotations

import sys

from reactor.command import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
