"""What requesters do about workers: blocking them, and writing to them."""

from __future__ import annotations

from aioturk._generated import shapes
from aioturk._generated.service import Service
from aioturk.marketplace import refusals
from aioturk.marketplace.service import checks, pages, people
from aioturk.marketplace.service.context import RequesterContext

__all__ = ["WorkerOperations"]

_STRANGER = "Cannot send a notification to a worker who has not done any work for you"


class WorkerOperations(Service[RequesterContext]):
    """CreateWorkerBlock, DeleteWorkerBlock, ListWorkerBlocks, NotifyWorkers."""

    def create_worker_block(self, context: RequesterContext, request: shapes.CreateWorkerBlockRequest, /) -> None:
        """Block a worker; what they have accepted goes on. Blocking again only changes the reason."""
        worker_seq = people.named(context, request.worker_id)
        blocks, account_seq = context.store.blocks, context.account.seq
        if blocks.change(account_seq, worker_seq, request.reason):
            context.note("WorkerBlockChanged", request.worker_id)
            return
        if blocks.count(account_seq) >= context.rules.blocks:
            raise refusals.too_many_blocks(context.rules.blocks)
        blocks.add(account_seq, worker_seq, request.reason, context.now)
        if context.rules.tell_blocked:
            text = "You can no longer see or accept HITs of this requester. What you have accepted can be submitted."
            context.store.messages.add(context.now, account_seq, worker_seq, "block", "You were blocked", text)
        context.note("WorkerBlocked", request.worker_id)

    def delete_worker_block(self, context: RequesterContext, request: shapes.DeleteWorkerBlockRequest, /) -> None:
        """Let a worker in again; harmless for one who was not blocked. The reason is for nobody."""
        worker_seq = people.named(context, request.worker_id)
        if context.store.blocks.remove(context.account.seq, worker_seq):
            context.note("WorkerUnblocked", request.worker_id)

    def list_worker_blocks(
        self, context: RequesterContext, request: shapes.ListWorkerBlocksRequest, /
    ) -> shapes.ListWorkerBlocksResponse:
        """List blocked workers, in the order in which they were blocked (unverified)."""
        walk = "ListWorkerBlocks"
        (after,) = pages.place(context, walk, request.next_token, (0,))
        found = context.store.blocks.listed(context.account.seq, after, pages.size(context, request.max_results))
        return shapes.ListWorkerBlocksResponse(
            num_results=len(found),
            next_token=pages.token(context, walk, (found[-1].seq,) if found else None),
            worker_blocks=tuple(shapes.WorkerBlock(worker_id=block.worker_id, reason=block.reason) for block in found),
        )

    def notify_workers(
        self, context: RequesterContext, request: shapes.NotifyWorkersRequest, /
    ) -> shapes.NotifyWorkersResponse:
        """Write to workers of whose work some was approved or rejected; the others are named in the answer."""
        rules = context.rules
        checks.text("Subject", request.subject, rules.notice_subject)
        checks.text("MessageText", request.message_text, rules.notice_text)
        if not rules.notice_workers.holds(len(request.worker_ids)):
            raise refusals.invalid("WorkerIds", f"{len(request.worker_ids)} workers")
        told, strangers = 0, []
        for worker_id in dict.fromkeys(request.worker_ids):
            worker_seq = context.store.workers.judged_by(context.account.seq, worker_id, context.environment)
            if worker_seq is None:
                strangers.append(worker_id)
                continue
            told += 1
            context.store.messages.add(
                context.now, context.account.seq, worker_seq, "notice", request.subject, request.message_text
            )
        context.note("WorkersNotified", None, workers=told)
        return shapes.NotifyWorkersResponse(
            notify_workers_failure_statuses=tuple(
                shapes.NotifyWorkersFailureStatus(
                    notify_workers_failure_code=shapes.NotifyWorkersFailureCode.HARD_FAILURE,
                    notify_workers_failure_message=_STRANGER,
                    worker_id=worker_id,
                )
                for worker_id in strangers
            )
        )
