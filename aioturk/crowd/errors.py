"""
What can go wrong with the Crowd API, and with asking people.

::

    TurkError
    ├── ServiceError
    │   └── CrowdRefused                   the Crowd API declined the request
    │       ├── CrowdFunctionDoesNotExist  it has no function of that name
    │       ├── CrowdTaskDoesNotExist      there is no such task, or no more
    │       └── CrowdTaskAlreadyExists     the name belongs to a task with another input
    ├── CrowdTaskFailed                    the task ended, and has no result
    ├── CrowdTaskUnfinished                the task was not finished in the time that was given
    └── NoAgreement                        people were asked, and did not agree

All other errors are those of :mod:`aioturk.errors`, on which this tree grows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aioturk.errors import ServiceError, TurkError
from aioturk.pricing import Cost

if TYPE_CHECKING:
    from aioturk.crowd.task import CrowdTask
    from aioturk.tasks import Submission

__all__ = [
    "CrowdFunctionDoesNotExist",
    "CrowdRefused",
    "CrowdTaskAlreadyExists",
    "CrowdTaskDoesNotExist",
    "CrowdTaskFailed",
    "CrowdTaskUnfinished",
    "NoAgreement",
]


class CrowdRefused(ServiceError):
    """The Crowd API declined the request; nothing was changed by it."""

    code = "BadRequest"
    remedies: Mapping[str, str] = {
        "PutTask": "Look at what the function takes as input.",
        "DeleteTask": "A task can be deleted when it is completed or failed: wait for it first.",
    }


class CrowdFunctionDoesNotExist(CrowdRefused):
    """The Crowd API has no function of that name."""

    code = "NotFound"
    status = 404
    remedy = "Look at the function's name; the twin that answers without workers has -test behind it."
    remedies: Mapping[str, str] = {}


class CrowdTaskDoesNotExist(CrowdRefused):
    """There is no task of that name for the function, or no more: finished tasks may be gone after 90 days."""

    code = "NotFound"
    status = 404
    remedy = "Look at the names of function and task, and at the account; put_task makes the task."
    remedies: Mapping[str, str] = {}


class CrowdTaskAlreadyExists(CrowdRefused):
    """
    The name belongs to a task with another input, which stands as it is.

    Attributes:
        task: That task.
    """

    task: CrowdTask | None = None
    remedy = "Choose another name, or delete that task when it is finished; task_name derives names from inputs."
    remedies: Mapping[str, str] = {}


class CrowdTaskFailed(TurkError):
    """
    The task ended without a result, for example because nobody answered in time.

    Args:
        text: Which task, and what the service says.
        task: The task.
    """

    def __init__(self, text: str = "", *, task: CrowdTask | None = None) -> None:
        super().__init__(text)
        self.task = task

    @property
    def problem_details(self) -> Mapping[str, Any] | None:
        """What the service says about it."""
        return None if self.task is None else self.task.problem_details


class CrowdTaskUnfinished(TurkError):
    """
    The task was not finished in the time that was given. It goes on without you: wait again, by its name.

    Args:
        text: Which task.
        task: The task as it was seen last.
    """

    transient = True

    def __init__(self, text: str = "", *, task: CrowdTask | None = None) -> None:
        super().__init__(text)
        self.task = task


class NoAgreement(TurkError):
    """
    People were asked, and not enough of them gave the same answer before time or money was up.

    It is always ``ambiguous``, because what was submitted costs money. Nobody can take the HIT any more. Asking again
    with the same name looks at the same HIT, and spends nothing anew.

    Args:
        text: What happened.
        votes: What was submitted, in order, answers that cannot be read included.
        hit_id: The HIT's id.
        cost: What the submissions cost when all of them are approved.
    """

    ambiguous = True

    def __init__(
        self,
        text: str = "",
        *,
        votes: tuple[Submission[Any], ...] = (),
        hit_id: str = "",
        cost: Cost | None = None,
    ) -> None:
        super().__init__(text)
        self.votes = votes
        self.hit_id = hit_id
        self.cost: Cost = cost or Cost()

    def __str__(self) -> str:
        # The text knows what was spent: "may have taken effect" would only cast doubt on it.
        return " ".join(self._sentences())
