"""
The architecture, as a table: which module may import which.

A module imports lower levels, its own level, or its own package, never upwards; imports inside functions and those for
type checkers count like all others. The client's stack and the marketplace stand side by side on the foundation
(levels 0 to 4): neither imports the other. They meet in the places named below.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import aioturk

PACKAGE = Path(aioturk.__file__).parent

LEVELS = {
    "errors": 0,
    "_version": 0,
    "_core.messages": 0,
    "_core.keys": 0,
    "_core": 1,
    "clock": 1,
    "sigv4": 1,
    "questions": 2,
    "answers": 2,
    "paginate": 2,
    "_generated": 3,
    "models": 4,
    "_conversion": 4,
    "_databases": 4,
    "annotations": 4,
    "pricing": 4,
    "qualifications": 4,
    "review_policies": 4,
    "credentials": 5,
    "transport": 5,
    "throttle": 5,
    "retries": 5,
    "settlement": 5,
    "calling": 5,
    "notifications": 6,
    "shortcuts": 6,
    "client": 6,
    "_sts": 6,
    "tasks": 7,
    "testing": 7,
    "batch": 8,
    "crowd": 8,
    "demo": 9,
    "pytest_plugin": 9,
    "cli": 9,
    "__init__": 10,
    "__main__": 10,
}
"""The level of each module or package; the longest name that fits counts."""

MARKETPLACE = "marketplace"
FOUNDATION = 4
"""The highest level that the marketplace stands on."""
MEETING_PLACES = {"demo", "pytest_plugin", "cli", "__init__"}
"""Who may know both the client and the marketplace."""
EXCEPTIONS = {
    ("marketplace.market", "Marketplace.client", "client"),
    ("marketplace.market", "TYPE_CHECKING", "client"),  # for that method's annotation
}
"""Importing module, function and imported module: the marketplace lends a client of its own."""

WRITER = "_codegen"
"""Nothing imports the generator; it uses the foundation alone."""


@dataclass(frozen=True)
class Import:
    """One import of one of our modules: by which module, inside which function, of which module."""

    by: str
    inside: str
    of: str
    line: int


def modules() -> dict[str, Path]:
    """All modules of the package by their dotted names, without the package's own."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports(module: str) -> Iterator[Import]:
    """Every import of our own modules in a module, wherever it stands."""

    def walk(node: ast.AST, inside: str) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import | ast.ImportFrom):
                for name in targets(child):
                    yield Import(module, inside, name, child.lineno)
            step = name_of(child)
            yield from walk(child, f"{inside}.{step}".lstrip(".") if step else inside)

    yield from walk(ast.parse(MODULES[module].read_text("utf-8")), "")


def name_of(node: ast.AST) -> str | None:
    """The name of a function or class, and of the block for type checkers."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name
    is_for_checkers = isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    return "TYPE_CHECKING" if is_for_checkers else None


def targets(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """Our modules that an import statement names; the package itself is `__init__`."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    else:
        assert node.level == 0, f"line {node.lineno}: relative imports hide where a module stands"
        names = [f"{node.module}.{alias.name}" for alias in node.names]
    for name in names:
        root, _, rest = name.partition(".")
        if root != "aioturk":
            continue
        while rest and rest not in MODULES:
            rest = rest.rpartition(".")[0]
        yield rest or "__init__"


def unit(module: str) -> str:
    """The name in the table that a module belongs to."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        name = ".".join(parts[:length])
        if name in LEVELS or name in (MARKETPLACE, WRITER):
            return name
    raise AssertionError(f"`{module}` stands nowhere: give it a level in the table of test_layers.py.")


def complaint(found: Import) -> str | None:
    """What is wrong with an import, in a sentence; None when nothing is."""
    by, of = unit(found.by), unit(found.of)
    where = f"{found.by} line {found.line}"
    if by == of or found.by.partition(".")[0] == found.of.partition(".")[0] == "_core":
        own_package = by == of or LEVELS[by] >= LEVELS[of]
        return None if own_package else f"`{by}` (0) imports `{of}` ({LEVELS[of]}), in {where}."
    if of == WRITER:
        return f"`{by}` imports the generator `{of}`, in {where}: nothing does."
    if of == "__init__" and by != "__main__" and found.of == "__init__":
        return f"`{by}` imports names from the package itself, in {where}: import them from where they live."
    if of == MARKETPLACE:
        return (
            None if by in MEETING_PLACES else f"`{by}` imports `marketplace`, in {where}: they do not know each other."
        )
    if by in (MARKETPLACE, WRITER):
        if LEVELS[of] <= FOUNDATION or (found.by, found.inside, found.of) in EXCEPTIONS:
            return None
        return f"`{by}` (which stands on levels 0 to {FOUNDATION}) imports `{of}` ({LEVELS[of]}), in {where}."
    if LEVELS[by] < LEVELS[of]:
        return f"`{by}` ({LEVELS[by]}) imports `{of}` ({LEVELS[of]}), in {where}."
    return None


@pytest.mark.parametrize("module", MODULES)
def test_nothing_imports_upwards(module: str) -> None:
    """Every import of every module leads down, or stays at home."""
    complaints = [sentence for found in imports(module) if (sentence := complaint(found)) is not None]
    assert not complaints, "\n".join(complaints)


def test_no_circles() -> None:
    """Modules that import each other in a circle, however long, cannot be understood one at a time."""
    graph = {
        module: {
            found.of
            for found in imports(module)
            if found.of != module and (found.by, found.inside, found.of) not in EXCEPTIONS
        }
        for module in MODULES
        if module != "__init__"
    }
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " imports ".join((*path[path.index(module) :], module)) + ": a circle."
        if module in done or module not in graph:
            return
        for other in graph[module]:
            # A package's modules may be gathered by its __init__ and use their neighbours' names through it.
            if not module.startswith(f"{other}."):
                visit(other, (*path, module))
        done.add(module)

    for module in graph:
        visit(module, ())


def test_the_table_is_complete_and_true() -> None:
    """Every module has its level, and no level is kept for what is gone."""
    used = {unit(module) for module in MODULES}
    assert set(LEVELS) <= used, f"the table names what does not exist: {set(LEVELS) - used}"


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (Import("transport", "", "client", 3), "`transport` (5) imports `client` (6), in transport line 3."),
        (Import("errors", "", "_core.xml", 1), "`errors` (0) imports `_core` (1), in errors line 1."),
        (Import("_core.keys", "", "_core.codec", 1), "`_core.keys` (0) imports `_core` (1), in _core.keys line 1."),
        (Import("client", "f", "marketplace", 1), "`client` imports `marketplace`, in client line 1"),
        (
            Import("marketplace.app", "", "client", 1),
            "`marketplace` (which stands on levels 0 to 4) imports `client` (6)",
        ),
        (Import("marketplace.market", "Marketplace.other", "client", 1), "imports `client` (6)"),
        (Import("client", "", "_codegen.names", 1), "imports the generator"),
        (Import("client", "", "__init__", 1), "imports names from the package itself"),
    ],
)
def test_complaints(found: Import, says: str) -> None:
    """The test itself notices what it is there for, and says it in a sentence."""
    sentence = complaint(found)
    assert sentence is not None
    assert says in sentence


def test_no_complaints_about_the_exception() -> None:
    """`Marketplace.client()` may import the client."""
    assert complaint(Import("marketplace.market", "Marketplace.client", "client", 1)) is None
    assert complaint(Import("client", "", "_core.messages", 1)) is None
    assert complaint(Import("cli.demo", "f", "marketplace.market", 1)) is None
