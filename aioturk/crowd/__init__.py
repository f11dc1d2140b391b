"""
Functions that people answer: the Crowd API, and one question to people from a program.

* `client` has `CrowdClient`: make a task, wait for it, delete it, run many;
* `task` has `CrowdTask`, and what may stand in one; `many` has the `Outcome` of each of many;
* `asking` has `ask`: one question of a :class:`~aioturk.Task`, until enough people agree; `inquiry` does the waiting;
* `errors` has what can go wrong.

The other side, functions that somebody else calls and your people answer, is in :mod:`aioturk.marketplace`.
"""

from __future__ import annotations

from aioturk.crowd.asking import Asked, ask, inquire
from aioturk.crowd.client import CrowdClient
from aioturk.crowd.errors import (
    CrowdFunctionDoesNotExist,
    CrowdRefused,
    CrowdTaskAlreadyExists,
    CrowdTaskDoesNotExist,
    CrowdTaskFailed,
    CrowdTaskUnfinished,
    NoAgreement,
)
from aioturk.crowd.many import Outcome
from aioturk.crowd.task import CrowdTask, TaskState, task_name

__all__ = [
    "Asked",
    "CrowdClient",
    "CrowdFunctionDoesNotExist",
    "CrowdRefused",
    "CrowdTask",
    "CrowdTaskAlreadyExists",
    "CrowdTaskDoesNotExist",
    "CrowdTaskFailed",
    "CrowdTaskUnfinished",
    "NoAgreement",
    "Outcome",
    "TaskState",
    "ask",
    "inquire",
    "task_name",
]
