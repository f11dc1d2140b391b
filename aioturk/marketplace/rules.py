"""
Every number and switch of the marketplace, in one frozen table of values.

Two profiles come with it: `AMAZON`, the service as it was, for tests; and `HOUSE`, for an owner's own place. Make your
own with ``dataclasses.replace(AMAZON, default_page_size=20)``.

What the rules *mean* is in the service and in :mod:`aioturk.marketplace.lifecycle`; the sentences with which requests
are declined are in :mod:`aioturk.marketplace.refusals`. Entries marked "unverified" are the best guess about a service
that can no longer be asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType

from aioturk.errors import ConfigurationError

__all__ = ["AMAZON", "HOUSE", "PROFILES", "Range", "Rules", "chosen"]

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


_PREMIUM: Mapping[str, int] = MappingProxyType(
    {
        "35NJOM7A2AHJ8CEAOZJYOG2F0DRZXE": 25,  # Blogger in production
        "37V1T9MUUQLS5X0CG7PBSP0508ANH0": 25,  # Blogger in the sandbox
        "3DWHSFAI6V6LLE6N73LD41NC328HA9": 50,  # 18 to 25 years old
    }
)


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds, both included."""

    least: int
    most: int

    def holds(self, number: int) -> bool:
        """Say whether a number is within the bounds."""
        return self.least <= number <= self.most


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """
    The rules of a marketplace. Durations are seconds, money is cents unless it says otherwise.

    Attributes:
        lifetime: How long a HIT may be offered.
        assignment_duration: How long a worker may have for it.
        auto_approval_delay: How long work may wait for a decision.
        default_auto_approval_delay: The delay when none is given.
        auto_approval: Whether work that waits too long is approved by itself.
        extension: By how much an expiration may be moved in one step.
        total_lifetime: How long after its creation a HIT may expire at the latest, whatever it is extended by; None
            means that it does not matter (unverified).
        override_window: How long after its submission rejected work may still be approved.
        disposal_after: How long after its last change a reviewable HIT is deleted by itself; None means never.
        unused_after: How long unused HIT types, qualification types and layouts are kept; None means for ever.
        token_lifetime: How long request tokens are remembered.
        signature_window: How far the time of a signature may be from now, either way.
        title: Characters of a title.
        description: Characters of a description.
        keywords: Characters of the keywords.
        annotation: Characters of the requester's note.
        ascii_annotation: Whether the requester's note is ASCII only.
        question: Bytes of a question document.
        bmp_documents: Whether questions, tests and answer keys, those made of layouts included, are refused when a
            character above U+FFFF (emoji, rare scripts) stands in them; as a reference like ``&#128512;`` it may.
        strict_html: Whether the pages of HTMLQuestions, those made of layouts included, have to be HTML5 without an
            error, as the service's manual demands; an empty page is refused in any case.
        layout_parameters: How many names a layout may have, and a request may give values to (unverified).
        feedback: Characters of feedback to a worker.
        empty_rejections: Whether the feedback with a rejection may be empty, which at least one client relied on
            (unverified).
        reward: What an assignment may earn; the upper bound is ours (unverified).
        bonus: What a bonus may be; the upper bound is ours (unverified).
        max_assignments: How many assignments a HIT may have.
        small_below: A HIT with fewer assignments than this is small: it has the lower fee.
        small_stays_small: Whether a small HIT must stay small.
        requirements: How many qualification requirements a HIT may have.
        integer_values: How many integers ``In`` and ``NotIn`` compare with.
        locale_values: How many places ``In`` and ``NotIn`` compare with.
        qualification_name: Characters of a qualification type's name (unverified).
        qualification_document: Bytes of a test or an answer key.
        qualification_value: What a qualification may be worth.
        default_qualification_value: What it is worth when nobody says (unverified).
        test_duration: How long a test may take (unverified).
        retry_delay: How long a worker may have to wait before asking again; the upper bound is ours (unverified).
        name_release: How long the name of a deleted qualification type stays taken.
        review_threshold: The scores at which a review policy approves, rejects, extends or disregards; 101 is out of
            every score's reach.
        review_agreement: The share of equal answers that makes a question agreed, in percent.
        review_hit_score: The score of a HIT below which a plurality policy extends it.
        review_most_assignments: Up to how many assignments a review policy may be told to extend a HIT.
        default_review_most_assignments: The same when known answers extend and do not say.
        review_extension: For how long an extension by a review policy may keep a HIT open.
        review_questions: How many questions a plurality policy compares.
        review_question_id: Bytes of a question's identifier in a review policy.
        review_answer: Characters of the longest answer that a plurality policy compares.
        strict_workers: Whether workers have to be made known before anything can be done by or to them; otherwise any
            well-formed id is a worker's.
        queue: How many HITs a worker may have in work at a time; None means any number. It is off in both profiles,
            also in `AMAZON`, because the service never published a figure, and a wrong one would refuse what it took.
            Forums said 25 (unverified): set it to see how a program fares with it.
        daily_accepts: How many HITs a worker may accept within 24 hours; None means any number. Off in both profiles
            because of the same; forums said 3800 (unverified).
        early_daily_accepts: The same for new workers. Off in both profiles because of the same; forums said 100
            (unverified).
        early_days: For how long a worker is new.
        percent_from: From how many submissions on the shares of a worker's assignments that were approved, rejected
            and so on say anything; before that, they are perfect.
        default_locale: Where workers are of whom nothing else was said: a country, or a country and a state like
            ``"US-WA"`` (unverified).
        default_adult: Whether they have agreed to see adult content (unverified).
        blocks: How many workers a requester may block.
        tell_blocked: Whether a worker is told of a block; never of its reason (unverified).
        notice_subject: Characters of the subject of a notice to workers.
        notice_text: Characters of its text.
        notice_workers: How many workers one notice may go to.
        default_page_size: Items on a page when the caller does not say (unverified).
        notification_destination: Characters of where messages about events are sent (unverified).
        crowd_input: Bytes of a request that makes a task of the Crowd API (unverified).
        crowd_nesting: How many levels of objects and lists the input of such a task may have (unverified).
        crowd_retention: How long a task is kept after it was finished; None means for ever.
        fee: The share of reward and bonus that the house takes.
        large_fee: The share of the reward that a HIT which is not small costs on top.
        masters_fee: The share of the reward that requiring Masters costs on top.
        premium: What requiring a qualification type costs for each assignment, by its id; each type once. The service
            had many more of these (unverified).
        minimum_fee: The least fee for an assignment or a bonus.
        constant_balance: The balance shown when there is no accounting.
        reuse_assignment_ids: Whether the id of a returned or abandoned assignment goes to the next worker.
        accept_again: Whether a worker may accept a HIT again after returning it (unverified).
        body_limit: The largest request in bytes. The test and the answer key of a qualification type, 65,535 bytes
            each, take three quarters of it when every byte is written as a JSON escape of six.
    """

    lifetime: Range = Range(30, 365 * _DAY)
    assignment_duration: Range = Range(30, 365 * _DAY)
    auto_approval_delay: Range = Range(0, 30 * _DAY)
    default_auto_approval_delay: int = 30 * _DAY
    auto_approval: bool = True
    extension: Range = Range(60, 365 * _DAY)
    total_lifetime: int | None = 365 * _DAY
    override_window: int = 30 * _DAY
    disposal_after: int | None = 120 * _DAY
    unused_after: int | None = 120 * _DAY
    token_lifetime: int = 24 * _HOUR
    signature_window: int = 15 * _MINUTE

    title: Range = Range(1, 128)
    description: Range = Range(1, 2000)
    keywords: Range = Range(0, 1000)
    annotation: Range = Range(0, 255)
    ascii_annotation: bool = True
    question: Range = Range(1, 65535)
    bmp_documents: bool = True
    strict_html: bool = False
    layout_parameters: Range = Range(0, 25)
    feedback: Range = Range(0, 1024)
    empty_rejections: bool = True

    reward: Range = Range(0, 100_000_000)
    bonus: Range = Range(1, 100_000_000)
    max_assignments: Range = Range(1, 1_000_000_000)
    small_below: int = 10
    small_stays_small: bool = True

    requirements: Range = Range(0, 10)
    integer_values: Range = Range(1, 15)
    locale_values: Range = Range(1, 30)

    qualification_name: Range = Range(1, 200)
    qualification_document: Range = Range(1, 65535)
    qualification_value: Range = Range(-(2**31), 2**31 - 1)
    default_qualification_value: int = 1
    test_duration: Range = Range(1, 365 * _DAY)
    retry_delay: Range = Range(0, 10_000_000_000)
    name_release: int = 48 * _HOUR

    review_threshold: Range = Range(0, 101)
    review_agreement: Range = Range(0, 100)
    review_hit_score: Range = Range(1, 100)
    review_most_assignments: Range = Range(2, 25)
    default_review_most_assignments: int = 5
    review_extension: Range = Range(60, 365 * _DAY)
    review_questions: Range = Range(1, 15)
    review_question_id: Range = Range(1, 255)
    review_answer: int = 256

    strict_workers: bool = False
    queue: int | None = None
    daily_accepts: int | None = None
    early_daily_accepts: int | None = None
    early_days: int = 10 * _DAY
    percent_from: int = 100
    default_locale: str = "US"
    default_adult: bool = False

    blocks: int = 100_000
    tell_blocked: bool = True
    notice_subject: Range = Range(1, 200)
    notice_text: Range = Range(1, 4096)
    notice_workers: Range = Range(1, 100)

    default_page_size: int = 10

    notification_destination: Range = Range(1, 1024)

    crowd_input: int = 256 * 1024
    crowd_nesting: int = 50
    crowd_retention: int | None = 90 * _DAY

    fee: Decimal = Decimal("0.20")
    large_fee: Decimal = Decimal("0.20")
    masters_fee: Decimal = Decimal("0.05")
    premium: Mapping[str, int] = field(default_factory=lambda: _PREMIUM, hash=False)
    minimum_fee: int = 1
    constant_balance: Decimal = Decimal("10000.00")

    reuse_assignment_ids: bool = True
    accept_again: bool = True

    body_limit: int = 1024 * 1024


AMAZON = Rules()
"""The service as it was."""

HOUSE = replace(
    AMAZON,
    total_lifetime=None,
    disposal_after=None,
    unused_after=None,
    crowd_retention=None,
    small_stays_small=False,
    ascii_annotation=False,
    bmp_documents=False,
    fee=Decimal(0),
    large_fee=Decimal(0),
    masters_fee=Decimal(0),
    premium=MappingProxyType({}),
    minimum_fee=0,
)
"""The owner's own place: nothing is deleted unasked, nothing costs a fee, HITs grow as they like."""

PROFILES: Mapping[str, Rules] = MappingProxyType({"amazon": AMAZON, "house": HOUSE})
"""The profiles by name."""


def chosen(rules: str | Rules) -> Rules:
    """
    Return the rules of that name, or the rules themselves.

    Raises:
        ConfigurationError: There is no profile of that name.
    """
    if isinstance(rules, Rules):
        return rules
    try:
        return PROFILES[rules]
    except KeyError:
        names = re.sub(r", (?=[^,]*$)", " or ", ", ".join(map(repr, PROFILES)))
        raise ConfigurationError(f"rules={rules!r} names no profile: write {names}, or pass Rules.") from None
