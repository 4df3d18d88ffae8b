"""Every server answers as it should, and a wrong answer is noticed; no cost is asserted."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator

import pytest

from tests.benchmarks.echo import REPLIES
from tests.benchmarks.kinds import KINDS, Kind, missing, present, speaking
from tests.benchmarks.loads import Crowd, churn, requests_of
from tests.benchmarks.subject import BenchmarkError, Subject
from tests.benchmarks.under_load import servers

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(not hasattr(select, "epoll"), reason="only where there is an epoll"),
]

HERE = [kind for kind in KINDS if missing(kind) is None]
BYTES, MESSAGES, TLS = (
    [kind for kind in speaking(language) if kind in HERE]
    for language in ("bytes", "message", "tls")
)

Servers = dict[str, Subject]


@pytest.fixture(scope="module")
def echoing() -> Iterator[Servers]:
    with servers(HERE, "echo") as subjects:
        yield subjects


@pytest.fixture(scope="module")
def saying_ok() -> Iterator[Servers]:
    with servers(HERE, "ok") as subjects:
        yield subjects


@pytest.mark.parametrize("kind", HERE)
def test_what_comes_is_sent_back(kind: str, echoing: Servers) -> None:
    language = KINDS[kind].language
    with Crowd(echoing[kind].port, 20, requests_of(1024, language), b"", language) as crowd:
        assert crowd.ask(0.0, 20) == 20


@pytest.mark.parametrize("kind", [*BYTES, *MESSAGES, *TLS])
def test_what_comes_is_sent_back_in_one_piece_or_many(kind: str, echoing: Servers) -> None:
    requests = requests_of(1_000_000, KINDS[kind].language)
    with Crowd(echoing[kind].port, 2, requests, b"", KINDS[kind].language) as crowd:
        assert crowd.ask(0.0, 2) == 2


@pytest.mark.parametrize("kind", BYTES)
def test_clients_may_come_and_go(kind: str, echoing: Servers) -> None:
    if kind == "rloop-protocol":
        pytest.skip("only those who hang up on a client who has half-closed")

    assert churn(echoing[kind].port, 0.01, 3, b"a question") >= 3


@pytest.mark.parametrize("kind", HERE)
def test_what_comes_is_answered(kind: str, saying_ok: Servers) -> None:
    language = KINDS[kind].language
    requests = requests_of(40, language)
    with Crowd(saying_ok[kind].port, 20, requests, REPLIES["ok"], language) as crowd:
        assert crowd.ask(0.0, 20) == 20


def test_the_cpu_time_of_a_server_grows(echoing: Servers) -> None:
    subject = echoing["callbacks"]
    before = subject.cpu()

    with Crowd(subject.port, 1, requests_of(40), b"") as crowd:
        # A guest may be told that the time of a request or two was stolen from it: nobody's then.
        assert any(crowd.ask(0.0, 1) and subject.cpu() > before for _ in range(1000))


def test_a_wrong_reply_is_noticed(echoing: Servers) -> None:
    with pytest.raises(BenchmarkError, match="a reply was wrong after 0 bytes: b'A"):
        Crowd(echoing["callbacks"].port, 1, [b"AB"], b"CD")


def test_what_comes_after_the_replies_is_noticed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        half = threading.Thread(target=_answer_half, args=(listener,))
        half.start()
        with pytest.raises(BenchmarkError, match="more came than the replies, or an end"):
            _look_when_all_is_over(listener.getsockname()[1], half)


def _look_when_all_is_over(port: int, server: threading.Thread) -> None:
    with Crowd(port, 1, [b"OK?"], b"OK") as crowd:
        server.join()
        crowd.ask(0.0, 0)


def test_a_reply_that_ends_early_is_noticed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        half = threading.Thread(target=_answer_half, args=(listener,))
        half.start()
        with pytest.raises(BenchmarkError, match="a reply was wrong after 2 bytes: b''"):
            Crowd(listener.getsockname()[1], 1, [b"four"], b"")
        half.join()


def _answer_half(listener: socket.socket) -> None:
    with listener.accept()[0] as client:
        client.sendall(client.recv(100)[:2])


def test_a_server_that_does_not_start_says_why() -> None:
    with pytest.raises(BenchmarkError, match="nonsense did not start: give a kind and a port"):
        with Subject("nonsense", "echo"):
            pass


def test_a_server_is_ended_with_who_stands_in_front_of_it() -> None:
    with Subject("bare", "echo", before=("sh", "-c", '"$@"; exit', "sh")) as subject:
        pass

    with pytest.raises((OSError, BenchmarkError)):  # nobody is there, or about to be gone
        Crowd(subject.port, 1, [b"hello"], b"")


def test_what_is_missing_is_said_and_left_out() -> None:
    told: list[str] = []
    reasons = {"here": None, "there": "it is elsewhere"}

    assert present(("here", "there"), told.append, reasons.__getitem__) == ["here"]
    assert told == ["left out: there: it is elsewhere"]


def test_a_library_that_is_not_installed_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "strange", Kind("echo_others", "strange", "no_such_library"))

    assert "no_such_library is not installed" in (missing("strange") or "")
