"""
What stands in the frame of a task, for each kind of question.

An external question is a page of its requester's own. Everything else is served by us from the tasks' origin
(`aioturk.marketplace.site.origins`), where there are no cookies. So the address of a frame has to say for itself who
may see it: it begins with a ticket. The page in the frame can read its address, and is not to learn from it who looks
before they accept, so tickets are encrypted. Behind the ticket come the parameters that pages expect
(https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_ExternalQuestionArticle.html).

Pages that were written for Amazon's site name its hosts and load its scripts; they get ours instead, so that nothing
leaves this computer but what a task itself loads.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import astuple, dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from aioturk._core.hosts import is_loopback
from aioturk.errors import InvalidRequest
from aioturk.marketplace.site.documents import document
from aioturk.marketplace.site.form_page import form_page
from aioturk.marketplace.site.origins import Origins
from aioturk.questions import ExternalQuestion, HTMLQuestion, QuestionForm

__all__ = ["NOT_AVAILABLE", "SUBMIT_PATH", "TEST_PATH", "TICKET_FIELD", "Frame", "FramePage", "Frames", "Ticket"]

NOT_AVAILABLE = "ASSIGNMENT_ID_NOT_AVAILABLE"
"""The assignment's id while a HIT is previewed."""

SUBMIT_PATH = "/mturk/externalSubmit"
TEST_PATH = "/qualifications/tests"
"""Where the form of a test is sent."""
TICKET_FIELD = "ticket"

_NONCE = 12
"""Bytes at the beginning of a ticket that make it another one than all others."""

_DEFAULT_HEIGHT = 600
"""Pixels of a frame of which nobody says how high it is to be."""

_HOSTS = r"(?:www|worker|workersandbox|requester|requestersandbox|\*)\.mturk\.com"
# Each begins with what is rare in a page: with a scheme that may be there or not, 55 KB take 5 ms instead of 0.2.
_AMAZONS_SITE = re.compile(rf"//{_HOSTS}(?=/mturk/|[\"'`\s<;]|/?$)", re.IGNORECASE)
"""Where pages submit to, as most of them write it; `static/frame.js` sees to the others."""
_HELPER = re.compile(
    r"//(?:[\w.-]*amazonaws\.com/mturk-public|mturk-public\.[\w.-]*amazonaws\.com)/externalHIT_v1\.js", re.IGNORECASE
)
_CROWD = re.compile(r"//assets\.crowd\.aws/crowd-html-elements\.js", re.IGNORECASE)
# Nothing is tried twice: consecutive comments could end in exponentially many ways, and a page is a stranger's.
_BEGINNING = re.compile(r"\s*+(?:<!--.*?-->\s*+)*+<!doctype[^>]*>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Ticket:
    """
    What a frame may show, and to whom.

    Attributes:
        worker_id: Who looks.
        hit_id: At what.
        assignment_id: The assignment that they hold; None for a preview.
        environment: Where.
        is_test: Whether it is the test of a qualification: then these are the id of its type, and of the request.
        is_requesters: Whether the requester of the HIT looks, and no worker; in whatever state it is.
        generation: The generation of the worker's sessions, with accounts: with them the ticket is over.
        mark: What tells the secret of the requester's key from others; without the key the ticket is over.
        issued: When it was written, in seconds since 1970; 0 if that does not matter.
        session: The id of the session that it was written in, whose end is the ticket's.
    """

    worker_id: str
    hit_id: str
    assignment_id: str | None
    environment: str
    is_test: bool = False
    is_requesters: bool = False
    generation: int = 0
    mark: str = ""
    issued: int = 0
    session: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """
    The frame of a task.

    Attributes:
        source: Its address.
        height: Its height in pixels.
        is_flexible: Whether it becomes as high as the page in it.
        is_blocked: Whether browsers show nothing of it, because it is reached without TLS and the site is not.
    """

    source: str
    height: int
    is_flexible: bool
    is_blocked: bool = False


@dataclass(frozen=True, slots=True)
class FramePage:
    """
    A page in a frame.

    Attributes:
        text: The page.
        is_ours: Whether we wrote it, so that nothing in it runs but our own scripts.
    """

    text: str
    is_ours: bool


class Frames:
    """
    Makes frames, and the pages in them.

    Args:
        key: What tickets are encrypted with.
        origins: Where the site and the tasks are.
    """

    def __init__(self, key: bytes, origins: Origins) -> None:
        self._nonces = hmac.digest(key, b"aioturk frame nonce", hashlib.sha256)
        self._proofs = hmac.digest(key, b"aioturk frame proof", hashlib.sha256)
        self._cipher = AESGCM(hmac.digest(key, b"aioturk frame", hashlib.sha256))
        self._origins = origins

    def frame(self, ticket: Ticket, question: str) -> Frame:
        """
        Return the frame for a question.

        Args:
            ticket: Who looks at what.
            question: The question's document.

        Raises:
            InvalidRequest: It is no question that can be shown.
        """
        found = document(question)
        if isinstance(found, ExternalQuestion):
            self._require_elsewhere(found.external_url)
            address = external_address(found.external_url, self._parameters(ticket))
            return Frame(address, *_height(found.frame_height), is_blocked=self._is_mixed(found.external_url))
        height = found.frame_height if isinstance(found, HTMLQuestion) else 0
        source = f"{self._origins.tasks}/frames/{self.sealed(ticket)}?{self._parameters(ticket)}"
        return Frame(source, *_height(height))

    def frame_of_test(self, ticket: Ticket) -> Frame:
        """Return the frame for the test of a qualification."""
        return Frame(f"{self._origins.tasks}/frames/{self.sealed(ticket)}", *_height(0))

    def sealed(self, ticket: Ticket) -> str:
        """
        Write a ticket so that nobody can read it, or write another one.

        The same ticket is always the same text: a browser that comes back to a frame takes it for the same page.
        """
        text = json.dumps(astuple(ticket)).encode()
        nonce = hmac.digest(self._nonces, text, hashlib.sha256)[:_NONCE]
        return urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, text, None)).decode().rstrip("=")

    def ticket(self, sealed: str) -> Ticket | None:
        """Read the ticket in a frame's address; None if it is none of ours."""
        try:
            data = urlsafe_b64decode(sealed.encode("ascii") + b"==")
            values: Any = json.loads(self._cipher.decrypt(data[:_NONCE], data[_NONCE:], None))
            return Ticket(*values)
        except (InvalidTag, ValueError, TypeError):
            return None

    def proof(self, submitted_id: str) -> str:
        """Return what lets our page say that something was submitted, which nobody else can have it say."""
        return hmac.digest(self._proofs, submitted_id.encode("utf-8", "replace"), hashlib.sha256).hex()[:32]

    def page(self, ticket: Ticket, question: str, title: str) -> FramePage:
        """
        Return the page in a frame that is served by us.

        Args:
            ticket: Who looks at what.
            question: The question's document.
            title: The HIT's title.

        Raises:
            InvalidRequest: It is no question that is shown by us.
        """
        found = document(question)
        if isinstance(found, HTMLQuestion):
            return FramePage(self.written_for_here(found.html_content), is_ours=False)
        if isinstance(found, QuestionForm):
            path, hidden = SUBMIT_PATH, {"assignmentId": ticket.assignment_id or NOT_AVAILABLE, "hitId": ticket.hit_id}
            if ticket.is_test:
                path, hidden = TEST_PATH, {TICKET_FIELD: self.sealed(ticket)}
            is_preview = ticket.assignment_id is None
            action = self._origins.site + path
            text = form_page(found, action=action, hidden=hidden, preview=is_preview, title=title)
            return FramePage(text, is_ours=True)
        raise InvalidRequest("is no question that is shown here.", argument="question", sending=False)

    def written_for_here(self, page: str) -> str:
        """Return a page that was written for Amazon's site as it has to be here, with our own scripts first."""
        site, tasks = self._origins.site, self._origins.tasks
        # Whole addresses, as the page may have a base of its own; those without a scheme stay so.
        page = _HELPER.sub(f"//{urlsplit(tasks).netloc}/static/externalHIT_v1.js", page)
        page = _CROWD.sub(f"//{urlsplit(tasks).netloc}/static/crowd-html-elements.js", page)
        page = _AMAZONS_SITE.sub(f"//{urlsplit(site).netloc}", page)
        for origin in (site, tasks):
            for scheme in ("https:", "http:", "HTTPS:", "HTTP:"):
                page = page.replace(f"{scheme}//{urlsplit(origin).netloc}", origin)
        beginning = _BEGINNING.match(page)
        end = beginning.end() if beginning else 0
        drafts = "drafts.js" if "<crowd-form" in page.lower() else "page-drafts.js"
        scripts = (
            f'<script src="{tasks}/static/frame.js" data-site="{site}"></script>'
            f'<script src="{tasks}/static/{drafts}"></script>'
        )
        return f"{page[:end]}{scripts}{page[end:]}"

    def _require_elsewhere(self, url: str) -> None:
        """Refuse a page of ours in a frame: it would speak to the page around it as we do."""
        host = urlsplit(url).netloc.rpartition("@")[2]
        if self._origins.is_site(host) or self._origins.is_tasks(host):
            raise InvalidRequest("is an address of this site itself.", argument="ExternalURL", sending=False)

    def _is_mixed(self, url: str) -> bool:
        parts = urlsplit(url)
        return self._origins.is_secure and parts.scheme.lower() == "http" and not is_loopback(parts.hostname or "")

    def _parameters(self, ticket: Ticket) -> str:
        """Return the query that pages expect, in the order in which it was seen in 2019 [reference of the service]."""
        values = {"assignmentId": ticket.assignment_id or NOT_AVAILABLE, "hitId": ticket.hit_id}
        if ticket.assignment_id is not None:
            values["workerId"] = ticket.worker_id
        values["turkSubmitTo"] = self._origins.site
        return "&".join(f"{name}={quote(value, safe='')}" for name, value in values.items())


def external_address(url: str, parameters: str) -> str:
    """
    Append parameters to the address of an external question, whose own query stays as it is.

    Raises:
        InvalidRequest: It is no address on the web.
    """
    if urlsplit(url).scheme.lower() not in ("http", "https"):
        raise InvalidRequest("is no address on the web, so it is not shown.", argument="ExternalURL", sending=False)
    address, mark, fragment = url.partition("#")
    joint = "" if address.endswith(("?", "&")) else "&" if "?" in address else "?"
    return f"{address}{joint}{parameters}{mark}{fragment}"


def _height(given: int) -> tuple[int, bool]:
    return (given, False) if given > 0 else (_DEFAULT_HEIGHT, True)
