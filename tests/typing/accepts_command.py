"""What strict mypy infers of the commands of `python -m reactor`."""

from __future__ import annotations

from typing import assert_type

from reactor.command import main


def carried_out() -> None:
    assert_type(main(), int)
    assert_type(main(["ps", "--json"]), int)
