"""A forwarder of DNS, asked by dig and by clients who send what dig would not."""

from __future__ import annotations

import re
import signal
import socket
from collections.abc import Iterator

import dns.flags
import dns.message
import pytest
from dns.message import Message

from tests.examples.parts import Example, run
from tests.examples.upstream import Upstream, address, cut, denial
from tests.net.peers import DEADLINE

pytestmark = pytest.mark.once

QUERY = b"\x12\x34\1\0\0\1\0\0\0\0\0\0\4last\3org\0\0\1\0\1"
ANSWERED = b"\x12\x34\x81\x80"
REFUSED = b"\x12\x34\x81\1" + bytes(8)


@pytest.fixture(scope="module")
def everybodys_upstream() -> Iterator[Upstream]:
    with Upstream() as upstream:
        yield upstream


@pytest.fixture(scope="module")
def forwarder(everybodys_upstream: Upstream) -> Iterator[Example]:
    """One for all, so each test asks for names of its own: what is answered is remembered."""
    with start(everybodys_upstream.port, "--seconds", "20") as forwarder:
        yield forwarder


@pytest.fixture
def upstream(everybodys_upstream: Upstream) -> Upstream:
    everybodys_upstream.asked().clear()
    everybodys_upstream.answering = knows
    return everybodys_upstream


def start(upstream: int, *options: str) -> Example:
    return Example("dns_forwarder", "127.0.0.1", "--upstream-port", str(upstream), *options)


def dig(forwarder: Example, *words: str) -> str:
    """Return what dig says to the first answer."""
    how = ("+tries=1", "+timeout=20", "+ignore", "+noall", "+comments", "+answer")
    status, said = run("dig", "@127.0.0.1", "-p", str(forwarder.port), *how, *words)
    assert status == 0, said
    return said


def connect(forwarder: Example) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.settimeout(DEADLINE)
    sock.connect(forwarder.address)
    return sock


def knows(query: Message) -> list[Message | bytes]:
    """Say that every name is at 192.0.2.1."""
    return [address(query)]


@pytest.mark.needs("dig")
def test_dig_is_answered_by_the_upstream_and_then_from_memory(
    forwarder: Example, upstream: Upstream
) -> None:

    for _ in range(2):
        said = dig(forwarder, "known.org")
        assert "status: NOERROR" in said
        assert re.search(
            r"^known\.org\.\s+(300|2\d\d)\s+IN\s+A\s+192\.0\.2\.1$", said, re.MULTILINE
        )
    dig(forwarder, "known.org", "AAAA")
    dig(forwarder, "known.org", "+dnssec")

    assert [bool(query.ednsflags & dns.flags.DO) for query in upstream.asked()] == [
        False,
        False,
        True,
    ]


@pytest.mark.needs("dig")
def test_an_answer_is_kept_as_long_as_it_says(forwarder: Example, upstream: Upstream) -> None:

    upstream.answering = lambda query: [address(query, ttl=0)]

    dig(forwarder, "brief.org")
    dig(forwarder, "brief.org")

    assert len(upstream.asked()) == 2


@pytest.mark.needs("dig")
def test_that_there_is_no_such_name_is_remembered_too(
    forwarder: Example, upstream: Upstream
) -> None:

    upstream.answering = lambda query: [denial(query)]

    assert "status: NXDOMAIN" in dig(forwarder, "nobody.org")
    said = dig(forwarder, "nobody.org", "+authority")
    assert "status: NXDOMAIN" in said
    assert re.search(r"^org\.\s+(60|[345]\d)\s+IN\s+SOA", said, re.MULTILINE)
    assert len(upstream.asked()) == 1


@pytest.mark.needs("dig")
def test_an_upstream_that_is_silent_is_a_failure(upstream: Upstream) -> None:
    upstream.answering = lambda query: []

    with start(upstream.port, "--seconds", "0.05") as forwarder:
        assert "status: SERVFAIL" in dig(forwarder, "silence.org")
    assert len(upstream.asked()) == 3


@pytest.mark.needs("dig")
def test_an_upstream_that_is_not_there_is_a_failure() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    with start(port, "--seconds", "0.05") as forwarder:
        assert "status: SERVFAIL" in dig(forwarder, "nowhere.org")


@pytest.mark.needs("dig")
def test_answers_to_what_was_not_asked_are_passed_over(
    forwarder: Example, upstream: Upstream
) -> None:

    def forges(query: Message) -> list[Message | bytes]:
        other_number = address(query, "192.0.2.66")
        other_number.id ^= 1
        other_name = dns.message.make_query("other.org", "A", id=query.id)
        no_answer = dns.message.make_query("forged.org", "A", id=query.id)
        garbage = query.id.to_bytes(2, "big") + b"\x81\x80\0\1\0\1\0\0\0\0garbage"
        good = address(query)
        return [other_number, address(other_name, "192.0.2.66"), no_answer, garbage, b"!", good]

    upstream.answering = forges

    said = dig(forwarder, "forged.org")
    assert "192.0.2.1" in said
    assert "192.0.2.66" not in said
    assert len(upstream.asked()) == 1


def test_many_are_looked_after_at_a_time_and_each_gets_his_own(
    forwarder: Example, upstream: Upstream
) -> None:

    waiting: dict[str, Message] = {}

    def answers_when_all_have_asked(query: Message) -> list[Message | bytes]:
        waiting[host_of(query)] = query
        if len(waiting) < 100:
            return []
        return [address(each, host) for host, each in reversed(waiting.items())]

    def host_of(query: Message) -> str:
        return f"192.0.2.{query.question[0].name.labels[0].decode()}"

    upstream.answering = answers_when_all_have_asked
    queries = [
        dns.message.make_query(f"{number}.many.org", "A", id=number) for number in range(100)
    ]
    with connect(forwarder) as client:
        for query in queries:
            client.send(query.to_wire())
        came = [dns.message.from_wire(client.recv(1000)) for _ in queries]

    answers = {answer.id: answer for answer in came}
    for query in queries:
        assert query.is_response(answers[query.id])
        assert f" {host_of(query)}" in str(answers[query.id].answer[0])


@pytest.mark.needs("dig")
def test_an_answer_that_was_cut_is_passed_on_and_not_kept(
    forwarder: Example, upstream: Upstream
) -> None:

    upstream.answering = lambda query: [cut(query)]

    assert re.search("flags:.* tc", dig(forwarder, "cut.org"))
    assert re.search("flags:.* tc", dig(forwarder, "cut.org"))
    assert len(upstream.asked()) == 2


@pytest.mark.needs("dig")
def test_an_answer_is_cut_to_what_the_client_takes(forwarder: Example, upstream: Upstream) -> None:

    def knows_many(query: Message) -> list[Message | bytes]:
        answer = address(query)
        for number in range(50):
            answer.answer += address(query, f"198.51.100.{number}").answer
        return [answer]

    upstream.answering = knows_many

    assert not re.search("flags:.* tc", dig(forwarder, "long.org"))
    assert re.search("flags:.* tc", dig(forwarder, "long.org", "+noedns"))
    assert len(upstream.asked()) == 1


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        (QUERY[:4] + bytes(8), REFUSED),  # it asks nothing
        (QUERY[:-1], REFUSED),
        (QUERY + b"!", REFUSED),
        (QUERY[:4] + b"\0\2" + QUERY[6:] + QUERY[12:], REFUSED),  # it asks two things
        (bytes(range(256)) * 255, b"\0\1\x80\1" + bytes(8)),
        (b"\x12\x34\x28\0" + QUERY[4:], b"\x12\x34\xa8\4" + bytes(8)),  # an update
    ],
)
def test_what_is_no_question_is_told_so(
    forwarder: Example, upstream: Upstream, query: bytes, answer: bytes
) -> None:
    with connect(forwarder) as client:
        client.send(query)
        assert client.recv(1000) == answer
    assert len(upstream.asked()) == 0


def test_nonsense_and_answers_are_not_answered(forwarder: Example, upstream: Upstream) -> None:
    with connect(forwarder) as client:
        client.send(b"")
        client.send(QUERY[:11])
        client.send(QUERY[:2] + b"\x81" + QUERY[3:-1])
        client.send(QUERY)
        assert client.recv(1000).startswith(ANSWERED)


def test_who_was_answered_makes_room_for_the_next(forwarder: Example) -> None:
    with connect(forwarder) as client:
        for _ in range(1001):
            client.send(QUERY[:-1])
            assert client.recv(1000) == REFUSED


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_whom_it_has_taken_in_before_it_ends(upstream: Upstream, signum: int) -> None:
    lost: list[Message] = []
    with start(upstream.port, "--seconds", "1") as ending, connect(ending) as client:

        def ends_it_and_loses_the_first(query: Message) -> list[Message | bytes]:
            if lost:
                return knows(query)
            lost.append(query)
            ending.send(signum)
            return []

        upstream.answering = ends_it_and_loses_the_first
        client.send(QUERY)
        assert client.recv(1000).startswith(ANSWERED)
        assert ending.end() == 0
