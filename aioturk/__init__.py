"""
aioturk: the Mechanical Turk requester API for asyncio, and a marketplace that speaks it.

The names most programs need are here; they load on first use, so that importing the package costs next to nothing::

    from aioturk import Client, ExternalQuestion

    async with Client("local") as mturk:
        hit = await mturk.create_hit(...)

More lives in `aioturk.models` (the service's structures), `aioturk.errors`, `aioturk.questions`, `aioturk.answers`,
`aioturk.qualifications`, `aioturk.review_policies`, `aioturk.pricing`, `aioturk.batch`, `aioturk.crowd`,
`aioturk.notifications`, `aioturk.sigv4`, `aioturk.marketplace` and `aioturk.testing`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from aioturk._version import __version__

if TYPE_CHECKING:
    from aioturk._core.keys import Credentials
    from aioturk.answers import Field
    from aioturk.batch import Batch
    from aioturk.client import Client
    from aioturk.crowd import CrowdClient, ask
    from aioturk.errors import (
        AnswerError,
        BudgetExceeded,
        ConfigurationError,
        CredentialsError,
        InvalidRequest,
        ServiceError,
        TransportError,
        TurkError,
    )
    from aioturk.models import HIT, Assignment
    from aioturk.qualifications import Requirement
    from aioturk.questions import ExternalQuestion, HITLayout, HTMLQuestion, HTMLTemplate, QuestionForm
    from aioturk.retries import RetryPolicy
    from aioturk.review_policies import ReviewPolicy
    from aioturk.tasks import Task

__all__ = [
    "HIT",
    "AnswerError",
    "Assignment",
    "Batch",
    "BudgetExceeded",
    "Client",
    "ConfigurationError",
    "Credentials",
    "CredentialsError",
    "CrowdClient",
    "ExternalQuestion",
    "Field",
    "HITLayout",
    "HTMLQuestion",
    "HTMLTemplate",
    "InvalidRequest",
    "QuestionForm",
    "Requirement",
    "RetryPolicy",
    "ReviewPolicy",
    "ServiceError",
    "Task",
    "TransportError",
    "TurkError",
    "__version__",
    "ask",
]

_HOME_OF = {
    "Client": "aioturk.client",
    "Credentials": "aioturk._core.keys",
    "CrowdClient": "aioturk.crowd",
    "ExternalQuestion": "aioturk.questions",
    "Field": "aioturk.answers",
    "HIT": "aioturk.models",
    "HITLayout": "aioturk.questions",
    "HTMLQuestion": "aioturk.questions",
    "HTMLTemplate": "aioturk.questions",
    "Assignment": "aioturk.models",
    "QuestionForm": "aioturk.questions",
    "Batch": "aioturk.batch",
    "Requirement": "aioturk.qualifications",
    "RetryPolicy": "aioturk.retries",
    "ReviewPolicy": "aioturk.review_policies",
    "Task": "aioturk.tasks",
    "ask": "aioturk.crowd",
    **dict.fromkeys(
        (
            "AnswerError",
            "BudgetExceeded",
            "ConfigurationError",
            "CredentialsError",
            "InvalidRequest",
            "ServiceError",
            "TransportError",
            "TurkError",
        ),
        "aioturk.errors",
    ),
}
_MODULES = frozenset(
    {
        "annotations",
        "answers",
        "batch",
        "crowd",
        "errors",
        "marketplace",
        "models",
        "notifications",
        "pricing",
        "qualifications",
        "questions",
        "review_policies",
        "sigv4",
        "tasks",
        "testing",
    }
)


def __getattr__(name: str) -> object:
    """Load a public name, or a public module, on first use."""
    if name in _HOME_OF:
        value = getattr(import_module(_HOME_OF[name]), name)
    elif name in _MODULES:
        value = import_module(f"aioturk.{name}")
    else:
        raise AttributeError(f"module 'aioturk' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_MODULES})
