"""
Who asks: the key that a request was signed with, proven by its signature.

Every door that takes signed requests (the API, the Crowd API, STS) asks here, each for its own service's name.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from aioturk import sigv4
from aioturk._core.keys import Credentials
from aioturk._core.messages import Request
from aioturk.errors import CredentialsRefused
from aioturk.marketplace.house import House
from aioturk.marketplace.store.records import Key

__all__ = ["caller"]


async def caller(house: House, request: Request, service: str) -> tuple[Key, sigv4.Authorization]:
    """
    Find out whose key a request was signed with.

    Args:
        house: Where the keys are kept.
        request: The request as it came; its `Host` header is what counts.
        service: The name that it has to be signed for.

    Returns:
        The key, and what the ``Authorization`` header said, proven.

    Raises:
        CredentialsRefused: It is not signed, or not by whom it says, or not for this service, or not lately.
    """
    claim = sigv4.parse_authorization(request.headers)
    key = await house.key(claim.access_key)
    if key is None:
        raise CredentialsRefused("The security token included in the request is invalid.")
    try:
        return key, _verified(house, request, claim, key, service)
    except CredentialsRefused:
        # Perhaps another process has changed the secret since it was looked up.
        fresh = await house.key(claim.access_key, fresh=True)
        if fresh is None or fresh.secret_key == key.secret_key:
            raise
        return fresh, _verified(house, request, claim, fresh, service)


def _verified(
    house: House, request: Request, claim: sigv4.Authorization, key: Key, service: str
) -> sigv4.Authorization:
    # Real time, whatever the market's clock says: the caller's clock is not turned with it.
    return sigv4.verify(
        request,
        Credentials(key.access_key, key.secret_key),
        now=datetime.now(UTC),
        service=service,
        window=timedelta(seconds=house.rules.signature_window),
        claim=claim,
    )
