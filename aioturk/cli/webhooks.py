"""The webhooks of ``aioturk marketplace serve``: where events are posted, and what they are signed with."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, cast

from aioturk._core.endpoints import local_marketplace_path
from aioturk.errors import ConfigurationError
from aioturk.marketplace import Webhook, new_secret
from aioturk.marketplace.delivery.settings import Format

__all__ = ["EVERYBODY", "VARIABLE", "Webhooks", "webhooks"]

VARIABLE = "AIOTURK_WEBHOOK_SECRET"
"""The variable that a secret may be in, or several with space between them."""

EVERYBODY = "all"
"""What is written for all requesters."""

_FILE = "webhook-secret"
"""The file that a secret is kept in where nobody names another, beside the marketplace's address."""


class Webhooks(NamedTuple):
    """Where events are posted, and where the secret is that both sides have to know."""

    hooks: list[Webhook]
    secret_place: str


def webhooks(
    urls: Sequence[str],
    *,
    secret_file: Path | None,
    format: str,  # noqa: A002  # the option's name
    topic: str | None,
    requester: str,
    environ: Mapping[str, str],
) -> Webhooks:
    """
    Make webhooks of what the command line says. A secret is made when there is none, and is never shown.

    Args:
        urls: Where events are posted.
        secret_file: A file with the secret, or several, one a line; made when it is not there.
        format: How messages look.
        topic: The topic that all of them stand for, if they do.
        requester: Whose events.
        environ: The environment.

    Raises:
        ConfigurationError: Something of it cannot work.
    """
    if not urls:
        if secret_file is not None or topic is not None:
            raise ConfigurationError("--webhook-secret-file and --webhook-topic say more about a --webhook: give one.")
        return Webhooks([], "")
    secrets, place = _secrets(secret_file, environ)
    hooks = [
        Webhook(
            url,
            secrets,
            format=cast("Format", format),  # which looks at it
            topic=topic,
            requester=None if requester == EVERYBODY else requester,
        )
        for url in urls
    ]
    return Webhooks(hooks, place)


def _secrets(file: Path | None, environ: Mapping[str, str]) -> tuple[list[str], str]:
    """Return the secrets, and say where they are."""
    if file is None and (text := environ.get(VARIABLE, "").strip()):
        return text.split(), VARIABLE
    if file is None:
        file = local_marketplace_path(environ).with_name(_FILE)
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not file.exists():
        _make(file)
    try:
        secrets = file.read_text("utf-8").split()
    except UnicodeDecodeError:
        # Not chained: it holds what was read.
        raise ConfigurationError(f"{file} is not a text with a webhook's secret, so it is another file.") from None
    if not secrets:
        raise ConfigurationError(f"{file} is empty: remove it, and a secret is made, or write one into it.")
    return secrets, str(file.absolute())


def _make(file: Path) -> None:
    """Write a new secret where nobody else can read it, unless somebody else has just done so."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(new_secret() + "\n")
