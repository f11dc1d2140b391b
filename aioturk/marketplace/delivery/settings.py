"""What a program asks for: where messages about events go. How they get there is in `carriers` and `rounds`."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Literal, TypeAlias
from urllib.parse import SplitResult, urlsplit

from aioturk._core.keys import Credentials
from aioturk._core.webhooks import Secret
from aioturk._generated.shapes import EventType
from aioturk.clock import Clock, SystemClock
from aioturk.errors import ConfigurationError
from aioturk.marketplace.service.notifications import is_topic
from aioturk.marketplace.service.subscribers import Subscriber

__all__ = ["Delivery", "Format", "Webhook"]

Format: TypeAlias = Literal["standard", "sns"]

_FORMATS = ("standard", "sns")


@dataclass(frozen=True, slots=True)
class Webhook:
    """
    A program of yours that events are posted to, signed with a secret that only the two of you know.

    Without a `topic` it gets every event of the requester's, whether or not any HIT type asks for notifications. With
    one it stands for that topic's subscription by HTTPS: it gets what notification specifications and test messages
    send to the topic, and programs that were written for SNS go on without it.

    Args:
        url: Where messages are posted, http or https. It is shown in the log of notifications, so it is no place for a
            password.
        secret: What they are signed with, as :func:`aioturk.marketplace.new_secret` makes it. Several while one is
            being replaced: each message is signed with all of them. It is never shown.
        format: ``"standard"`` posts the message as a queue would get it, ``"sns"`` puts it in the envelope of SNS. Both
            are signed in the manner of Standard Webhooks; the signature of Amazon that SNS's own messages have is
            Amazon's alone.
        events: The kinds of events to send, such as ``"AssignmentSubmitted"``. None sends all. Test messages of the
            kind ``Ping`` always come.
        topic: The topic's name, ``"arn:aws:sns:us-east-1:123456789012:events"``.
        requester: Whose events. The first requester's, unless you name another one, as in `Marketplace.add_requester`.
            None sends everybody's, in every account: for the owner of the house alone.

    Raises:
        ConfigurationError: An argument cannot work. The error never shows the secret.
    """

    url: str
    secret: str | Sequence[str] = field(repr=False)
    _: KW_ONLY
    format: Format = "standard"
    events: Collection[str] | None = None
    topic: str | None = None
    requester: str | None = "default"

    def __post_init__(self) -> None:
        problem = _problem_of_url(self.url)
        if problem is not None:
            raise ConfigurationError(f"Webhook: {problem}")
        if not self.secrets():
            raise ConfigurationError("Webhook: there is no secret; make one with aioturk.marketplace.new_secret().")
        if self.format not in _FORMATS:
            raise ConfigurationError(f"Webhook(format={self.format!r}): choose 'standard' or 'sns'.")
        if self.topic is not None and not is_topic(self.topic):
            raise ConfigurationError(
                f"Webhook(topic={self.topic!r}): write the name of a topic, "
                "for example 'arn:aws:sns:us-east-1:123456789012:events'."
            )
        self._check_events()

    def _check_events(self) -> None:
        if self.events is None:
            return
        if isinstance(self.events, str) or not self.events:
            raise ConfigurationError(f"Webhook(events={self.events!r}): give a list of kinds, or None for all of them.")
        known = [str(event) for event in EventType]
        for event in self.events:
            if event not in known:
                raise ConfigurationError(f"Webhook(events=...): {event!r} is none of {', '.join(known)}.")

    def secrets(self) -> list[Secret]:
        """Read the secrets."""
        return [Secret.parse(text) for text in ([self.secret] if isinstance(self.secret, str) else self.secret)]

    def subscriber(self) -> Subscriber:
        """Tell what this webhook gets, without its secret."""
        events = None if self.events is None else frozenset(str(event) for event in self.events)
        return Subscriber(self.url, requester=self.requester, events=events, topic=self.topic)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """
    Where messages about events are sent, whatever host a requester's queue URL names.

    Args:
        sqs: The URL of a queue service: Amazon's for a region, or a compatible one of yours. The queue's own URL is
            told to it. None sends nothing to queues.
        sns: The URL of a topic service, likewise.
        credentials: What requests to them are signed with.
        region: The region that they are signed for.
        webhooks: Programs of yours that events are posted to; each has another URL. All processes that serve one
            database are given the same ones: what is for a webhook that nobody knows any more fails after a minute.
        clock: What tells when to try again: real time, in which the other side lives, whatever the market's clock says.

    Raises:
        ConfigurationError: A URL is none, there are no credentials, or two webhooks have the same URL.
    """

    sqs: str | None = None
    sns: str | None = None
    credentials: Credentials | None = None
    region: str = "us-east-1"
    webhooks: Sequence[Webhook] = ()
    clock: Clock = field(default_factory=SystemClock, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("sqs", "sns"):
            url = getattr(self, name)
            if url is not None and not _is_endpoint(url):
                raise ConfigurationError(f"Delivery({name}={url!r}): write the URL of the service, http or https.")
            if url is not None and self.credentials is None:
                raise ConfigurationError(
                    f"Delivery({name}=...) needs credentials to sign with; for stand-ins that do not check, "
                    'Credentials("any", "thing") will do.'
                )
        given: Any = self.webhooks
        if not isinstance(given, Sequence) or not all(isinstance(one, Webhook) for one in given):
            raise ConfigurationError('Delivery(webhooks=...): give a list, [Webhook("https://...", secret)].')
        urls = [webhook.url for webhook in self.webhooks]
        for url in urls:
            if urls.count(url) > 1:
                raise ConfigurationError(
                    f"Delivery(webhooks=...): {url} is there twice. Messages are told apart by URL: "
                    "add a query to one of them, such as ?number=2."
                )


_PLAIN = re.compile(r"[!-~]+")


def _split(url: str) -> SplitResult | None:
    """Take a URL apart; None when it is none that can be called."""
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.fragment
        return parts if is_one and (parts.port is None or parts.port > 0) else None
    except ValueError:
        return None


def _is_endpoint(url: str) -> bool:
    parts = _split(url)
    return parts is not None and not parts.query


def _problem_of_url(url: str) -> str | None:
    # urlsplit drops line ends silently, and a URL is sent as it stands.
    parts = _split(url) if _PLAIN.fullmatch(url) else None
    if parts is None:
        return (
            f"{url!r} is no URL to post to: write http:// or https://, a host, and a path, without a fragment, "
            "in ASCII (other characters as %xx, names of hosts as xn--)."
        )
    if parts.username is not None or parts.password is not None:
        # Not repeated: it may hold a password.
        return "the URL has a user name or a password in it. Messages are signed instead: leave it out."
    return None
