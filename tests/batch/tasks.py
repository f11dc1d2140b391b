"""The task, the rows and the checks that tests of batches have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aioturk import HTMLTemplate, Task
from aioturk.client import Client
from aioturk.models import HIT

__all__ = ["NAME", "Guess", "all_hits", "guess_age", "rows", "urls"]

NAME = "ages-2026-11"

PAGE = """<!DOCTYPE html><html><body><form method="post" action="https://workersandbox.mturk.com/mturk/externalSubmit">
<input type="hidden" name="assignmentId" value=""><p>How old is ${url}?</p><input name="age"><input type="submit">
</form></body></html>"""


@dataclass
class Guess:
    """An answer."""

    age: int


def guess_age(**changes: Any) -> Task[Guess]:
    """Make the task, or one that differs from it."""
    properties: dict[str, Any] = {
        "title": "Guess the age",
        "description": "Look at a picture and guess the person's age.",
        "reward": "0.05",
        "assignment_duration": timedelta(minutes=5),
        "lifetime": timedelta(days=7),
        "max_assignments": 2,
        "question": HTMLTemplate(PAGE),
    }
    return Task(**{**properties, **changes}, answer=Guess)


def rows(count: int) -> list[dict[str, str]]:
    """Make so many different rows."""
    return [{"url": f"https://example.org/{number}.jpg"} for number in range(count)]


def urls(hits: Iterable[HIT]) -> Counter[str]:
    """Count what HITs ask about, by the pages that they show."""
    return Counter(str(hit.question).partition("How old is ")[2].partition("?")[0] for hit in hits)


async def all_hits(mturk: Client) -> list[HIT]:
    """Read all HITs."""
    return [hit async for hit in mturk.list_hits()]
