"""The generated modules are what the generator writes from facts that are botocore's."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import botocore.exceptions
import botocore.loaders
import pytest

from aioturk._codegen import __main__ as writer
from aioturk._codegen.take import digest, facts_of, load_model
from aioturk._generated.service import ROUTES, Service
from aioturk._generated.tables import OPERATIONS
from aioturk.errors import UnknownOperation

needs_ruff = pytest.mark.skipif(
    importlib.util.find_spec("ruff") is None, reason="ruff formats the generated text, and is not installed"
)


@needs_ruff
def test_regenerating_changes_nothing() -> None:
    """The files are, to the letter, what would be written now."""
    for name, text in writer.generated_modules().items():
        assert (writer.GENERATED / name).read_text("utf-8") == text, f"{name}: run `python -m aioturk._codegen`"
    assert writer.main(["--check"]) == 0


def test_no_file_is_left_over() -> None:
    """Every file in the folder is one that the generator writes."""
    found = {path.name for path in writer.GENERATED.glob("*.py")}
    assert found == {"__init__.py", "operations.py", "service.py", "shapes.py", "tables.py"}


@needs_ruff
def test_the_check_notices_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --check nothing is written, the files that differ are named, and the remedy; without it they are mended."""
    for path in writer.GENERATED.glob("*.py"):
        (tmp_path / path.name).write_text(path.read_text("utf-8"), "utf-8")
    shapes = tmp_path / "shapes.py"
    shapes.write_text(shapes.read_text("utf-8").replace("HITId", "HitId"), "utf-8")
    (tmp_path / "tables.py").unlink()
    monkeypatch.setattr(writer, "GENERATED", tmp_path)
    assert writer.main(["--check"]) == 1
    told = capsys.readouterr().err
    assert "tables.py" in told
    assert "shapes.py" in told
    assert "python -m aioturk._codegen" in told
    assert "HitId" in shapes.read_text("utf-8")
    assert writer.main([]) == 0
    assert "HitId" not in shapes.read_text("utf-8")
    assert writer.main(["--check"]) == 0


def test_the_facts_are_botocores() -> None:
    """As long as the installed botocore has the service, its model says what ours does."""
    try:
        theirs = botocore.loaders.Loader().load_service_model("mturk", "service-2", "2017-01-17")
    except (botocore.exceptions.UnknownServiceError, botocore.exceptions.DataNotFoundError):
        pytest.skip("the installed botocore no longer has the service")
    ours = load_model()
    facts = facts_of(theirs)
    assert facts["operations"] == ours["operations"]
    assert facts["shapes"] == ours["shapes"]


def test_the_digest_is_that_of_the_facts() -> None:
    """The model's digest can be made again, and the generated modules name it."""
    model = load_model()
    origin = model.pop("origin")
    assert digest(model) == origin["sha256"]
    for path in writer.GENERATED.glob("*.py"):
        assert origin["sha256"][:16] in path.read_text("utf-8").split('"""')[0]


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_service_interface(name: str) -> None:
    """Each operation leads to its method and request; what is not overridden is not offered."""
    route = ROUTES[name]
    assert route.operation is OPERATIONS[name]
    assert route.request.__name__ == f"{name}Request"
    assert route.method is getattr(Service, OPERATIONS[name].python)
    with pytest.raises(UnknownOperation, match=name):
        route.method(Service[None](), None, None)
