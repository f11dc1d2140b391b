"""
The majority of what workers said, and how often each worker said what the majority says.

It takes the long table of `aioturk.batch.export`. What needs more than counting (workers who are right more often,
labels that are mistaken for each other) is for libraries that take the same table.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from aioturk.batch.export.labels import Label
from aioturk.errors import InvalidRequest

__all__ = ["Agreement", "Vote", "agreement", "majority"]


@dataclass(frozen=True, slots=True)
class Vote:
    """
    What workers said of a task, all together.

    Attributes:
        task: The task.
        label: The label with the most votes; None if several have as many, or there are not enough votes for it.
        votes: How many votes the first label has, whether or not it is alone; with weights, their sum.
        total: How many votes there are; with weights, their sum.
    """

    task: str
    label: str | None
    votes: float
    total: float

    @property
    def share(self) -> float:
        """The part of the votes that the first label has, 0-1."""
        return self.votes / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Agreement:
    """
    How often a worker said what the majority says.

    Attributes:
        worker: The worker's id.
        agreed: How many labels of the worker are the majority's.
        total: How many labels the worker gave to tasks with a majority.
    """

    worker: str
    agreed: int
    total: int

    @property
    def share(self) -> float:
        """The part of the labels that are the majority's, 0-1."""
        return self.agreed / self.total if self.total else 0.0


def majority(
    labels: Iterable[Label | tuple[str, str, str]],
    *,
    weights: Mapping[str, float] | None = None,
    minimum_votes: float = 0,
    minimum_share: float = 0,
) -> list[Vote]:
    """
    Take the majority for each task: the label that more workers gave than any other.

    A tie has no majority. The same label of the same worker for the same task counts once; a worker who selected
    several labels has a vote for each. Labels are compared as they are, upper and lower case included.

    Args:
        labels: The long table: tasks, workers, labels.
        weights: What the vote of a worker counts, zero or more; 1 for workers who are not in it.
        minimum_votes: How many votes a task needs, all labels together; with fewer it has no majority.
        minimum_share: Which part of them the label needs, 0-1; more than half for an absolute majority.

    Returns:
        A vote for each task, in the order in which they first appear.

    Raises:
        InvalidRequest: A weight is none.
    """
    weight_of = _checked(weights or {})
    voters: dict[str, dict[str, dict[str, None]]] = {}
    for task, worker, label in labels:
        voters.setdefault(task, {}).setdefault(label, {})[worker] = None
    return [
        _vote(
            task,
            {label: _sum([weight_of.get(worker, 1) for worker in workers]) for label, workers in by_label.items()},
            minimum_votes,
            minimum_share,
        )
        for task, by_label in voters.items()
    ]


def agreement(labels: Iterable[Label | tuple[str, str, str]], votes: Iterable[Vote]) -> list[Agreement]:
    """
    Tell how often each worker said what the majority says; tasks without one are left out.

    A task that one worker did has that worker's own label for its majority: ask `majority` for ``minimum_votes=2``, if
    these are not to count.

    Args:
        labels: The long table that the votes were made of.
        votes: The votes.

    Returns:
        The workers with at least one label for a task with a majority. Who agrees most often comes first, among these
        who did more, then by their ids.
    """
    chosen = {vote.task: vote.label for vote in votes if vote.label is not None}
    counted: dict[str, list[int]] = {}
    for task, worker, label in dict.fromkeys(tuple(each) for each in labels):
        if task in chosen:
            numbers = counted.setdefault(worker, [0, 0])
            numbers[0] += label == chosen[task]
            numbers[1] += 1
    found = [Agreement(worker, agreed, total) for worker, (agreed, total) in counted.items()]
    return sorted(found, key=lambda each: (-each.share, -each.total, each.worker))


def _checked(weights: Mapping[str, float]) -> Mapping[str, float]:
    for worker, weight in weights.items():
        if not math.isfinite(weight) or weight < 0:
            raise InvalidRequest(
                f"has {weight!r} for the worker {worker}; a weight is a number that is zero or more.",
                argument="weights",
                sending=False,
            )
    return weights


def _vote(task: str, votes: Mapping[str, float], minimum_votes: float, minimum_share: float) -> Vote:
    total = _sum(list(votes.values()))
    most = max(votes.values())
    # Weights are seldom whole numbers: 0.1 + 0.2 and 0.3 are a tie.
    first = [label for label, number in votes.items() if math.isclose(number, most)]
    enough = _reaches(total, minimum_votes) and _reaches(most, minimum_share * total)
    return Vote(task, first[0] if len(first) == 1 and enough and most > 0 else None, most, total)


def _reaches(number: float, least: float) -> bool:
    return number >= least or math.isclose(number, least)


def _sum(numbers: Sequence[float]) -> float:
    """Add numbers up: counts stay whole, and fractions do not depend on their order."""
    return sum(numbers) if all(isinstance(number, int) for number in numbers) else math.fsum(numbers)
