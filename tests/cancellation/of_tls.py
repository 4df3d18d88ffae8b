"""From a plain stream to a secret one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from reactor import ClosedError, ReactorError, TaskGroup, sleep
from reactor.net import Stream, TlsStream, tls_client, tls_server
from tests.cancellation.case import Case, case
from tests.cancellation.trial import Trial
from tests.net.tls_parts import HOST, client_context, server_context


def _client(stream: Stream) -> Any:
    return tls_client(stream, client_context(), host=HOST)


def _server(stream: Stream) -> Any:
    return tls_server(stream, server_context())


def _shaken(operation: str, ours: Callable[[Stream], Any], theirs: Callable[[Stream], Any]) -> Case:
    async def meet(stream: Stream) -> None:
        """Shake hands, and receive until the other end has ended or was broken off."""
        with stream, suppress(OSError, ReactorError):
            secret: TlsStream = await theirs(stream)
            await secret.receive()

    @case(operation, "TlsStream.shake_hands", parks=2)
    async def hands_are_shaken(trial: Trial) -> None:
        near, far = trial.network.stream_pair()
        async with TaskGroup() as group:
            group.spawn(meet, far)
            trial.attempt(lambda: ours(near))
            if await trial.was_cancelled():
                with pytest.raises(ClosedError):
                    await near.receive()
            else:
                await trial.task.result.send_end()
                near.close()
        await sleep(1)  # until all that is on its way has arrived

    return hands_are_shaken


clients = _shaken("tls_client", _client, _server)
servers = _shaken("tls_server", _server, _client)
