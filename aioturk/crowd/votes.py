"""Counting votes: which answer most people gave, and how many have to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from aioturk.errors import InvalidRequest
from aioturk.models import AssignmentStatus
from aioturk.tasks.submissions import Submission

__all__ = ["best_of", "how_many"]

T = TypeVar("T")

_MANY = 10**9


def best_of(votes: Sequence[Submission[T]], key: Callable[[T], object]) -> tuple[Submission[T], ...]:
    """
    Return the submissions with the answer that most people gave; of several such answers, the one that came first.

    Answers that cannot be read, and work that was rejected, do not count.

    Args:
        votes: The submissions, in the order in which they came.
        key: Makes of an answer what is compared.
    """
    groups: list[tuple[object, list[Submission[T]]]] = []
    for vote in votes:
        if vote.error is not None or vote.status == AssignmentStatus.REJECTED:
            continue
        compared = key(vote.answer)
        # One by one, because what can be compared need not have a hash.
        for other, members in groups:
            if other == compared:
                members.append(vote)
                break
        else:
            groups.append((compared, [vote]))
    # The first of the longest, because sorting keeps the order of equals.
    ranked = sorted((members for _, members in groups), key=len, reverse=True)
    return tuple(ranked[0]) if ranked else ()


def how_many(agreement: object, most: object) -> tuple[int, int]:
    """
    Return how many people have to agree, and how many may be asked.

    Raises:
        InvalidRequest: That cannot be.
    """
    if not isinstance(agreement, int) or isinstance(agreement, bool) or not 1 <= agreement <= _MANY:
        raise InvalidRequest(f"is {agreement!r}; give a whole number from 1.", argument="agreement")
    if most is None:
        return agreement, agreement
    if not isinstance(most, int) or isinstance(most, bool) or not agreement <= most <= _MANY:
        raise InvalidRequest(
            f"is {most!r}; give a whole number, at least the {agreement} who have to agree.", argument="most"
        )
    return agreement, most
