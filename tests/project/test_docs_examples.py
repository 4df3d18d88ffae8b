"""What the documents show is run, checked and found: code, types, links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.project.documents import Document, broken_links, documents, ill_formed, misquoted
from tests.project.environments import PROJECT
from tests.project.examples import python_of, run
from tests.project.strictness import check

DOCUMENTS = documents(PROJECT)

each_document = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=[str(document.path) for document in DOCUMENTS]
)


@each_document
def test_the_examples_run(document: Document, tmp_path: Path) -> None:
    wrong = run(document, PROJECT, tmp_path)

    assert not wrong, wrong


@pytest.mark.once
def test_the_examples_satisfy_strict_mypy(tmp_path: Path) -> None:
    shown: dict[Path, Path] = {}
    for document in DOCUMENTS:
        for number, story in enumerate(document.stories()):
            name = re.sub(r"\W", "_", f"{document.path}_{number}")
            module = tmp_path / f"{name}.py"
            module.write_text(python_of(story))
            shown[module] = document.path

    # A block may define again what one above it did, as one does at a prompt.
    errors = check(sorted(shown), "--disable-error-code", "no-redef", cache="documents")

    assert not errors, "\n".join(str(error._replace(path=shown[error.path])) for error in errors)


@pytest.mark.once
@each_document
def test_the_links_lead_somewhere(document: Document) -> None:
    assert broken_links(document, PROJECT) == []


@pytest.mark.once
@each_document
def test_every_python_block_is_well_formed(document: Document) -> None:
    assert ill_formed(document) == []


@pytest.mark.once
@each_document
def test_what_is_quoted_stands_in_its_file(document: Document) -> None:
    assert misquoted(document, PROJECT) == []
