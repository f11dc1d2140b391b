"""``aioturk marketplace serve``: serving a marketplace."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import typer

from aioturk._core.endpoints import LocalMarketplace, local_marketplace_path
from aioturk._core.keys import Credentials
from aioturk.cli.reading import read_text
from aioturk.cli.webhooks import Webhooks, webhooks
from aioturk.errors import ConfigurationError
from aioturk.marketplace import Delivery, Marketplace, Webhook
from aioturk.marketplace.back_office import remembered_rules

__all__ = ["serve"]

_NO_WEBHOOKS = Webhooks([], "")

_OPTIONS: Mapping[str, str] = {
    "site_url": "--site-url",
    "tasks_url": "--tasks-url",
    "trusted_proxies": "--trusted-proxy",
    "site_environment": "--environment",
}
"""The options for what sentences for programs name otherwise."""


def serve(
    *,
    database: str | None,
    port: int,
    host: str,
    rules: str | None,
    access_key: str | None,
    secret_key: str | None,
    balance: str | None,
    sqs: str | None,
    sns: str | None,
    webhook: Sequence[str],
    webhook_secret_file: Path | None,
    webhook_format: str,
    webhook_topic: str | None,
    webhook_requester: str,
    layouts: Sequence[Path],
    accounts: bool,
    site_url: str | None,
    tasks_url: str | None,
    certificate: Path | None,
    key: Path | None,
    trusted_proxies: Sequence[str],
    environment: str = "sandbox",
) -> None:
    """Serve until interrupted, and keep the address and keys where ``Client("local")`` looks."""
    if (certificate is None) != (key is None):
        raise ConfigurationError("Give --certificate and --key together.")
    posts = webhooks(
        webhook,
        secret_file=webhook_secret_file,
        format=webhook_format,
        topic=webhook_topic,
        requester=webhook_requester,
        environ=os.environ,
    )
    try:
        market = Marketplace(
            database,
            # A marketplace that is served is somebody's own place, unless they said otherwise, now or before.
            rules=rules or remembered_rules(database) or "house",
            host=host,
            port=port,
            access_key=access_key,
            secret_key=secret_key,
            balance=balance,
            delivery=_delivery(sqs, sns, posts.hooks, os.environ),
            accounts=accounts,
            site_url=site_url,
            tasks_url=tasks_url,
            certificate=None if certificate is None or key is None else (certificate, key),
            trusted_proxies=trusted_proxies,
            site_environment=environment,
        )
    except ConfigurationError as refusal:
        raise ConfigurationError(_by_options(str(refusal))) from None
    pages = {path: read_text(path) for path in layouts}
    asyncio.run(_serve(market, database, pages, posts))


def _by_options(text: str) -> str:
    """Return what a refusal says, in words for the command line."""
    return re.sub("|".join(_OPTIONS), lambda found: _OPTIONS[found[0]], text)


def _delivery(
    sqs: str | None, sns: str | None, hooks: Sequence[Webhook], environ: Mapping[str, str]
) -> Delivery | None:
    if sqs is None and sns is None and not hooks:
        return None
    # Stand-ins for AWS take any keys; the real thing wants those that AWS's own tools are given.
    keys = Credentials(
        environ.get("AWS_ACCESS_KEY_ID") or "local",
        environ.get("AWS_SECRET_ACCESS_KEY") or "local",
        environ.get("AWS_SESSION_TOKEN"),
    )
    region = environ.get("AWS_REGION") or "us-east-1"
    return Delivery(sqs=sqs, sns=sns, credentials=keys, region=region, webhooks=hooks)


async def _serve(
    market: Marketplace, database: str | None, pages: Mapping[Path, str], posts: Webhooks = _NO_WEBHOOKS
) -> None:
    stop = asyncio.Event()
    _listen(stop)
    file = local_marketplace_path(os.environ)
    before = await _found_until_now(file)
    async with market:
        kept = _from_anywhere(database)
        # A certificate is for the name by which people reach the marketplace, not for the address it listens at.
        address = market.site_url if market.url.startswith("https:") else market.url
        local = LocalMarketplace(address, market.access_key, market.secret_key, os.getpid(), kept)
        _keep(file, local)
        try:
            typer.echo(f"address     {market.url}")
            typer.echo(f"access key  {market.access_key}")
            typer.echo(f"secret key  {market.secret_key}")
            typer.echo(f"workers     {market.site_url}")
            typer.echo(f"requesters  {market.site_url}/requester")
            for hook in posts.hooks:
                typer.echo(f"webhook     {hook.url}  signed with the secret in {posts.secret_place}")
            for path, html in pages.items():
                typer.echo(f"layout      {await market.add_layout(html, name=path.stem)}  {path}")
            typer.echo(
                'aioturk finds it as Client("local"); other programs with AWS_ENDPOINT_URL_MTURK. Ctrl-C ends it.'
            )
            if before is not None:
                typer.echo(f"Until now it found {before.url}, and it will again when this one has ended.")
            await stop.wait()
        finally:
            if _forget(file, local) and before is not None and await _answers(before.url):
                _keep(file, before)


async def _found_until_now(file: Path) -> LocalMarketplace | None:
    """Return the marketplace that the file leads to, if it is still served."""
    try:
        found = LocalMarketplace.from_json(file.read_bytes())  # noqa: ASYNC240  # small, and before anybody is served
    except (OSError, ConfigurationError):
        return None
    return found if await _answers(found.url) else None


async def _answers(url: str) -> bool:
    """Whether anybody listens there."""
    try:
        parts = urlsplit(url)
        if not parts.hostname:
            return False
        async with asyncio.timeout(1):
            _, writer = await asyncio.open_connection(
                parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
            )
    except (OSError, TimeoutError, ValueError):  # the last of an address that is none
        return False
    writer.close()
    return True


def _listen(stop: asyncio.Event) -> None:
    """Have Ctrl-C, and being asked to end, set an event."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))


def _from_anywhere(database: str | None) -> str | None:
    """Name a database such that commands typed in other folders find it."""
    return database if database is None or "://" in database else str(Path(database).absolute())


def _keep(file: Path, local: LocalMarketplace) -> None:
    """Write the file for its owner alone, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)  # of a process with the same number that was killed here
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(local.to_json())
    draft.replace(file)


def _forget(file: Path, local: LocalMarketplace) -> bool:
    """Remove the file, unless another marketplace has taken its place; return whether it was removed."""
    if file.exists() and LocalMarketplace.from_json(file.read_bytes()) == local:
        file.unlink()
        return True
    return False
