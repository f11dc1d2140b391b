"""
The public API as a user writes it, for type checkers alone: mypy reads this module, nobody runs it.

Each `assert_type` fails the type check when an annotation becomes vaguer or different.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, assert_type

import aioturk
from aioturk import (
    HIT,
    Assignment,
    Client,
    Credentials,
    ExternalQuestion,
    InvalidRequest,
    RetryPolicy,
    ServiceError,
    TurkError,
)
from aioturk.errors import HITAlreadyExists
from aioturk.models import (
    AssignmentStatus,
    BonusPayment,
    Comparator,
    GetAccountBalanceResponse,
    GetAssignmentResponse,
    HITStatus,
    Keywords,
    ListHITsResponse,
    ListReviewPolicyResultsForHITResponse,
    Locale,
    NotifyWorkersFailureStatus,
    Qualification,
    QualificationRequirement,
    QualificationType,
    ReviewableHIT,
    ReviewActionDetail,
    ReviewResultDetail,
)
from aioturk.paginate import Listing


async def clients() -> None:
    """Clients are made in many ways."""
    Client()
    Client("sandbox", region="us-east-1", profile="work", timeout=30, retries=False, rate=5.0, max_connections=10)
    Client("https://turk.example.org", timeout=timedelta(minutes=2), retries=RetryPolicy(attempt_timeout=5))
    Client("local", credentials=Credentials("A", "b", session_token="c"))

    async def provider() -> Credentials:
        return Credentials("A", "b")

    Client("local", credentials=provider)
    async with Client("local", allow_http=True) as mturk:
        assert_type(mturk, Client)
        assert_type(mturk.with_options(timeout=5, retries=True, rate=1), Client)
    await mturk.close()
    Client("local", timout=5)  # type: ignore[call-arg]


async def hits(mturk: Client) -> None:
    """HITs are made of generous arguments, and are exact values."""
    hit = await mturk.create_hit(
        title="Guess the age",
        description="Look at a picture and guess the person's age.",
        reward="0.25",
        max_assignments=3,
        keywords=["image", "age"],
        assignment_duration=timedelta(minutes=5),
        lifetime=timedelta(days=7),
        question=ExternalQuestion("https://example.org/guess?item=7", frame_height=600),
        qualification_requirements=[
            QualificationRequirement(
                qualification_type_id="00000000000000000071",
                comparator=Comparator.IN,
                locale_values=(Locale(country="US"), Locale(country="GB")),
            ),
            {"QualificationTypeId": "000000000000000000L0", "Comparator": "GreaterThan", "IntegerValues": [95]},
        ],
    )
    assert_type(hit, HIT)
    assert_type(hit.hit_id, str)
    assert_type(hit.reward, Decimal)
    assert_type(hit.creation_time, datetime)
    assert_type(hit.assignment_duration, timedelta)
    assert_type(hit.keywords, Keywords)
    assert_type(hit.hit_status, HITStatus)
    assert_type(hit.requester_annotation, str | None)
    assert_type(hit.qualification_requirements, tuple[QualificationRequirement, ...])
    hit.title = "Other"  # type: ignore[misc]

    hit_type_id = await mturk.create_hit_type(
        title="t", description="d", reward=Decimal("0.25"), assignment_duration=300, keywords="image, age"
    )
    assert_type(hit_type_id, str)
    assert_type(await mturk.create_hit_with_hit_type(hit_type_id, lifetime=3600, question="<xml/>"), HIT)
    assert_type(await mturk.get_hit(hit.hit_id), HIT)
    assert_type(await mturk.get_hit(hit_id=hit.hit_id), HIT)
    await mturk.delete_hit(hit.hit_id)
    await mturk.update_expiration_for_hit(hit.hit_id, expire_at=datetime.now(UTC))
    await mturk.update_expiration_for_hit(hit.hit_id, expire_at=0)
    await mturk.get_hit(HITId=hit.hit_id)  # type: ignore[call-arg]
    await mturk.create_hit(title="t", description="d", reward=1, lifetime=60)  # type: ignore[call-arg]


async def lists(mturk: Client) -> None:
    """Lists are walked item by item, page by page, or read one page at a time."""
    listing = mturk.list_hits(max_results=10)
    assert_type(listing, Listing[HIT, ListHITsResponse])
    async for hit in listing:
        assert_type(hit, HIT)
    page = await listing
    assert_type(page, ListHITsResponse)
    assert_type(page.items, tuple[HIT, ...])
    assert_type(page.next_token, str | None)
    assert_type(page.num_results, int)
    assert_type(listing.pages(), AsyncGenerator[ListHITsResponse, None])
    async for each in mturk.list_hits().pages():
        assert_type(each, ListHITsResponse)
    assert_type([hit.hit_id async for hit in mturk.list_reviewable_hits()], list[str])
    async for reviewable in mturk.list_reviewable_hits(status="Reviewing"):
        assert_type(reviewable, ReviewableHIT)
    async for assignment in mturk.list_assignments_for_hit("3", assignment_statuses=[AssignmentStatus.SUBMITTED]):
        assert_type(assignment, Assignment)
        assert_type(assignment.approval_time, datetime | None)
        assert_type(assignment.submit_time, datetime)
    async for detail in mturk.list_review_policy_results_for_hit("3"):
        assert_type(detail, ReviewResultDetail | ReviewActionDetail)
    assert_type(await mturk.list_review_policy_results_for_hit("3"), ListReviewPolicyResultsForHITResponse)
    async for payment in mturk.list_bonus_payments(hit_id="3"):
        assert_type(payment, BonusPayment)
    async for held in mturk.list_workers_with_qualification_type("3"):
        assert_type(held, Qualification)


async def results(mturk: Client) -> None:
    """An answer with one member is that member; several come as an object; none is None."""
    balance = await mturk.get_account_balance()
    assert_type(balance, GetAccountBalanceResponse)
    assert_type(balance.available_balance, Decimal)
    assert_type(balance.on_hold_balance, Decimal | None)
    found = await mturk.get_assignment("3")
    assert_type(found, GetAssignmentResponse)
    assert_type(found.assignment, Assignment)
    assert_type(found.hit, HIT)
    assert_type(await mturk.get_file_upload_url("3", question_identifier="upload"), str)
    assert_type(await mturk.get_qualification_score("3", "A1"), Qualification)
    assert_type(await mturk.get_qualification_type("3"), QualificationType)
    failures = await mturk.notify_workers(subject="s", message_text="m", worker_ids=["A1"])
    assert_type(failures, tuple[NotifyWorkersFailureStatus, ...])
    assert_type(await mturk.call("GetHIT", {"HITId": "3"}), dict[str, Any])
    await mturk.send_bonus("A1", "3", bonus_amount=Decimal(1), reason="Careful work.")
    await mturk.approve_assignment("3", requester_feedback="Thanks!")


async def errors(mturk: Client) -> None:
    """Errors are caught by class, and know what happened."""
    try:
        await mturk.delete_hit("3")
    except HITAlreadyExists as error:
        assert_type(error.hit_id, str | None)
    except InvalidRequest as error:
        assert_type(error.argument, str | None)
    except ServiceError as error:
        assert_type(error.turk_error_code, str | None)
        assert_type(error.message, str)
        assert_type(error.status, int)
    except TurkError as error:
        assert_type(error.ambiguous, bool)
        assert_type(error.unique_request_token, str | None)
    except aioturk.TransportError:
        pass
