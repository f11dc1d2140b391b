"""
That this folder has one test for each line of the reference's section 14, named after the line's number.

The section is the checklist of what a service has to do to pass for Mechanical Turk's. Line 91 wants a browser, and is
in `tests/browser`.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

LINES = set(range(1, 119))

HERE = Path(__file__).parent
FILES = [*sorted(HERE.glob("test_*.py")), HERE.parent / "browser" / "test_conformance.py"]


def _numbered(tree: ast.Module) -> list[str]:
    """The names of the tests that begin with a number."""
    functions = (node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return [name for name in functions if re.match(r"test_\d", name)]


def test_each_line_has_one_test() -> None:
    """No number is missing, none stands twice, and none is of a line that does not exist."""
    names = [name for path in FILES for name in _numbered(ast.parse(path.read_bytes()))]
    found = Counter(int(name.split("_")[1]) for name in names)

    assert {
        "missing": sorted(LINES - found.keys()),
        "twice": sorted(number for number, times in found.items() if times > 1),
        "unknown": sorted(found.keys() - LINES),
    } == {"missing": [], "twice": [], "unknown": []}


def test_names_say_number_and_fact() -> None:
    """A name has its number in two digits, or three from 100 on, and then words that say what the line is about."""
    names = [name for path in FILES for name in _numbered(ast.parse(path.read_bytes()))]

    assert [name for name in names if not re.match(r"test_(0[1-9]|[1-9]\d|1\d\d)_[a-z]", name)] == []


def test_no_line_is_proved_by_our_own_client() -> None:
    """A client and a service of one house share their mistakes: files with numbered tests do not know the client."""
    trees = {path.name: ast.parse(path.read_bytes()) for path in FILES}

    assert [name for name, tree in trees.items() if _numbered(tree) and _knows_our_client(tree)] == []


def _knows_our_client(tree: ast.Module) -> bool:
    imported = {
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    asked = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return bool(imported & {"aioturk.Client", "aioturk.client.Client"}) or "market.client" in asked
