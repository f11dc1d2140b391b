"""
What the documentation takes from the code: the table of repetition, and the changes that are not released yet.

Both are made as reStructuredText, by functions that need no Sphinx, so that the tests can look at them; `setup` makes
directives of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aioturk._core.repetition import MEANING, RETRY_CLASSES, SUCCESS_WHEN, RetryClass
from aioturk._generated.tables import OPERATIONS

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["repetition_table", "settled_table", "unreleased_changes"]

CHANGES = Path(__file__).parent.parent / "changes"


def repetition_table() -> str:
    """Write the classes with their operations and what happens to them, one row for each class."""
    rows = []
    for kind in RetryClass:
        members = sorted(name for name, its in RETRY_CLASSES.items() if its is kind)
        rows.append([f"**{kind}** ({len(members)})", ", ".join(map(_method, members)), MEANING[kind]])
    return _list_table(["class", "operations", "after an attempt that may have taken effect"], rows, "12 48 40")


def settled_table() -> str:
    """Write what counts as success when the repeat of a settled operation is refused."""
    rows = [[_method(name), f"{text[0].upper()}{text[1:]}."] for name, text in SUCCESS_WHEN.items()]
    return _list_table(["operation", "success is"], rows, "40 60")


def unreleased_changes() -> str:
    """Write the fragments as a list, the kinds in the order of their names."""
    fragments = sorted(CHANGES.glob("*.*.rst"), key=lambda path: (path.suffixes[-2], path.name))
    if not fragments:
        return "Nothing yet."
    return "\n".join(_bullet(path.read_text(encoding="utf-8")) for path in fragments)


def _method(operation: str) -> str:
    name = OPERATIONS[operation].python
    return f":meth:`{name} <aioturk.Client.{name}>`"


def _bullet(text: str) -> str:
    first, *others = text.strip().splitlines()
    return "\n".join([f"* {first}", *(f"  {line}" for line in others)])


def _list_table(head: list[str], rows: list[list[str]], widths: str) -> str:
    return "\n".join([".. list-table::", "   :header-rows: 1", f"   :widths: {widths}", "", *_lines([head, *rows])])


def _lines(rows: list[list[str]]) -> Iterator[str]:
    for row in rows:
        for place, cell in enumerate(row):
            yield f"   {'* -' if place == 0 else '  -'} {cell}"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register ``.. repetition-table::``, ``.. settled-table::`` and ``.. unreleased-changes::``."""
    from docutils import nodes
    from sphinx.util.docutils import SphinxDirective

    def directive(write: Callable[[], str]) -> type[SphinxDirective]:
        class Written(SphinxDirective):
            def run(self) -> list[nodes.Node]:
                return self.parse_text_to_nodes(write())

        return Written

    app.add_directive("repetition-table", directive(repetition_table))
    app.add_directive("settled-table", directive(settled_table))
    app.add_directive("unreleased-changes", directive(unreleased_changes))
    return {"parallel_read_safe": True}
