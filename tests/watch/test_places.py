"""Where inspectors are found: a private folder, or none."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from reactor import Reactor, ReactorError
from reactor.watch import Inspected, inspectable
from tests.poller.children import in_child
from tests.watch.subjects import of_somebody_else


def opened(folder: Path) -> None:
    folder.mkdir(0o700)
    folder.chmod(0o755)


def linked(folder: Path) -> None:
    real = folder.with_name("real")
    real.mkdir(0o700)
    folder.symlink_to(real)


def a_file(folder: Path) -> None:
    folder.touch()


HOSTILE = [(opened, "open to others"), (linked, "is not a folder"), (a_file, "is not a folder")]


@pytest.mark.parametrize(("make", "wrong"), HOSTILE)
def test_in_a_hostile_folder_nothing_is_opened_which_is_logged_and_harms_nothing(
    make: Callable[[Path], None], wrong: str, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make(home / "reactor")

    with Reactor(inspect=True) as reactor:
        reactor.call_soon(reactor.stop)
        reactor.run()

    assert "cannot be looked into" in caplog.text
    assert wrong in caplog.text
    assert not list(home.rglob("*.1"))


@pytest.mark.parametrize(("make", "wrong"), HOSTILE)
def test_who_looks_believes_no_hostile_folder(
    make: Callable[[Path], None], wrong: str, home: Path
) -> None:
    make(home / "reactor")

    with suppress(ReactorError):  # which it is, unless somebody is in the other folder
        assert all(home not in one.path.parents for one in inspectable())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who has no folder")
@pytest.mark.parametrize(("make", "wrong"), HOSTILE)
def test_who_looks_and_finds_nothing_is_told_of_it(
    make: Callable[[Path], None], wrong: str, home: Path
) -> None:
    home.chmod(0o777)

    def scenario() -> None:
        os.setuid(100_000 + os.getpid())
        make(home / "reactor")
        with pytest.raises(ReactorError, match=wrong):
            inspectable()

    assert in_child(scenario) == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_not_believed(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = home / "reactor"
    folder.mkdir(0o700)
    os.chown(folder, 12345, 12345)

    with Reactor(inspect=True):
        pass

    assert "belongs to another user, 12345" in caplog.text


def test_a_path_that_is_too_long_for_a_socket_is_logged(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    deep = home / ("x" * 120)
    deep.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))

    with Reactor(inspect=True):
        pass

    assert "too long; set XDG_RUNTIME_DIR to a short path of yours" in caplog.text
    assert list((deep / "reactor").iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who has no folder")
@pytest.mark.parametrize("variable", [None, "", "relative", "/nowhere/at/all"])
def test_without_a_session_there_is_a_folder_for_each_user(
    variable: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if variable is None:
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    else:
        monkeypatch.setenv("XDG_RUNTIME_DIR", variable)
    user = 100_000 + os.getpid()
    folder = Path(f"/tmp/reactor-{user}")

    def scenario() -> None:
        os.setuid(user)
        assert inspectable() == []
        with Reactor(inspect=True):
            path = folder / f"{os.getpid()}.1"
            assert inspectable() == [Inspected(os.getpid(), 1, path)]
            assert folder.stat().st_mode & 0o777 == 0o700
            assert path.stat().st_mode & 0o777 == 0o600
        folder.rmdir()

    assert in_child(scenario) == 0


def test_other_files_in_the_folder_are_left_alone(home: Path) -> None:
    folder = home / "reactor"
    folder.mkdir(0o700)
    names = ["notes", "1", "1.x", "x.1", "1.2.3", "\u00b2.1"]
    for name in names:
        (folder / name).touch()

    assert [one for one in inspectable() if home in one.path.parents] == []
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)


def left_behind(home: Path, pid: int) -> Path:
    """Return what is in the folder as if process pid had answered there."""
    folder = home / "reactor"
    folder.mkdir(0o700)
    path = folder / f"{pid}.1"
    path.touch()
    assert path not in [one.path for one in inspectable()]
    return path


@pytest.mark.parametrize("pid", [1, os.getpid()])
def test_what_a_live_process_has_there_is_left_alone(pid: int, home: Path) -> None:
    assert left_behind(home, pid).exists()


def test_so_is_what_a_process_of_another_user_has_there(home: Path) -> None:
    if os.geteuid() == 0:
        os.chown(home, 12345, -1)
    with of_somebody_else() as pid:
        assert left_behind(home, pid).exists()


def test_what_a_dead_one_has_left_is_removed(home: Path) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)

    assert not left_behind(home, child).exists()


def test_so_is_what_no_process_can_have_left(home: Path) -> None:
    assert not left_behind(home, 1 << 70).exists()
