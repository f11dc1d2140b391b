"""
Questions that are pages of your own, shown to workers in a frame.

The page gets ``assignmentId``, ``hitId``, ``workerId`` and ``turkSubmitTo`` in its query, and posts its form to
``{turkSubmitTo}/mturk/externalSubmit``. Pages that the service itself is to keep are in `aioturk.questions.html`.

The format: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_ExternalQuestionArticle.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, quote, urlsplit

from aioturk._core.hosts import is_loopback
from aioturk._core.xml import beyond_bmp, escape, unsupported
from aioturk.errors import InvalidRequest
from aioturk.questions._document import (
    SCHEMAS,
    check_frame_height,
    check_size,
    described,
    frame_height_of,
    parts_of,
)

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["ExternalQuestion", "read_external"]

NAMESPACE = f"{SCHEMAS}2006-07-14/ExternalQuestion.xsd"

ADDED_PARAMETERS = ("assignmentId", "hitId", "workerId", "turkSubmitTo")
"""What the worker site appends to the URL; a page would see it twice if it stood there already."""


@dataclass(frozen=True, slots=True)
class ExternalQuestion:
    """
    A page of your own, shown to workers in a frame.

    Args:
        external_url: The page's absolute https URL, as a browser would take it: it is escaped here. Plain http is taken
            for loopback hosts only, where local marketplaces are. The query may hold anything but the parameters
            that the worker site adds.
        frame_height: The frame's height in pixels; 0 lets the site size it.

    Raises:
        InvalidRequest: A rule is broken; the text says which, and what to do.
    """

    external_url: str
    frame_height: int = 0

    def __post_init__(self) -> None:
        _check_url(self.external_url)
        check_frame_height(self.frame_height)
        check_size(self.to_xml(), "external_url", "Give the page a short id and let it fetch the rest.")

    def to_xml(self) -> str:
        """Return the ExternalQuestion document."""
        return (
            f'<ExternalQuestion xmlns="{NAMESPACE}">\n'
            f"  <ExternalURL>{escape(self.external_url)}</ExternalURL>\n"
            f"  <FrameHeight>{self.frame_height}</FrameHeight>\n"
            "</ExternalQuestion>"
        )


def read_external(root: Element) -> ExternalQuestion:
    """
    Read an ExternalQuestion element.

    Only its structure is checked: what the service keeps may be older than the rules for new questions.

    Raises:
        XMLError: The structure is not an ExternalQuestion's.
    """
    url, height = parts_of(root, "ExternalURL", "FrameHeight")
    question = object.__new__(ExternalQuestion)
    object.__setattr__(question, "external_url", url.strip())
    object.__setattr__(question, "frame_height", frame_height_of(height))
    return question


def _refused(text: str) -> InvalidRequest:
    return InvalidRequest(text, argument="external_url")


def _check_url(url: object) -> None:
    if not isinstance(url, str):
        raise _refused(f"is {type(url).__name__}; give the URL as a string.")
    _check_characters(url)
    parts, host = _split(url)
    if parts.scheme == "http" and not is_loopback(host):
        raise _refused(
            f"is plain http to {host}: the worker site is https, and browsers show no http page inside it. "
            "Serve the page over https; http is taken for loopback hosts only, beside a local marketplace."
        )
    if "&amp;" in parts.query:
        raise _refused("holds '&amp;': write a plain '&', for the URL is escaped here.")
    for name, _ in parse_qsl(parts.query, keep_blank_values=True, errors="replace"):
        if name in ADDED_PARAMETERS:
            raise _refused(
                f"has the parameter {name}, which the worker site adds itself "
                f"(as it does {', '.join(other for other in ADDED_PARAMETERS if other != name)}): "
                "leave it out, or give yours another name."
            )


_WHITE_SPACE = re.compile(r"[\s\x7f]")


def _check_characters(url: str) -> None:
    white = _WHITE_SPACE.search(url)
    found = (white.start(), white.group()) if white else beyond_bmp(url)
    if found is not None:
        raise _refused(f"holds {described(found, url)}: percent-encode it, as {quote(found[1])}.")
    found = unsupported(url)
    if found is not None:
        raise _refused(f"holds {described(found, url)}, which XML cannot carry: leave it out.")


def _split(url: str) -> tuple[SplitResult, str]:
    """Return the URL's parts and its host."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # looked at for its error only
    except ValueError as error:
        raise _refused(f"is not a URL: {error}.") from None
    if parts.scheme not in ("https", "http", ""):
        raise _refused(f"is a {parts.scheme} URL: workers need a web page, at https://.")
    if not parts.scheme or not parts.hostname:
        raise _refused("is not absolute: give scheme and host too, as in 'https://example.org/task?item=7'.")
    return parts, parts.hostname
