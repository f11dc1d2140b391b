"""The table of retry classes: complete, and as the design counts it."""

from __future__ import annotations

from collections import Counter

from aioturk._core.repetition import MEANING, RETRY_CLASSES, SUCCESS_WHEN, RetryClass
from aioturk._generated.tables import OPERATIONS


def names(retry_class: RetryClass) -> set[str]:
    """The operations of a class."""
    return {name for name, kind in RETRY_CLASSES.items() if kind is retry_class}


def test_every_operation_has_its_class() -> None:
    """All 39 operations are in the table, and the generated operations carry the same class."""
    assert set(RETRY_CLASSES) == set(OPERATIONS)
    assert len(RETRY_CLASSES) == 39
    assert all(operation.retry_class is RETRY_CLASSES[name] for name, operation in OPERATIONS.items())


def test_the_classes() -> None:
    """So many operations are in each class; those that could do harm are named."""
    assert Counter(RETRY_CLASSES.values()) == {
        RetryClass.READ: 16,
        RetryClass.TOKEN: 4,
        RetryClass.HARMLESS: 6,
        RetryClass.SETTLED: 9,
        RetryClass.UNPROVABLE: 2,
        RetryClass.ONCE: 2,
    }
    assert names(RetryClass.READ) == {name for name in OPERATIONS if name.startswith(("Get", "List"))}
    assert names(RetryClass.TOKEN) == {name for name, each in OPERATIONS.items() if each.takes_token}
    assert names(RetryClass.ONCE) == {"NotifyWorkers", "SendTestEventNotification"}
    assert names(RetryClass.UNPROVABLE) == {"AcceptQualificationRequest", "RejectQualificationRequest"}


def test_every_class_is_explained() -> None:
    """Each class has its sentence, and each settled operation what counts as success."""
    assert set(MEANING) == set(RetryClass)
    assert all(sentence.endswith(".") for sentence in MEANING.values())
    assert set(SUCCESS_WHEN) == names(RetryClass.SETTLED)
