"""
Publishing the rows of a task, each once.

Which row a HIT is for, and what was asked, stands in its annotation (`aioturk.annotations`). So rows that are published
are found again for as long as their HITs are listed; and within a day the service itself refuses a second HIT, because
the token is made of the batch's name and the row's key. Of HITs that were deleted more than a day ago nobody knows.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from hashlib import sha256
from operator import itemgetter
from os import PathLike
from typing import TYPE_CHECKING, Any, Final, Protocol

from aioturk._conversion import CONVERTERS
from aioturk._core import codec
from aioturk._core.accepted import Document, Layout
from aioturk._core.refusal import described
from aioturk._generated.tables import CREATE_HIT, CREATE_HIT_WITH_HIT_TYPE
from aioturk.annotations import Annotation, annotation_of
from aioturk.errors import (
    AccessDenied,
    AccountNotLinked,
    BudgetExceeded,
    ConfigurationError,
    CredentialsError,
    HITAlreadyExists,
    HITTypeDoesNotExist,
    InsufficientFunds,
    InvalidRequest,
    PublishedOtherwise,
    ServiceFault,
    Throttled,
    TransportError,
    TurkError,
    UnknownOperation,
)
from aioturk.models import HIT
from aioturk.questions.html import HTMLQuestion
from aioturk.questions.liquid import LiquidTemplate
from aioturk.questions.template import Fillable, HTMLTemplate
from aioturk.tasks.ahead import ahead, each

if TYPE_CHECKING:
    from aioturk.client import Client

__all__ = [
    "Asked",
    "Key",
    "Publication",
    "Publisher",
    "Row",
    "annotated",
    "check_properties",
    "column_aside",
    "key_of",
    "publish_question",
    "publish_row",
    "publish_rows",
    "same_row",
    "without_column",
]

Row = Mapping[str, Any]
"""A row of what is asked about: values by column."""

Key = str | Callable[[Row], object] | None
"""What tells rows apart: a column, a function of the row, or, None, their number."""

ACCOUNT_LEVEL: Final = (
    AccessDenied,
    AccountNotLinked,
    BudgetExceeded,
    ConfigurationError,
    CredentialsError,
    InsufficientFunds,
    UnknownOperation,
)
"""What would be said of every other row as well."""

UNREACHED: Final = (ServiceFault, Throttled, TransportError)
"""What means, when it comes again and again, that the service is not to be reached now."""


class Definition(Protocol):
    """What of a task is needed here."""

    @property
    def question(self) -> object:
        """What is asked."""
        ...

    @property
    def properties(self) -> Mapping[str, Any]:
        """The arguments of `create_hit`, but for the question."""
        ...

    def fill(self, row: Row | None = None) -> str | Document | Layout:
        """Return the question for a row."""
        ...

    async def hit_type(self, mturk: Client, *, anew: bool = False) -> str:
        """Return the id of the HIT type."""
        ...

    def hits(self, mturk: Client, *, batch: str | None = None) -> AsyncGenerator[HIT, None]:
        """Walk the HITs of a batch."""
        ...


@dataclass(frozen=True, slots=True)
class Publication:
    """
    What became of a row.

    Attributes:
        key: What the row is called in its batch.
        row: The row.
        hit: Its HIT, when it is published.
        error: Why it is not, or, when `TurkError.ambiguous` says so, may not be.
        found: Whether the HIT was there already.
    """

    key: str
    row: Row
    hit: HIT | None
    error: TurkError | None
    found: bool = False


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A row that is ready to be sent, or the reason why it cannot be."""

    key: str | None
    """None when the row says no key."""
    number: int
    row: Row
    annotation: Annotation
    question: str | Document | Layout
    error: TurkError | None

    @property
    def called(self) -> str:
        """The row's name in reports."""
        return str(self.number) if self.key is None else self.key


# One HIT.

_NOT_OF_THE_TYPE: Final = ("lifetime", "max_assignments", "assignment_review_policy", "hit_review_policy")
"""Properties of a task that each of its HITs is given; the others are those of the HIT type."""


def check_properties(task: Definition) -> None:
    """
    Refuse a task that no HIT could be published of, whatever its rows.

    Raises:
        InvalidRequest: A property breaks a rule.
    """
    question: object = task.question
    if isinstance(question, type) or not (callable(question) or isinstance(question, Fillable | Document | str)):
        raise InvalidRequest(
            f"is {question!r}; give a template, a layout, a question or its XML, or a function that makes a question "
            "of a row.",
            argument="question",
        )
    _document(task, "looked at for each row")


def _document(task: Definition, question: str | Document | Layout) -> dict[str, Any]:
    given = {**task.properties, "question": question}
    return CONVERTERS.request(
        CREATE_HIT, {member.wire: given.get(member.python) for member in CREATE_HIT.request.members}
    )


class Asked:
    """
    Says in short what is asked of workers with a task's questions, and whether they can be sent.

    What all HITs of the task have in common is looked at once, each question when it is there.

    Args:
        task: The task.
    """

    def __init__(self, task: Definition) -> None:
        common = _document(task, "looked at for each row")
        # For how long a HIT is offered may well change before the missing rows of a batch are published.
        for name in ("LifetimeInSeconds", "Question"):
            del common[name]
        self._common = sha256(_in_order(common))

    def digest(self, members: Mapping[str, Any]) -> str:
        """Return what is asked in short: eight hexadecimal digits."""
        digest = self._common.copy()
        digest.update(_in_order(members))
        return digest.hexdigest()[:8]

    def members(self, question: str | Document | Layout) -> dict[str, Any]:
        """
        Return a question as the members of a request that it becomes.

        Raises:
            InvalidRequest: It cannot be sent.
        """
        # What is known to be a document is written at once: to ask whether it might be one takes longer than the rest.
        given = question.to_xml() if isinstance(question, HTMLQuestion) else question
        members = CONVERTERS.request(CREATE_HIT_WITH_HIT_TYPE, {**_ANY_TYPE, "Question": given})
        for name in _ANY_TYPE:
            del members[name]
        if "HITLayoutParameters" in members:
            members["HITLayoutParameters"].sort(key=itemgetter("Name"))
        return members


_ANY_TYPE: Final = {"HITTypeId": "ANY", "LifetimeInSeconds": 30}
"""What a request cannot do without besides its question."""


def _in_order(members: Mapping[str, Any]) -> bytes:
    return codec.encode({name: value for name, value in sorted(members.items()) if value not in ([], "")})


def annotated(asked: Asked, question: str | Document | Layout, batch: str, key: str | None) -> Annotation:
    """
    Return the annotation of a row's HIT; with a key it says in short what was asked.

    Raises:
        InvalidRequest: The names, or what is asked, cannot be sent.
    """
    if key is None:
        return Annotation(batch)
    return Annotation(batch, key, asked.digest(asked.members(question)))


class Publisher:
    """
    Publishes HITs of one task; what all of them have in common is looked up once.

    Args:
        task: The task.
        mturk: Where.
    """

    def __init__(self, task: Definition, mturk: Client) -> None:
        self._task = task
        self._mturk = mturk
        properties = task.properties
        self._own: dict[str, Any] = {name: properties[name] for name in _NOT_OF_THE_TYPE}
        self._hit_type_id: str | None = None

    async def publish(
        self,
        question: str | Document | Layout,
        annotation: Annotation | None,
        token: str | None,
        mturk: Client | None = None,
    ) -> HIT:
        """
        Publish a HIT; the task's HIT type is registered if it was not, or was forgotten.

        Args:
            question: What is asked.
            annotation: Which batch and row it is for.
            token: The request token.
            mturk: A view of the client, for this call alone.
        """
        mturk = mturk or self._mturk
        try:
            return await self._publish(mturk, question, annotation, token)
        except HITTypeDoesNotExist as forgotten:
            # After 120 days without a HIT. The token stays the same, so whatever came of the first call is known by it.
            self._hit_type_id = await self._task.hit_type(self._mturk, anew=True)
            try:
                return await self._publish(mturk, question, annotation, forgotten.unique_request_token)
            except TurkError as error:
                # Of the attempts before, nobody knows more than before.
                error.ambiguous = error.ambiguous or forgotten.ambiguous
                raise

    async def _publish(
        self, mturk: Client, question: str | Document | Layout, annotation: Annotation | None, token: str | None
    ) -> HIT:
        if self._hit_type_id is None:
            self._hit_type_id = await self._task.hit_type(self._mturk)
        return await mturk.create_hit_with_hit_type(
            self._hit_type_id,
            question=question,
            requester_annotation=None if annotation is None else str(annotation),
            unique_request_token=token,
            **self._own,
        )


async def publish_question(
    task: Definition, mturk: Client, question: str | Document | Layout, annotation: Annotation | None, token: str | None
) -> HIT:
    """Publish a HIT of a task; its HIT type is registered if it was not, or was forgotten."""
    return await Publisher(task, mturk).publish(question, annotation, token)


async def publish_row(
    task: Definition, mturk: Client, question: str | Document | Layout, annotation: Annotation
) -> tuple[HIT, bool]:
    """
    Publish the HIT of a row, unless the service knows it: then that one is returned.

    Returns:
        The HIT, and whether it was there already.

    Raises:
        PublishedOtherwise: Something else was asked under the row's name.
        HITAlreadyExists: There is a HIT under the row's name, but it cannot be read now.
    """
    token = sha256(f"aioturk.tasks\0{annotation.batch}\0{annotation.row}".encode()).hexdigest()
    try:
        return await publish_question(task, mturk, question, annotation, token), False
    except HITAlreadyExists as already:
        # Unless the HIT can be read, nobody can tell whether it is the row's own: so the row may be published.
        already.ambiguous = True
        if already.hit_id is None:
            raise
        try:
            hit = await mturk.get_hit(already.hit_id)
        except TurkError as failure:
            raise already from failure
        return same_row(hit, annotation), True


def same_row(hit: HIT, annotation: Annotation) -> HIT:
    """
    Return a HIT that was published under a row's name, if it asks what the row asks now.

    Raises:
        PublishedOtherwise: It asks something else.
    """
    found = annotation_of(hit)
    # One without a digest was written by another program, which knows what it asked for the row.
    if found == annotation or (found is not None and found.digest is None):
        return hit
    raise PublishedOtherwise(
        f"The row {annotation.row!r} of the batch {annotation.batch!r} was published before, as HIT {hit.hit_id}, with "
        "another question or task. That HIT stands. Take another name for the batch if you mean a new set of HITs.",
        hit_id=hit.hit_id,
    )


# Many.


async def publish_rows(
    task: Definition, mturk: Client, rows: Iterable[Row] | AsyncIterable[Row], *, batch: str, key: Key, at_once: int
) -> list[Publication]:
    """Publish a HIT for each row: see `Task.publish_many`."""
    count: object = at_once
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise InvalidRequest(f"is {count!r}; give a whole number from 1.", argument="at_once")
    Annotation(batch)
    _check_rows(rows)
    prepared = [ready async for ready in _prepare(task, rows, batch, key)]
    _check_keys(prepared)
    if all(ready.error is not None for ready in prepared):
        return [Publication(ready.called, ready.row, None, ready.error) for ready in prepared]
    # Once, before all of them ask for it at the same time; what is wrong with it is wrong with every row.
    await task.hit_type(mturk)
    upload = _Upload(task, mturk, await _published(task, mturk, batch, prepared), patience=at_once)
    begun: set[asyncio.Task[Publication]] = set()

    def begin(ready: _Prepared) -> asyncio.Task[Publication]:
        beginning = asyncio.create_task(upload.publish(ready))
        begun.add(beginning)
        beginning.add_done_callback(begun.discard)
        return beginning

    published = []
    try:
        async with aclosing(ahead(each(prepared), begin, most=at_once)) as outcomes:
            async for _, outcome in outcomes:
                published.append(outcome)
    finally:
        # Whoever learns that this was broken off may begin again: then no call of it is on its way any more.
        await asyncio.gather(*begun, return_exceptions=True)
    return published


def _check_rows(rows: object) -> None:
    """Refuse what can be walked, but holds no rows: a file's name would be a row for each letter."""
    if type(rows).__name__ == "DataFrame":
        raise InvalidRequest(
            'is a DataFrame; give its rows: df.to_dict("records") of pandas, df.iter_rows(named=True) of polars.',
            argument="rows",
        )
    if isinstance(rows, str | bytes | PathLike | Mapping) or not isinstance(rows, Iterable | AsyncIterable):
        raise InvalidRequest(
            f"is {described(rows)}; give rows: mappings of columns to values, in a list, a generator or an "
            "asynchronous one. Files are read by csv.DictReader, or by Batch.upload.",
            argument="rows",
        )


async def _published(task: Definition, mturk: Client, batch: str, prepared: Sequence[_Prepared]) -> dict[str, HIT]:
    """
    Return the batch's HITs by the keys of their rows.

    Should there be several of one, it is one with what is asked now, or else the oldest.
    """
    asked = {ready.key: ready.annotation for ready in prepared}
    found: dict[str, HIT] = {}
    as_asked: dict[str, HIT] = {}
    async with aclosing(task.hits(mturk, batch=batch)) as hits:
        async for hit in hits:
            note = annotation_of(hit)
            if note is not None and note.row is not None:
                found[note.row] = hit
                if note == asked.get(note.row):
                    as_asked[note.row] = hit
    return found | as_asked


class _Upload:
    """One upload: what is there already, and whether it makes sense to go on."""

    def __init__(self, task: Definition, mturk: Client, there: Mapping[str, HIT], *, patience: int) -> None:
        self._task = task
        self._mturk = mturk
        self._there = there
        self._patience = patience
        self._failed_in_a_row = 0
        self._stopped: TurkError | None = None

    async def publish(self, ready: _Prepared) -> Publication:
        """Publish a row, and report on it."""
        if ready.error is not None:
            return Publication(ready.called, ready.row, None, ready.error)
        try:
            there = self._there.get(ready.called)
            if there is not None:
                return Publication(ready.called, ready.row, same_row(there, ready.annotation), None, found=True)
            if self._stopped is not None:
                return Publication(ready.called, ready.row, None, _not_tried(self._stopped))
            hit, found = await publish_row(self._task, self._mturk, ready.question, ready.annotation)
        except TurkError as error:
            self._look_at(error)
            return Publication(ready.called, ready.row, None, error)
        self._failed_in_a_row = 0
        return Publication(ready.called, ready.row, hit, None, found=found)

    def _look_at(self, error: TurkError) -> None:
        """Stop for what concerns all rows: the account; or a service that is not reached any more."""
        self._failed_in_a_row = self._failed_in_a_row + 1 if isinstance(error, UNREACHED) else 0
        if isinstance(error, ACCOUNT_LEVEL) or self._failed_in_a_row >= self._patience:
            self._stopped = self._stopped or error


def _not_tried(reason: TurkError) -> TurkError:
    error = TurkError(
        f"This row was not tried, because of what became of another one: {type(reason).__name__}. Call again with the "
        "same batch and rows when that is put right."
    )
    error.__cause__ = reason
    return error


async def _prepare(
    task: Definition, rows: Iterable[Row] | AsyncIterable[Row], batch: str, key: Key
) -> AsyncIterator[_Prepared]:
    number = 0
    asked = Asked(task)
    aside = column_aside(task, key)
    async with aclosing(each(rows)) as walked:
        async for row in walked:
            number += 1
            called: str | None = None
            try:
                called = str(number) if key is None else key_of(row, number, key)
                question = task.fill(without_column(row, aside))
                annotation = annotated(asked, question, batch, called)
                yield _Prepared(called, number, row, annotation, question, None)
            except TurkError as error:
                yield _Prepared(called, number, row, Annotation(batch), "", error)


def key_of(row: Row, number: int, key: str | Callable[[Row], object]) -> str:
    """
    Return a row's key.

    Args:
        row: The row.
        number: Its number.
        key: The column, or the function, that says it.

    Raises:
        InvalidRequest: It has none.
    """
    if isinstance(key, str) and key not in row:
        raise InvalidRequest(f"{number} has no {key!r}, which is to be its key.", argument="row")
    try:
        found = row[key] if isinstance(key, str) else key(row)
        called = "" if found is None else str(found)
    except Exception as error:  # whatever a function of yours may raise, it is this row that has failed
        raise InvalidRequest(f"{number} has no key: {type(error).__name__}: {error}.", argument="row") from error
    if not called or called.isspace():
        raise InvalidRequest(f"{number} has an empty key, and something has to tell it from others.", argument="row")
    return called


def column_aside(task: Definition, key: Key) -> str | None:
    """Return the column that only tells rows apart, where it would be taken for a mistake in the question's values."""
    if not isinstance(key, str):
        return None
    question = task.question
    if isinstance(question, HTMLTemplate | LiquidTemplate):
        return None if question.takes(key) else key
    return key if isinstance(question, str | Document) else None


def without_column(row: Row, column: str | None) -> Row:
    """Return a row without a column."""
    return row if column is None else {name: value for name, value in row.items() if name != column}


def _check_keys(prepared: Sequence[_Prepared]) -> None:
    seen: set[str] = set()
    for ready in prepared:
        if ready.key is None:
            continue
        if ready.key in seen:
            raise InvalidRequest(
                f"gives {ready.key!r} to two rows; one of them would not be published: choose what tells rows apart.",
                argument="key",
            )
        seen.add(ready.key)
