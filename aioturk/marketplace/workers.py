"""
Workers as Python objects: the door for programs that play, or are, the ones who work.

What they may do is decided in :mod:`aioturk.marketplace.service.work`; scripted crowds are in
:mod:`aioturk.marketplace.robots`.
"""

from __future__ import annotations

from aioturk.errors import InvalidRequest
from aioturk.marketplace.house import ENVIRONMENTS, House
from aioturk.marketplace.identifiers import WORKER_ID
from aioturk.marketplace.service import work

__all__ = ["Worker"]


class Worker:
    """
    Somebody who works, known from the first mention of a well-formed id.

    Every method either does all that it says or raises and changes nothing.

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

    def __repr__(self) -> str:
        return f"<Worker {self.worker_id} in {self.environment}>"

    async def accept(self, hit_id: str) -> str:
        """
        Accept a HIT; return the assignment's id.

        Raises:
            HITDoesNotExist: There is no such HIT.
            AssignmentAlreadyExists: The worker has it in work, or has submitted it.
            NoHITsAvailableInGroup: It is taken, over, or deleted.
        """
        return await self._house.act(
            lambda context: work.accept(context, self.worker_id, hit_id),
            environment=self.environment,
            actor=self.worker_id,
        )

    async def submit(self, assignment_id: str, fields: work.Fields) -> None:
        """
        Submit the fields of the form; several values of one field are joined with ``|``.

        Raises:
            AssignmentDoesNotExist: The worker does not hold it: returned, or past its deadline.
            InvalidAssignmentState: It was submitted already.
            MissingParameter: There is not a single field.
        """
        await self._house.act(
            lambda context: work.submit(context, self.worker_id, assignment_id, fields),
            environment=self.environment,
            actor=self.worker_id,
        )

    async def return_assignment(self, assignment_id: str) -> None:
        """
        Give a HIT back, for somebody else to accept.

        Raises:
            AssignmentDoesNotExist: The worker does not hold it.
            InvalidAssignmentState: It was submitted already.
        """
        await self._house.act(
            lambda context: work.return_assignment(context, self.worker_id, assignment_id),
            environment=self.environment,
            actor=self.worker_id,
        )
