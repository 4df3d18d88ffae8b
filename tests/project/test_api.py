"""docs/api.md says what the code says; and what is public of a package is found wherever it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.project.api import PAGE, Api, api
from tests.project.environments import PROJECT
from tests.project.sources import read

pytestmark = pytest.mark.once

TREE = {
    "parcel/__init__.py": '''
        """Parcels: what is sent."""
        from .inner import MOST, Box, Sized, pack
        from .inner.deep import Lid as Lid
        __all__ = ["MOST", "Box", "Lid", "Sized", "pack"]
        ''',
    "parcel/inner/__init__.py": '''
        """Inside. Not all is public."""
        from .deep import Lid
        MOST = 5
        """So many. Not more."""
        __all__ = ["Box", "Closed", "Lid"]
        class _Bare:
            def shut(self, *, tight: bool = True) -> None:
                """Shut it. It can be opened again."""
        class Box(_Bare):
            """A box, made
            to be filled. It has a lid."""
            def __init__(self, size: int, /, *things: object, of: str = "wood") -> None:
                """Make it."""
            @property
            def size(self) -> int:
                """How large it is."""
                return 1
            @staticmethod
            def empty(size: int) -> int:
                """Return one."""
                return size
            def bare(self) -> None: ...
            def _hidden(self) -> None:
                """Nobody's business."""
        class Closed(Box):
            """Made by Box.shut."""
        class Sized(NamedTuple):
            """Its size"""
            size: int
        def pack(box: Box, times: int = 2) -> None:
            """Put it in. Raises BusyError.

            More.
            """
        ''',
    "parcel/inner/deep.py": '''
        """Deep down."""
        class Lid:
            """Fits on a box."""
        ''',
}

WANTED = """
## parcel

Parcels: what is sent.

- `Box(size, /, *things, of='wood')`: A box, made to be filled.
  - `empty(size)`: Return one.
  - `shut(*, tight=True)`: Shut it.
  - `size`: How large it is.
- `Lid`: Fits on a box.
- `pack(box, times=2)`: Put it in.
- `Sized(size)`: Its size
- `MOST`: So many.

## parcel.inner

Inside.

- `Closed`: Made by Box.shut.

As in `parcel`: `Box`, `Lid`.
"""


def tree(folder: Path, **changes: str) -> Api:
    for name, text in {**TREE, **changes}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(line[8:] for line in text.split("\n")))
    return Api(read(folder, "parcel"))


def test_the_page_says_what_the_code_says() -> None:
    assert (PROJECT / PAGE).read_text() == api().page(), (
        f"{PAGE} is not what the code says; write it anew: python3 -m tests.project.api"
    )


def test_public_names_are_told_with_arguments_and_first_sentence(tmp_path: Path) -> None:
    page = tree(tmp_path).page()

    assert page[page.index("\n## ") :] == WANTED


def test_a_name_that_is_listed_and_not_there_is_refused(tmp_path: Path) -> None:
    broken = tree(tmp_path, **{"parcel/inner/deep.py": '        """Deep down."""'})

    with pytest.raises(ValueError, match=r"^parcel lists Lid, which is defined nowhere; mend __"):
        broken.page()


def test_a_name_without_a_docstring_is_refused(tmp_path: Path) -> None:
    silent = tree(tmp_path, **{"parcel/inner/deep.py": "        class Lid: ..."})

    with pytest.raises(ValueError, match=r"^parcel\.Lid has no docstring; write one$"):
        silent.page()


def test_a_package_that_lists_nothing_is_refused(tmp_path: Path) -> None:
    open_house = tree(tmp_path, **{"parcel/inner/__init__.py": '        """Inside."""'})

    with pytest.raises(ValueError, match=r"^parcel/inner/__init__\.py has no __all__; list what"):
        open_house.public()
