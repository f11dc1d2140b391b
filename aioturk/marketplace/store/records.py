"""The values that travel between the store and the rest of the marketplace: rows, with names."""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "Account",
    "Assignment",
    "Bonus",
    "CrowdTask",
    "Due",
    "Hit",
    "HitType",
    "Key",
    "Layout",
    "Letter",
    "Movement",
    "Notice",
    "Qualification",
    "QualificationRequest",
    "QualificationType",
    "TypeDocuments",
    "UsedToken",
]


class Account(NamedTuple):
    """A requester in one environment."""

    seq: int
    requester_id: str
    environment: str
    requester_seq: int


class Key(NamedTuple):
    """Whose key it is."""

    access_key: str
    secret_key: str
    requester_seq: int
    read_only: int = 0
    spending_cap: int | None = None
    spent: int = 0
    revoked_at: int | None = None

    def __repr__(self) -> str:
        return f"Key(access_key={self.access_key!r})"


class HitType(NamedTuple):
    """What a group of HITs shares."""

    seq: int
    id: str
    group_id: str
    title: str
    description: str
    keywords: str | None
    reward: int
    assignment_duration: int
    auto_approval_delay: int
    requirements: str
    masters: int
    notification: str | None = None
    notifies: int = 0
    used_at: int = 0


class Hit(NamedTuple):
    """A HIT with what it has from its type; the question is there only when it was asked for."""

    seq: int
    id: str
    account_seq: int
    type_seq: int
    created_at: int
    expires_at: int
    max_assignments: int
    annotation: str | None
    layout_id: str | None
    status: str
    in_work: int
    submitted: int
    approved: int
    rejected: int
    freed: int
    fee: int
    held: int
    changed_at: int
    due_at: int | None
    has_policies: int | bool
    type: HitType
    question: str | None = None


class Assignment(NamedTuple):
    """One acceptance of a HIT by a worker."""

    seq: int
    issued_id: str
    hit_seq: int
    worker_seq: int
    worker_id: str
    status: str
    accepted_at: int
    deadline: int
    submitted_at: int | None
    submission: int | None
    auto_approval_at: int | None
    approved_at: int | None
    rejected_at: int | None
    answer: str | None
    feedback: str | None
    known_score: int | None = None
    environment: str = ""


class CrowdTask(NamedTuple):
    """A call of a function; input, result and problem are objects in JSON."""

    seq: int
    account_seq: int
    function: str
    name: str
    input: str
    state: str
    result: str | None
    problem: str | None
    hit_seq: int | None
    created_at: int
    finished_at: int | None


class Layout(NamedTuple):
    """A page with placeholders."""

    seq: int
    html: str
    frame_height: int
    used_at: int


class Bonus(NamedTuple):
    """A bonus that was paid."""

    seq: int
    worker_id: str
    assignment_id: str
    amount: int
    reason: str
    granted_at: int


class QualificationType(NamedTuple):
    """What workers can have; it has a test if that has a duration. One without an account is the service's own."""

    seq: int
    id: str
    account_seq: int | None
    name: str
    description: str
    keywords: str | None
    status: str
    retry_delay: int | None
    test_duration: int | None
    auto_granted: int
    auto_granted_value: int | None
    created_at: int
    used_at: int
    deleted_at: int | None


class TypeDocuments(NamedTuple):
    """The test of a qualification type, apart from it, because it is long and seldom asked for."""

    test: str | None
    answer_key: str | None


class Qualification(NamedTuple):
    """What a worker has, or had."""

    seq: int
    worker_id: str
    status: str
    value: int | None
    granted_at: int


class QualificationRequest(NamedTuple):
    """A worker's asking for a qualification."""

    seq: int
    id: str
    type_seq: int
    type_id: str
    worker_seq: int
    worker_id: str
    status: str
    asked_at: int
    submitted_at: int | None
    test: str | None
    answer: str | None
    due_at: int | None


class UsedToken(NamedTuple):
    """A request token that did its work."""

    used_at: int
    request_id: str
    subject: str | None


class Movement(NamedTuple):
    """A line of the ledger."""

    at: int
    account_seq: int | None
    reason: str
    debit: str
    credit: str
    cents: int
    hit_seq: int | None
    assignment_seq: int | None
    worker_seq: int | None


class Due(NamedTuple):
    """Something that the clock has to see to."""

    at: int
    kind: int
    seq: int


class Notice(NamedTuple):
    """A message about an event, as it is kept."""

    seq: int
    at: int
    event: str
    transport: str
    destination: str
    body: str
    state: str
    attempts: int
    trouble: str | None


class Letter(NamedTuple):
    """A message about an event that somebody has taken to send it, until the moment to which it is claimed."""

    seq: int
    destination: str
    body: str
    attempts: int
    claimed: int
