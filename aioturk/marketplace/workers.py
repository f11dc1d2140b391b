"""
Workers as Python objects: the door for programs that play, or are, the ones who work.

What they may do is decided in :mod:`aioturk.marketplace.service.work`, what they see in
:mod:`aioturk.marketplace.service.browsing`; scripted crowds are in :mod:`aioturk.marketplace.robots`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from aioturk.errors import InvalidRequest, ServiceError
from aioturk.marketplace.house import ENVIRONMENTS, House
from aioturk.marketplace.identifiers import WORKER_ID
from aioturk.marketplace.service import asking, browsing, people, work
from aioturk.marketplace.service.browsing import Demand, Group, Message, Preview, Task
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.service.present import milliseconds

__all__ = ["Demand", "Group", "Message", "Preview", "Task", "Worker"]

T = TypeVar("T")


class Worker:
    """
    Somebody who works, known from the first mention of a well-formed id, unless the rules want workers to be made known
    (`strict_workers`): then everything that a stranger does raises `InvalidParameterValue`, which says the remedy.

    Every method either does all that it says or raises and changes nothing. What its refusals say
    (:attr:`~aioturk.errors.ServiceError.message`) is written for workers, so that it can be shown to them.

    Args:
        house: The market.
        worker_id: ``A`` and more capital letters and digits.
        environment: Where: ``"sandbox"`` or ``"production"``.

    Raises:
        InvalidRequest: The id is no worker's id, or there is no such environment.
    """

    def __init__(self, house: House, worker_id: str, environment: str = "sandbox") -> None:
        if not WORKER_ID.fullmatch(worker_id):
            raise InvalidRequest(
                f"{worker_id!r} is no worker's id: write an A and up to 63 capital letters and digits.",
                argument="worker_id",
            )
        if environment not in ENVIRONMENTS:
            raise InvalidRequest(f"{environment!r} is neither 'sandbox' nor 'production'.", argument="environment")
        self._house = house
        self.worker_id = worker_id
        self.environment = environment
        self._previewed: dict[str, int] = {}

    def __repr__(self) -> str:
        return f"<Worker {self.worker_id} in {self.environment}>"

    async def _act(self, operation: str, act: Callable[[Context], T]) -> T:
        try:
            return await self._house.act(act, environment=self.environment, actor=self.worker_id)
        except ServiceError as refusal:
            # The usual remedies are for requesters; what is there for workers to do is in the sentence itself.
            refusal.operation, refusal.remedy = operation, ""
            raise

    # Finding work.

    async def find(
        self,
        query: str | None = None,
        *,
        min_reward: Decimal | str | int = 0,
        qualified: bool = False,
        sort: str = "updated_desc",
        limit: int | None = 100,
    ) -> list[Group]:
        """
        List what there is to do, by groups of HITs of one kind.

        Left out are HITs that the worker has or had, that nobody can accept now, that are too new to be listed, or
        whose requirements hide them; and all of a requester who has blocked the worker.

        Args:
            query: Words, all of which are in the title, the description, the keywords or the requester's name.
            min_reward: The least reward, in dollars.
            qualified: Whether to list only what the worker meets all requirements of.
            sort: ``updated``, ``reward`` or ``available``, with ``_asc`` or ``_desc``.
            limit: How many groups at most; None for all.

        Raises:
            InvalidRequest: There is no such order, or the reward is no sum of money.
        """
        try:
            least = Decimal(min_reward)
        except InvalidOperation:
            raise InvalidRequest(f"{min_reward!r} is no sum of money: write dollars.", argument="min_reward") from None
        wish = browsing.Wish(query, least, qualified, sort, limit)
        return await self._act("find", lambda context: browsing.find(context, self.worker_id, wish))

    async def preview(self, hit_id: str) -> Preview:
        """
        Look at a HIT without accepting it.

        Raises:
            HITDoesNotExist: There is no such HIT.
            PermissionDenied: Its requester has blocked the worker.
            NoHITsAvailableInGroup: It is taken, over, or deleted.
            DoesNotMeetRequirements: The worker does not meet what is required for looking.
        """
        found = await self._act("preview", lambda context: browsing.preview(context, self.worker_id, hit_id))
        return self._remembered(found)

    async def preview_from(self, group_id: str) -> Preview:
        """
        Look at a HIT of a group that is left for the worker.

        Args:
            group_id: The id of the group, or of its HIT type.

        Raises:
            HITTypeDoesNotExist: There is no such group.
            PermissionDenied: Its requester has blocked the worker.
            NoHITsAvailableInGroup: There is nothing left in it.
            DoesNotMeetRequirements: The worker does not meet what is required for looking.
        """
        found = await self._act(
            "preview_from", lambda context: browsing.preview_from(context, self.worker_id, group_id)
        )
        return self._remembered(found)

    def _remembered(self, found: Preview) -> Preview:
        self._previewed.setdefault(found.hit_id, milliseconds(found.previewed))
        return found

    # Working.

    async def accept(self, hit_id: str) -> str:
        """
        Accept a HIT; return the assignment's id.

        Raises:
            HITDoesNotExist: There is no such HIT.
            PermissionDenied: Its requester has blocked the worker.
            AssignmentAlreadyExists: The worker has it in work, or has submitted it.
            NoHITsAvailableInGroup: It is taken, over, or deleted.
            DoesNotMeetRequirements: The worker does not meet what is required; the text says what.
            ExceedsMaxAssignmentsPerWorker: The worker has accepted as much as one may, where there is a limit.
        """
        previewed_at = self._previewed.get(hit_id)
        accepted = await self._act(
            "accept", lambda context: work.accept(context, self.worker_id, hit_id, previewed_at=previewed_at)
        )
        self._previewed.pop(hit_id, None)
        return accepted

    async def accept_from(self, group_id: str) -> Task:
        """
        Accept any HIT of a group that is left for the worker.

        Args:
            group_id: The id of the group, or of its HIT type.

        Raises:
            HITTypeDoesNotExist: There is no such group.
            PermissionDenied: Its requester has blocked the worker.
            DoesNotMeetRequirements: The worker does not meet what is required; the text says what.
            NoHITsAvailableInGroup: Nobody can accept any of its HITs now.
            NoMoreWorkableHITsInGroup: Others can, but the worker has done them all.
            ExceedsMaxAssignmentsPerWorker: The worker has accepted as much as one may, where there is a limit.
        """

        def accept(context: Context) -> Task:
            taken = work.accept_from(context, self.worker_id, group_id)
            return browsing.task(context, self.worker_id, taken.assignment_id)

        return await self._act("accept_from", accept)

    async def queue(self) -> list[Task]:
        """List what the worker has accepted and neither submitted nor returned, the earliest first."""
        return await self._act("queue", lambda context: browsing.queue(context, self.worker_id))

    async def task(self, assignment_id: str) -> Task:
        """
        Show one of these.

        Raises:
            AssignmentDoesNotExist: The worker does not hold it.
        """
        return await self._act("task", lambda context: browsing.task(context, self.worker_id, assignment_id))

    async def submit(self, assignment_id: str, fields: work.Fields) -> None:
        """
        Submit the fields of the form; several values of one field are joined with ``|``.

        Raises:
            AssignmentDoesNotExist: The worker does not hold it: returned, or past its deadline.
            InvalidAssignmentState: It was submitted already.
            MissingParameter: There is not a single field.
        """
        await self._act("submit", lambda context: work.submit(context, self.worker_id, assignment_id, fields))

    async def return_assignment(self, assignment_id: str) -> None:
        """
        Give a HIT back, for somebody else to accept.

        Raises:
            AssignmentDoesNotExist: The worker does not hold it.
            InvalidAssignmentState: It was submitted already.
        """
        await self._act(
            "return_assignment", lambda context: work.return_assignment(context, self.worker_id, assignment_id)
        )

    # What there is to know.

    async def messages(self) -> list[Message]:
        """List what requesters have told the worker, the earliest first: notices, and reasons of what was done."""
        return await self._act("messages", lambda context: browsing.messages(context, self.worker_id))

    async def configure(
        self,
        *,
        locale: str | None = None,
        approved: int | None = None,
        percent_approved: int | None = None,
        adult: bool | None = None,
        masters: bool | None = None,
        premium: Collection[str] | None = None,
    ) -> None:
        """
        Say what the service's own qualifications say of the worker. This is the owner's to do; what is left out stays.

        Args:
            locale: Where the worker is: a country, as in ``"DE"``, or a state of the US, as in ``"US-WA"``. Without it:
                the rules' `default_locale`.
            approved: How many assignments were approved. Without it: as many as really were.
            percent_approved: The share of approved work in percent. Without it: the real one, from the hundredth
                submission on; 100 before that.
            adult: Whether the worker has agreed to see adult content.
            masters: Whether the worker is a Master; nobody is without it.
            premium: The ids of all premium qualifications that the worker has (`Rules.premium` has their prices);
                nobody has any without it.

        Raises:
            InvalidRequest: A value cannot be.
        """
        await self._act(
            "configure",
            lambda context: people.configure(
                context,
                self.worker_id,
                locale=locale,
                approved=approved,
                percent_approved=percent_approved,
                adult=adult,
                masters=masters,
                premium=premium,
            ),
        )

    # Qualifications.

    async def request_qualification(self, type_id: str, answers: asking.TestAnswers | None = None) -> asking.Asked:
        """
        Ask for a qualification; if it has a test, take it in one go.

        Args:
            type_id: For what.
            answers: The answers to its test by question: a text, or the identifiers of one selection or several. None
                if it has no test.

        Returns:
            Whether it was granted, and with which value, or waits for the requester's decision.

        Raises:
            QualificationTypeDoesNotExist: There is no such type.
            InvalidQualificationTypeState: It is inactive, or one of the service's own.
            InvalidQualificationRequestState: The worker has asked, and waits for the decision.
            QualificationAlreadyExists: Everybody gets it who asks, and the worker has it.
            QualificationTypeDoesNotAllowRetake: The worker has asked before.
            QualificationTypeRetryDelayNotElapsed: The worker has asked before, and has to wait.
            MissingParameter: It has a test: give answers, or read it first with `begin_test`.
            InvalidParameterValue: It has no test, or the answers are not to its test.
        """
        return await self._act(
            "request_qualification", lambda context: asking.ask(context, self.worker_id, type_id, answers)
        )

    async def begin_test(self, type_id: str) -> asking.BegunTest:
        """
        Begin the test of a qualification, or go on with it. Its time runs from the beginning, and it is an attempt.

        Raises:
            InvalidParameterValue: It has no test: it is enough to ask.
            RequestError: As from `request_qualification`.
        """
        return await self._act("begin_test", lambda context: asking.begin_test(context, self.worker_id, type_id))

    async def submit_test(self, request_id: str, answers: asking.TestAnswers) -> asking.Asked:
        """
        Submit the answers to a test that was begun.

        Raises:
            QualificationRequestDoesNotExist: The worker has not begun it.
            InvalidQualificationRequestState: It was submitted before, its time is over, or its type was deleted.
            InvalidParameterValue: The answers are not to this test.
        """
        return await self._act(
            "submit_test", lambda context: asking.submit_test(context, self.worker_id, request_id, answers)
        )
