"""
Pages of lists: tokens that say where the next one starts.

A token holds the place of the last item, so that items which leave or join the list meanwhile neither hide nor repeat
others, and a signature, so that it is good for one list of one account only. A page with items always has a token; the
end is an empty page without one, as the service has it.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64

from aioturk.marketplace import refusals
from aioturk.marketplace.service.context import RequesterContext

__all__ = ["Place", "place", "size", "token"]

Place = tuple[int, ...]
"""The keys of an item by which its list is ordered."""

_SIGNATURE_BYTES = 12


def size(context: RequesterContext, max_results: int | None) -> int:
    """Return how many items the page may have."""
    return context.rules.default_page_size if max_results is None else max_results


def token(context: RequesterContext, walk: str, last: Place | None) -> str | None:
    """
    Make the token for the page after an item.

    Args:
        context: Whose list it is.
        walk: The operation and everything that chooses its items.
        last: The place of the page's last item, None when the page is empty.
    """
    if last is None:
        return None
    text = ".".join(map(str, last)).encode()
    return urlsafe_b64encode(_signature(context, walk, text) + text).decode().rstrip("=")


def place(context: RequesterContext, walk: str, next_token: str | None, start: Place) -> Place:
    """
    Return where a page starts: after the place that its token names, or at the start.

    Raises:
        InvalidParameterValue: The token was not made for this list.
    """
    if next_token is None:
        return start
    try:
        raw = urlsafe_b64decode(next_token + "=" * (-len(next_token) % 4))
    except (NotBase64, ValueError):
        raw = b""
    signature, text = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
    if not text or not hmac.compare_digest(signature, _signature(context, walk, text)):
        raise refusals.invalid("NextToken", next_token)
    return tuple(map(int, text.split(b".")))


def _signature(context: RequesterContext, walk: str, text: bytes) -> bytes:
    message = f"{context.account.seq} {walk} ".encode() + text
    return hmac.digest(context.page_key, message, "sha256")[:_SIGNATURE_BYTES]
