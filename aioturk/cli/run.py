"""
``aioturk marketplace run``: a command that was written for Amazon, run with a marketplace in Amazon's place.

What the command is told is decided in :mod:`aioturk.marketplace.redirect`; here things are started, signals are passed
on, and everything is ended and removed again.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import typer
from aiohttp.http_exceptions import HttpProcessingError

from aioturk._core.endpoints import LocalMarketplace
from aioturk.marketplace import Marketplace
from aioturk.marketplace.certificates import Issued, bundle, issue, system_certificates
from aioturk.marketplace.proxy import HOSTS, Before, Proxy
from aioturk.marketplace.redirect import BUNDLE_VARIABLES, Door, profiles, redirected

__all__ = ["Tally", "run"]

_NOT_FOUND = 127
_NOT_RUNNABLE = 126
_SIGNALLED = 128
"""What shells return for commands that are not there, cannot be run, or were ended by a signal (its number added)."""

_PASSED_ON = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
_FROM_TERMINAL = {getattr(signal, name) for name in ("SIGINT", "SIGQUIT") if hasattr(signal, name)}
"""Those that keys send to all of a terminal's foreground, the command included."""


@dataclass(slots=True)
class Tally:
    """Counts calls: it is told of each by the marketplace and the proxy."""

    calls: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def __call__(self, call: str, status: int | None) -> None:
        """Count a call; without a status it had no answer, on purpose."""
        self.calls[call] += 1
        if status is not None and status >= 400:
            self.refused[call] += 1

    def summary(self) -> str:
        """Say what was called, how often, and how often in vain."""
        if not self.calls:
            return "aioturk: the command made no calls to Mechanical Turk."
        width = max(map(len, self.calls))
        lines = [f"aioturk: {_counted(self.calls.total(), self.refused.total())}"]
        for call, count in sorted(self.calls.items()):
            refused = f", {self.refused[call]} refused" if self.refused[call] else ""
            lines.append(f"  {call:<{width}}  {count:>6}{refused}")
        return "\n".join(lines)


def _counted(calls: int, refused: int) -> str:
    return f"{calls} call{'' if calls == 1 else 's'} to the marketplace" + (f", {refused} refused" if refused else "")


def run(
    command: Sequence[str],
    *,
    database: str | None,
    rules: str | None,
    access_key: str | None,
    secret_key: str | None,
    credentials: bool,
    quiet: bool,
) -> int:
    """
    Run a command, and return the status to exit with: the command's own, as a shell would tell it.

    Args:
        command: The command and its arguments.
        database: What to keep the marketplace in: a SQLite file or a PostgreSQL database; None keeps it in memory.
        rules: The marketplace's rules.
        access_key: The access key to accept; None takes what there is, or makes one.
        secret_key: The secret that belongs to it.
        credentials: Whether the command gets the marketplace's keys in its environment.
        quiet: Whether to say nothing at the end.

    Raises:
        ConfigurationError: The marketplace cannot be opened, or the environment names a proxy that cannot be used.
    """
    before = Before.from_environ(os.environ)
    tally = Tally()
    market = Marketplace(
        database, rules=rules, access_key=access_key, secret_key=secret_key, observer=tally, amazon_sites=True
    )
    child = _Child(command)
    logging.getLogger("aiohttp.server").addFilter(_is_ours)
    asyncio.run(_run(child, market, before, tally, credentials=credentials))
    if child.started and not quiet:
        typer.echo(tally.summary(), err=True)
    return child.status


async def _run(child: _Child, market: Marketplace, before: Before, tally: Tally, *, credentials: bool) -> None:
    child.listen()
    async with AsyncExitStack() as ends:
        await ends.enter_async_context(market)
        issued = issue(sorted(HOSTS))
        address = urlsplit(market.url)
        proxy = Proxy(
            (str(address.hostname), int(address.port or 0)), context=issued.context, before=before, observer=tally
        )
        ends.push_async_callback(proxy.close)
        await proxy.start()
        # Its own folder, for its owner alone.
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="aioturk-")))
        door = _written(folder, issued, market, proxy)
        ends.push_async_callback(child.end)
        await child.run(redirected(os.environ, door, credentials=credentials))


def _is_ours(record: logging.LogRecord) -> bool:
    """Leave out what was no HTTP: a fault of the command, which is answered, and no business of its stderr."""
    trouble = record.exc_info[1] if record.exc_info else None
    return not isinstance(trouble, HttpProcessingError)


def _written(folder: Path, issued: Issued, market: Marketplace, proxy: Proxy) -> Door:
    """Write what the command has to read."""
    authority = issued.authority
    named = [os.environ.get(name, "") for name in BUNDLE_VARIABLES]
    trusted = folder / "ca-bundle.pem"
    trusted.write_bytes(bundle(authority, system_certificates(), named=named))
    added = folder / "ca-added.pem"
    added.write_bytes(bundle(authority, named=[os.environ.get("NODE_EXTRA_CA_CERTS", "")]))
    local = folder / "marketplace.json"
    _write_secret(local, LocalMarketplace(market.url, market.access_key, market.secret_key, os.getpid()).to_json())
    return Door(
        proxy=proxy.url,
        tls="{}:{}".format(*proxy.tls),
        certificate=issued.fingerprint,
        market=market.url,
        access_key=market.access_key,
        secret_key=market.secret_key,
        bundle=trusted,
        added=added,
        local_file=local,
        keys_file=_profiles(folder / "credentials", "AWS_SHARED_CREDENTIALS_FILE", market),
        config_file=_profiles(folder / "config", "AWS_CONFIG_FILE", market),
    )


def _profiles(file: Path, variable: str, market: Marketplace) -> Path:
    """Write a file with the profiles of one that has the same name, or that a variable names, and none of its keys."""
    before = Path(os.environ.get(variable) or Path("~", ".aws", file.name)).expanduser()
    try:
        text = before.read_text("utf-8", "replace")
    except OSError:
        text = ""  # what cannot be read is of no use to the command either
    _write_secret(file, profiles(text, market.access_key, market.secret_key).encode())
    return file


def _write_secret(file: Path, content: bytes) -> None:
    file.touch(mode=0o600)
    file.write_bytes(content)


class _Child:
    """
    The command, from before its start to after its end.

    Args:
        command: The command and its arguments.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._process: asyncio.subprocess.Process | None = None
        self._early: list[int] = []
        self.status = 0

    @property
    def started(self) -> bool:
        """Whether it came to that."""
        return self._process is not None

    @property
    def interrupted(self) -> bool:
        """Whether a signal came before its start."""
        return bool(self._early)

    def listen(self) -> None:
        """Pass signals on from now on: the command decides how it ends, and we end with it."""
        if hasattr(signal, "SIGCHLD"):
            # Ignored, as some parents leave it, nobody is told how a child ended.
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        loop = asyncio.get_running_loop()
        for name in _PASSED_ON:
            number = getattr(signal, name, None)
            # What `nohup` had ignored stays ignored.
            if number is not None and (name != "SIGHUP" or signal.getsignal(number) != signal.SIG_IGN):
                with suppress(NotImplementedError):  # Windows
                    loop.add_signal_handler(number, self._pass_on, number)

    async def run(self, environ: Mapping[str, str]) -> None:
        """Start the command and wait for its end."""
        if self.interrupted:
            self.status = _SIGNALLED + self._early[0]
            return
        try:
            self._process = await asyncio.create_subprocess_exec(*self._command, env=environ)
        except OSError as trouble:
            missing = isinstance(trouble, FileNotFoundError)
            self.status = _NOT_FOUND if missing else _NOT_RUNNABLE
            text = "there is no such command" if missing else f"it cannot be run: {trouble.strerror}"
            typer.echo(f"aioturk: {self._command[0]}: {text}. Nothing was done.", err=True)
            return
        for number in self._early:
            self._send(number)
        status = await self._process.wait()
        self.status = _SIGNALLED - status if status < 0 else status

    async def end(self) -> None:
        """End it if it still runs, because something here went wrong."""
        if self._process is not None and self._process.returncode is None:
            self._send(signal.SIGTERM)
            await self._process.wait()

    def _pass_on(self, number: int) -> None:
        if self._process is None:
            self._early.append(number)
        elif number not in _FROM_TERMINAL or not _in_foreground():
            self._send(number)

    def _send(self, number: int) -> None:
        if self._process is None or self._process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            if sys.platform == "win32":
                self._process.send_signal(number)
            else:
                # Not with send_signal, which may ask for the status, and then nobody else gets it.
                os.kill(self._process.pid, number)


def _in_foreground() -> bool:
    """Whether the terminal sends its signals to us and the command alike: twice would be once too often."""
    try:
        terminal = os.open(os.ctermid(), os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
