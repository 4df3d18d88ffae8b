"""Check an exercise of the book: tell whether what you wrote does what is asked.

python3 -m docs.book.check 7 my_countdown.py
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

ANSWERS = Path(__file__).with_name("answers")


def answer_to(number: int) -> ModuleType:
    """Return the answer to an exercise; its check(yours) raises for what is wrong."""
    (path,) = ANSWERS.glob(f"{number:02}_*.py")
    return load(path)


def load(path: Path) -> ModuleType:
    """Run the file at path as a module, and return that."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{path} is no Python file; give one that ends in .py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    answer_to(int(sys.argv[1])).check(load(Path(sys.argv[2])))
    print("right")
