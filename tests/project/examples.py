"""Examples: the code blocks of a document, as a program that runs and as modules for mypy.

Law of this file: code keeps the place that it has in its document, so that every complaint names
the file and the line to mend.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.project import storyteller
from tests.project.documents import Block, Document

STORY_SECONDS = 60.0


def run(document: Document, project: Path, folder: Path) -> str:
    """Run what runs in document, in folder, with project on the path; return what went wrong.

    Raises subprocess.TimeoutExpired if blocks that share an interpreter take longer than
    STORY_SECONDS.
    """
    stories = ([block for block in story if block.runs] for story in document.stories())
    return "".join(_run(project / document.path, story, project, folder) for story in stories)


def python_of(story: list[Block]) -> str:
    """Return the Python of a story as one module, each line where it stands in the document."""
    lines: list[str] = []
    for block in story:
        if block.is_checked:
            lines += [""] * (block.line - 1 - len(lines))
            lines += block.code.splitlines()
    # A future import would stand in the middle of the module; mypy does not need it.
    return "\n".join("" if line.startswith("from __future__ ") else line for line in lines)


def _run(path: Path, story: list[Block], project: Path, folder: Path) -> str:
    if not story:
        return ""
    result = subprocess.run(
        [sys.executable, "-W", "error", storyteller.__file__, str(path)],
        capture_output=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(project)},
        input=json.dumps([(block.line, block.language, block.code) for block in story]),
        text=True,
        timeout=STORY_SECONDS,
    )
    return result.stdout + result.stderr if result.returncode else ""
