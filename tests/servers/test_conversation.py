"""The conversation without a server."""

from __future__ import annotations

import pytest

from servers.conversation import answer


@pytest.mark.parametrize("size", [1, 2, 511, 512])
def test_what_one_receive_brings_has_one_reply(size: int) -> None:
    assert answer(bytes(size)) == b"OK\n"


@pytest.mark.parametrize("size", [0, 513])
def test_what_no_receive_brings_has_none(size: int) -> None:
    with pytest.raises(ValueError, match=f"a receive of {size} bytes has no reply; pass on 1 to"):
        answer(bytes(size))
