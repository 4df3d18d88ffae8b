"""What strict mypy infers of the commands of `python -m reactor`."""

from __future__ import annotations

from typing import assert_type

from reactor.command import main


def call() -> None:
    assert_type(main(), int)
    assert_type(main(["view", "run.jsonl", "--text"]), int)
    assert_type(main(["ps", "--json"]), int)
