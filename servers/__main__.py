"""`python3 -m servers`: nothing installed, a bare interpreter is enough.

Law of this file: every Python can read it, even one too old for all the rest, so that who has
such a one is told so in one line. That is why it lacks the __future__ import that opens our other
files.
"""
# ruff: noqa: I002  # see above

import signal
import sys

if sys.version_info < (3, 11):  # noqa: UP036  # the line below is for exactly those versions
    sys.stderr.write("servers: this Python is too old; run them with Python 3.11 or later\n")
    sys.exit(2)

# The rest takes a moment to read, in which Ctrl-C is an exit code already, and no traceback.
for signum in (signal.SIGINT, signal.SIGTERM):
    signal.signal(signum, lambda signum, frame: sys.exit(128 + signum))

from servers.command import main  # noqa: E402  # see above

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
