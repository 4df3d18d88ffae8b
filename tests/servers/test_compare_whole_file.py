"""A file that is there whole, or as it was before."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from servers.compare import CannotWriteError, WholeFile

pytestmark = pytest.mark.once


def test_a_file_takes_its_place_when_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    with WholeFile(path) as file:
        assert not path.exists()
        file.write("µs")
        assert path.read_text(encoding="utf-8") == "µs"
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_may_be_read_by_whom_the_umask_lets(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    with WholeFile(tmp_path / "page.html") as file:
        file.write("")
    modes = {path.stat().st_mode for path in tmp_path.iterdir()}
    assert len(modes) == 1


def test_a_file_that_was_there_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.touch()
    path.chmod(0o604)
    with WholeFile(path) as file:
        file.write("new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


def test_what_is_not_written_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), WholeFile(path):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text() == "old"


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    path, link = tmp_path / "folder/page.html", tmp_path / "link.html"
    path.write_text("old")
    link.symlink_to(path)
    with WholeFile(link) as file:
        file.write("new")
    assert link.is_symlink()
    assert path.read_text() == "new"


def test_text_that_is_no_unicode_is_written_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    with WholeFile(path) as file:
        file.write("a name of bytes: \udcff")
    assert path.read_text() == "a name of bytes: \\udcff"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("no/page.html", "no such file or directory"),
        (".", "it is there, and no regular file"),
        ("file/page.html", "not a directory"),
        ("n" * 256, "file name too long"),
        ("loop", "too many"),
    ],
)
def test_what_cannot_be_written_is_told_at_once(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    before = set(tmp_path.iterdir())
    with pytest.raises(CannotWriteError, match=f"cannot write {re.escape(str(tmp_path))}.*{why}"):
        WholeFile(tmp_path / name)
    assert set(tmp_path.iterdir()) == before


def test_a_device_is_not_replaced() -> None:
    with pytest.raises(CannotWriteError, match="cannot write /dev/null: it is there"):
        WholeFile(Path("/dev/null"))
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.skipif(os.geteuid() == 0, reason="only where permissions hold, not as root")
def test_a_file_that_may_not_be_changed_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.touch(0o444)
    with pytest.raises(CannotWriteError, match="may not be changed"):
        WholeFile(path)


def test_what_cannot_be_kept_is_told_and_what_was_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("old")
    with WholeFile(path) as file:
        path.unlink()
        path.mkdir()
        with pytest.raises(CannotWriteError, match="is a directory; name another file"):
            file.write("new")
    assert list(tmp_path.iterdir()) == [path]
