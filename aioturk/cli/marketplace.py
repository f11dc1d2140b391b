"""``aioturk marketplace``: serving a marketplace."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import typer

from aioturk._core.endpoints import LocalMarketplace, local_marketplace_path
from aioturk.errors import ConfigurationError
from aioturk.marketplace import Marketplace

__all__ = ["serve"]


def serve(*, database: Path | None, port: int, host: str, rules: str) -> None:
    """Serve until interrupted, and keep the address and keys where ``Client("local")`` looks."""
    asyncio.run(_serve(database=database, port=port, host=host, rules=rules))


async def _serve(*, database: Path | None, port: int, host: str, rules: str) -> None:
    if host not in {"127.0.0.1", "::1", "localhost"}:
        raise ConfigurationError(
            f"--host is {host}: so far a marketplace is served to this computer alone (127.0.0.1)."
        )
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with Marketplace(database=database, rules=rules, host=host, port=port) as market:
        file = local_marketplace_path(os.environ)
        local = LocalMarketplace(market.url, market.access_key, market.secret_key, os.getpid())
        _keep(file, local)
        try:
            typer.echo(f"address     {market.url}")
            typer.echo(f"access key  {market.access_key}")
            typer.echo(f"secret key  {market.secret_key}")
            typer.echo(
                'aioturk finds it as Client("local"); other programs with AWS_ENDPOINT_URL_MTURK. Ctrl-C ends it.'
            )
            await stop.wait()
        finally:
            _forget(file, local)


def _keep(file: Path, local: LocalMarketplace) -> None:
    """Write the file for its owner alone, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)  # of a process with the same number that was killed here
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(local.to_json())
    draft.replace(file)


def _forget(file: Path, local: LocalMarketplace) -> None:
    """Remove the file, unless another marketplace has taken its place."""
    if file.exists() and LocalMarketplace.from_json(file.read_bytes()) == local:
        file.unlink()
