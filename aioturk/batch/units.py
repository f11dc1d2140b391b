"""
Units of work: what is to happen once, and the names by which the service and the ledger know it.

Every unit has a token of 32 hexadecimal digits: the beginning of the SHA-256 of its kind, the batch's name and the
unit's key. It is what the service gets as ``UniqueRequestToken``, where the operation takes one; and it stands in the
annotation of a published row, before the digest of what was asked::

    ages-2026-11 #img_17 ~0a1b2c3d4e5f60718293a4b5c6d7e8f95f0c61d3

So whoever has the rows, or the annotation, or the ledger, can find the other two. The key stands there for people to
read; a long one is cut.

Nothing here does anything: what is kept of a unit is in `aioturk.batch.ledger`, how it is performed in
`aioturk.batch.run`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from aioturk.annotations import Annotation, annotation_of
from aioturk.errors import InvalidRequest
from aioturk.models import HIT

__all__ = ["Intent", "Kind", "State", "Unit", "annotation_for", "check_batch", "intent_of", "token_in", "token_of"]

LONGEST_BATCH: Final = 100
"""How long a batch's name may be as it stands in an annotation."""
_LONGEST_KEY = 60
"""How much of a key an annotation shows."""
_TOKEN_DIGITS = 32


class Kind(StrEnum):
    """What a unit does."""

    PUBLISH = "publish"
    """Makes a HIT of a row."""
    EXTEND = "extend"
    """Adds assignments to a HIT."""
    APPROVE = "approve"
    """Approves an assignment, and so pays for it."""
    REJECT = "reject"
    """Rejects an assignment."""
    BONUS = "bonus"
    """Pays a bonus."""


class State(StrEnum):
    """How far a unit is."""

    PLANNED = "planned"
    """It is meant to happen when something else has: a bonus that was decided on with an approval."""
    OPEN = "open"
    """It is meant to happen; it may have happened, if there was an attempt."""
    DONE = "done"
    """It has happened."""
    REFUSED = "refused"
    """It certainly has not happened, and the service, or a check of ours, said why."""
    UNKNOWN = "unknown"
    """Nobody can tell any more whether it has happened, because it was left open for too long."""


@dataclass(frozen=True, slots=True)
class Intent:
    """
    A unit that is about to be written down.

    Attributes:
        kind: What it does.
        key: What it is called in its batch.
        token: What the service knows it by.
        asked: A digest of what is asked, eight hexadecimal digits; empty where nothing can be asked otherwise.
        content: What is asked for, as values of JSON.
        liability: The most that it can cost, fees included, in cents.
        target: The HIT or the assignment that it is about.
        alike: The same under another name, if it may have been written down under that.
    """

    kind: Kind
    key: str
    token: str
    asked: str
    content: dict[str, Any]
    liability: int = 0
    target: str | None = None
    alike: Intent | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """
    A unit as the ledger has it.

    Attributes:
        seq: Its number in the ledger.
        kind: What it does.
        key: What it is called in its batch.
        token: What the service knows it by.
        state: How far it is.
        first_attempt: When the service may first have heard of the token, as far as it remembers tokens; in seconds
            since 1970. None if it never has.
        attempts: How often it was taken up, without what certainly had no effect.
        liability: The most that it can cost, in cents.
        asked: A digest of what is asked.
        content: What is asked for; None of a row that was found on the service and not yet in a file.
        target: The HIT or assignment that it is about; of a published row its HIT.
        error: Why it has not happened, if anything is known of that.
    """

    seq: int
    kind: Kind
    key: str
    token: str
    state: State
    first_attempt: float | None
    attempts: int
    liability: int
    asked: str
    content: dict[str, Any] | None
    target: str | None
    error: str | None


def intent_of(unit: Unit) -> Intent:
    """Return the intent to carry out what is in the ledger, as it stands there."""
    return Intent(unit.kind, unit.key, unit.token, unit.asked, unit.content or {}, unit.liability, unit.target)


def token_of(kind: Kind, batch: str, key: str) -> str:
    """
    Return the token of a unit.

    Args:
        kind: What it does.
        batch: The batch's name.
        key: What it is called there.
    """
    known = f"aioturk.batch\0{kind.value}\0{batch}\0{key}"
    return sha256(known.encode(errors="surrogatepass")).hexdigest()[:_TOKEN_DIGITS]


def annotation_for(batch: str, key: str, token: str, asked: str) -> Annotation:
    """
    Return the annotation of a row's HIT.

    Args:
        batch: The batch's name.
        key: The row's key.
        token: Its token.
        asked: The digest of what is asked.
    """
    shown = key.strip()[:_LONGEST_KEY].strip() or "-"
    try:
        return Annotation(batch, shown, token + asked)
    except InvalidRequest:  # with characters that take three or more each, it is still too long
        return Annotation(batch, shown[:8].strip() or "-", token + asked)


def token_in(hit: HIT, batch: str) -> tuple[str, str] | None:
    """
    Tell which row of a batch a HIT is for, from its annotation.

    Args:
        hit: The HIT.
        batch: The batch's name.

    Returns:
        The token of the row and the digest of what was asked; None if it is for no row of this batch. A HIT that
        `aioturk.Task` published says its row's key, and so its token, too.
    """
    note = annotation_of(hit)
    if note is None or note.batch != batch or note.row is None:
        return None
    digest = note.digest or ""
    if len(digest) > _TOKEN_DIGITS:
        return digest[:_TOKEN_DIGITS], digest[_TOKEN_DIGITS:]
    return token_of(Kind.PUBLISH, batch, note.row), digest


def check_batch(name: str) -> None:
    """
    Refuse a name that a batch cannot have.

    Raises:
        InvalidRequest: It is no name, or too long. Nothing was sent.
    """
    # An annotation that is too long itself speaks of rows, which nobody has given yet.
    if len(str(name)) > LONGEST_BATCH or len(str(Annotation(name))) > LONGEST_BATCH:
        raise InvalidRequest(
            f"takes more than {LONGEST_BATCH} characters in an annotation: shorten it (a character that is not ASCII "
            "counts for three and more).",
            argument="name",
        )
