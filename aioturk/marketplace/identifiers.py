"""Making ids in the service's forms: unguessable, as worker sites take an assignment's id for a right to submit."""

from __future__ import annotations

import os
import re
import string
from uuid import uuid4

__all__ = [
    "WORKER_ID",
    "account_number",
    "entity_id",
    "new_access_key",
    "new_secret_key",
    "request_id",
    "requester_id",
]

WORKER_ID = re.compile(r"A[A-Z0-9]{1,63}")
"""The form of ids of people: workers and requesters."""

_FIRST_ACCOUNT = 123456789012

_LETTERS = (string.ascii_uppercase + string.digits).encode()
_TABLE = bytes(_LETTERS[byte % 36] for byte in range(256))
_SECRET = (string.ascii_letters + string.digits + "+-").encode()
_SECRET_TABLE = bytes(_SECRET[byte % 64] for byte in range(256))


def _random(length: int) -> str:
    # The system's generator; a tenth of the time that `secrets.choice` takes for each letter.
    return os.urandom(length).translate(_TABLE).decode("ascii")


def entity_id() -> str:
    """Make the id of a HIT, a HIT type, a group or an assignment."""
    return "3" + _random(29)


def requester_id() -> str:
    """Make the id of a person."""
    return "A" + _random(13)


def account_number(requester_seq: int) -> str:
    """Return the number of a requester's AWS account: always the same one, as accounts are not random."""
    return f"{_FIRST_ACCOUNT + requester_seq - 1:012d}"


def new_access_key() -> str:
    """Make an access key."""
    return "AKIA" + _random(16)


def new_secret_key() -> str:
    """Make a secret key."""
    return os.urandom(40).translate(_SECRET_TABLE).decode("ascii")


def request_id() -> str:
    """Make the id of a request."""
    return str(uuid4())
