"""
What a ``crowd-form`` sends: one answer, ``taskAnswers``, a JSON array that holds one object with all fields.

It is taken apart into one answer a field, named as in the requester site's result files
(https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_HTMLQuestionArticle.html has the form). A text
that is not such an array, or is longer than a mebibyte, stays what it is: a worker may type anything into a field of
that name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

from aioturk.answers.mapping import JSON, Answer, Answers

__all__ = ["JSON_SIZE", "TASK_ANSWERS", "decoded", "encoded", "flattened", "scalar_text"]

TASK_ANSWERS = "taskAnswers"

JSON_SIZE = 2**20
"""JSON with more characters is not read: eight megabytes of it would become two hundred of lists."""
JSON_DEPTH = 100
"""JSON that is nested deeper is not read: whoever walks through it must not run out of stack."""
DEPTH = 20
"""Objects below this stay in one piece, as JSON."""
NAMES = 10_000
"""A form with more names than this after flattening is not flattened: the document can hold a million."""
NAME_LENGTH = 1000
"""The same, for a name of names: one long name above many short ones would be repeated with each of them."""


def flattened(answers: Answers) -> Answers:
    """Return the answers with the fields of their crowd-form in the place of `taskAnswers`, if there is one."""
    fields = _fields(answers[TASK_ANSWERS])
    if fields is None:
        return answers
    values: dict[str, Answer] = {}
    for name, answer in answers.items():
        if name != TASK_ANSWERS:
            values[name] = answer
            continue
        for path, value in _leaves(fields):
            if path not in answers or path == TASK_ANSWERS:  # the document's own answers are never hidden
                values.setdefault(path, value)
            if len(values) > NAMES:
                return answers
    nested = {name: value for name, value in fields.items() if name not in answers or name == TASK_ANSWERS}
    return Answers(values, answers.other, nested=nested, original=answers)


def _fields(answer: Answer) -> dict[str, JSON] | None:
    document = decoded(answer) if isinstance(answer, str) else None
    if isinstance(document, list) and len(document) == 1:
        document = document[0]
    return document if isinstance(document, dict) else None


def decoded(text: str) -> JSON:
    """
    Read JSON; what is none, or is long or nested beyond reason, is None.

    Numbers that no double can hold, and halves of surrogate pairs, are no JSON here.
    """
    if len(text) > JSON_SIZE:
        return None
    import msgspec  # only crowd-forms need it

    try:
        value = cast("JSON", msgspec.json.decode(text))
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None
    # Nothing is nested deeper than it has brackets, and hardly any answer has so many.
    may_be_deep = text.count("[") + text.count("{") > JSON_DEPTH
    return None if may_be_deep and _is_deep(value) else value


def _is_deep(value: JSON) -> bool:
    # One iterator for each object or list that is open, so that a wide answer takes no memory.
    path = [_inside(value)]
    while path:
        for each in path[-1]:
            if each and isinstance(each, list | dict):  # what is empty has no depth
                if len(path) == JSON_DEPTH:
                    return True
                path.append(_inside(each))
                break
        else:
            path.pop()
    return False


def _inside(value: JSON) -> Iterator[JSON]:
    inner: Iterable[JSON] = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return iter(inner)


def encoded(value: JSON) -> str:
    """Write JSON on one line."""
    import msgspec

    return msgspec.json.encode(value).decode()


def _leaves(fields: dict[str, JSON], prefix: str = "", depth: int = 1) -> Iterator[tuple[str, Answer]]:
    for name, value in fields.items():
        path = prefix + name
        if isinstance(value, dict) and value and depth < DEPTH and len(path) < NAME_LENGTH:
            yield from _leaves(value, path + ".", depth + 1)
        else:
            yield path, _leaf(value)


def _leaf(value: JSON) -> Answer:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return tuple(each for each in value if isinstance(each, str))
    return encoded(value) if isinstance(value, list | dict) else scalar_text(value)


def scalar_text(value: object) -> str:
    """Return a single value as the text that a form would have sent."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
    return f"{value:.0f}" if is_whole else str(value)
