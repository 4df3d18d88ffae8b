"""Storyteller: runs the code blocks of a document one after the other, in one fresh interpreter.

Law of this file: a line of a block keeps the number that it has in the document, so that a
traceback leads there.

    python storyteller.py docs/tutorial.md < blocks.json
"""

from __future__ import annotations

import doctest
import json
import sys
import types


def tell(path: str, blocks: list[tuple[int, str, str]]) -> bool:
    """Run blocks, each a line, a language and code, with the same names; tell whether all held."""
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main  # where dataclasses, pickle and type hints look names up
    failed = [block for block in blocks if not _run(path, *block, vars(main))]
    return not failed


def _run(path: str, line: int, language: str, code: str, names: dict[str, object]) -> bool:
    if language == "python":
        source = "\n" * (line - 1) + code
        exec(compile(source, path, "exec", dont_inherit=True), names)
        return True
    examples = doctest.DocTestParser().get_examples(code, path)
    test = doctest.DocTest(examples, names, path, path, line - 1, code)
    return doctest.DocTestRunner().run(test, clear_globs=False).failed == 0


if __name__ == "__main__":
    sys.exit(not tell(sys.argv[1], json.load(sys.stdin)))
