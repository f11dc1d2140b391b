"""
HITs and assignments as the ledger keeps them: the service's own JSON.

A HIT's question is left out: it can be sixty-four kibibytes, and is made of the row again at any time.
"""

from __future__ import annotations

from aioturk._core import codec
from aioturk.models import HIT, Assignment

__all__ = ["assignment_document", "hit_document", "read_assignment", "read_hit"]


def hit_document(hit: HIT) -> str:
    """Write a HIT down, without its question."""
    document = codec.to_wire(hit)
    document.pop("Question", None)
    return codec.encode(document).decode()


def assignment_document(assignment: Assignment) -> str:
    """Write an assignment down."""
    return codec.encode(codec.to_wire(assignment)).decode()


def read_hit(document: str) -> HIT:
    """Read a HIT that was written down."""
    hit: HIT = _hit(document.encode())
    return hit


def read_assignment(document: str) -> Assignment:
    """Read an assignment that was written down."""
    assignment: Assignment = _assignment(document.encode())
    return assignment


_hit = codec.reader(HIT)
_assignment = codec.reader(Assignment)
