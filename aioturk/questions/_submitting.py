"""
How pages submit: the address that they post to in each environment, and the buttons that make them do it.

A page that does both right is written in `aioturk.questions._page`; pages that do not are found in
`aioturk.questions.lint`.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from aioturk.errors import InvalidRequest
from aioturk.questions._markup import Kind, Token, attribute_of

__all__ = ["SUBMIT_PATH", "is_submit_button", "submit_host"]

SUBMIT_PATH = "/mturk/externalSubmit"
# https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_HTMLQuestionArticle.html
_HOSTS = {"production": "https://www.mturk.com", "sandbox": "https://workersandbox.mturk.com", "local": ""}


def submit_host(environment: object) -> str:
    """
    Return the origin of the site whose workers submit there; empty for "the one that shows the page".

    Args:
        environment: ``"production"``, ``"sandbox"``, ``"local"``, or a URL.

    Raises:
        InvalidRequest: It is none of these.
    """
    if isinstance(environment, str):
        if environment in _HOSTS:
            return _HOSTS[environment]
        try:
            parts = urlsplit(environment)
        except ValueError:
            parts = urlsplit("")
        if (
            parts.scheme in ("https", "http")
            and parts.netloc
            and "@" not in parts.netloc
            and not environment.split(parts.netloc, 1)[1].strip("/")
        ):
            return f"{parts.scheme}://{parts.netloc}"
    raise InvalidRequest(
        f'is {environment!r:.60}; give "production", "sandbox", "local", or a site\'s URL without a path.',
        argument="environment",
        sending=False,
    )


def is_submit_button(page: str, tag: Token) -> bool:
    """Whether a tag begins a button that submits its form."""
    if tag.kind is not Kind.START or tag.name not in ("button", "input", "crowd-button"):
        return False
    kind = (attribute_of(page, tag, "type") or "").lower()
    if tag.name == "button":
        return kind not in ("button", "reset")
    if tag.name == "input":
        return kind in ("submit", "image")
    return attribute_of(page, tag, "form-action") == "submit"
