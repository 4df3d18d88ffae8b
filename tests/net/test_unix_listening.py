"""listen_unix: which files are removed, and who may connect when."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import stat
import threading
from pathlib import Path

import pytest

from reactor.net import listen_unix
from tests.net.peers import DEADLINE


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "door"


def can_connect(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(DEADLINE)
        return sock.connect_ex(str(path)) == 0


def refused(path: Path, text: str) -> None:
    """See listen_unix refuse path, by its name."""
    with pytest.raises(OSError, match=text) as caught:
        listen_unix(path)
    assert caught.value.errno == errno.EADDRINUSE
    assert caught.value.filename == str(path)


# -- what stands there already


def test_a_file_that_nobody_listens_behind_is_removed(path: Path) -> None:
    for _ in range(2):
        with listen_unix(path):
            assert can_connect(path)
        assert path.is_socket()


def test_a_socket_that_somebody_listens_on_is_left_alone(path: Path) -> None:
    with listen_unix(path):
        before = path.stat()
        refused(path, "Address already in use")
        after = path.stat()
        assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
        assert can_connect(path)


def test_so_is_one_whose_backlog_is_full(path: Path) -> None:
    with listen_unix(path, backlog=0):
        clients = [socket.socket(socket.AF_UNIX) for _ in range(3)]
        for client in clients:
            client.setblocking(False)
            client.connect_ex(str(path))
        refused(path, "Address already in use")
        for client in clients:
            client.close()
        assert path.is_socket()


def test_so_is_one_that_takes_datagrams(path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(path))
        refused(path, "Address already in use")
        assert path.is_socket()


def test_so_is_a_file_that_is_no_socket(path: Path) -> None:
    path.write_text("dear")
    refused(path, "Address already in use by what is no socket")
    assert path.read_text() == "dear"


def test_so_is_a_link_to_a_socket_also_where_nobody_listens(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    listen_unix(path).close()
    link.symlink_to(path)
    refused(link, "Address already in use by what is no socket")
    assert link.is_symlink()
    assert path.is_socket()


def test_a_folder_that_is_not_there_is_an_error_that_names_the_path(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "door"
    with pytest.raises(FileNotFoundError) as caught:
        listen_unix(path)
    assert caught.value.filename == str(path)


def test_a_path_may_be_of_this_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with listen_unix("door") as door:
        assert door.getsockname() == "door"
        assert can_connect(tmp_path / "door")


# -- who may connect when


@pytest.mark.parametrize("mode", [0o600, 0o660, 0o777, 0])
def test_the_file_has_the_mode_whatever_the_umask_is(path: Path, mode: int) -> None:
    umask = os.umask(0o077)
    try:
        with listen_unix(path, mode=mode):
            assert stat.S_IMODE(path.stat().st_mode) == mode
    finally:
        os.umask(umask)


def test_without_a_mode_the_umask_decides(path: Path) -> None:
    umask = os.umask(0o027)
    try:
        with listen_unix(path):
            assert stat.S_IMODE(path.stat().st_mode) == 0o750
    finally:
        os.umask(umask)


def test_nobody_can_connect_before_the_mode_holds(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change, could = os.chmod, list[bool]()

    def look_first(path: str, mode: int) -> None:
        could.append(can_connect(Path(path)))
        change(path, mode)

    monkeypatch.setattr(os, "chmod", look_first)
    with listen_unix(path, mode=0o600):
        assert could == [False]
        assert can_connect(path)


def test_a_mode_that_cannot_be_set_leaves_no_socket_open(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: str, mode: int) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "chmod", fail)
    with pytest.raises(OSError, match=os.strerror(errno.EROFS)):
        listen_unix(path, mode=0o600)


def test_an_interrupt_leaves_no_socket_open(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def strike(path: str, mode: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "chmod", strike)
    with pytest.raises(KeyboardInterrupt):
        listen_unix(path, mode=0o600)


@pytest.mark.parametrize(
    ("path", "mode"), [("/tmp/door", -1), ("/tmp/door", 0o1000), ("\0door", 0o600)]
)
def test_a_mode_that_cannot_be_is_refused(path: str, mode: int) -> None:
    with pytest.raises(ValueError, match=r"cannot have the mode .*; give a file 0 to 0o777$"):
        listen_unix(path, mode=mode)


# -- two at once


def test_one_that_is_about_to_listen_keeps_its_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between bind and listen it looks deserted; the other finds the folder locked, and waits."""
    change, at_the_lock = os.chmod, threading.Event()
    lock, others = fcntl.flock, list[BaseException]()

    def second() -> None:
        try:
            listen_unix(path).close()
        except OSError as error:
            others.append(error)

    thread = threading.Thread(target=second)

    def note(fd: int, how: int) -> None:
        if threading.current_thread() is thread:
            at_the_lock.set()
        lock(fd, how)

    def let_the_other_come(path: str, mode: int) -> None:
        thread.start()
        assert at_the_lock.wait(DEADLINE)
        change(path, mode)

    monkeypatch.setattr(os, "chmod", let_the_other_come)
    monkeypatch.setattr(fcntl, "flock", note)
    with listen_unix(path, mode=0o600):
        thread.join(DEADLINE)
        assert [getattr(error, "errno", None) for error in others] == [errno.EADDRINUSE]
        assert can_connect(path)
