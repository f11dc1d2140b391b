"""The errors of the Crowd API and of asking people: as drawn, portable, and never without a remedy."""

from __future__ import annotations

import copy
import pickle
import re

import pytest

from aioturk.crowd import CrowdTask, errors
from aioturk.crowd.errors import CrowdTaskFailed, CrowdTaskUnfinished, NoAgreement
from aioturk.errors import Fate, ServiceError, TurkError
from aioturk.pricing import Cost

CLASSES: list[type[TurkError]] = [getattr(errors, name) for name in errors.__all__]
TASK = CrowdTask(name="t", input={}, state="failed", problem_details={"message": "no worker"})


def test_the_tree_is_as_drawn() -> None:
    """Every class of the module is in the drawing, under its parent."""
    path: list[str] = []
    parents: dict[str, str] = {}
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"    ((?:│   |    )*(?:[├└]── )?)([A-Z]\w+)", line)
        if match is not None:
            depth = len(match[1]) // 4
            path[depth:] = [match[2]]
            parents[match[2]] = path[depth - 1] if depth else ""
    for kind in CLASSES:
        assert parents[kind.__name__] == kind.__base__.__name__ if kind.__base__ else False
    assert set(parents) - {"TurkError", "ServiceError"} == set(errors.__all__)


@pytest.mark.parametrize("kind", CLASSES)
def test_errors_travel(kind: type[TurkError]) -> None:
    """An error can be copied and sent to another process, with all that it knows."""
    error = kind("What happened.")
    error.ambiguous, error.attempts = True, 3
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(twin) is kind
        assert str(twin) == str(error)
        assert vars(twin).keys() == vars(error).keys()
    assert "What happened." in str(error)


def test_tasks_travel_with_their_errors() -> None:
    """What an error knows of its task, or of what was spent, is not lost on the way."""
    for error in (CrowdTaskFailed("x", task=TASK), CrowdTaskUnfinished("x", task=TASK)):
        assert pickle.loads(pickle.dumps(error)).task == TASK
    assert pickle.loads(pickle.dumps(CrowdTaskFailed("x", task=TASK))).problem_details == {"message": "no worker"}
    assert CrowdTaskFailed("x").problem_details is None
    assert pickle.loads(pickle.dumps(NoAgreement("x", hit_id="H"))).hit_id == "H"
    assert NoAgreement("x").cost == Cost()


@pytest.mark.parametrize("kind", [kind for kind in CLASSES if issubclass(kind, ServiceError)])
def test_refusals_had_no_effect(kind: type[ServiceError]) -> None:
    """A refusal by itself changed nothing, and is not simply repeated."""
    assert kind("No.").fate is Fate.REFUSED
    assert not kind("No.").transient


def test_remedies_fit_the_operation() -> None:
    """The same refusal has another remedy when a task was to be deleted."""
    assert "takes as input" in str(errors.CrowdRefused("No.", operation="PutTask"))
    assert "wait for it first" in str(errors.CrowdRefused("No.", operation="DeleteTask"))
    assert "put_task makes" in str(errors.CrowdTaskDoesNotExist("No.", operation="DeleteTask"))
