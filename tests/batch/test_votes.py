"""Majorities: who wins, when nobody does, and who agrees with it."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioturk.batch.export import long_table
from aioturk.batch.votes import Agreement, Vote, agreement, majority
from aioturk.errors import InvalidRequest

from .results import ANNA, BERT, CARL, a_result, told

TABLE = st.lists(st.tuples(*[st.sampled_from(letters) for letters in ("123", "ABCDE", "xyz")]), max_size=30)


def test_a_majority() -> None:
    """The label that more workers gave than any other wins, with or without more than half."""
    labels = [("t", worker, label) for worker, label in zip("ABCDE", "xxyzv", strict=True)]
    assert majority(labels) == [Vote("t", "x", 2, 5)]
    assert majority(labels)[0].share == 0.4


def test_a_tie() -> None:
    """Where two labels have as many votes there is no majority, whichever came first."""
    for labels in ("xxyyz", "zyyxx"):
        assert majority(zip("ttttt", "ABCDE", labels, strict=True)) == [Vote("t", None, 2, 5)]


def test_no_labels() -> None:
    """Without labels there are no votes."""
    assert majority([]) == []
    assert agreement([], []) == []


def test_tasks_keep_their_order() -> None:
    """Tasks come as they first appear, though their labels are mixed."""
    labels = [("b", "A", "x"), ("a", "A", "y"), ("b", "B", "x")]
    assert majority(labels) == [Vote("b", "x", 2, 2), Vote("a", "y", 1, 1)]


def test_one_worker_one_vote() -> None:
    """The same label of the same worker counts once; several selections are a vote each."""
    labels = [("t", "A", "x")] * 3 + [("t", "B", "y"), ("t", "C", "y"), ("t", "C", "z")]
    assert majority(labels) == [Vote("t", "y", 2, 4)]


def test_enough_votes() -> None:
    """A task with too few votes, or a label with too small a part of them, has no majority; the counts stay."""
    labels = [("t", "A", "x"), ("t", "B", "x"), ("t", "C", "y"), ("u", "A", "x")]
    assert [vote.label for vote in majority(labels, minimum_votes=2)] == ["x", None]
    assert [vote.label for vote in majority(labels, minimum_votes=4)] == [None, None]
    assert [vote.label for vote in majority(labels, minimum_share=2 / 3)] == ["x", "x"]
    assert majority(labels, minimum_share=0.7)[0] == Vote("t", None, 2, 3)


def test_weights() -> None:
    """Votes count what their workers count, 1 if nothing is said; sums that differ in rounding only are a tie."""
    labels = [("t", "A", "x"), ("t", "B", "x"), ("t", "C", "y")]
    assert majority(labels, weights={"C": 2.5}) == [Vote("t", "y", 2.5, 4.5)]
    assert majority(labels, weights={"A": 0.1, "B": 0.2, "C": 0.3})[0].label is None
    assert majority(labels, weights={"A": 0, "B": 0, "C": 0}) == [Vote("t", None, 0, 0)]
    assert majority(labels, weights={"A": 0, "B": 0, "C": 0})[0].share == 0
    assert majority(labels[:1], weights={"A": 0}) == [Vote("t", None, 0, 0)]
    assert majority(labels, weights={"A": 0, "B": 0}) == [Vote("t", "y", 1, 1)]


@pytest.mark.parametrize("weight", [-1, float("nan"), float("inf")])
def test_weights_that_are_none(weight: float) -> None:
    """A weight below zero, or none at all, is refused."""
    with pytest.raises(InvalidRequest, match="for the worker A"):
        majority([("t", "A", "x")], weights={"A": weight})


@given(TABLE)
def test_the_rule(labels: list[tuple[str, str, str]]) -> None:
    """For each task, the label stands alone at the top of the counts, or there is none."""
    votes = majority(labels)
    assert [vote.task for vote in votes] == list(dict.fromkeys(task for task, _, _ in labels))
    for vote in votes:
        counts = Counter(label for task, _, label in set(labels) if task == vote.task)
        top = [label for label, count in counts.items() if count == max(counts.values())]
        assert vote == Vote(vote.task, top[0] if len(top) == 1 else None, max(counts.values()), counts.total())


@given(TABLE, st.randoms(use_true_random=False), st.sampled_from([1, 0.1, 3]))
def test_what_does_not_matter(labels: list[tuple[str, str, str]], order: random.Random, weight: float) -> None:
    """The order of labels changes no vote, and neither does a weight that all workers have."""
    mixed = order.sample(labels, len(labels))
    same = majority(mixed, weights=dict.fromkeys("ABCDE", weight))
    assert {vote.task: vote.label for vote in same} == {vote.task: vote.label for vote in majority(labels)}


def test_agreement() -> None:
    """Workers are told by how often they agree with the majority, then by how much they did, then by id."""
    labels = [
        ("1", "A", "x"), ("1", "B", "x"), ("1", "C", "y"),
        ("2", "A", "x"), ("2", "B", "x"), ("2", "C", "x"),
        ("3", "D", "x"), ("3", "E", "y"),
        ("4", "F", "x"),
    ]  # fmt: skip
    assert agreement(labels, majority(labels)) == [
        Agreement("A", 2, 2),
        Agreement("B", 2, 2),
        Agreement("F", 1, 1),
        Agreement("C", 1, 2),
    ]
    assert [each.worker for each in agreement(labels, majority(labels, minimum_votes=2))] == ["A", "B", "C"]
    assert agreement(labels, majority(labels))[-1].share == 0.5
    assert agreement(labels * 2, majority(labels)) == agreement(labels, majority(labels))


async def test_from_results() -> None:
    """The long table of a batch is what is counted."""
    results = told(*(a_result({"age": age}, worker_id=who) for who, age in ((ANNA, "1"), (BERT, "2"), (CARL, "1"))))
    labels = await long_table(results, "age")
    assert majority(labels) == [Vote("row", "1", 2, 3)]
    assert [each.worker for each in agreement(labels, majority(labels)) if each.agreed] == [ANNA, CARL]
