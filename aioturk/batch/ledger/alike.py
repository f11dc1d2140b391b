"""
Units that may stand in the ledger under either of two names: a bonus without a key, and one that came with an approval.

Which of them it is has to be looked up in the transaction that writes it down, and nobody else may do so meanwhile:
otherwise two programs that pay the same at the same moment would each find nothing, and pay it under a name of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from sqlalchemy import BigInteger, Connection, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from aioturk.batch.ledger.units import by_tokens_statement, unit_of
from aioturk.batch.units import Intent, State, Unit

__all__ = ["as_written"]

_LOCK: Final = func.pg_advisory_xact_lock(func.unnest(bindparam("numbers", type_=ARRAY(BigInteger))))


def as_written(connection: Connection, intents: Sequence[Intent]) -> list[Intent]:
    """
    Return intents under the names that they have in the ledger; under their own if they are not there yet.

    Until the end of the transaction, nobody else looks up the names of what these are about.

    Args:
        connection: The ledger.
        intents: What is to happen.

    Returns:
        As many, in the same order.
    """
    either = [intent for intent in intents if intent.alike is not None]
    if not either:
        return list(intents)
    if connection.dialect.name == "postgresql":  # a SQLite file has a single writer at a time
        # In one order everywhere, so that two programs do not wait for each other.
        connection.execute(select(_LOCK), {"numbers": sorted({_number(intent) for intent in either})}).all()
    tokens = [one.token for intent in either for one in _names(intent)]
    known = {row.token: unit_of(row) for row in connection.execute(by_tokens_statement(tokens))}
    return [next((one for one in _names(intent) if _is_there(one, known.get(one.token))), intent) for intent in intents]


def _names(intent: Intent) -> list[Intent]:
    return [intent] if intent.alike is None else [intent, intent.alike]


def _is_there(intent: Intent, unit: Unit | None) -> bool:
    """Whether a unit is in the ledger, with the same in it, and is not known to have come to nothing."""
    return unit is not None and unit.state is not State.REFUSED and unit.content == intent.content


def _number(intent: Intent) -> int:
    """Return a number for a lock on what an intent is about."""
    digest = sha256(f"aioturk.batch {intent.kind.value} {intent.target}".encode(errors="surrogatepass"))
    return int.from_bytes(digest.digest()[:8], signed=True)
