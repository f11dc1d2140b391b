"""
The documentation as a program: its pages, and the blocks of code in them.

The blocks of a page share their names and run from top to bottom. A block marked ``text`` is what the block above it
printed, to the letter.
"""

from __future__ import annotations

import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from sybil import Document, Example, Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.rest import CodeBlockParser

__all__ = ["PAGES", "README", "ROOT", "blocks", "languages", "run"]

ROOT = Path(__file__).parent.parent.parent
README = ROOT / "README.rst"
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (README, ROOT / "CONTRIBUTING.rst", *(ROOT / "docs").rglob("*.rst"))
    if "_build" not in path.parts
)


def languages(page: Path) -> set[str]:
    """Return the languages of a page's blocks."""
    return set(re.findall(r"^ *\.\. (?:code-block|code|sourcecode):: *(\w*)", page.read_text(encoding="utf-8"), re.M))


def blocks(page: Path, language: str) -> list[str]:
    """Return the blocks in one language, as they stand."""
    document = Sybil([CodeBlockParser(language, lambda example: None)]).parse(page)
    return [str(example.parsed) for example in document.examples()]


def run(page: Path) -> int:
    """Run a page's examples, compare what they print, and return how many there were."""
    printed = _Printed()
    parsers = [CodeBlockParser("python", printed.by), CodeBlockParser("text", printed.should_be)]
    examples = list(_document(page, parsers).examples())
    for example in examples:
        example.evaluate()
    return len(examples)


def _document(page: Path, parsers: list[CodeBlockParser]) -> Document:
    document = Sybil(parsers).parse(page)
    document.namespace["__name__"] = "__main__"
    return document


class _Printed:
    """What the last Python block printed."""

    def __init__(self) -> None:
        self._python = PythonEvaluator()
        self._text = ""

    def by(self, example: Example) -> None:
        output = StringIO()
        with redirect_stdout(output):
            self._python(example)
        self._text = output.getvalue()

    def should_be(self, example: Example) -> None:
        # At the end of a file a block has no line end.
        assert self._text.rstrip("\n") == example.parsed.rstrip("\n"), f"{example.path}, line {example.line}"
