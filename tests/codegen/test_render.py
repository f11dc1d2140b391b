"""The generator on a small model of its own: what it writes is Python, and says what the model says."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from aioturk._codegen.render import Model, render_all
from aioturk._codegen.take import load_model


@pytest.fixture(scope="module")
def modules() -> dict[str, str]:
    """The text of all generated modules, before formatting."""
    return render_all(Model(load_model()))


def test_everything_written_is_python(modules: dict[str, str]) -> None:
    """Each module parses, begins with the banner, has a docstring and lists its names."""
    assert set(modules) == {"__init__.py", "tables.py", "shapes.py", "operations.py", "service.py"}
    digest = load_model()["origin"]["sha256"][:16]
    for name, text in modules.items():
        tree = ast.parse(text)
        assert ast.get_docstring(tree)
        first, second, *_ = text.splitlines()
        assert first.startswith("# Written by `python -m aioturk._codegen`")
        assert "2017-01-17" in second
        assert digest in second
        assert name == "__init__.py" or "__all__ = [" in text


def test_writing_twice_gives_the_same(modules: dict[str, str]) -> None:
    """The text depends on nothing but the model, not on the order of sets."""
    assert render_all(Model(load_model())) == modules


def test_the_order_of_the_model_does_not_matter(modules: dict[str, str]) -> None:
    """Operations and shapes are written in the order of their names."""
    model = load_model()
    for part in ("operations", "shapes"):
        model[part] = dict(reversed(model[part].items()))
    assert render_all(Model(model)) == modules


def test_errors_of_the_model_are_no_structures(modules: dict[str, str]) -> None:
    """The model's two error shapes belong to the errors, not to the structures."""
    assert "class RequestError" not in modules["shapes.py"]
    assert "class ServiceFault" not in modules["shapes.py"]


def classes(text: str) -> dict[str, ast.ClassDef]:
    """The classes of a module."""
    return {node.name: node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)}


def test_every_structure_and_word_has_a_class(modules: dict[str, str]) -> None:
    """All structures that are sent or answered, and all enumerations, have a documented class, after what they hold."""
    model = Model(load_model())
    found = classes(modules["shapes.py"])
    expected = {name for name, shape in model.shapes.items() if "enum" in shape}
    expected |= {
        name
        for name in model.shapes
        if model.kind(name) == "structure" and (model.members(name) or name.endswith("Request"))
    }
    assert set(found) == {*expected, "ReviewableHIT"}
    assert all(ast.get_docstring(node) for node in found.values())


def test_structures_with_more_than_members(modules: dict[str, str]) -> None:
    """What carries a worker's answers reads them; no other structure has more than its members."""
    bases = {name: [ast.unparse(base) for base in node.bases] for name, node in classes(modules["shapes.py"]).items()}
    assert {name for name, found in bases.items() if found == ["Answered"]} == {"Assignment", "QualificationRequest"}
    assert {*(base for found in bases.values() for base in found)} == {"Answered", "OpenEnum", "Structure"}


def test_only_requests_are_described_as_sent(modules: dict[str, str]) -> None:
    """The name of a structure may end like a request's and still be something that is answered."""
    found = classes(modules["shapes.py"])
    assert "What :meth:`~aioturk.Client.get_hit` sends." in (ast.get_docstring(found["GetHITRequest"]) or "")
    assert "Attributes:" in (ast.get_docstring(found["QualificationRequest"]) or "")


def methods(text: str, name: str) -> dict[str, Any]:
    """The methods of a class, by name."""
    body = classes(text)[name].body
    return {node.name: node for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_operation_has_its_methods(modules: dict[str, str]) -> None:
    """39 for the client, where lists are no coroutines, and 39 for the marketplace, where nothing is."""
    ours = methods(modules["operations.py"], "Operations")
    theirs = methods(modules["service.py"], "Service")
    public = {name for name in ours if not name.startswith("_")}
    assert public == set(theirs)
    assert len(public) == 39
    for name in public:
        assert isinstance(ours[name], ast.FunctionDef) is name.startswith("list_")
        assert isinstance(theirs[name], ast.FunctionDef)
        assert ast.get_docstring(ours[name])
        assert ast.get_docstring(theirs[name])


def test_lines_of_docstrings_are_not_too_long(modules: dict[str, str]) -> None:
    """The formatter does not wrap docstrings, so the generator does; only addresses may be longer."""
    long = [
        line
        for name in ("operations.py", "shapes.py", "service.py")
        for line in modules[name].splitlines()
        if len(line) > 120 and '"""' not in line and "https://" not in line and "field(" not in line
    ]
    code = [line for line in long if line.lstrip().startswith(("def ", "self", '"'))]
    assert [line for line in long if line not in code] == []
