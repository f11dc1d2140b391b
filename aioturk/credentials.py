"""
Keys: where they come from, and how they stay fresh.

`keyring` turns what a client was given into a `Keyring`, which hands out credentials that are valid now. A provider,
your own or one of the two here (environment variables, botocore's chain), only fetches; one refresh for all who
wait, refreshing ahead of time and living with failures are the keyring's, so every provider has them.

The value itself is in :mod:`aioturk._core.keys`, signing in :mod:`aioturk.sigv4`. The keys of the marketplace that is
served on this computer come with its address: `read_local_marketplace`.

Secrets never get into `repr`, logs or the texts of errors. Exceptions of botocore are not kept as causes, because they
may quote what a credential process or server said; their text is passed on only where it cannot.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import math
import os
import stat
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from aioturk._core.endpoints import LocalMarketplace, nothing_chosen
from aioturk._core.keys import Credentials
from aioturk.clock import Clock, SystemClock
from aioturk.errors import ConfigurationError, CredentialsError, TurkError

if TYPE_CHECKING:
    from botocore.session import Session

__all__ = [
    "BotocoreChain",
    "Credentials",
    "CredentialsProvider",
    "Keyring",
    "from_environment",
    "keyring",
    "read_local_marketplace",
]

logger: logging.Logger = logging.getLogger("aioturk.credentials")

_ADVISORY: Final = 600.0
"""Seconds before expiry from which keys are renewed in the background."""
_MANDATORY: Final = 60.0
"""Seconds before expiry from which callers wait for the renewal."""
_PAUSE: Final = 30.0
"""Seconds without another attempt after a failed renewal, while the present keys are valid."""
_LOCAL_FILE_LIMIT: Final = 65_536

_CHOICES: Final = (
    "pass credentials=aioturk.Credentials(access_key, secret_key) or profile=, set AWS_ACCESS_KEY_ID and "
    "AWS_SECRET_ACCESS_KEY, or configure any other source that the AWS tools know"
)


class CredentialsProvider(Protocol):
    """
    Anything that fetches credentials when it is called and awaited, for example an ``async def`` without arguments.

    Keys that run out should say when in `Credentials.expires_at`; they are then renewed in time. A provider is never
    called twice at once in one event loop.
    """

    def __call__(self) -> Awaitable[Credentials]:
        """Fetch credentials that are valid now."""
        ...


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why a renewal failed. Not an exception, because each of those who waited has to raise one of its own."""

    text: str
    cause: Exception | None = field(repr=False)

    def error(self) -> CredentialsError:
        error = CredentialsError(self.text)
        # An error of ours says it all with its text; what lies behind it is worth more than seeing it twice.
        error.__cause__ = self.cause.__cause__ if type(self.cause) is CredentialsError else self.cause
        return error


class Keyring:
    """
    Hands out credentials that are valid now.

    Promises: however many callers wait, the provider is called once; cancelling one of them, the first included, does
    not disturb the others; keys are renewed before they expire; when that fails, the present ones are used for as
    long as they are valid. It may be used from one event loop after another.

    Args:
        source: The credentials, or the provider of them.
        clock: What tells the time.
    """

    def __init__(self, source: Credentials | CredentialsProvider, *, clock: Clock | None = None) -> None:
        self._provider = None if isinstance(source, Credentials) else source
        self._clock = SystemClock() if clock is None else clock
        self._held: Credentials | None = None
        self._expires = self._renew_from = self._wait_from = math.inf
        self._task: asyncio.Task[Credentials | _Failure] | None = None
        if isinstance(source, Credentials):
            _check(source, "credentials")
            self._held = source

    def __repr__(self) -> str:
        return f"<Keyring {self._held!r}>" if self._provider is None else f"<Keyring from {_name(self._provider)}>"

    def at_hand(self) -> Credentials | None:
        """Return the credentials if they are here and need no renewing; a call saves the detour through `get`."""
        return self._held if self._clock.time() < self._renew_from else None

    async def get(self) -> Credentials:
        """
        Return credentials that are valid now; without suspending when they are at hand.

        Raises:
            CredentialsError: There are none.
        """
        held = self._held
        if held is not None:
            if self._renew_from == math.inf:
                return held
            now = self._clock.time()
            if now < self._renew_from:
                return held
            if now < self._wait_from:
                self._renewal()
                return held
        outcome = await self._renewed()
        if isinstance(outcome, Credentials):
            return outcome
        if held is not None and self._clock.time() < self._expires:
            return held
        raise outcome.error()

    async def refresh(self, rejected: Credentials) -> Credentials:
        """
        Fetch others for credentials that the service says have expired.

        Args:
            rejected: What the refused request was signed with.

        Returns:
            The new ones; those already there if somebody has renewed them since. They equal `rejected` when the
            source has nothing else, and then the service's refusal stands.

        Raises:
            CredentialsError: They could not be fetched.
        """
        if self._provider is None:
            return rejected
        if self._held is not None and self._held != rejected:
            return await self.get()
        outcome = await self._renewed()
        if isinstance(outcome, Credentials):
            return outcome
        raise outcome.error()

    async def close(self) -> None:
        """Stop a renewal that is under way. The keyring can still be used afterwards."""
        task, self._task = self._task, None
        if task is not None and not task.done() and task.get_loop() is asyncio.get_running_loop():
            task.cancel()
            await asyncio.wait({task})

    def _renewal(self) -> asyncio.Task[Credentials | _Failure]:
        """Return the renewal that is under way in this event loop, or start one."""
        task = self._task
        # A task of another loop cannot be waited for here, and may never end if that loop has stopped.
        if task is None or task.done() or task.get_loop() is not asyncio.get_running_loop():
            task = self._task = asyncio.create_task(self._renew(), name="aioturk credentials")
        return task

    async def _renewed(self) -> Credentials | _Failure:
        task = self._renewal()
        # Unlike awaiting the task, this leaves it alone when the caller is cancelled.
        await asyncio.wait({task})
        if task.cancelled():
            return _Failure("The renewal of the credentials was stopped.", None)
        return task.result()

    async def _renew(self) -> Credentials | _Failure:
        outcome = await self._fetched()
        now = self._clock.time()
        if (
            isinstance(outcome, Credentials)
            and outcome.expires_at is not None
            and outcome.expires_at.timestamp() <= now
        ):
            outcome = _Failure(
                f"{_name(self._provider)} returned credentials that expired at {outcome.expires_at.isoformat()}. "
                "Sign in again, and check that this computer's clock is right.",
                None,
            )
        if isinstance(outcome, Credentials):
            self._keep(outcome, now)
        elif self._held is not None and now < self._expires:
            self._renew_from = min(now + _PAUSE, self._expires)
            logger.warning("renewing the credentials failed, using the present ones: %s", outcome.text)
        return outcome

    async def _fetched(self) -> Credentials | _Failure:
        assert self._provider is not None
        try:
            answer = self._provider()
            if not inspect.isawaitable(answer):
                raise CredentialsError(
                    f"{_name(self._provider)} is not async: write the credentials provider with `async def`."
                )
            found = await answer
            _check(found, f"what {_name(self._provider)} returned")
        except TurkError as error:
            return _Failure(error.text, error)
        except Exception as error:  # whatever a foreign provider raises
            # Its own words are left out: nobody knows what they quote.
            return _Failure(f"{_name(self._provider)} failed with {type(error).__name__}.", error)
        return found

    def _keep(self, found: Credentials, now: float) -> None:
        self._held = found
        if found.expires_at is None:
            self._expires = self._renew_from = self._wait_from = math.inf
            return
        expires = found.expires_at.timestamp()
        left = expires - now
        # Keys that live for minutes only would otherwise be renewed all the time.
        self._expires = expires
        self._renew_from = max(expires - _ADVISORY, now + left / 2)
        self._wait_from = max(expires - _MANDATORY, now + left * 0.9)


def keyring(
    credentials: Credentials | CredentialsProvider | None = None,
    *,
    profile: str | None = None,
    environ: Mapping[str, str] | None = None,
    clock: Clock | None = None,
) -> Keyring:
    """
    Make the keyring for what a client was given. Nothing is read or fetched before the first use.

    Args:
        credentials: The credentials, or an async provider of them.
        profile: The name of a profile in the AWS configuration files.
        environ: Where to look for ``AWS_ACCESS_KEY_ID`` and its companions; the process's environment unless given.
            botocore, asked when they are not there, always reads the process's environment.
        clock: What tells the time.

    Raises:
        ConfigurationError: The arguments contradict each other, or have the wrong type.
    """
    if credentials is not None and profile is not None:
        raise ConfigurationError("credentials and profile were both given, and only one can be used. Leave one out.")
    named: object = profile
    if named is not None and (not isinstance(named, str) or not named):
        raise ConfigurationError("profile is not the name of a profile: a string that is not empty is needed.")
    if credentials is not None:
        if not callable(credentials) and not isinstance(credentials, Credentials):
            raise ConfigurationError(
                f"credentials is a {type(credentials).__name__}: pass aioturk.Credentials(access_key, secret_key), "
                "or an async function that returns one."
            )
        return Keyring(credentials, clock=clock)
    chain = BotocoreChain(profile)
    if profile is not None:
        return Keyring(chain, clock=clock)
    return Keyring(_EnvironmentOrChain(os.environ if environ is None else environ, chain), clock=clock)


def from_environment(environ: Mapping[str, str]) -> Credentials | None:
    """
    Read ``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``, ``AWS_SESSION_TOKEN`` and ``AWS_CREDENTIAL_EXPIRATION``.

    Returns:
        The credentials, or None when neither half of the key is there. An empty variable counts as absent.

    Raises:
        CredentialsError: One half of the key is there without the other, or a value cannot be what it should.
    """
    access_key = environ.get("AWS_ACCESS_KEY_ID")
    if not access_key and not environ.get("AWS_SECRET_ACCESS_KEY"):
        return None
    for name, other in (
        ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
        ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"),
    ):
        if not environ.get(name):
            raise CredentialsError(f"{other} is set without {name}: set both, or neither.")
    found = Credentials(
        access_key or "",
        environ["AWS_SECRET_ACCESS_KEY"],
        # The older name is still read by the AWS tools.
        environ.get("AWS_SESSION_TOKEN") or environ.get("AWS_SECURITY_TOKEN") or None,
        expires_at=_expiration(environ.get("AWS_CREDENTIAL_EXPIRATION")),
    )
    _check(found, "the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN)")
    return found


class BotocoreChain:
    """
    The provider that asks botocore: profiles, SSO, assumed roles, processes, web identity, containers, instances.

    botocore is imported at the first call, and works in a thread. Every call reads everything anew, so that keys which
    were replaced in a file, or a new sign-in, are seen.

    Args:
        profile: The profile to use; None for botocore's own choice (``AWS_PROFILE``, else ``default``, and so on).
    """

    def __init__(self, profile: str | None = None) -> None:
        self.profile = profile

    def __repr__(self) -> str:
        return "BotocoreChain()" if self.profile is None else f"BotocoreChain({self.profile!r})"

    async def __call__(self) -> Credentials:
        """Fetch credentials."""
        return await asyncio.to_thread(_ask_botocore, self.profile)


def read_local_marketplace(path: Path, *, chosen: bool = True) -> LocalMarketplace:
    """
    Read what the marketplace served on this computer left for ``Client("local")``. Blocks: call it off the event loop.

    Args:
        path: The file, see `aioturk._core.endpoints.local_marketplace_path`.
        chosen: Whether ``"local"`` was asked for; otherwise a missing file means that nothing was chosen at all.

    Raises:
        ConfigurationError: The file is not there, or is not such a file.
        CredentialsError: Others can read or replace the file, so its keys and its address cannot be trusted.
    """
    try:
        # Not blocking, so that a named pipe in its place cannot hold up the caller.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except (FileNotFoundError, NotADirectoryError):
        if not chosen:
            raise nothing_chosen() from None
        raise ConfigurationError(
            f"No marketplace is being served on this computer ({path} is not there). "
            "Start one: aioturk marketplace serve."
        ) from None
    except PermissionError as error:
        raise CredentialsError(
            f"{path} may not be read by this user: the marketplace is served by somebody else. "
            "Ask them for the URL and keys."
        ) from error
    except (OSError, ValueError) as error:
        raise _unreadable(path) from error
    try:
        _check_owner(path, os.fstat(descriptor))
        data = os.read(descriptor, _LOCAL_FILE_LIMIT)
    except OSError as error:
        raise _unreadable(path) from error
    finally:
        os.close(descriptor)
    try:
        return LocalMarketplace.from_json(data)
    except ConfigurationError as error:
        text = error.text
    # Neither the cause nor a local variable may carry the content into a traceback.
    del data
    raise ConfigurationError(f"{path}: {text}")


@dataclass(frozen=True, slots=True)
class _EnvironmentOrChain:
    environ: Mapping[str, str]
    chain: BotocoreChain

    def __repr__(self) -> str:
        # The generated one would show every variable.
        return "the environment and botocore's chain"

    async def __call__(self) -> Credentials:
        return from_environment(self.environ) or await self.chain()


def _check(found: object, source: str) -> None:
    """Refuse what cannot be signed with, without quoting it."""
    if not isinstance(found, Credentials):
        raise CredentialsError(f"{source} is a {type(found).__name__}, not aioturk.Credentials.")
    if not _is_usable(found):
        raise CredentialsError(
            f"{source}: the access key, the secret and the session token (if there is one) must be ASCII strings "
            "without white space, and not empty. Look for a line break that was copied along."
        )
    expires: object = found.expires_at
    if expires is not None and (not isinstance(expires, datetime) or expires.utcoffset() is None):
        raise CredentialsError(f"{source}: expires_at must be a datetime with a time zone, for example datetime.UTC.")


def _is_usable(found: Credentials) -> bool:
    # Apart from where the error is raised: tools that show local variables in tracebacks would show the secret.
    parts: list[object] = [found.access_key, found.secret_key]
    if found.session_token is not None:
        parts.append(found.session_token)
    return all(
        isinstance(part, str) and part and part.isascii() and part.isprintable() and " " not in part for part in parts
    )


def _expiration(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CredentialsError(
            "AWS_CREDENTIAL_EXPIRATION is not an ISO 8601 time: write it like 2026-01-31T23:59:59Z, or unset it."
        ) from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _name(provider: object) -> str:
    """Name a provider without its `repr`, which may show anything."""
    if isinstance(provider, (BotocoreChain, _EnvironmentOrChain)):
        return repr(provider)
    return f"the credentials provider {getattr(provider, '__qualname__', type(provider).__qualname__)}"


def _ask_botocore(profile: str | None) -> Credentials:
    """Run botocore's chain; to be called in a thread."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.session import Session

    try:
        found = _frozen(Session(profile=profile))
    except (BotoCoreError, ClientError) as error:
        trouble = _explained(error, profile)
    except Exception as error:  # the parsers that botocore uses raise errors of their own
        trouble = f"Fetching the credentials{_of(profile)} failed ({type(error).__name__})."
    else:
        if found is not None:
            return found
        where = "No credentials were found" if profile is None else f"The profile {profile!r} has no credentials"
        raise CredentialsError(f"{where}: {_CHOICES}.")
    # Raised here and not above, so that botocore's exception, and what it quotes, is not in the traceback.
    raise CredentialsError(f"{trouble}")


def _frozen(session: Session) -> Credentials | None:
    found = session.get_credentials()
    if found is None:
        return None
    # This fetches what botocore has put off, so it comes before the look at the expiry.
    keys = found.get_frozen_credentials()
    # There is no public name for it. Should it go, the service will tell when the keys have expired.
    expires = getattr(found, "_expiry_time", None)
    if not isinstance(expires, datetime) or expires.utcoffset() is None:
        expires = None
    return Credentials(keys.access_key, keys.secret_key, keys.token or None, expires_at=expires)


def _explained(error: Exception, profile: str | None) -> str:
    """Put a failure of botocore in words, with its own where they can be trusted to hold no secret."""
    name = type(error).__name__
    if name == "ProfileNotFound":
        source = "AWS_PROFILE" if profile is None else "profile="
        return f"{error} (from {source}). `aws configure list-profiles` shows those that exist."
    if name in {"CredentialRetrievalError", "MetadataRetrievalError"}:
        # The text repeats what a process or a server said when it should have handed out keys.
        provider = getattr(error, "kwargs", {}).get("provider", "")
        if provider == "custom-process":
            return f"The credential_process{_of(profile)} failed. Run its command by hand to see why."
        return f"Fetching the credentials{_of(profile)} failed ({name}{f' of {provider}' if provider else ''})."
    return f"Fetching the credentials{_of(profile)} failed: {error} ({name})."


def _of(profile: str | None) -> str:
    return "" if profile is None else f" of the profile {profile!r}"


def _check_owner(path: Path, facts: os.stat_result) -> None:
    if not stat.S_ISREG(facts.st_mode):
        raise ConfigurationError(
            f"{path} is not a file. Remove it, and start the marketplace again: aioturk marketplace serve."
        )
    if os.name != "posix":
        return
    if facts.st_uid != os.geteuid():
        raise CredentialsError(
            f"{path} belongs to another user, so its address and keys cannot be trusted. "
            "Remove it, or set AIOTURK_LOCAL_FILE."
        )
    if facts.st_mode & 0o077:
        raise CredentialsError(
            f"{path} is open to other users, and it holds a secret. Run `chmod 600` on it; if others may have read it, "
            "serve the marketplace with a new --secret-key."
        )


def _unreadable(path: Path) -> ConfigurationError:
    return ConfigurationError(
        f"{path} cannot be read as the local marketplace's file. "
        "Start the marketplace again: aioturk marketplace serve."
    )
