"""Each law of the house, broken: a small house of these files, and the complaint that it gets."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.project import floors, shape, sources, state
from tests.project.sources import Module
from tests.project.test_structure import LAWS, Law

pytestmark = pytest.mark.once


class Broken(NamedTuple):
    """A law, files that break it, and the complaint; by default about the first file."""

    law: Law
    files: dict[str, str]
    complaint: str


def function_of(lines: int) -> str:
    """Return a function of so many lines of code, with lines between them that are none."""
    return "def f():\n    '''Doc\n    string.'''\n" + "\n    # why\n    f()\n" * (lines - 1)


UP = "which is not below"
KEEP = "a module may keep constants only; give it to an object"

BROKEN = [
    Broken(
        floors.imports_go_down,
        {"reactor/poller/base.py": "from reactor.loop import Reactor"},
        f"reactor/poller/base.py:1: reactor.poller imports reactor.loop, {UP}",
    ),
    Broken(
        floors.imports_go_down,
        {"reactor/loop/ready.py": "if TYPE_CHECKING:\n    from reactor.tasks import Task"},
        f"reactor/loop/ready.py:2: reactor.loop imports reactor.tasks, {UP}",
    ),
    Broken(
        floors.imports_go_down,
        {"reactor/loop/ready.py": "def f():\n    import reactor.net"},
        f"reactor/loop/ready.py:2: reactor.loop imports reactor.net, {UP}",
    ),
    Broken(
        floors.imports_go_down,
        {"reactor/watch/turns.py": "from ..serving import serve"},
        f"reactor/watch/turns.py:1: reactor.watch imports reactor.serving, {UP}",
    ),
    Broken(
        floors.imports_go_down,
        {"reactor/net/tls.py": "from reactor import Reactor"},
        f"reactor/net/tls.py:1: reactor.net imports reactor, {UP}",
    ),
    Broken(
        floors.imports_go_down,
        {"reactor/errors.py": "from servers.catalog import NINE"},
        f"reactor/errors.py:1: reactor.errors imports servers, {UP}",
    ),
    Broken(
        floors.imports_go_down,
        {"reactor/attic/__init__.py": ""},
        "reactor/attic/__init__.py:1: reactor.attic is on no floor;"
        " give it one in tests/project/floors.py",
    ),
    Broken(
        floors.floors_are_entered_by_the_door,
        {"servers/simple/on_reactor.py": "from reactor.poller.base import Poller"},
        "servers/simple/on_reactor.py:1: imports reactor.poller.base; go through reactor.poller",
    ),
    Broken(
        floors.floors_are_entered_by_the_door,
        {"reactor/loop/ready.py": "from reactor.poller import base", "reactor/poller/base.py": ""},
        "reactor/loop/ready.py:1: imports reactor.poller.base; go through reactor.poller",
    ),
    Broken(
        floors.imports_make_no_circle,
        {
            "servers/catalog.py": "def f():\n    from servers import command",
            "servers/command.py": "from . import catalog",
        },
        "a circle of imports: servers.catalog <- servers.command <- servers.catalog",
    ),
    Broken(
        floors.nothing_is_depended_on,
        {"reactor/net/tls.py": "import ssl\nfrom attrs import define"},
        "reactor/net/tls.py:2: imports attrs, which is not in the standard library",
    ),
    Broken(
        floors.nothing_is_depended_on,
        {"reactor/net/tls.py": "import servers.catalog"},
        "reactor/net/tls.py:1: imports servers.catalog, which is not in the standard library",
    ),
    *(
        Broken(
            floors.pollers_are_hand_built,
            {"reactor/poller/base.py": source},
            "reactor/poller/base.py:1: uses EpollSelector;"
            " a poller is built on the select module itself",
        )
        for source in (
            "from selectors import EpollSelector as E",
            "poller = selectors.EpollSelector()",
            "poller = getattr(selectors, 'EpollSelector')",
        )
    ),
    Broken(
        shape.modules_have_names_of_their_own,
        {"reactor/poller/select.py": ""},
        "reactor/poller/select.py:1: select is a module of the standard library; rename it",
    ),
    Broken(
        shape.modules_have_names_of_their_own,
        {"servers/select/__init__.py": ""},
        "servers/select/__init__.py:1: select is a module of the standard library; rename it",
    ),
    Broken(
        shape.modules_have_names_of_their_own,
        {"servers/utils.py": ""},
        "servers/utils.py:1: utils does not say what it holds; rename it",
    ),
    Broken(
        shape.modules_open_with_a_docstring,
        {"reactor/loop/_ready.py": "# no docstring"},
        "reactor/loop/_ready.py:1: reactor.loop._ready has no docstring; it opens with its law",
    ),
    Broken(
        shape.public_names_are_documented,
        {"reactor/errors.py": "class Lost(Exception):\n    pass"},
        "reactor/errors.py:1: Lost is public and has no docstring",
    ),
    Broken(
        shape.public_names_are_documented,
        {"reactor/errors.py": "if True:\n    def lose():\n        pass"},
        "reactor/errors.py:2: lose is public and has no docstring",
    ),
    Broken(
        shape.public_names_are_documented,
        {"reactor/errors.py": "class A:\n  'A.'\n  @property\n  async def lose(self): pass"},
        "reactor/errors.py:4: lose is public and has no docstring",
    ),
    Broken(
        shape.public_names_are_documented,
        {"reactor/errors.py": "class A:\n  'A.'\n  def f(self): pass\nclass B(A):\n  'B.'"},
        "reactor/errors.py:3: f is public and has no docstring",
    ),
    Broken(
        shape.public_names_are_documented,
        {"reactor/errors.py": "class AContract:\n 'A.'\n def test_a(): pass\n def b(): pass"},
        "reactor/errors.py:4: b is public and has no docstring",
    ),
    Broken(
        shape.files_are_short,
        {"servers/long.py": "# line\n" * 300},
        "servers/long.py:300: 300 lines; find what can stand in a file of its own",
    ),
    Broken(
        shape.functions_are_short,
        {"servers/long.py": function_of(40) + "def g(): pass\n" * 9},
        "servers/long.py:1: f has 40 lines of code; split it",
    ),
    Broken(
        shape.functions_are_short,
        {"servers/long.py": function_of(10) * 9},
        "half of all functions have 10 lines of code or more",
    ),
    Broken(
        shape.the_core_reads_in_an_afternoon,
        {
            "reactor/loop/reactor.py": "f()\n" * 640,
            "reactor/poller/mechanism.py": "f()\n" * 50,
            "reactor/poller/select_poller.py": "f()\n" * 99,
            "reactor/tasks/task.py": "f()\n" * 600,
        },
        "the core has 1290 lines of code, and may have 1289: reactor/loop/reactor.py 640,"
        " reactor/poller/mechanism.py 50, reactor/tasks/task.py 600",
    ),
    *(
        Broken(
            state.modules_keep_no_state,
            {"reactor/net/names.py": source},
            f"reactor/net/names.py:1: {complaint}; {KEEP}",
        )
        for source, complaint in {
            "known: Final = {}": "known begins empty, so it is there to be filled",
            "known = [1, 2]": "known can be changed (say Final if it stays)",
            "known: Final = [1]\nknown[0] = 2": "known is a table that this module changes",
            "KNOWN = {1}\nKNOWN.add(2)": "KNOWN is a table that this module changes",
            "KNOWN = deque([1])": "KNOWN holds a deque",
            "KNOWN = weakref.WeakValueDictionary[int, str]()": "KNOWN holds a WeakValueDictionary",
            "if True: known = Resolver()": "known is made by Resolver (say Final if it stays)",
            "class A: known: ClassVar = {}": "known begins empty, so it is there to be filled",
            "def f(): global known": "global known is rebound at run time",
            "f = functools.lru_cache(8)(make)": "f is made by lru_cache (say Final if it stays)",
        }.items()
    ),
    Broken(
        state.modules_keep_no_state,
        {"reactor/net/names.py": "@functools.lru_cache(8)\ndef look_up(): pass"},
        f"reactor/net/names.py:2: look_up remembers in a lru_cache; {KEEP}",
    ),
    Broken(
        state.modules_keep_no_state,
        {"reactor/loop/running.py": "here = threading.local()\nthere = threading.local()"},
        f"reactor/loop/running.py:2: there holds a local; {KEEP}",
    ),
]


DOORS = {"reactor/__init__.py": "'Reactor.'", "servers/__init__.py": "'Servers.'"}


def house_of(folder: Path, files: dict[str, str]) -> list[Module]:
    """Write these files, with a front door to each package, and read them."""
    for name, source in {**DOORS, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return sources.read(folder, "reactor", "servers")


NAMES = [f"{number} {broken.law.__name__}" for number, broken in enumerate(BROKEN)]


@pytest.mark.parametrize("broken", BROKEN, ids=NAMES)
def test_a_broken_law_is_noticed(broken: Broken, tmp_path: Path) -> None:
    house = house_of(tmp_path, broken.files)

    assert broken.complaint in broken.law(house)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_every_law_has_been_broken(law: Law) -> None:
    assert any(broken.law is law for broken in BROKEN)


def test_an_absent_package_is_no_obedience(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing would be judged"):
        sources.read(tmp_path, "reactor")


# All that comes near to breaking a law.
SOUND = {
    "reactor/tasks/trap.py": """
class Trap:
    'Trap.'
    def park(self):
        'Park.'
""",
    "reactor/tasks/once.py": """
from reactor.poller import READ
from . import trap
class Once(trap.Trap[T]):
    'Once.'
    def park(self): pass
    def _inner(self): pass
    @overload
    def value(self): pass
    @value.setter
    def value(self): pass
""",
    "reactor/loop/running.py": """
from _typeshed import FileDescriptorLike
class _Here(threading.local): pass
_here = _Here()
_forked = WeakSet()
T = TypeVar('T')
__all__ = ['T']
TABLE = {1: 2}
NOTHING = Nothing()
table: Mapping[int, int] = {1: 2}
numbers: list[int]
class _Box:
    __slots__ = ['a']
    size: int = field(default=1)
""",
    "servers/__main__.py": """
import reactor
from reactor.loop import Reactor
poller = selectors.EpollSelector()
""",
}


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_what_is_allowed_is_not_complained_of(law: Law, tmp_path: Path) -> None:
    house = house_of(tmp_path, {name: f"'Law.'\n{source}" for name, source in SOUND.items()})

    assert law(house) == []
