"""Review policies as requests have them, and what came of them; for the tests of the marketplace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aioturk.marketplace import Marketplace

from .support import Requester

__all__ = ["actions", "known_answers", "plurality", "results", "submit"]


def known_answers(key: Mapping[str, str], **parameters: str) -> dict[str, Any]:
    """ScoreMyKnownAnswers, with a key and whatever else."""
    entries = [{"Key": name, "Values": [value]} for name, value in key.items()]
    return {
        "PolicyName": "ScoreMyKnownAnswers/2011-09-01",
        "Parameters": [{"Key": "AnswerKey", "MapEntries": entries}, *_parameters(parameters)],
    }


def plurality(*questions: str, threshold: str = "66", **parameters: str) -> dict[str, Any]:
    """SimplePlurality, with what it needs and whatever else."""
    needed = {"QuestionAgreementThreshold": threshold, "DisregardAssignmentIfRejected": "T"}
    return {
        "PolicyName": "SimplePlurality/2011-09-01",
        "Parameters": [{"Key": "QuestionIds", "Values": list(questions)}, *_parameters({**needed, **parameters})],
    }


def _parameters(parameters: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"Key": key, "Values": [value]} for key, value in parameters.items()]


async def submit(market: Marketplace, hit_id: str, worker_id: str, **fields: str) -> str:
    """Let a worker accept and submit a HIT; return the assignment's id."""
    worker = market.worker(worker_id)
    assignment_id = await worker.accept(hit_id)
    await worker.submit(assignment_id, fields)
    return assignment_id


async def results(turk: Requester, hit_id: str, level: str) -> list[tuple[str, ...]]:
    """Read what a policy found: subject, question, key and value."""
    report = (await turk("ListReviewPolicyResultsForHIT", HITId=hit_id, MaxResults=100))[f"{level}ReviewReport"]
    return [
        (each["SubjectId"], each.get("QuestionId", ""), each["Key"], each["Value"])
        for each in report.get("ReviewResults", [])
    ]


async def actions(turk: Requester, hit_id: str, level: str) -> list[tuple[str, ...]]:
    """Read what a policy did: name, target, status, result, and the code of an error."""
    report = (await turk("ListReviewPolicyResultsForHIT", HITId=hit_id, MaxResults=100))[f"{level}ReviewReport"]
    return [
        (each["ActionName"], each["TargetId"], each["Status"], each["Result"], each.get("ErrorCode", ""))
        for each in report.get("ReviewActions", [])
    ]
