"""
Groups of people, which are qualifications of the same name: HITs that require one are for its members alone.

The types belong to the first requester, who can do with them what is done with all types. Who is invited into which
groups is in `accounts`.
"""

from __future__ import annotations

import re

from aioturk._generated import shapes
from aioturk.errors import ConfigurationError, InvalidRequest, QualificationTypeAlreadyExists
from aioturk.marketplace.lifecycle import GRANTED
from aioturk.marketplace.service.context import Context
from aioturk.marketplace.service.known_types import is_gone, mark_used
from aioturk.marketplace.service.qualification_types import QualificationTypeOperations
from aioturk.marketplace.service.qualifications import grant
from aioturk.marketplace.store.records import QualificationType

__all__ = ["let_in"]

_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def let_in(context: Context, group: str, worker_seq: int, worker_id: str) -> None:
    """
    Grant the qualification of a group to a worker who does not have it; whoever has it keeps its value.

    Raises:
        InvalidRequest: This is no name, or a qualification of that name was deleted lately.
        ConfigurationError: There is no requester.
    """
    kind = _group(context, group)
    held = context.store.qualifications.find(kind.seq, worker_seq)
    if held is None or held.status != GRANTED:
        mark_used(context, kind)
        grant(context, kind, worker_seq, worker_id, 1)


def _group(context: Context, name: str) -> QualificationType:
    """Find the qualification type of a group, or make it."""
    store = context.store
    owner = store.requesters.first_account(context.environment)
    if owner is None:
        raise ConfigurationError("There is no requester whose qualifications groups could be: add one first.")
    bounds = context.rules.qualification_name
    if not bounds.holds(len(name)) or _UNWRITABLE.search(name):
        text = f"{name!r} is no name of a group: it has {bounds.least} to {bounds.most} characters."
        raise InvalidRequest(text, argument="groups", sending=False)
    found = store.qualification_types.named(owner.seq, name)
    if found is not None and not is_gone(context, found):
        return found
    # The key says only whose request this would be; making a type commits no money.
    key = store.requesters.keys_of(owner.requester_seq)[0]
    try:
        QualificationTypeOperations().create_qualification_type(
            context.for_account(owner, key),
            shapes.CreateQualificationTypeRequest(
                name=name,
                description=f"Members of the group {name}.",
                qualification_type_status=shapes.QualificationTypeStatus.ACTIVE,
            ),
        )
    except QualificationTypeAlreadyExists:
        text = f"{name!r} was deleted as a qualification not long ago, and its name is not free yet."
        raise InvalidRequest(text, argument="groups", sending=False) from None
    made = store.qualification_types.named(owner.seq, name)
    assert made is not None
    return made
