"""
Workers: marking them with qualifications, keeping them out, and writing to them.

HITs themselves: :mod:`aioturk.shortcuts.hits`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final

from aioturk._core.accepted import Document, Duration, Text
from aioturk._core.codec import to_wire
from aioturk._generated import tables
from aioturk._generated.shapes import CreateQualificationTypeResponse
from aioturk.errors import (
    InvalidRequest,
    ParameterValidationError,
    QualificationTypeAlreadyExists,
    TurkError,
)
from aioturk.models import (
    Comparator,
    NotifyWorkersFailureStatus,
    QualificationRequirement,
    QualificationType,
    QualificationTypeStatus,
)
from aioturk.shortcuts._steps import Steps, checked, count, several_at_once, tell

__all__ = ["Exclusion", "Notified", "WorkerShortcuts"]


@dataclass(frozen=True, slots=True)
class Notified:
    """
    What became of a message to many workers. Every worker is in exactly one of the first four.

    Attributes:
        sent: To whom the service sent it.
        failed: To whom it could not, each with its code and text. A ``HardFailure`` stays one until you have approved
            or rejected work of theirs. After a ``SoftFailure`` another try may help.
        unknown: To whom it may have been sent: the answer was lost. Writing to them again may be writing twice.
        not_sent: To whom it certainly was not sent, because the call stopped before.
        errors: What lies behind `unknown` and `not_sent`, in order.
    """

    sent: tuple[str, ...] = ()
    failed: tuple[NotifyWorkersFailureStatus, ...] = ()
    unknown: tuple[str, ...] = ()
    not_sent: tuple[str, ...] = ()
    errors: tuple[TurkError, ...] = ()


@dataclass(frozen=True, slots=True)
class Exclusion:
    """
    Workers who are kept out by a qualification that they have.

    Attributes:
        qualification_type_id: The id of the type that marks them.
        excluded: The workers who have it now, of those who were given.
        failed: Why a worker could not get it: the service does not know the id, so there is nobody to keep out.
    """

    qualification_type_id: str
    excluded: tuple[str, ...] = ()
    failed: Mapping[str, ParameterValidationError] = field(default_factory=dict)

    @property
    def requirement(self) -> QualificationRequirement:
        """The requirement that keeps them out of a HIT, for its ``qualification_requirements``."""
        return QualificationRequirement(
            qualification_type_id=self.qualification_type_id, comparator=Comparator.DOES_NOT_EXIST
        )


class WorkerShortcuts(Steps):
    """What is done with many workers, in as many steps as it takes."""

    __slots__ = ()

    async def find_or_create_qualification_type(
        self,
        name: str,
        *,
        description: str,
        qualification_type_status: QualificationTypeStatus | str = QualificationTypeStatus.ACTIVE,
        keywords: Text | None = None,
        retry_delay: Duration | None = None,
        test: str | Document | None = None,
        answer_key: str | Document | None = None,
        test_duration: Duration | None = None,
        auto_granted: bool | None = None,
        auto_granted_value: int | None = None,
    ) -> QualificationType:
        """
        Return your qualification type of a name; make it if there is none.

        A type that is found has to be what was asked for in everything that decides who gets it: status, test, answer
        key and the rest, as far as they are given here. Only its words, description and keywords, may differ; they stay
        as they are. Nothing is ever changed.

        A type that was made a moment ago may not be listed yet: if the service says that the name is taken, the list is
        looked through again for half a minute. So several programs may start with this call at once.

        Money: it costs nothing.

        Args:
            name: The name, to the letter.
            description: What the qualification stands for, for a new type.
            qualification_type_status: ``Active`` or ``Inactive``.
            keywords: As in `create_qualification_type`, for a new type.
            retry_delay: As in `create_qualification_type`.
            test: As in `create_qualification_type`.
            answer_key: As in `create_qualification_type`.
            test_duration: As in `create_qualification_type`.
            auto_granted: As in `create_qualification_type`.
            auto_granted_value: As in `create_qualification_type`.

        Raises:
            InvalidRequest: There is a type of that name, and it is another one; or an argument breaks a rule.
            QualificationTypeAlreadyExists: The name is taken, and no list shows the type: it has been deleted, and its
                name is free again after up to 48 hours.
            XMLParseError: The test or the answer key is not a valid document of its kind.
            XHTMLParseError: Formatted content uses markup that is not permitted there.
        """
        asked = checked(
            tables.CREATE_QUALIFICATION_TYPE,
            {
                "Name": name,
                "Keywords": keywords,
                "Description": description,
                "QualificationTypeStatus": qualification_type_status,
                "RetryDelayInSeconds": retry_delay,
                "Test": test,
                "AnswerKey": answer_key,
                "TestDurationInSeconds": test_duration,
                "AutoGranted": auto_granted,
                "AutoGrantedValue": auto_granted_value,
            },
        )
        found = await self._own_type(name, query=name)
        if found is None:
            try:
                answer = await self._ask(tables.CREATE_QUALIFICATION_TYPE, CreateQualificationTypeResponse, asked)
            except QualificationTypeAlreadyExists as taken:
                found = await self._wait_for_type(name)
                if found is None:
                    taken.add_note(
                        "No list shows a type of that name: it may have been deleted within the last 48 hours."
                    )
                    raise
            else:
                return answer.qualification_type
        _require_alike(found, asked)
        return found

    async def _wait_for_type(self, name: str) -> QualificationType | None:
        for pause in (*_INDEX_LAG, None):
            # The search promises no more than that it searches: all types are looked at as well.
            for query in (name, None):
                found = await self._own_type(name, query=query)
                if found is not None:
                    return found
            if pause is not None:
                await self._clock.sleep(pause)
        return None

    async def _own_type(self, name: str, *, query: str | None) -> QualificationType | None:
        types = self.list_qualification_types(query=query, must_be_requestable=False, must_be_owned_by_caller=True)
        async with aclosing(aiter(types)) as found:
            async for each in found:
                if each.name == name:
                    return each
        return None

    async def exclude_workers(
        self,
        name: str,
        worker_ids: Iterable[str] | AsyncIterable[str],
        *,
        description: str = "Marks workers for whom other tasks are meant.",
    ) -> Exclusion:
        """
        Mark workers with a qualification, so that HITs can keep them out: those of an earlier study, for example.

        The type is found by its name, or made, and granted to each of them, several at once and without an e-mail. The
        result's ``requirement`` belongs into the ``qualification_requirements`` of the HITs that are not for them::

            earlier = await mturk.exclude_workers("took-part-in-study-1", workers)
            await mturk.create_hit(..., qualification_requirements=[earlier.requirement])

        Granting again is harmless, so after an error call it again; for more workers call it again with the same name.
        HITs that are on the market already keep out whoever is added, too.

        Money: it costs nothing. A worker who is not kept out may be paid for work that you cannot use, so whatever
        leaves that open is raised; only ids that the service refuses are set aside in ``failed``.

        Args:
            name: The type's name. Workers can see it, and whether they have it.
            worker_ids: Whom, as any iterable or asynchronous iterable; each counts once.
            description: What the type stands for, if it has to be made. Workers can see it.

        Raises:
            InvalidRequest: One of the ids is none, or there is a type of that name which is another one.
            TurkError: A worker could not be marked, for a reason that is not the worker's.
        """
        workers = await _workers(worker_ids)
        kind = await self.find_or_create_qualification_type(name, description=description)
        marked: set[str] = set()
        failed: dict[str, ParameterValidationError] = {}

        async def mark(worker_id: str) -> None:
            try:
                await self.associate_qualification_with_worker(
                    kind.qualification_type_id, worker_id, integer_value=1, send_notification=False
                )
            except ParameterValidationError as unknown:
                failed[worker_id] = unknown
            else:
                marked.add(worker_id)

        try:
            await several_at_once(workers, mark)
        except TurkError as error:
            done = f"{len(marked)} of {count(len(workers), 'worker')}"
            tell(error, f"{done} have the qualification {kind.qualification_type_id}. Calling again is harmless.")
            raise
        return Exclusion(kind.qualification_type_id, tuple(each for each in workers if each in marked), failed)

    # Messages.

    async def notify(self, worker_ids: Iterable[str] | AsyncIterable[str], *, subject: str, message: str) -> Notified:
        """
        Send an e-mail to any number of workers, and tell for each what became of it.

        The service takes 100 workers at a time. A call of which nobody knows whether it was executed is never repeated:
        its workers are ``unknown``. The rest is still sent, unless that happens twice in a row. Any other failure (no
        keys, no connection, a refusal) concerns the workers to come as well: they are ``not_sent``, and may be given to
        another call.

        When it is cancelled midway, there is no result to tell what was sent: a note on the ``CancelledError``
        (``__notes__``) tells it by the order of the workers.

        Money: it costs nothing. But nobody likes to be written to twice.

        Args:
            worker_ids: To whom, as any iterable or asynchronous iterable; each is written to once. Only workers whose
                work you have approved or rejected before can be reached.
            subject: The subject of the e-mail: 1 to 200 characters.
            message: The text of the e-mail: 1 to 4,096 characters.

        Returns:
            What became of it, worker by worker. Look at it, because who was not reached is reported there, not raised.

        Raises:
            InvalidRequest: One of the ids is none, or subject or message are too long. Nothing was sent.
            TurkError: The very first call failed, and nothing was sent to anybody.
        """
        workers = await _workers(worker_ids)
        if not workers:
            return Notified()
        checked(
            tables.NOTIFY_WORKERS,
            {"Subject": subject, "MessageText": message, "WorkerIds": workers[:1]},
            called={"message_text": "message"},
        )
        sent: list[str] = []
        failed: list[NotifyWorkersFailureStatus] = []
        unknown: list[str] = []
        not_sent: list[str] = []
        errors: list[TurkError] = []
        in_doubt = False
        for start in range(0, len(workers), _WRITTEN_TO_AT_ONCE):
            some = workers[start : start + _WRITTEN_TO_AT_ONCE]
            try:
                failures = await self.notify_workers(subject=subject, message_text=message, worker_ids=some)
            except asyncio.CancelledError as cancelled:
                cancelled.add_note(
                    f"notify() was cancelled at the workers {start + 1} to {start + len(some)} of {len(workers)}, each "
                    f"counted once: to these it may have been sent, to those after them it was not. Those before them: "
                    f"{len(sent)} sent, {len(failed)} failed, {len(unknown)} unknown."
                )
                raise
            except TurkError as error:
                if start == 0 and not error.ambiguous:
                    raise
                errors.append(error)
                if not error.ambiguous:
                    not_sent = workers[start:]
                    break
                unknown += some
                if in_doubt:
                    # The line is down: further calls would only make more workers unknown.
                    not_sent = workers[start + _WRITTEN_TO_AT_ONCE :]
                    break
                in_doubt = True
            else:
                in_doubt = False
                failed += failures
                unreached = {failure.worker_id for failure in failures}
                sent += [worker_id for worker_id in some if worker_id not in unreached]
        return Notified(tuple(sent), tuple(failed), tuple(unknown), tuple(not_sent), tuple(errors))


async def _workers(worker_ids: Iterable[str] | AsyncIterable[str]) -> list[str]:
    """Return the ids, each once, in their order."""
    found: dict[str, None] = {}
    if isinstance(worker_ids, AsyncIterable):
        async for worker_id in worker_ids:
            found[_worker(worker_id, len(found))] = None
    elif isinstance(worker_ids, str) or not isinstance(worker_ids, Iterable):
        raise InvalidRequest(f"is {worker_ids!r:.40}; give a list of worker ids.", argument="worker_ids")
    else:
        for worker_id in worker_ids:
            found[_worker(worker_id, len(found))] = None
    return list(found)


def _worker(worker_id: str, position: int) -> str:
    # Any operation would do whose only demand is a worker's id.
    called = {"worker_id": f"worker_ids[{position}]"}
    wire: str = checked(tables.DELETE_WORKER_BLOCK, {"WorkerId": worker_id}, called=called)["WorkerId"]
    return wire


def _require_alike(found: QualificationType, asked: Mapping[str, Any]) -> None:
    """Refuse a type of the right name that workers get in another way than was asked for."""
    there = to_wire(found)
    for wire, argument in _DECIDING.items():
        if wire in asked and there.get(wire) != asked[wire]:
            raise InvalidRequest(
                f"is not that of the qualification type {found.name!r} which you have, "
                f"{found.qualification_type_id} ({there.get(wire)!r:.60}). Change that one with "
                "update_qualification_type, or choose another name.",
                argument=argument,
            )


_DECIDING: Mapping[str, str] = {
    "QualificationTypeStatus": "qualification_type_status",
    "RetryDelayInSeconds": "retry_delay",
    "Test": "test",
    "AnswerKey": "answer_key",
    "TestDurationInSeconds": "test_duration",
    "AutoGranted": "auto_granted",
    "AutoGrantedValue": "auto_granted_value",
}
"""What decides who gets a qualification, and its name as an argument."""

_INDEX_LAG: Final = (1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds to wait between looks into a list that shows new types only after a while."""

_WRITTEN_TO_AT_ONCE: Final = 100
"""https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_NotifyWorkersOperation.html"""
