"""
Tasks: what workers are asked to do, defined once, as a value.

A `Task` holds what all its HITs have in common, the question with places for a row's values, and the type of an
answer. It publishes rows, and reads what came back as `Submission` values, typed, ready to be approved or rejected.

It keeps nothing: which HITs belong together stands in their annotations (`aioturk.annotations`), and the service is
asked. Uploads that have to survive a crash, and work that has to be seen once only, are for batches.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import aclosing
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, cast, overload

from aioturk._core.arguments import Converters, Document, Duration, Layout, Money, Text
from aioturk._generated.tables import CREATE_HIT, SHAPES
from aioturk.annotations import Annotation, annotation_of, belongs_to
from aioturk.answers import Answers
from aioturk.answers.plans import plan_of
from aioturk.errors import (
    AnswerError,
    ConfigurationError,
    CredentialsError,
    HITAlreadyExists,
    HITTypeDoesNotExist,
    InsufficientFunds,
    InvalidRequest,
    TurkError,
)
from aioturk.models import HIT, Assignment, AssignmentStatus, HITStatus, QualificationRequirement, ReviewPolicy
from aioturk.pricing import AMAZON, Cost, FeeTable, cost
from aioturk.questions.template import Fillable, HTMLTemplate

if TYPE_CHECKING:
    from aioturk.client import Client

__all__ = ["Publication", "Submission", "Task"]

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")

Row: TypeAlias = Mapping[str, Any]
"""A row of what is asked about: values by column."""

_AT_ONCE = 16
"""How many calls are under way at once, unless said otherwise."""

_AHEAD = 8
"""How many HITs' submissions are fetched ahead of the one that is being looked at."""


TaskQuestion: TypeAlias = Fillable | Document | str | Callable[[Row], Document | Layout | str]
"""What a task asks: with places for values, the same for every row, or made of a row by a function."""


@dataclass(frozen=True, init=False)
class Task(Generic[T]):
    """
    What workers are asked to do.

    Args:
        title: What the task is, for workers who look for one: 1 to 128 characters.
        description: What is to be done, in more words: 1 to 2,000 characters.
        reward: What one approved assignment earns, in US dollars.
        assignment_duration: How much time a worker has: 30 seconds to 365 days.
        lifetime: For how long a HIT can be accepted: 30 seconds to 365 days.
        question: What is asked: an :class:`~aioturk.HTMLTemplate` or :class:`~aioturk.HITLayout`, whose places are
            filled with a row's values; a question or its XML, the same for every row; or a function that makes a
            question of a row.
        keywords: Words by which workers find the HITs.
        max_assignments: How many workers are to do each HIT.
        auto_approval_delay: How long after its submission undecided work is approved, and paid, by itself; the
            service's 30 days unless given. Zero approves everything at once.
        requirements: What a worker must have: up to ten, all of which count.
        answer: The type of an answer: a dataclass, attrs class, msgspec struct, TypedDict or pydantic model. Without
            one, answers are mappings, :class:`~aioturk.answers.Answers`.
        assignment_review_policy: What the service does with each submission, by known answers.
        hit_review_policy: What the service does with each HIT, by the agreement of its workers.

    Raises:
        InvalidRequest: A property breaks a rule, or answers cannot be read as that type.
    """

    title: str
    description: str
    reward: Money
    assignment_duration: Duration
    lifetime: Duration
    question: TaskQuestion = field(repr=False)
    keywords: Text | None
    max_assignments: int
    auto_approval_delay: Duration | None
    requirements: tuple[QualificationRequirement | Mapping[str, Any], ...]
    answer: type[T]
    assignment_review_policy: ReviewPolicy | Mapping[str, Any] | None
    hit_review_policy: ReviewPolicy | Mapping[str, Any] | None

    @overload
    def __init__(
        self: Task[Answers],
        *,
        title: str,
        description: str,
        reward: Money,
        assignment_duration: Duration,
        lifetime: Duration,
        question: TaskQuestion,
        keywords: Text | None = None,
        max_assignments: int = 1,
        auto_approval_delay: Duration | None = None,
        requirements: Iterable[QualificationRequirement | Mapping[str, Any]] = (),
        answer: None = None,
        assignment_review_policy: ReviewPolicy | Mapping[str, Any] | None = None,
        hit_review_policy: ReviewPolicy | Mapping[str, Any] | None = None,
    ) -> None: ...

    @overload
    def __init__(
        self,
        *,
        title: str,
        description: str,
        reward: Money,
        assignment_duration: Duration,
        lifetime: Duration,
        question: TaskQuestion,
        keywords: Text | None = None,
        max_assignments: int = 1,
        auto_approval_delay: Duration | None = None,
        requirements: Iterable[QualificationRequirement | Mapping[str, Any]] = (),
        answer: type[T],
        assignment_review_policy: ReviewPolicy | Mapping[str, Any] | None = None,
        hit_review_policy: ReviewPolicy | Mapping[str, Any] | None = None,
    ) -> None: ...

    def __init__(
        self,
        *,
        title: str,
        description: str,
        reward: Money,
        assignment_duration: Duration,
        lifetime: Duration,
        question: TaskQuestion,
        keywords: Text | None = None,
        max_assignments: int = 1,
        auto_approval_delay: Duration | None = None,
        requirements: Iterable[QualificationRequirement | Mapping[str, Any]] = (),
        answer: type[Any] | None = None,
        assignment_review_policy: ReviewPolicy | Mapping[str, Any] | None = None,
        hit_review_policy: ReviewPolicy | Mapping[str, Any] | None = None,
    ) -> None:
        given: dict[str, Any] = {
            "title": title,
            "description": description,
            "reward": reward,
            "assignment_duration": assignment_duration,
            "lifetime": lifetime,
            "question": question,
            "keywords": keywords if keywords is None or isinstance(keywords, str) else tuple(keywords),
            "max_assignments": max_assignments,
            "auto_approval_delay": auto_approval_delay,
            "requirements": tuple(requirements),
            "answer": Answers if answer is None else answer,
            "assignment_review_policy": assignment_review_policy,
            "hit_review_policy": hit_review_policy,
        }
        _check(given)
        if given["answer"] is not Answers:
            # What cannot be read as an answer is told now, and not with the first submission.
            plan_of(given["answer"])
        for name, value in given.items():
            object.__setattr__(self, name, value)

    # Publishing.

    def fill(self, row: Row | None = None) -> str | Document | Layout:
        """
        Return the question for a row: what `publish` would send.

        Raises:
            InvalidRequest: The row does not fit the question.
        """
        question = self.question
        if isinstance(question, Fillable):
            return question.fill(row or {})
        if isinstance(question, str | Document):
            if row:
                raise InvalidRequest(
                    f"has values ({', '.join(map(str, row))}), and the task's question has no places for them: "
                    "give the task an HTMLTemplate, a HITLayout, or a function that makes a question of a row.",
                    argument="row",
                )
            return question
        try:
            return question(row or {})
        except TurkError:
            raise
        except Exception as error:  # whatever a function of yours may raise, it is this row that has failed
            raise InvalidRequest(
                f"makes no question of this row: {type(error).__name__}: {error}.", argument="question"
            ) from error

    async def publish(
        self,
        mturk: Client,
        row: Row | None = None,
        *,
        batch: str | None = None,
        key: str | None = None,
        unique_request_token: str | None = None,
    ) -> HIT:
        """
        Publish one HIT.

        Its reward and the fee for all its assignments are held at once: see `cost`. The task's HIT type is registered
        with the first HIT, and used again for the others that this client publishes.

        Args:
            mturk: Where.
            row: The values for the question's places.
            batch: The batch that it is for, by which `submissions` finds it. It stands in the HIT's annotation.
            key: What the row is called within the batch, in the annotation too.
            unique_request_token: What tells the service that a repeated call is the same one; at most 64 characters.
                One is made when none is given, so a call is never executed twice; give your own to repeat a call that
                was broken off.

        Raises:
            InvalidRequest: Something does not fit. Nothing was sent.
            InsufficientFunds: The balance does not cover it. There is no HIT.
        """
        question = self.fill(row)
        annotation = _annotation(batch, key)
        return await self._publish(mturk, question, annotation, unique_request_token)

    async def _publish(
        self, mturk: Client, question: str | Document | Layout, annotation: str | None, token: str | None
    ) -> HIT:
        async def publish(hit_type_id: str) -> HIT:
            return await mturk.create_hit_with_hit_type(
                hit_type_id,
                lifetime=self.lifetime,
                max_assignments=self.max_assignments,
                question=question,
                requester_annotation=annotation,
                assignment_review_policy=self.assignment_review_policy,
                hit_review_policy=self.hit_review_policy,
                unique_request_token=token,
            )

        try:
            return await publish(await self.hit_type(mturk))
        except HITTypeDoesNotExist as forgotten:
            # After 120 days without a HIT. Refused for it, nothing was published; but not if an attempt is open.
            if forgotten.ambiguous:
                raise
            return await publish(await self.hit_type(mturk, anew=True))

    async def hit_type(self, mturk: Client, *, anew: bool = False) -> str:
        """
        Return the id of the task's HIT type, which is registered with the first call; that costs nothing.

        Args:
            mturk: Where.
            anew: Register it once more: the service forgets types that were not used for 120 days.
        """
        return await mturk.hit_type(
            anew=anew,
            title=self.title,
            description=self.description,
            reward=self.reward,
            assignment_duration=self.assignment_duration,
            keywords=self.keywords,
            auto_approval_delay=self.auto_approval_delay,
            qualification_requirements=self.requirements,
        )

    async def publish_many(
        self,
        mturk: Client,
        rows: Iterable[Row] | AsyncIterable[Row],
        *,
        batch: str,
        key: str | Callable[[Row], object] | None = None,
        at_once: int = _AT_ONCE,
    ) -> list[Publication]:
        """
        Publish a HIT for each row, several at a time.

        The tokens come from the batch's name and the row's key. So calling this again within 20 hours, after a crash
        or with what was put right, publishes what is missing and nothing twice; what is there already comes back as
        published, even if it was deleted since. After that the service forgets tokens: calling this again would
        publish everything once more.

        A row that does not fit is reported in its place and does not stop the others. What concerns the whole account
        (no funds, bad keys) stops the rest, which are reported with the same error.

        Args:
            mturk: Where.
            rows: The rows.
            batch: The batch that they are for; one name for one set of rows.
            key: The column that tells rows apart, or a function that returns a row's key. Without it, rows are
                called by their number, from 1: then their order has to stay the same.
            at_once: How many calls are under way at once.

        Returns:
            What became of each row, in their order.

        Raises:
            InvalidRequest: The batch cannot be called that, or two rows have the same key. Nothing was sent.
        """
        Annotation(batch)
        prepared = [each async for each in self._prepared(rows, batch, key)]
        _check_keys(prepared)
        # Once, before all of them ask for it at the same time; what is wrong with it is wrong with every row.
        if any(each.error is None for each in prepared):
            await self.hit_type(mturk)
        stopped: list[TurkError] = []

        async def publish(each: _Prepared) -> Publication:
            if each.error is None and not stopped:
                try:
                    hit = await self._publish_once(mturk, each, batch)
                except TurkError as error:
                    if isinstance(error, _ACCOUNT_LEVEL):
                        stopped.append(error)
                    return Publication(each.key, each.row, None, error)
                return Publication(each.key, each.row, hit, None)
            return Publication(each.key, each.row, None, each.error or stopped[0])

        published: list[Publication] = []
        async with aclosing(_ahead(_each(prepared), publish, most=at_once)) as outcomes:
            async for _, outcome in outcomes:
                published.append(outcome)
        return published

    async def _prepared(
        self, rows: Iterable[Row] | AsyncIterable[Row], batch: str, key: str | Callable[[Row], object] | None
    ) -> AsyncIterator[_Prepared]:
        number = 0
        async for row in _each(rows):
            number += 1
            called = str(number)
            try:
                called = _key_of(row, number, key)
                question = self.fill(self._without_key(row, key))
                yield _Prepared(called, row, str(Annotation(batch, called)), question, None)
            except InvalidRequest as error:
                yield _Prepared(called, row, "", "", error)

    def _without_key(self, row: Row, key: str | Callable[[Row], object] | None) -> Row:
        """Leave out a column that only tells rows apart, which a template would take for a mistake."""
        if not isinstance(self.question, HTMLTemplate) or not isinstance(key, str) or key in self.question.names:
            return row
        return {name: value for name, value in row.items() if name != key}

    async def _publish_once(self, mturk: Client, each: _Prepared, batch: str) -> HIT:
        token = sha256(f"aioturk.tasks\0{batch}\0{each.key}".encode()).hexdigest()
        try:
            return await self._publish(mturk, each.question, each.annotation, token)
        except HITAlreadyExists as already:
            if already.hit_id is None:
                raise
            hit = await mturk.get_hit(already.hit_id)
            if hit.hit_type_id != await self.hit_type(mturk) or not _is_for(hit, each):
                # The batch's name was used for other rows, or another task: saying "published" would hide that.
                raise
            return hit

    # Reading.

    async def hits(self, mturk: Client, *, batch: str | None = None) -> AsyncGenerator[HIT, None]:
        """
        Walk the task's HITs, the newest first, or those of a batch.

        The service cannot search, so this reads the list of all your HITs, 100 at a time. Ending and deleting them
        while they are walked hides none of the others on a marketplace of ours; of Amazon's lists that is not known, so
        there collect them first.

        Args:
            mturk: Where.
            batch: The batch; HITs of any type count whose annotation names it. Without it, those of the task's HIT
                type.
        """
        hit_type_id = await self.hit_type(mturk) if batch is None else None
        async with aclosing(aiter(mturk.list_hits())) as found:
            async for hit in found:
                if hit.hit_type_id == hit_type_id if batch is None else belongs_to(hit.requester_annotation, batch):
                    yield hit

    async def reviewable(self, mturk: Client, *, batch: str | None = None) -> AsyncGenerator[HIT, None]:
        """Walk those of `hits` that are finished: nobody is at work on them, and nobody can accept them any more."""
        async with aclosing(self.hits(mturk, batch=batch)) as found:
            async for hit in found:
                if hit.hit_status == HITStatus.REVIEWABLE:
                    yield hit

    async def submissions(
        self, mturk: Client, *, batch: str | None = None, status: AssignmentStatus | str | None = None
    ) -> AsyncGenerator[Submission[T], None]:
        """
        Walk what workers have submitted: HIT by HIT, the newest first, and within a HIT as it came in.

        A submission whose answer does not fit the task's type is delivered with its `error`; none is left out. Deciding
        on submissions while they are walked disturbs nothing.

        Args:
            mturk: Where.
            batch: The batch; without it, everything of the task's HIT type.
            status: Only what is in this state, such as ``"Submitted"`` for what is undecided.
        """

        async def first_page(hit: HIT) -> Any:
            return await mturk.list_assignments_for_hit(hit.hit_id)

        async with (
            aclosing(self.hits(mturk, batch=batch)) as hits,
            aclosing(_ahead(hits, first_page, most=_AHEAD)) as found,
        ):
            async for hit, page in found:
                async with aclosing(_all_of(mturk, hit, page)) as assignments:
                    async for assignment in assignments:
                        # Chosen here and not by the service: a list that shrinks while it is walked may hide some.
                        if status is None or assignment.assignment_status == status:
                            yield self._submission(mturk, hit, assignment)

    def _submission(self, mturk: Client, hit: HIT, assignment: Assignment) -> Submission[T]:
        try:
            answer = cast("T", assignment.answers) if self.answer is Answers else assignment.parse(self.answer)
        except AnswerError as error:
            return Submission(mturk, assignment, hit, None, error)
        return Submission(mturk, assignment, hit, answer, None)

    # Money.

    def cost(self, hits: int = 1, *, fees: FeeTable = AMAZON) -> Cost:
        """
        Return what HITs of this task cost when all their assignments are approved.

        Args:
            hits: How many.
            fees: The marketplace's fees; Amazon's unless given.
        """
        return cost(self.reward, self.max_assignments, requirements=self.requirements, hits=hits, fees=fees)


_ACCOUNT_LEVEL = (InsufficientFunds, CredentialsError, ConfigurationError)


@dataclass(frozen=True, slots=True)
class Publication:
    """
    What became of a row.

    Attributes:
        key: What the row is called in its batch.
        row: The row.
        hit: Its HIT, when it is published.
        error: Why it is not, or, when `TurkError.ambiguous` says so, may not be.
    """

    key: str
    row: Row
    hit: HIT | None
    error: TurkError | None


@dataclass(frozen=True, slots=True)
class Submission(Generic[T]):
    """
    What a worker has submitted, with what may be done about it.

    Attributes:
        assignment: The assignment as it was when it was read.
        hit: Its HIT.
        error: Why the answer does not fit the task's type; None when it does.
    """

    _mturk: Client = field(repr=False)
    assignment: Assignment
    hit: HIT
    _answer: T | None
    error: AnswerError | None

    @property
    def answer(self) -> T:
        """
        The answer, of the task's type.

        Raises:
            AnswerError: It does not fit: look at `error` first, or at `answers`, which takes every readable document.
        """
        if self.error is not None:
            raise self.error
        return cast("T", self._answer)

    @property
    def answers(self) -> Answers:
        """The answers as they came, texts and selections by question."""
        return self.assignment.answers

    @property
    def assignment_id(self) -> str:
        """The assignment's id."""
        return self.assignment.assignment_id

    @property
    def worker_id(self) -> str:
        """The worker's id."""
        return self.assignment.worker_id

    @property
    def status(self) -> AssignmentStatus:
        """Whether it was decided, when it was read, and how."""
        return self.assignment.assignment_status

    @property
    def batch(self) -> str | None:
        """The batch that the HIT's annotation names."""
        note = annotation_of(self.hit)
        return None if note is None else note.batch

    @property
    def key(self) -> str | None:
        """What the row is called that the HIT is for, as its annotation says."""
        note = annotation_of(self.hit)
        return None if note is None else note.row

    async def approve(self, feedback: str | None = None, *, override_rejection: bool = False) -> None:
        """
        Approve the work, and pay its reward.

        Args:
            feedback: What to tell the worker, at most 1,024 characters.
            override_rejection: Approve it although it was rejected, within 30 days.
        """
        await self._mturk.approve_assignment(
            self.assignment_id, requester_feedback=feedback, override_rejection=override_rejection or None
        )

    async def reject(self, feedback: str) -> None:
        """
        Reject the work; nothing is paid.

        Args:
            feedback: Why, for the worker: 1 to 1,024 characters.
        """
        await self._mturk.reject_assignment(self.assignment_id, requester_feedback=feedback)

    async def bonus(self, amount: Money, reason: str, *, unique_request_token: str | None = None) -> None:
        """
        Pay the worker something on top of the reward.

        Args:
            amount: How much, in US dollars; a fee comes on top.
            reason: What for, for the worker.
            unique_request_token: What tells the service that a repeated call is the same one. One is made when none
                is given, so a call is never executed twice; give your own to repeat one that was broken off.
        """
        await self._mturk.send_bonus(
            worker_id=self.worker_id,
            assignment_id=self.assignment_id,
            bonus_amount=amount,
            reason=reason,
            unique_request_token=unique_request_token,
        )


_CONVERTERS = Converters(SHAPES)


def _check(given: Mapping[str, Any]) -> None:
    """Refuse properties that no HIT could be published with."""
    question = given["question"]
    if not callable(question) and not isinstance(question, Fillable | Document | str):
        raise InvalidRequest(
            f"is {type(question).__name__}; give a template, a layout, a question or its XML, or a function that makes "
            "a question of a row.",
            argument="question",
        )
    given = {**given, "question": "looked at for each row", "qualification_requirements": given["requirements"]}
    members = CREATE_HIT.request.members
    _CONVERTERS.request(CREATE_HIT, {member.wire: given.get(member.python) for member in members})


# Rows.


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A row that is ready to be sent, or the reason why it cannot be."""

    key: str
    row: Row
    annotation: str
    question: str | Document | Layout
    error: InvalidRequest | None


def _annotation(batch: str | None, key: str | None) -> str | None:
    if batch is None:
        if key is not None:
            raise InvalidRequest("is given without a batch, in which it would be the row's name.", argument="key")
        return None
    return str(Annotation(batch, key))


def _key_of(row: Row, number: int, key: str | Callable[[Row], object] | None) -> str:
    if key is None:
        return str(number)
    if callable(key):
        return str(key(row))
    if key not in row:
        raise InvalidRequest(f"{number} has no {key!r}, which is to be its key.", argument="row")
    return str(row[key])


def _is_for(hit: HIT, each: _Prepared) -> bool:
    if hit.requester_annotation != each.annotation:
        return False
    question = each.question
    if not isinstance(question, str | Document):
        return True  # a layout, whose page only the service knows
    return hit.question is None or hit.question == (question if isinstance(question, str) else question.to_xml())


def _check_keys(prepared: Sequence[_Prepared]) -> None:
    seen: set[str] = set()
    for each in prepared:
        if each.error is None and each.key in seen:
            raise InvalidRequest(
                f"gives {each.key!r} to two rows; one of them would not be published: choose what tells rows apart.",
                argument="key",
            )
        seen.add(each.key)


async def _each(items: Iterable[A] | AsyncIterable[A]) -> AsyncGenerator[A, None]:
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item


# Fetching ahead.


async def _ahead(
    items: AsyncIterable[A], perform: Callable[[A], Awaitable[B]], *, most: int
) -> AsyncGenerator[tuple[A, B], None]:
    """Do something for each item, with so many under way at once; the outcomes come in the items' order."""
    waiting: deque[tuple[A, asyncio.Future[B]]] = deque()
    try:
        async for item in items:
            waiting.append((item, asyncio.ensure_future(perform(item))))
            if len(waiting) >= most:
                first, outcome = waiting[0]
                yield first, await outcome
                waiting.popleft()
        while waiting:
            first, outcome = waiting[0]
            yield first, await outcome
            waiting.popleft()
    finally:
        for _, outcome in waiting:
            outcome.cancel()
        # Whose outcome nobody asks for any more is not to be logged as forgotten.
        await asyncio.gather(*(outcome for _, outcome in waiting), return_exceptions=True)


async def _all_of(mturk: Client, hit: HIT, page: Any) -> AsyncGenerator[Assignment, None]:
    """Walk a HIT's assignments, of which the first page is there already."""
    for assignment in page.items:
        yield assignment
    if page.next_token:
        async with aclosing(aiter(mturk.list_assignments_for_hit(hit.hit_id, next_token=page.next_token))) as rest:
            async for assignment in rest:
                yield assignment
