"""
aioturk: the Mechanical Turk requester API for asyncio, and a marketplace that speaks it.

The names most programs need are here; they load on first use, so that importing the package costs next to nothing::

    from aioturk import Client, ExternalQuestion

    async with Client("local") as mturk:
        hit = await mturk.create_hit(...)

More lives in `aioturk.models` (the service's structures), `aioturk.errors`, `aioturk.questions`, `aioturk.answers`,
`aioturk.sigv4`, `aioturk.marketplace` and `aioturk.testing`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from aioturk._version import __version__

if TYPE_CHECKING:
    from aioturk._core.keys import Credentials
    from aioturk.client import Client
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
    from aioturk.questions import ExternalQuestion, HTMLQuestion
    from aioturk.retries import RetryPolicy

__all__ = [
    "HIT",
    "AnswerError",
    "Assignment",
    "BudgetExceeded",
    "Client",
    "ConfigurationError",
    "Credentials",
    "CredentialsError",
    "ExternalQuestion",
    "HTMLQuestion",
    "InvalidRequest",
    "RetryPolicy",
    "ServiceError",
    "TransportError",
    "TurkError",
    "__version__",
]

_HOME_OF = {
    "Client": "aioturk.client",
    "Credentials": "aioturk._core.keys",
    "ExternalQuestion": "aioturk.questions",
    "HIT": "aioturk.models",
    "HTMLQuestion": "aioturk.questions",
    "Assignment": "aioturk.models",
    "RetryPolicy": "aioturk.retries",
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
_MODULES = frozenset({"answers", "errors", "marketplace", "models", "questions", "sigv4", "testing"})


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
