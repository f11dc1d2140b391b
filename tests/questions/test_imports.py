"""What importing a question costs: a page of one's own loads nothing of forms, templates and keys."""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys

import pytest

from aioturk import questions


def test_a_page_of_ones_own_is_light() -> None:
    """`from aioturk import ExternalQuestion` loads these modules of ours, and no others."""
    code = (
        "import json, sys; from aioturk import ExternalQuestion\n"
        "print(json.dumps(sorted(name for name in sys.modules if name.startswith('aioturk'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [
        "aioturk",
        "aioturk._core",
        "aioturk._core.hosts",
        "aioturk._core.xml",
        "aioturk._version",
        "aioturk.errors",
        "aioturk.questions",
        "aioturk.questions._document",
        "aioturk.questions.external",
    ]


def test_all_names_load_on_first_use() -> None:
    """Every listed name is there, shows up in `dir`, and is where type checkers are told that it is."""
    assert set(questions.__all__) == set(questions._HOME_OF) <= set(dir(questions))
    for name in questions.__all__:
        assert getattr(questions, name) is getattr(sys.modules[questions._HOME_OF[name]], name)
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        questions.Nothing  # type: ignore[attr-defined]  # noqa: B018
    (seen,) = (
        {alias.name: node.module for node in statement.body if isinstance(node, ast.ImportFrom) for alias in node.names}
        for statement in ast.parse(inspect.getsource(questions)).body
        if isinstance(statement, ast.If) and isinstance(statement.test, ast.Name)
    )
    assert seen == questions._HOME_OF
