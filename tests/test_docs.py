"""The documents: their links lead somewhere, their Python compiles."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def prose(document: Path) -> str:
    """A document without its blocks of code, in which # begins a comment."""
    return re.sub(r"^```.*?^```", "", document.read_text(), flags=re.DOTALL | re.MULTILINE)


def anchors(document: Path) -> set[str]:
    """What the headings of a document are called in links."""
    headings = re.findall(r"^#+ (.*)$", prose(document), re.MULTILINE)
    words = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in words}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(document)):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        there = (document.parent / path).resolve() if path else document
        assert there.exists(), f"{document.name}: {target}"
        if anchor:
            assert anchor in anchors(there), f"{document.name}: {target}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_python_compiles(document: Path) -> None:
    for block in re.findall(
        r"^```python\n(.*?)^```", document.read_text(), re.DOTALL | re.MULTILINE
    ):
        compile(block, str(document), "exec")


def test_every_page_is_named_in_the_index() -> None:
    index = (ROOT / "docs" / "index.md").read_text()
    for document in (ROOT / "docs").rglob("*.md"):
        name = document.relative_to(ROOT / "docs").as_posix()
        assert name == "index.md" or name in index or name.startswith("measured/layers-"), name


def test_pages_that_the_code_names_are_there() -> None:
    """Errors, help texts and comments send people to docs/..."""
    rooms = ("python", "cpp", "benchmarks", "tools", "examples")
    files = [path for room in rooms for path in (ROOT / room).rglob("*") if path.is_file()]
    named = {
        page: path
        for path in files
        if path.suffix != ".pyc"
        for page in re.findall(r"docs/[\w/-]+\.md", path.read_text(errors="replace"))
    }
    assert named
    for page, path in named.items():
        assert (ROOT / page).is_file(), f"{path}: {page}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_tests_that_it_names_are_there(document: Path) -> None:
    text = document.read_text()
    rooms = r"\.ci|benchmarks|cpp|docs|examples|python|rostro|tests|tools"
    for name in re.findall(rf"`((?:{rooms})/[\w./-]+)`", text):
        path = f"python/{name}" if name.startswith("rostro/") else name
        assert (ROOT / path).exists(), f"{document.name}: {name}"
    sources = [path.read_text() for path in (ROOT / "tests").rglob("test_*.py")]
    for name in re.findall(r"`(test_\w+)`", text):
        assert any(f"def {name}(" in source for source in sources), f"{document.name}: {name}"
