"""
`Task`: what all its HITs have in common, the question with places for a row's values, and the type of an answer.

How rows are published is in `aioturk.tasks.publishing`, what may be done with a submission in
`aioturk.tasks.submissions`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable, Mapping, Set
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, cast, overload

from aioturk._core.accepted import Document, Duration, Layout, Money, Text
from aioturk.annotations import belongs_to
from aioturk.answers import Answers
from aioturk.answers.plans import plan_of
from aioturk.errors import AnswerError, InvalidRequest, TurkError
from aioturk.models import HIT, Assignment, AssignmentStatus, HITStatus, QualificationRequirement, ReviewPolicy
from aioturk.pricing import AMAZON, Cost, FeeTable, cost
from aioturk.questions.template import Fillable, HTMLTemplate
from aioturk.review_policies import extended_to
from aioturk.tasks.publishing import (
    Asked,
    Publication,
    Row,
    annotated,
    check_properties,
    publish_question,
    publish_row,
    publish_rows,
)
from aioturk.tasks.submissions import Submission, assignments_of

if TYPE_CHECKING:
    from aioturk.client import Client

__all__ = ["Row", "Task", "TaskQuestion"]

T = TypeVar("T")

_AT_ONCE = 16
"""How many calls are under way at once, unless said otherwise."""

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
        question: What is asked: an :class:`~aioturk.HTMLTemplate`, one in Liquid, or a :class:`~aioturk.HITLayout`,
            whose places are filled with a row's values; a question or its XML, the same for every row; or a function
            that makes a question of a row.
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
            "keywords": keywords if keywords is None or isinstance(keywords, str) else _several("keywords", keywords),
            "max_assignments": max_assignments,
            "auto_approval_delay": auto_approval_delay,
            "requirements": _several("requirements", requirements),
            "answer": Answers if answer is None else answer,
            "assignment_review_policy": assignment_review_policy,
            "hit_review_policy": hit_review_policy,
        }
        for name, value in given.items():
            object.__setattr__(self, name, value)
        check_properties(self)
        if self.answer is not Answers:
            # What cannot be read as an answer is told now, and not with the first submission.
            plan_of(self.answer)  # type: ignore[arg-type]  # every class has a hash

    # Publishing.

    @property
    def properties(self) -> dict[str, Any]:
        """What is given to `create_hit`, but for the question."""
        return {
            **self._of_the_type,
            "lifetime": self.lifetime,
            "max_assignments": self.max_assignments,
            "assignment_review_policy": self.assignment_review_policy,
            "hit_review_policy": self.hit_review_policy,
        }

    @property
    def _of_the_type(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "description": self.description,
            "reward": self.reward,
            "assignment_duration": self.assignment_duration,
            "keywords": self.keywords,
            "auto_approval_delay": self.auto_approval_delay,
            "qualification_requirements": self.requirements,
        }

    def fill(self, row: Row | None = None) -> str | Document | Layout:
        """
        Return the question for a row: what `publish` would send.

        Raises:
            InvalidRequest: The row does not fit the question.
        """
        question = self.question
        # A template is told first, since to look whether something has the methods of one takes long.
        if isinstance(question, HTMLTemplate | Fillable):
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
            key: What the row is called within the batch, in the annotation too. Publishing the same row again within
                24 hours returns the HIT that is there.
            unique_request_token: A token of your own, at most 64 characters, to repeat a call that was broken off. One
                is made when none is given, so no call is executed twice.

        Raises:
            InvalidRequest: Something does not fit. Nothing was sent.
            PublishedOtherwise: Something else was published for this key.
            InsufficientFunds: The balance does not cover it. There is no HIT.
        """
        question = self.fill(row)
        if batch is None:
            if key is not None:
                raise InvalidRequest("is given without a batch, in which it would be the row's name.", argument="key")
            return await publish_question(self, mturk, question, None, unique_request_token)
        annotation = annotated(Asked(self), question, batch, key)
        if key is None or unique_request_token is not None:
            return await publish_question(self, mturk, question, annotation, unique_request_token)
        hit, _ = await publish_row(self, mturk, question, annotation)
        return hit

    async def hit_type(self, mturk: Client, *, anew: bool = False) -> str:
        """
        Return the id of the task's HIT type, which is registered with the first call; that costs nothing.

        Args:
            mturk: Where.
            anew: Register it once more: the service forgets types that were not used for 120 days.
        """
        return await mturk.hit_type(anew=anew, **self._of_the_type)

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

        Calling this again, after a crash or with what was put right, publishes what is missing and nothing twice: rows
        whose HITs are there come back as published. They are known by their annotations, for which your HITs are listed
        once, and for a day by the tokens, which are made of the batch's name and the row's key. Rows whose HITs were
        deleted more than a day ago are not known any more: give a new batch a new name.

        A HIT that was deleted within the day comes back as it is now, ``Disposed``. Write the task in the same way each
        time: what is asked is compared as it is sent, the order of keywords, requirements and parameters included.

        A row that does not fit is reported in its place and does not stop the others. What concerns the whole account
        (no funds, bad keys), and a service that is not reached any more, stops the rest, which are reported as not
        tried.

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
        return await publish_rows(self, mturk, rows, batch=batch, key=key, at_once=at_once)

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
        named: object = batch
        if named is not None and (not isinstance(named, str) or not named):
            raise InvalidRequest(f"is {named!r}; give the batch's name.", argument="batch")
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

        Without a batch this is everything of the task's HIT type; and tasks that differ in nothing but their questions
        have one type together.

        Args:
            mturk: Where.
            batch: The batch; without it, everything of the task's HIT type.
            status: Only what is in this state, such as ``"Submitted"`` for what is undecided.

        Raises:
            InvalidRequest: There is no such state.
        """
        if status is not None and status not in _STATES:
            raise InvalidRequest(f"is {status!r}; choose one of {', '.join(_STATES)}.", argument="status")
        async with (
            aclosing(self.hits(mturk, batch=batch)) as hits,
            aclosing(assignments_of(mturk, hits)) as found,
        ):
            async for hit, assignment in found:
                # Chosen here and not by the service: a list that shrinks while it is walked may hide some.
                if status is None or assignment.assignment_status == status:
                    yield self._submission(mturk, hit, assignment)

    async def submissions_for(self, mturk: Client, hit: HIT) -> AsyncGenerator[Submission[T], None]:
        """
        Walk what workers have submitted for one HIT of the task, as it came in; there is nothing for one that is gone.

        Args:
            mturk: Where.
            hit: The HIT.
        """

        async def alone() -> AsyncGenerator[HIT, None]:
            yield hit

        async with aclosing(alone()) as hits, aclosing(assignments_of(mturk, hits)) as found:
            async for _, assignment in found:
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
        Return what HITs of this task cost when all their assignments are approved, bonuses aside.

        Assignments that review policies may add by themselves are among them.

        Args:
            hits: How many.
            fees: The marketplace's fees; Amazon's unless given. :meth:`Client.fees <aioturk.Client.fees>` tells what is
                taken where a client is.
        """
        return cost(
            self.reward,
            self.max_assignments,
            requirements=self.requirements,
            hits=hits,
            extended_to=self.most_assignments,
            fees=fees,
        )

    @property
    def most_assignments(self) -> int:
        """How many assignments a HIT may come to have, if review policies add to those that it is made with."""
        return max(self.max_assignments, extended_to(self.assignment_review_policy, self.hit_review_policy))


_STATES = tuple(state.value for state in AssignmentStatus)


def _several(argument: str, things: object) -> tuple[Any, ...]:
    if isinstance(things, QualificationRequirement | Mapping) or not isinstance(things, Iterable):
        raise InvalidRequest("is a single one; give a list of them.", argument=argument)
    if isinstance(things, Set):
        # In another order they make another HIT type, and a set's order changes from one run to the next.
        raise InvalidRequest("is a set; give a list, whose order stays the same.", argument=argument)
    return tuple(things)
