"""From what people have submitted to one result: their answers, read and put together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from aioturk._core.codec import encode
from aioturk.answers import Answers, convert, read_answers
from aioturk.errors import AnswerError
from aioturk.marketplace.crowd import documents
from aioturk.marketplace.service.crowd_tasks import Finished, Outcome

__all__ = ["Given", "completed", "failed", "given", "plurality"]


class Given(NamedTuple):
    """
    What people answered.

    Attributes:
        answers: What could be read, as the task's type, in the order in which it came.
        assignment_ids: The assignments that it stands in.
    """

    answers: list[Any]
    assignment_ids: frozenset[str]


def given(finished: Iterable[Finished], kind: type[Any]) -> Given:
    """Read submissions as a type; those that do not fit it are left out."""
    answers: list[Any] = []
    assignment_ids = set()
    for each in finished:
        try:
            found = read_answers(each.answer)
            answers.append(found if kind is Answers else convert(found, kind))
        except AnswerError:
            continue
        assignment_ids.add(each.assignment_id)
    return Given(answers, frozenset(assignment_ids))


def plurality(answers: Sequence[Any]) -> dict[str, Any]:
    """
    Return, for each field, the value that most answers have; of several, the one that came first.

    Args:
        answers: At least one.
    """
    plain = [_fields(answer) for answer in answers]
    names = dict.fromkeys(name for fields in plain for name in fields)
    return {name: _most_frequent([fields.get(name) for fields in plain]) for name in names}


def _fields(answer: Any) -> Mapping[str, Any]:
    if isinstance(answer, Answers):
        # The values of a crowd-form as they came; of other pages there are texts and selections alone.
        return dict(answer.nested or answer)
    # What answers are read as has fields; pydantic's models alone write them by themselves.
    fields: Mapping[str, Any] = (
        answer.model_dump(mode="json") if hasattr(answer, "model_dump") else msgspec.to_builtins(answer)
    )
    return fields


def _most_frequent(values: list[Any]) -> Any:
    # By their JSON, as lists have no hash, and 1 is not true.
    texts = [encode(msgspec.to_builtins(value)) for value in values]
    most, _ = Counter(texts).most_common(1)[0]
    return values[texts.index(most)]


def completed(result: object) -> Outcome:
    """
    Return a result as it is kept.

    Raises:
        NotJson: It is no object in JSON.
    """
    return Outcome(documents.written(result), None)


def failed(code: str, message: str) -> Outcome:
    """Return the reason why there is no result."""
    return Outcome(None, documents.written({"code": code, "message": message}))
