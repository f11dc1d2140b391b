"""`Tally`: what became of the units of a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from aioturk.batch.plan import Problem

__all__ = ["Tally"]

_KEPT: Final = 100
"""How many problems are told one by one."""


@dataclass(slots=True)
class Tally:
    """
    What became of the units of a run.

    Attributes:
        done: Carried out now.
        found: Carried out before, or by others meanwhile.
        refused: Not carried out, for reasons of their own.
        open: Still open: they may have happened, or others have them in hand.
        unknown: Left open for so long that nobody can tell any more.
        problems: Why units were refused or left open, and which were done in another way before; the first hundred.
        problem_count: How many there are.
    """

    done: int = 0
    found: int = 0
    refused: int = 0
    open: int = 0
    unknown: int = 0
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0

    def report(self, problem: Problem) -> None:
        """Count a problem, and keep it if there are not too many."""
        self.problem_count += 1
        if len(self.problems) < _KEPT:
            self.problems.append(problem)

    def __iadd__(self, other: Tally) -> Tally:
        self.done += other.done
        self.found += other.found
        self.refused += other.refused
        self.open += other.open
        self.unknown += other.unknown
        self.problems += other.problems[: _KEPT - len(self.problems)]
        self.problem_count += other.problem_count
        return self
