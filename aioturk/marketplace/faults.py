"""
Troubles on purpose: what goes wrong, how often, and in a way that can be repeated.

`Faults` is what a program asks for; `Mischief` deals the troubles out, one request after another. The gateway carries
them out.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, fields

from aioturk.errors import ConfigurationError

__all__ = ["Faults", "Mischief", "Trouble"]


@dataclass(frozen=True, slots=True)
class Faults:
    """
    Probabilities of trouble, each between 0 and 1; they are independent of each other.

    Args:
        throttle: The request is declined with ``ThrottlingException`` and not executed.
        drop_reply: The request is executed; then the connection is closed without an answer.
        server_error: The request is answered with a ``ServiceFault`` (500): half of them before it is executed, half
            after it.
        seed: Makes the troubles the same in every run that sends the same requests in the same order.
    """

    throttle: float = 0.0
    drop_reply: float = 0.0
    server_error: float = 0.0
    seed: int | None = None

    def __post_init__(self) -> None:
        for setting in fields(self):
            value = getattr(self, setting.name)
            if setting.name != "seed" and not 0 <= value <= 1:
                raise ConfigurationError(f"Faults({setting.name}={value!r}): a probability lies between 0 and 1.")


@dataclass(frozen=True, slots=True)
class Trouble:
    """What happens to one request. At most one of the first two is set."""

    throttle: bool = False
    fail_before: bool = False
    fail_after: bool = False
    drop_reply: bool = False


_NONE = Trouble()


class Mischief:
    """Deals out troubles by the given probabilities."""

    def __init__(self, faults: Faults | None) -> None:
        self._faults = faults
        self._random = random.Random(None if faults is None else faults.seed)

    def next(self) -> Trouble:
        """Decide what happens to the next request."""
        faults = self._faults
        if faults is None:
            return _NONE
        # Always the same number of throws, so that changing one probability leaves the other troubles where they were.
        throttle, fail, after, drop = (self._random.random() for _ in range(4))
        if throttle < faults.throttle:
            return Trouble(throttle=True)
        failing = fail < faults.server_error
        return Trouble(
            fail_before=failing and after < 0.5,
            fail_after=failing and after >= 0.5,
            drop_reply=drop < faults.drop_reply,
        )
