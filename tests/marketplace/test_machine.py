"""
Random requesters and workers against a model: the marketplace and `model.Model` never disagree, on both stores.

A state machine does whatever requesters and workers can do to HITs, turns the clock, and walks lists while others act.
The model says before each step what has to come of it: the refusal with its code and text, or what changes. After each
step everything that can be read is compared. The acts go through the house, without HTTP, which is tried elsewhere.

The examples are the same each time. ``AIOTURK_MACHINE_EXAMPLES=2000 pytest tests/marketplace/test_machine.py`` tries so
many others, by chance. A failure is printed as the shortest program that shows it, which can be pasted into a test:
those at the end of this module were found in this way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    initialize,
    invariant,
    multiple,
    rule,
)

from aioturk._generated import shapes
from aioturk.errors import ServiceError
from aioturk.marketplace import AMAZON
from aioturk.marketplace.service import RequesterContext

from .machines import ComparingMachine, Databases, Document, InMemory, run_machine
from .model import DAY, HOUR, MINUTE, SECOND, Bonus, Hit, Kind, Model, Properties, Refusal, Work
from .support import ANNA, BERT, CARA, DORA, QUESTION

Crowd = list[tuple[str, str | None]]

BALANCE = 2000
"""Cents, of which some HITs below cost nearly all."""
NO_SUCH_ID = "3NOSUCHTHING"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

PROPERTIES = st.builds(
    Properties,
    reward=st.sampled_from((53, 0, 2, 100)),
    duration=st.sampled_from((300, 60, 7200)),
    delay=st.sampled_from((2_592_000, 2_592_000, 0, 3600)),
    experience=st.sampled_from((False,) * 7 + (True,)),
)
WORKERS = st.sampled_from((ANNA, BERT, CARA, DORA))
CROWDS = st.lists(st.tuples(WORKERS, st.sampled_from(("yes", "no", None))), min_size=1, max_size=4)
"""Workers, and what they answer; None keeps the HIT in work."""
LIFETIMES = st.sampled_from((864_000, 17_280_000, 3600, 300, 30, 29))
MOST = st.sampled_from((1, 2, 3, 5, 9, 10, 12))
TOKENS = st.sampled_from((None, None, None, "a", "b"))
PAGE_SIZES = st.integers(1, 4)
STATUSES = st.frozensets(st.sampled_from(("Submitted", "Approved", "Rejected")))
WAITS = st.sampled_from((SECOND, 30 * SECOND, MINUTE, 5 * MINUTE, HOUR, DAY, 20 * DAY, 50 * DAY))
OFFSETS = st.sampled_from((0, -1, 1))

TO_HITS: dict[str, Document] = {
    "GetHIT": {},
    "ListAssignmentsForHIT": {},
    "ListBonusPayments": {},
    "CreateAdditionalAssignmentsForHIT": {"NumberOfAdditionalAssignments": 1},
    "UpdateExpirationForHIT": {"ExpireAt": 0},
    "UpdateHITReviewStatus": {},
    "UpdateHITTypeOfHIT": {"HITTypeId": NO_SUCH_ID},
    "DeleteHIT": {},
}
TO_ASSIGNMENTS: dict[str, Document] = {
    "GetAssignment": {},
    "ListBonusPayments": {},
    "ApproveAssignment": {},
    "RejectAssignment": {"RequesterFeedback": "no"},
    "SendBonus": {"WorkerId": ANNA, "BonusAmount": "0.01", "Reason": "Well done"},
}


@dataclass
class Walk:
    """A list that is being read, page by page."""

    operation: str
    document: Document
    predict: Callable[[], Sequence[tuple[int, Any]]]
    read: Callable[[Any], Any]
    place: int | None = None
    token: str | None = None


@dataclass
class Everything:
    """What can be read at one moment."""

    available: Decimal = Decimal(0)
    held: Decimal | None = None
    hits: list[Document] = field(default_factory=list)
    assignments: list[Document] = field(default_factory=list)
    purses: Counter[str] = field(default_factory=Counter)


class MarketMachine(ComparingMachine):
    """Does things to the marketplace and to the model."""

    refusal = Refusal

    hits = Bundle("hits")
    kinds = Bundle("kinds")
    works = Bundle("works")
    walks = Bundle("walks")

    def __init__(self, databases: Databases) -> None:
        super().__init__(databases, AMAZON, balance=BALANCE)
        self._ids: set[str] = set()
        self.model = Model(self._house.now(), BALANCE)

    def fits(self, refusal: Refusal, error: ServiceError) -> bool:
        """Say whether the words are those of the manual."""
        return refusal.fits(error.turk_error_code, error.message)

    def look_once_more(self) -> None:
        """Compare what each worker has earned."""
        self._run(self._act(self._check_earnings))

    def _check_earnings(self, context: RequesterContext) -> None:
        for worker in (ANNA, BERT, CARA, DORA):
            seq = context.store.workers.find(worker, "sandbox")
            earned = 0 if seq is None else context.store.money.earnings(seq)[0]
            assert earned == self.model.earned[worker], worker

    # HITs.

    def _named(self, agreed: tuple[Hit, Any] | None) -> MultipleResults[Any] | Hit:
        if agreed is None:
            return multiple()
        hit, answer = agreed
        hit.id = self._fresh(answer.hit.hit_id)
        self._name_kind(hit.kind, answer.hit.hit_type_id, answer.hit.hit_group_id)
        return hit

    def _fresh(self, name: str) -> str:
        assert name not in self._ids
        self._ids.add(name)
        return name

    def _name_kind(self, kind: Kind, kind_id: str, group_id: str = "") -> None:
        """Learn the ids of a type, which come in two steps when CreateHITType made it."""
        kind.id = kind.id or self._fresh(kind_id)
        if group_id:
            kind.group_id = kind.group_id or self._fresh(group_id)
        assert (kind.id, kind.group_id) == (kind_id, group_id or kind.group_id)

    def _is_doubtful(self, properties: Properties) -> bool:
        return any(kind.properties == properties and self.model.is_doubtful(kind) for kind in self.model.kinds)

    @rule(target=kinds, properties=PROPERTIES)
    def create_hit_type(self, properties: Properties) -> Any:
        """CreateHITType."""
        if self._is_doubtful(properties):
            return multiple()
        agreed = self._call(lambda: self.model.create_hit_type(properties), "CreateHITType", _document(properties))
        assert agreed is not None
        self._name_kind(agreed[0], agreed[1].hit_type_id)
        return agreed[0]

    @initialize(target=hits, properties=PROPERTIES, most=MOST, token=TOKENS, crowd=CROWDS)
    def open_shop(self, properties: Properties, most: int, token: str | None, crowd: Crowd) -> Any:
        """Have a HIT of which something was done already."""
        hit = self.create_hit(replace(properties, experience=False), most, 17_280_000, token)
        self.let_work(hit, crowd)
        return hit

    @rule(target=hits, properties=PROPERTIES, most=MOST, lifetime=LIFETIMES, token=TOKENS)
    def create_hit(
        self, properties: Properties, most: int = 1, lifetime: int = 864_000, token: str | None = None
    ) -> Any:
        """CreateHIT."""
        if self._is_doubtful(properties):
            return multiple()
        return self._named(
            self._call(
                lambda: self.model.create_hit(properties, most, lifetime, token),
                "CreateHIT",
                {**_document(properties), **_publication(most, lifetime), "UniqueRequestToken": token},
            )
        )

    @rule(target=hits, kind=kinds, most=MOST, lifetime=LIFETIMES, token=TOKENS)
    def create_hit_with_type(self, kind: Kind, most: int = 1, lifetime: int = 864_000, token: str | None = None) -> Any:
        """CreateHITWithHITType."""
        if self.model.is_doubtful(kind):
            return multiple()
        return self._named(
            self._call(
                lambda: self.model.create_hit(kind.id, most, lifetime, token),
                "CreateHITWithHITType",
                {"HITTypeId": kind.id, **_publication(most, lifetime), "UniqueRequestToken": token},
            )
        )

    @rule(hit=hits, more=st.sampled_from((1, 2, 3, 9, 0)), token=TOKENS)
    def add_assignments(self, hit: Hit, more: int = 1, token: str | None = None) -> None:
        """CreateAdditionalAssignmentsForHIT."""
        self._requests += 1
        request = f"request-{self._requests}"
        self._requests -= 1
        self._call(
            lambda: self.model.create_additional_assignments(hit.id, more, token, request),
            "CreateAdditionalAssignmentsForHIT",
            {"HITId": hit.id, "NumberOfAdditionalAssignments": more, "UniqueRequestToken": token},
        )

    @rule(hit=hits, ago=st.sampled_from((0, 1, 1_000_000)))
    def expire(self, hit: Hit, ago: int = 0) -> None:
        """UpdateExpirationForHIT with a time that is over."""
        self._update_expiration(hit, self.model.now // SECOND - ago)

    @rule(hit=hits, by=st.sampled_from((3600, 61, 60, 59, -1, -3000, 31_536_000, 31_536_001)))
    def extend(self, hit: Hit, by: int = 3600) -> None:
        """UpdateExpirationForHIT with so many seconds after it is over, or from now on, to the second."""
        self._update_expiration(hit, max(hit.expires_at, self.model.now) // SECOND + by)

    @rule(hit=hits, ahead=st.sampled_from((DAY, HOUR, 200 * DAY)))
    def extend_to_midnight(self, hit: Hit, ahead: int) -> None:
        """UpdateExpirationForHIT with a time that others, or the same a while ago, asked for, too."""
        self._update_expiration(hit, (self.model.now + ahead) // DAY * (DAY // SECOND))

    def _update_expiration(self, hit: Hit, seconds: int) -> None:
        self._call(
            lambda: self.model.update_expiration(hit.id, seconds * SECOND),
            "UpdateExpirationForHIT",
            {"HITId": hit.id, "ExpireAt": seconds},
        )

    @rule(hit=hits, revert=st.sampled_from((None, False, True)))
    def update_review_status(self, hit: Hit, revert: bool | None = None) -> None:
        """UpdateHITReviewStatus."""
        self._call(
            lambda: self.model.update_review_status(hit.id, revert=bool(revert)),
            "UpdateHITReviewStatus",
            {"HITId": hit.id, "Revert": revert},
        )

    @rule(hit=hits, kind=kinds)
    def update_type(self, hit: Hit, kind: Kind) -> None:
        """UpdateHITTypeOfHIT."""
        if not self.model.is_doubtful(kind):
            self._call(
                lambda: self.model.update_type(hit.id, kind.id),
                "UpdateHITTypeOfHIT",
                {"HITId": hit.id, "HITTypeId": kind.id},
            )

    @rule(hit=hits)
    def delete(self, hit: Hit) -> None:
        """DeleteHIT."""
        self._call(lambda: self.model.delete_hit(hit.id), "DeleteHIT", {"HITId": hit.id})

    # Workers.

    def _given(self, work: Work, assignment_id: str) -> Work:
        freed = work.hit.freed
        if freed:
            assert assignment_id in freed, "a freed id goes to the next worker"
            freed.remove(assignment_id)
        else:
            self._fresh(assignment_id)
        work.id = assignment_id
        return work

    @rule(target=works, worker=WORKERS, hit=hits)
    def accept(self, worker: str, hit: Hit) -> Any:
        """Accept a HIT."""
        agreed = self._agree(lambda: self.model.accept(worker, hit.id), self._worker(worker).accept(hit.id))
        return multiple() if agreed is None else self._given(*agreed)

    @rule(target=works, worker=WORKERS, kind=kinds)
    def accept_from(self, worker: str, kind: Kind) -> Any:
        """Accept any HIT of a group."""
        agreed = self._agree(lambda: self.model.require_offer(worker, kind), self._worker(worker).accept_from(kind.id))
        if agreed is None:
            return multiple()
        task: Any = agreed[1]
        offered = {hit.id for hit in self.model.offers(worker, kind)}
        assert task.hit_id in offered
        return self._given(self.model.accept(worker, task.hit_id), task.assignment_id)

    @rule(target=works, hit=hits, crowd=CROWDS)
    def let_work(self, hit: Hit, crowd: Crowd) -> Any:
        """Let some workers accept a HIT, and those who have an answer submit it."""
        works = []
        for worker, answer in crowd:
            work = self.accept(worker, hit)
            if isinstance(work, Work):
                works.append(work)
                if answer is not None:
                    self._submit(worker, work.id, answer)
        return multiple(*works)

    @rule(work=works)
    def submit(self, work: Work) -> None:
        """Submit an assignment."""
        self._submit(work.worker, work.id, "yes")

    def _submit(self, worker: str, assignment_id: str, answer: str) -> None:
        self._agree(
            lambda: self.model.submit(worker, assignment_id, answer),
            self._worker(worker).submit(assignment_id, {"answer": answer}),
        )

    @rule(work=works)
    def give_back(self, work: Work) -> None:
        """Return an assignment."""
        self._give_back(work.worker, work.id)

    def _give_back(self, worker: str, assignment_id: str) -> None:
        self._agree(
            lambda: self.model.return_assignment(worker, assignment_id),
            self._worker(worker).return_assignment(assignment_id),
        )

    @rule(work=works, worker=WORKERS, submits=st.booleans())
    def meddle(self, work: Work, worker: str, submits: bool) -> None:
        """Submit or return an assignment that may be another worker's."""
        if submits:
            self._submit(worker, work.id, "yes")
        else:
            self._give_back(worker, work.id)

    @rule(worker=WORKERS)
    def look_round(self, worker: str) -> None:
        """Find work, and see what there is to do."""
        groups = self._run(self._worker(worker).find(limit=None))
        offers = {
            (kind.id, len(self.model.offers(worker, kind)), self.model.is_eligible(worker, kind))
            for kind in self.model.kinds
            if worker not in self.model.blocks and self.model.offers(worker, kind)
        }
        assert {(group.hit_type_id, group.available, group.can_accept) for group in groups} == offers
        assert len(groups) == len(offers)
        tasks = self._run(self._worker(worker).queue())
        seen = Counter(
            (task.assignment_id, _milliseconds(task.accepted), _milliseconds(task.deadline)) for task in tasks
        )
        assert seen == Counter((work.id, work.accepted_at, work.deadline) for work in self.model.queue(worker))

    # Decisions, bonuses, blocks.

    @rule(work=works)
    def get_assignment(self, work: Work) -> None:
        """GetAssignment."""
        agreed = self._call(lambda: self.model.get_assignment(work.id), "GetAssignment", {"AssignmentId": work.id})
        if agreed is not None:
            assert _seen_assignment(agreed[1].assignment) == _work(agreed[0])
            assert _seen_hit(agreed[1].hit) == self._hit(agreed[0].hit)

    @rule(work=works, feedback=st.sampled_from((None, "Thanks")), override=st.sampled_from((None, True)))
    def approve(self, work: Work, feedback: str | None = None, override: bool | None = None) -> None:
        """ApproveAssignment."""
        self._call(
            lambda: self.model.approve(work.id, feedback, override=bool(override)),
            "ApproveAssignment",
            {"AssignmentId": work.id, "RequesterFeedback": feedback, "OverrideRejection": override},
        )

    @rule(work=works, feedback=st.sampled_from(("No", "No", "")))
    def reject(self, work: Work, feedback: str = "No") -> None:
        """RejectAssignment."""
        self._call(
            lambda: self.model.reject(work.id, feedback),
            "RejectAssignment",
            {"AssignmentId": work.id, "RequesterFeedback": feedback},
        )

    @rule(hit=hits, how=st.sampled_from(("approve", "reject", "override")))
    def decide_all(self, hit: Hit, how: str) -> None:
        """Approve or reject all that is submitted of a HIT, or approve all that was rejected."""
        status = "Rejected" if how == "override" else "Submitted"
        for work in [work for work in hit.works if work.status == status]:
            if how == "reject":
                self.reject(work)
            else:
                self.approve(work, override=how == "override")

    @rule(work=works, worker=st.none() | WORKERS, cents=st.sampled_from((1, 12, 300, 1500, 0)), token=TOKENS)
    def bonus(self, work: Work, worker: str | None = None, cents: int = 1, token: str | None = None) -> None:
        """SendBonus, to the worker of an assignment unless somebody else is named."""
        self._requests += 1
        request = f"request-{self._requests}"
        self._requests -= 1
        worker = worker or work.worker
        self._call(
            lambda: self.model.send_bonus(worker, work.id, cents, token, request),
            "SendBonus",
            {
                "WorkerId": worker,
                "AssignmentId": work.id,
                "BonusAmount": str(Decimal(cents).scaleb(-2)),
                "Reason": "Well done",
                "UniqueRequestToken": token,
            },
        )

    @rule(worker=WORKERS, reason=st.sampled_from((None, "Spam", "Bots")))
    def block(self, worker: str, reason: str | None) -> None:
        """CreateWorkerBlock, or, without a reason, DeleteWorkerBlock."""
        if reason is None:
            self._call(lambda: self.model.unblock(worker), "DeleteWorkerBlock", {"WorkerId": worker})
            return
        self._call(
            lambda: self.model.block(worker, reason), "CreateWorkerBlock", {"WorkerId": worker, "Reason": reason}
        )

    # What is not there, or belongs to others.

    @rule(hit=st.none() | hits, operation=st.sampled_from(sorted(TO_HITS)))
    def name_anothers_hit(self, hit: Hit | None, operation: str) -> None:
        """Name somebody else's HIT, or one that is not there."""
        hit_id = NO_SUCH_ID if hit is None else hit.id
        self._call(
            lambda: Model(0, 0).hit(hit_id),
            operation,
            {"HITId": hit_id, **TO_HITS[operation]},
            key=self._key if hit is None else self._others_key,
        )

    @rule(work=works, operation=st.sampled_from(sorted(TO_ASSIGNMENTS)))
    def name_anothers_assignment(self, work: Work, operation: str) -> None:
        """Name somebody else's assignment."""
        self._call(
            lambda: Model(0, 0).get_assignment(work.id),
            operation,
            {"AssignmentId": work.id, **TO_ASSIGNMENTS[operation]},
            key=self._others_key,
        )

    # Time.

    @rule(milliseconds=WAITS)
    def wait(self, milliseconds: int) -> None:
        """Turn the clock."""
        self.model.advance(milliseconds)
        self._run(self._house.advance(timedelta(milliseconds=milliseconds)))

    def _wait_until(self, moment: int) -> None:
        if moment > self.model.now:
            self.wait(moment - self.model.now)

    @rule(which=st.integers(0, 3), offset=OFFSETS)
    def wait_for_moment(self, which: int = 0, offset: int = 0) -> None:
        """Turn the clock to the next moment at which something happens or becomes impossible, or one of those after."""
        ahead = sorted({moment for moment in self.model.boundaries() if moment > self.model.now})
        if ahead:
            self._wait_until(ahead[min(which, len(ahead) - 1)] + offset)

    @rule(hit=hits, offset=OFFSETS)
    def override_late(self, hit: Hit, offset: int = 0) -> None:
        """Approve rejected work at the last moment, or just too late."""
        for work in hit.works:
            if work.rejected_at is not None and work.submitted_at is not None:
                self._wait_until(work.submitted_at + 30 * DAY + offset)
                self.approve(work, override=True)

    @rule(target=hits, token=st.sampled_from(("a", "b")), offset=OFFSETS)
    def repeat_late(self, token: str, offset: int = 0) -> Any:
        """Use a token again at the last moment, or just afterwards."""
        used_at = self.model.used_at("HIT", token)
        if used_at is None:
            return multiple()
        self._wait_until(used_at + DAY + offset)
        return self.create_hit(Properties(53), token=token)

    @rule(target=hits, kind=kinds, offset=st.sampled_from((0, -2 * DAY)))
    def use_type_late(self, kind: Kind, offset: int = 0) -> Any:
        """Use a HIT type when it has not been used for so long that it is gone, or soon will be."""
        self._wait_until(kind.used_at + 120 * DAY + offset)
        return self.create_hit_with_type(kind)

    # Lists.

    @rule(target=walks, blocks=st.booleans(), size=PAGE_SIZES)
    def list_hits_or_blocks(self, blocks: bool, size: int) -> Any:
        """The first page of ListHITs or ListWorkerBlocks."""
        model = self.model
        list_hits = Walk(
            "ListHITs",
            {},
            lambda: [(place, self._hit(hit)) for place, hit in model.list_hits()],
            lambda page: [_seen_hit(hit) for hit in page.hits],
        )
        list_blocks = Walk(
            "ListWorkerBlocks",
            {},
            model.list_blocks,
            lambda page: [(block.worker_id, block.reason) for block in page.worker_blocks],
        )
        return self._first(list_blocks if blocks else list_hits, size)

    @rule(
        target=walks,
        kind=st.none() | kinds,
        status=st.sampled_from((None, "Reviewable", "Reviewing")),
        size=PAGE_SIZES,
    )
    def list_reviewable_hits(self, kind: Kind | None, status: str | None, size: int) -> Any:
        """The first page of ListReviewableHITs."""
        kind_id = None if kind is None else kind.id
        found = self.model.list_reviewable_hits
        return self._first(
            Walk(
                "ListReviewableHITs",
                {"HITTypeId": kind_id, "Status": status},
                lambda: [(place, hit.id) for place, hit in found(kind_id, status or "Reviewable")],
                lambda page: [hit.hit_id for hit in page.hits],
            ),
            size,
        )

    @rule(target=walks, hit=hits, statuses=STATUSES, size=PAGE_SIZES)
    def list_assignments(self, hit: Hit, statuses: frozenset[str], size: int) -> Any:
        """The first page of ListAssignmentsForHIT."""
        model = self.model
        return self._first(
            Walk(
                "ListAssignmentsForHIT",
                {"HITId": hit.id, "AssignmentStatuses": sorted(statuses) or None},
                lambda: [(place, _work(work)) for place, work in model.list_assignments(hit.id, statuses)],
                lambda page: [_seen_assignment(assignment) for assignment in page.assignments],
            ),
            size,
        )

    @rule(target=walks, hit=st.none() | hits, work=works, size=PAGE_SIZES)
    def list_bonuses(self, hit: Hit | None, work: Work, size: int) -> Any:
        """The first page of ListBonusPayments, of a HIT or, without one, an assignment."""
        hit_id, assignment_id = (None, work.id) if hit is None else (hit.id, None)
        found = self.model.list_bonuses
        return self._first(
            Walk(
                "ListBonusPayments",
                {"HITId": hit_id, "AssignmentId": assignment_id},
                lambda: [(place, _bonus(bonus)) for place, bonus in found(hit_id, assignment_id)],
                lambda page: [_seen_bonus(bonus) for bonus in page.bonus_payments],
            ),
            size,
        )

    def _first(self, walk: Walk, size: int) -> Any:
        self.turn_page(walk, size)
        return walk

    @rule(walk=walks, size=PAGE_SIZES)
    def turn_page(self, walk: Walk, size: int) -> None:
        """The next page of a list; after the last one, the first again."""
        agreed = self._call(
            walk.predict, walk.operation, {**walk.document, "NextToken": walk.token, "MaxResults": size}
        )
        if agreed is None:
            return
        items, page = agreed
        expected = [item for item in items if walk.place is None or item[0] > walk.place][:size]
        assert walk.read(page) == [item for _, item in expected]
        assert (page.num_results or 0) == len(expected)
        assert (page.next_token is not None) == bool(expected)
        walk.place, walk.token = (expected[-1][0] if expected else None), page.next_token

    @rule(walk=walks, size=PAGE_SIZES)
    def read_on(self, walk: Walk, size: int) -> None:
        """The rest of a list."""
        self.turn_page(walk, size)
        while walk.token is not None:
            before = walk.token
            self.turn_page(walk, size)
            if walk.token == before:
                return  # refused: what is listed is gone

    # Everything.

    @invariant()
    def agree_on_everything(self) -> None:
        """HITs, their assignments, the balance and the ledger are what the model says."""
        model = self.model
        seen = self._run(self._act(self._everything))
        works = [work for hit in model.hits for _, work in model.list_assignments(hit.id, frozenset())]
        apart = [
            *_apart(seen.hits, [self._hit(hit) for hit in model.hits]),
            *_apart(seen.assignments, [_work(work) for work in works]),
        ]
        assert not apart, "; ".join(apart)
        available, held = Decimal(model.available).scaleb(-2), Decimal(model.held).scaleb(-2)
        assert (seen.available, seen.held or Decimal(0)) == (available, held)
        assert sum(seen.purses.values()) == 0
        assert seen.purses == Counter(
            outside=-BALANCE,
            available=model.available,
            held=model.held,
            worker=model.earned.total(),
            fees=model.fees,
        )
        assert model.available >= 0

    def _everything(self, context: RequesterContext) -> Everything:
        balance = self._ask(context, "GetAccountBalance", {})
        seen = Everything(balance.available_balance, balance.on_hold_balance)
        for hit in self.model.hits:
            page = self._ask(context, "ListAssignmentsForHIT", {"HITId": hit.id, "MaxResults": 100})
            seen.hits.append(_seen_hit(self._ask(context, "GetHIT", {"HITId": hit.id}).hit))
            seen.assignments.extend(_seen_assignment(assignment) for assignment in page.assignments)
        for movement in context.store.money.movements():
            if movement.account_seq == context.account.seq:
                assert movement.cents > 0
                seen.purses[movement.debit] += movement.cents
                seen.purses[movement.credit] -= movement.cents
        return seen

    def _hit(self, hit: Hit) -> Document:
        properties = hit.kind.properties
        return {
            "id": hit.id,
            "type": hit.kind.id,
            "group": hit.kind.group_id or self._group(hit),
            "status": hit.status,
            "available": hit.left,
            "pending": hit.count("Accepted"),
            "completed": hit.count("Approved", "Rejected"),
            "most": hit.most,
            "created": hit.created_at,
            "expires": hit.expires_at,
            "reward": Decimal(properties.reward).scaleb(-2),
            "duration": properties.duration,
            "delay": properties.delay,
            "requirements": int(properties.experience),
        }

    def _group(self, hit: Hit) -> str:
        """Learn the group of a type that no HIT was created of, from the first that was moved to it."""
        answer = self._run(self._act(lambda context: self._ask(context, "GetHIT", {"HITId": hit.id})))
        self._name_kind(hit.kind, answer.hit.hit_type_id, answer.hit.hit_group_id)
        return hit.kind.group_id


# The same things as the marketplace shows them, and as the model has them.


def _apart(seen: list[Document], expected: list[Document]) -> list[str]:
    """Say in what two lists differ."""
    names = ([thing["id"] for thing in seen], [thing["id"] for thing in expected])
    if names[0] != names[1]:
        return [f"there are {names[0]}, and should be {names[1]}"]
    return [
        f"{name} of {right['id']} is {left[name]!r}, and should be {right[name]!r}"
        for left, right in zip(seen, expected, strict=True)
        for name in right
        if left[name] != right[name]
    ]


def _document(properties: Properties) -> Document:
    requirement = {
        "QualificationTypeId": "00000000000000000040",
        "Comparator": "GreaterThanOrEqualTo",
        "IntegerValues": [1],
        "ActionsGuarded": "Accept",
    }
    return {
        "Title": "Guess the age",
        "Description": "Look at a picture.",
        "Reward": str(Decimal(properties.reward).scaleb(-2)),
        "AssignmentDurationInSeconds": properties.duration,
        "AutoApprovalDelayInSeconds": properties.delay,
        "QualificationRequirements": [requirement] if properties.experience else [],
    }


def _publication(most: int, lifetime: int) -> Document:
    return {"MaxAssignments": most, "LifetimeInSeconds": lifetime, "Question": QUESTION}


def _milliseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(milliseconds=1)


def _or_none(moment: datetime | None) -> int | None:
    return None if moment is None else _milliseconds(moment)


def _seen_hit(hit: shapes.HIT) -> Document:
    assert hit.hit_review_status == "NotReviewed"
    return {
        "id": hit.hit_id,
        "type": hit.hit_type_id,
        "group": hit.hit_group_id,
        "status": str(hit.hit_status),
        "available": hit.number_of_assignments_available,
        "pending": hit.number_of_assignments_pending,
        "completed": hit.number_of_assignments_completed,
        "most": hit.max_assignments,
        "created": _milliseconds(hit.creation_time),
        "expires": _milliseconds(hit.expiration),
        "reward": hit.reward,
        "duration": hit.assignment_duration // timedelta(seconds=1),
        "delay": hit.auto_approval_delay // timedelta(seconds=1),
        "requirements": len(hit.qualification_requirements),
    }


def _seen_assignment(assignment: shapes.Assignment) -> Document:
    answer = assignment.answer
    return {
        "id": assignment.assignment_id,
        "worker": assignment.worker_id,
        "hit": assignment.hit_id,
        "status": str(assignment.assignment_status),
        "accepted": _or_none(assignment.accept_time),
        "deadline": _or_none(assignment.deadline),
        "submitted": _or_none(assignment.submit_time),
        "auto approval": _or_none(assignment.auto_approval_time),
        "approved": _or_none(assignment.approval_time),
        "rejected": _or_none(assignment.rejection_time),
        "feedback": assignment.requester_feedback,
        "answer": answer.partition("<FreeText>")[2].partition("</FreeText>")[0],
    }


def _work(work: Work) -> Document:
    return {
        "id": work.id,
        "worker": work.worker,
        "hit": work.hit.id,
        "status": work.status,
        "accepted": work.accepted_at,
        "deadline": work.deadline,
        "submitted": work.submitted_at,
        "auto approval": work.auto_approval_at,
        "approved": work.approved_at,
        "rejected": work.rejected_at,
        "feedback": work.feedback,
        "answer": work.answer,
    }


def _seen_bonus(bonus: shapes.BonusPayment) -> tuple[Any, ...]:
    granted = _or_none(bonus.grant_time)
    return bonus.worker_id, bonus.assignment_id, bonus.bonus_amount, bonus.reason, granted


def _bonus(bonus: Bonus) -> tuple[Any, ...]:
    amount = Decimal(bonus.amount).scaleb(-2)
    return bonus.work.worker, bonus.work.id, amount, bonus.reason, bonus.granted_at


# The tests.


@pytest.fixture
def state(databases: Databases) -> Iterator[MarketMachine]:
    """A machine to be worked by hand, as the programs do that are printed."""
    state = MarketMachine(databases)
    yield state
    state.teardown()


def test_the_marketplace_agrees_with_the_model(databases: Databases) -> None:
    """Whatever is done in whatever order, the marketplace does and shows what the model says."""
    run_machine(MarketMachine, databases, usual=200 if isinstance(databases, InMemory) else 40, steps=25)


def test_ending_a_reviewable_hit_is_a_change(state: MarketMachine) -> None:
    """A HIT that is Reviewable before its time and then ended is kept for 120 days from then on."""
    hit = state.create_hit(Properties(53, delay=0), lifetime=17_280_000)
    state.let_work(hit, [(ANNA, "yes")])
    state.wait(20 * DAY)
    state.expire(hit)
    state.wait(120 * DAY - 1)
    state.agree_on_everything()
    state.wait(1)
    state.agree_on_everything()
