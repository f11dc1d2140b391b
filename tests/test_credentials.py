"""Where keys come from, how they stay fresh for all who wait, and that no secret is ever shown."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import stat
import subprocess
import sys
import threading
import traceback
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from aioturk._core.endpoints import LocalMarketplace
from aioturk.credentials import (
    BotocoreChain,
    Credentials,
    Keyring,
    from_environment,
    keyring,
    read_local_marketplace,
)
from aioturk.errors import ConfigurationError, CredentialsError

SECRET = "wJalrXUtnFEMIsecret"
TOKEN = "FwoGZXIvYXdzEtoken"
START = datetime(2026, 1, 1, tzinfo=UTC)


class TurnedClock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = START.timestamp()

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


class Desk:
    """A provider that numbers what it hands out, waits at a gate and fails when told to."""

    def __init__(self, clock: TurnedClock, *, lifetime: float | None = 3600) -> None:
        self.clock = clock
        self.lifetime = lifetime
        self.calls = 0
        self.running = 0
        self.gate: asyncio.Event | None = None
        self.failure: BaseException | None = None

    async def __call__(self) -> Credentials:
        self.calls += 1
        self.running += 1
        assert self.running == 1
        number = self.calls
        try:
            if self.gate is not None:
                await self.gate.wait()
        finally:
            self.running -= 1
        if self.failure is not None:
            raise self.failure
        expires = None if self.lifetime is None else datetime.fromtimestamp(self.clock.now + self.lifetime, UTC)
        return Credentials(f"KEY{number}", SECRET, TOKEN, expires_at=expires)


@pytest.fixture
def clock() -> TurnedClock:
    """A clock at the start of 2026."""
    return TurnedClock()


@pytest.fixture
def desk(clock: TurnedClock) -> Desk:
    """A provider of keys that live for an hour."""
    return Desk(clock)


@pytest.fixture
def ring(clock: TurnedClock, desk: Desk) -> Keyring:
    """A keyring on that provider."""
    return Keyring(desk, clock=clock)


async def settle() -> None:
    """Let every task that can run do so."""
    for _ in range(10):
        await asyncio.sleep(0)


def shown(error: BaseException) -> str:
    """Return all that a traceback with local variables would print, those of this file's own functions apart."""
    text = []
    seen: set[int] = set()
    pending: list[BaseException | None] = [error]
    while pending:
        one = pending.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        pending += [one.__cause__, one.__context__]
        frames = traceback.StackSummary.extract(traceback.walk_tb(one.__traceback__), capture_locals=True)
        text += [f"{frame.line} {frame.locals}" for frame in frames if frame.filename != __file__]
        text.append(f"{one} {one!r} {vars(one)}")
    return "\n".join(text)


# Keyring: one refresh for all who wait.


async def test_explicit_credentials_are_handed_out_as_they_are() -> None:
    """Credentials given outright are the answer, and there is nothing newer when the service rejects them."""
    given = Credentials("KEY", SECRET)
    ring = keyring(given)
    assert await ring.get() is given
    assert await ring.refresh(given) is given


async def test_all_who_wait_share_one_call(ring: Keyring, desk: Desk) -> None:
    """A hundred callers at once cause one call of the provider, and later ones none."""
    desk.gate = asyncio.Event()
    callers = [asyncio.create_task(ring.get()) for _ in range(100)]
    await settle()
    desk.gate.set()
    results = await asyncio.gather(*callers)
    assert {"KEY1"} == {result.access_key for result in results}
    await ring.get()
    assert desk.calls == 1


async def test_keys_at_hand_are_returned_without_suspending(ring: Keyring) -> None:
    """Fresh keys cost no trip through the event loop."""
    expected = await ring.get()
    with pytest.raises(StopIteration) as stopped:
        ring.get().send(None)
    assert stopped.value.value is expected


async def test_the_first_caller_may_be_cancelled(ring: Keyring, desk: Desk) -> None:
    """Cancelling the caller that started the refresh, or any other, does not disturb those who still wait."""
    desk.gate = asyncio.Event()
    first, second, third = (asyncio.create_task(ring.get()) for _ in range(3))
    await settle()
    first.cancel()
    third.cancel()
    await settle()
    assert first.cancelled()
    assert third.cancelled()
    desk.gate.set()
    assert (await second).access_key == "KEY1"
    assert desk.calls == 1


async def test_a_refresh_outlives_everybody_who_asked(ring: Keyring, desk: Desk) -> None:
    """When all callers were cancelled the refresh still ends, and serves the next one."""
    desk.gate = asyncio.Event()
    caller = asyncio.create_task(ring.get())
    await settle()
    caller.cancel()
    await settle()
    desk.gate.set()
    assert (await ring.get()).access_key == "KEY1"
    assert desk.calls == 1


async def test_a_failure_reaches_everyone_as_an_error_of_their_own(ring: Keyring, desk: Desk) -> None:
    """Each waiting caller gets its own CredentialsError from the one cause, for each adds the facts of its call."""
    desk.gate = asyncio.Event()
    desk.failure = OSError("no route")
    callers = [asyncio.create_task(ring.get()) for _ in range(3)]
    await settle()
    desk.gate.set()
    errors = await asyncio.gather(*callers, return_exceptions=True)
    assert all(type(error) is CredentialsError for error in errors)
    assert len({id(error) for error in errors}) == 3
    assert {id(desk.failure)} == {id(error.__cause__) for error in errors if isinstance(error, BaseException)}
    assert desk.calls == 1


async def test_a_failure_is_not_for_ever(ring: Keyring, desk: Desk) -> None:
    """After a failed first fetch the next caller tries again."""
    desk.failure = OSError()
    with pytest.raises(CredentialsError, match="OSError"):
        await ring.get()
    desk.failure = None
    assert (await ring.get()).access_key == "KEY2"


async def test_a_provider_that_gives_up_cancels_nobody(ring: Keyring, desk: Desk) -> None:
    """A CancelledError from inside the provider is a failed refresh for those who were not cancelled themselves."""
    desk.failure = asyncio.CancelledError()
    with pytest.raises(CredentialsError, match="stopped"):
        await ring.get()


async def test_close_ends_a_refresh_under_way(ring: Keyring, desk: Desk) -> None:
    """Closing leaves no task behind; the keyring still works afterwards."""
    desk.gate = asyncio.Event()
    caller = asyncio.create_task(ring.get())
    await settle()
    await ring.close()
    assert desk.running == 0
    with pytest.raises(CredentialsError, match="stopped"):
        await caller
    desk.gate.set()
    assert (await ring.get()).access_key == "KEY2"
    await ring.close()


# Keyring: ahead of time, and when it fails.


async def test_keys_are_renewed_in_the_background(ring: Keyring, desk: Desk, clock: TurnedClock) -> None:
    """From ten minutes before expiry the present keys are handed out at once, while one refresh runs."""
    await ring.get()
    clock.now += 3600 - 601
    assert (await ring.get()).access_key == "KEY1"
    await settle()
    assert desk.calls == 1
    clock.now += 2
    desk.gate = asyncio.Event()
    for _ in range(5):
        assert (await ring.get()).access_key == "KEY1"
        await settle()
    assert desk.calls == 2
    desk.gate.set()
    await settle()
    assert (await ring.get()).access_key == "KEY2"
    assert desk.calls == 2


async def test_callers_wait_shortly_before_expiry(ring: Keyring, desk: Desk, clock: TurnedClock) -> None:
    """In the last minute callers wait for the new keys."""
    await ring.get()
    clock.now += 3600 - 59
    assert (await ring.get()).access_key == "KEY2"


@pytest.mark.parametrize("left", [500, 30])
async def test_a_failed_refresh_falls_back_to_valid_keys(
    ring: Keyring, desk: Desk, clock: TurnedClock, caplog: pytest.LogCaptureFixture, left: float
) -> None:
    """While the present keys are valid a failure is logged and otherwise harmless, and not repeated for 30 seconds."""
    await ring.get()
    clock.now += 3600 - left
    desk.failure = OSError(SECRET)
    with caplog.at_level(logging.WARNING, "aioturk"):
        for _ in range(3):
            assert (await ring.get()).access_key == "KEY1"
            await settle()
    assert desk.calls == 2
    assert [record.name for record in caplog.records] == ["aioturk.credentials"]
    assert "OSError" in caplog.text
    assert SECRET not in caplog.text
    desk.failure = None
    clock.now += 29.5
    await ring.get()
    await settle()
    assert desk.calls == 2
    clock.now += 0.5
    await ring.get()
    await settle()
    assert (await ring.get()).access_key == "KEY3"


async def test_a_failed_refresh_of_expired_keys_raises(ring: Keyring, desk: Desk, clock: TurnedClock) -> None:
    """Once the present keys have run out there is nothing to fall back to."""
    await ring.get()
    clock.now += 3600
    desk.failure = OSError()
    for _ in range(2):
        with pytest.raises(CredentialsError):
            await ring.get()
    desk.failure = None
    assert (await ring.get()).access_key == "KEY4"


async def test_keys_that_expire_while_waiting_are_not_handed_out(ring: Keyring, desk: Desk, clock: TurnedClock) -> None:
    """The fallback looks at the clock after the wait, not before it."""
    await ring.get()
    clock.now += 3600 - 30
    desk.gate, desk.failure = asyncio.Event(), OSError()
    caller = asyncio.create_task(ring.get())
    await settle()
    clock.now += 31
    desk.gate.set()
    with pytest.raises(CredentialsError):
        await caller


async def test_short_lived_keys_are_not_renewed_all_the_time(clock: TurnedClock) -> None:
    """Keys that live for two minutes are used for the first of them."""
    desk = Desk(clock, lifetime=120)
    ring = Keyring(desk, clock=clock)
    for _ in range(59):
        await ring.get()
        await settle()
        clock.now += 1
    assert desk.calls == 1
    clock.now += 2
    await ring.get()
    await settle()
    assert (await ring.get()).access_key == "KEY2"


async def test_keys_that_do_not_expire_are_fetched_once(clock: TurnedClock) -> None:
    """Without expires_at the provider is not asked again unless the service rejects the keys."""
    desk = Desk(clock, lifetime=None)
    ring = Keyring(desk, clock=clock)
    await ring.get()
    clock.now += 10**9
    assert (await ring.get()).access_key == "KEY1"


async def test_a_provider_that_returns_expired_keys_has_failed(clock: TurnedClock) -> None:
    """Keys that are out of date when they arrive are refused, with the moment and a remedy."""
    ring = Keyring(Desk(clock, lifetime=0), clock=clock)
    with pytest.raises(CredentialsError, match=r"expired at 2026-01-01T00:00:00\+00:00.*clock"):
        await ring.get()


# Keyring: rejected by the service.


async def test_rejected_keys_are_refreshed_once_for_all(ring: Keyring, desk: Desk) -> None:
    """Many calls rejected with the same keys cause one refresh, and latecomers get what it brought."""
    rejected = await ring.get()
    desk.gate = asyncio.Event()
    callers = [asyncio.create_task(ring.refresh(rejected)) for _ in range(20)]
    await settle()
    desk.gate.set()
    assert {"KEY2"} == {result.access_key for result in await asyncio.gather(*callers)}
    assert (await ring.refresh(rejected)).access_key == "KEY2"
    assert (await ring.get()).access_key == "KEY2"
    assert desk.calls == 2


async def test_a_source_without_anything_newer_returns_the_same(clock: TurnedClock) -> None:
    """When the provider has nothing else the rejected keys come back, and compare equal."""
    given = Credentials("KEY", SECRET)

    async def provider() -> Credentials:
        return Credentials("KEY", SECRET, expires_at=datetime.now(UTC) + timedelta(days=1))

    assert await Keyring(provider, clock=clock).refresh(given) == given


async def test_a_failed_refresh_of_rejected_keys_raises(ring: Keyring, desk: Desk) -> None:
    """Keys that the service rejected are not fallen back to."""
    rejected = await ring.get()
    desk.failure = OSError()
    with pytest.raises(CredentialsError):
        await ring.refresh(rejected)


# Keyring: event loops.


def test_a_second_event_loop(clock: TurnedClock, desk: Desk) -> None:
    """A keyring, with keys or with a refresh cut short by the end of its loop, serves the next loop."""
    ring = Keyring(desk, clock=clock)

    async def give_up() -> None:
        desk.gate = asyncio.Event()
        caller = asyncio.create_task(ring.get())
        await settle()
        caller.cancel()

    asyncio.run(give_up())
    desk.gate = None
    assert asyncio.run(ring.get()).access_key == "KEY2"
    clock.now += 3600
    assert asyncio.run(ring.get()).access_key == "KEY3"


def test_a_loop_that_stopped_in_the_middle(clock: TurnedClock, desk: Desk) -> None:
    """A refresh frozen in a loop that no longer runs does not hold up another loop."""
    first = asyncio.new_event_loop()
    ring = Keyring(desk, clock=clock)
    desk.gate = gate = asyncio.Event()
    caller = first.create_task(ring.get())
    first.run_until_complete(settle())
    desk.gate, desk.running = None, 0
    assert asyncio.run(ring.get()).access_key == "KEY2"
    gate.set()
    desk.running = 1
    assert first.run_until_complete(caller).access_key == "KEY1"
    first.close()


# Providers that misbehave.


@pytest.mark.parametrize(
    "found",
    [
        None,
        ("KEY", SECRET),
        Credentials("", SECRET),
        Credentials("KEY", ""),
        Credentials("KEY", SECRET + "\n"),
        Credentials("KE Y", SECRET),
        Credentials("KEY", SECRET, ""),
        Credentials("KEY", SECRET, "tokén"),
        Credentials("KEY", None),  # type: ignore[arg-type]
        Credentials("KEY", SECRET, expires_at=START.replace(tzinfo=None)),
        Credentials("KEY", SECRET, expires_at=7),  # type: ignore[arg-type]
    ],
)
async def test_what_cannot_be_signed_with_is_refused(found: Any) -> None:
    """Keys that are missing, empty, broken by white space or of the wrong type are refused by name of their source."""

    async def branch_office() -> Credentials:
        return found  # type: ignore[no-any-return]

    with pytest.raises(CredentialsError, match="branch_office") as caught:
        await keyring(branch_office).get()
    assert SECRET not in shown(caught.value)
    if isinstance(found, Credentials):
        with pytest.raises(CredentialsError, match=r"^credentials:") as caught:
            keyring(found)
        assert SECRET not in shown(caught.value)


async def test_a_provider_has_to_be_async() -> None:
    """A plain function is refused with the remedy."""

    def provider() -> Any:
        return Credentials("KEY", SECRET)

    with pytest.raises(CredentialsError, match="async def"):
        await keyring(provider).get()


async def test_a_credentials_error_of_the_provider_keeps_its_words(ring: Keyring, desk: Desk) -> None:
    """A provider that knows what is wrong says so with CredentialsError, and its text and cause are kept."""
    cause = OSError()
    desk.failure = CredentialsError("The vault is sealed.")
    desk.failure.__cause__ = cause
    with pytest.raises(CredentialsError, match="The vault is sealed") as caught:
        await ring.get()
    assert caught.value.__cause__ is cause
    assert caught.value is not desk.failure


@pytest.mark.parametrize(
    "arguments",
    [
        {"credentials": ("KEY", SECRET)},
        {"credentials": SECRET},
        {"credentials": Credentials("KEY", SECRET), "profile": "p"},
        {"profile": ""},
        {"profile": 7},
    ],
)
def test_contradictory_or_wrong_arguments(arguments: Any) -> None:
    """Both sources at once, or values of the wrong type, are refused when the keyring is made."""
    with pytest.raises(ConfigurationError, match=r"credentials|profile") as caught:
        keyring(**arguments)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


# The environment.

ENVIRON = {"AWS_ACCESS_KEY_ID": "KEY", "AWS_SECRET_ACCESS_KEY": SECRET}


async def test_keys_from_the_environment() -> None:
    """The three variables make credentials, and the older name of the token is read too."""
    assert await keyring(environ=ENVIRON).get() == Credentials("KEY", SECRET)
    assert from_environment({**ENVIRON, "AWS_SESSION_TOKEN": TOKEN}) == Credentials("KEY", SECRET, TOKEN)
    assert from_environment({**ENVIRON, "AWS_SECURITY_TOKEN": TOKEN}) == Credentials("KEY", SECRET, TOKEN)
    assert from_environment({**ENVIRON, "AWS_SESSION_TOKEN": ""}) == Credentials("KEY", SECRET)


def test_an_empty_environment_has_no_keys() -> None:
    """Variables that are absent or empty are no keys."""
    assert from_environment({}) is None
    assert from_environment({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}) is None


@pytest.mark.parametrize("missing", list(ENVIRON))
async def test_half_a_key_is_refused(missing: str) -> None:
    """One half without the other is refused, naming both variables."""
    environ = {**ENVIRON, missing: ""}
    with pytest.raises(CredentialsError, match=f"without {missing}") as caught:
        await keyring(environ=environ).get()
    assert SECRET not in shown(caught.value)


async def test_keys_in_the_environment_may_expire(clock: TurnedClock) -> None:
    """AWS_CREDENTIAL_EXPIRATION is honoured, and the variables are read again when the time has come."""
    environ = {**ENVIRON, "AWS_CREDENTIAL_EXPIRATION": "2026-01-01T01:00:00Z"}
    ring = keyring(environ=environ, clock=clock)
    assert (await ring.get()).expires_at == START + timedelta(hours=1)
    environ |= {"AWS_ACCESS_KEY_ID": "NEXT", "AWS_CREDENTIAL_EXPIRATION": "2026-01-01T02:00:00"}
    clock.now += 3600
    found = await ring.get()
    assert (found.access_key, found.expires_at) == ("NEXT", START + timedelta(hours=2))
    with pytest.raises(CredentialsError, match="AWS_CREDENTIAL_EXPIRATION"):
        from_environment({**environ, "AWS_CREDENTIAL_EXPIRATION": "soon"})


# botocore's chain, for real.


@pytest.fixture
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A computer on which botocore finds nothing but what the test puts into this folder's `config`."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return tmp_path


def keys(name: str, key: str = "KEY") -> str:
    """A section of the shared credentials file."""
    return f"[{name}]\naws_access_key_id = {key}\naws_secret_access_key = {SECRET}\n"


def process(folder: Path, program: str) -> None:
    """A profile "tool" whose credential_process runs a program."""
    script = folder / "tool.py"
    script.write_text(program)
    (folder / "config").write_text(f"[profile tool]\ncredential_process = {sys.executable} {script}\n")


async def test_a_profile_by_name(aws: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """profile= takes the named profile, even when the environment has keys."""
    (aws / "credentials").write_text(keys("default", "DEFAULT") + keys("lab", "LAB"))
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    assert await keyring(profile="lab").get() == Credentials("LAB", SECRET)
    assert await keyring().get() == Credentials("KEY", SECRET)


async def test_the_default_profile_and_aws_profile(aws: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without keys in the environment botocore's own choice stands."""
    (aws / "credentials").write_text(keys("default", "DEFAULT") + keys("lab", "LAB"))
    assert (await keyring().get()).access_key == "DEFAULT"
    monkeypatch.setenv("AWS_PROFILE", "lab")
    assert (await keyring().get()).access_key == "LAB"


async def test_replaced_keys_are_seen(aws: Path) -> None:
    """A refresh reads the files again."""
    (aws / "credentials").write_text(keys("default", "OLD"))
    ring = keyring()
    rejected = await ring.get()
    (aws / "credentials").write_text(keys("default", "NEW"))
    assert (await ring.refresh(rejected)).access_key == "NEW"


async def test_an_unknown_profile(aws: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile that does not exist is named, with where its name came from."""
    with pytest.raises(CredentialsError, match=r"nobody.*profile="):
        await keyring(profile="nobody").get()
    monkeypatch.setenv("AWS_PROFILE", "noone")
    with pytest.raises(CredentialsError, match=r"noone.*AWS_PROFILE"):
        await keyring().get()


async def test_no_credentials_at_all(aws: Path) -> None:
    """When no source has any, the error names the choices."""
    with pytest.raises(CredentialsError, match=r"No credentials.*Credentials\(.*profile=.*AWS_ACCESS_KEY_ID"):
        await keyring().get()
    (aws / "config").write_text("[profile empty]\nregion = us-east-1\n")
    with pytest.raises(CredentialsError, match="'empty' has no credentials"):
        await keyring(profile="empty").get()


async def test_a_broken_file(aws: Path) -> None:
    """A configuration file that cannot be read is a CredentialsError, not an exception of botocore."""
    (aws / "config").write_text("no section\n")
    with pytest.raises(CredentialsError, match="Unable to parse config file"):
        await keyring().get()


async def test_a_credential_process(aws: Path) -> None:
    """A profile's credential_process is run, and the end of its keys is known."""
    answer = {
        "Version": 1,
        "AccessKeyId": "TOOL",
        "SecretAccessKey": SECRET,
        "SessionToken": TOKEN,
        "Expiration": "2999-01-01T00:00:00Z",
    }
    process(aws, f"print({json.dumps(json.dumps(answer))})")
    found = await keyring(profile="tool").get()
    assert found == Credentials("TOOL", SECRET, TOKEN)
    assert found.expires_at == datetime(2999, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "program",
    [
        f"import sys; print({SECRET!r}, file=sys.stderr); sys.exit(1)",
        f"print({SECRET!r})",
        f'print(\'{{"Version": "{SECRET}"}}\')',
        f'print(\'{{"Version": 1, "SecretAccessKey": "{SECRET}"}}\')',
        f'print(\'{{"Version": 1, "AccessKeyId": "", "SecretAccessKey": "{SECRET}"}}\')',
        "import json; print(json.dumps({'Version': 1, 'AccessKeyId': 'A', "
        f"'SecretAccessKey': '{SECRET}', 'Expiration': '{SECRET}'}}))",
    ],
)
async def test_what_a_process_says_is_never_quoted(aws: Path, program: str, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever a failing credential_process prints is in no text, no traceback with local variables, and no log."""
    process(aws, program)
    with caplog.at_level(logging.DEBUG, "aioturk"), pytest.raises(CredentialsError) as caught:
        await keyring(profile="tool").get()
    assert SECRET not in shown(caught.value)
    assert SECRET not in "".join(r.getMessage() for r in caplog.records if r.name.startswith("aioturk"))
    assert "tool" in str(caught.value)


Handler = Callable[[web.Request], Awaitable[web.Response]]


async def serve(handler: Handler) -> tuple[web.AppRunner, str]:
    """Serve on a free port of this computer."""
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


async def test_keys_of_a_container(aws: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Container credentials are fetched while the event loop goes on, once for all who wait."""
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.headers["Authorization"])
        return web.json_response(
            {
                "AccessKeyId": "BOX",
                "SecretAccessKey": SECRET,
                "Token": TOKEN,
                "Expiration": "2999-01-01T00:00:00Z",
            }
        )

    runner, url = await serve(handler)
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{url}/keys")
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "pass")
    ring = keyring()
    try:
        results = await asyncio.gather(*(ring.get() for _ in range(10)))
    finally:
        await runner.cleanup()
    assert set(results) == {Credentials("BOX", SECRET, TOKEN)}
    assert results[0].expires_at == datetime(2999, 1, 1, tzinfo=UTC)
    assert asked == ["pass"]


async def test_what_a_container_says_is_never_quoted(aws: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failing source of container credentials is named, and its answer is not repeated."""

    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=500, text=SECRET)

    runner, url = await serve(handler)
    monkeypatch.setattr("botocore.utils.ContainerMetadataFetcher.SLEEP_TIME", 0)
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{url}/keys")
    try:
        with pytest.raises(CredentialsError, match="CredentialRetrievalError of container-role") as caught:
            await keyring().get()
    finally:
        await runner.cleanup()
    assert SECRET not in shown(caught.value)


async def test_an_assumed_role(aws: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile with a role asks the token service, and gets keys that are known to run out."""
    calls = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal calls
        calls += 1
        if calls > 1:
            fault = "<Error><Code>AccessDenied</Code><Message>not you</Message></Error>"
            return web.Response(status=403, text=f"<ErrorResponse>{fault}</ErrorResponse>", content_type="text/xml")
        inner = (
            f"<AccessKeyId>ROLE</AccessKeyId><SecretAccessKey>{SECRET}</SecretAccessKey>"
            f"<SessionToken>{TOKEN}</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration>"
        )
        result = f"<AssumeRoleResult><Credentials>{inner}</Credentials></AssumeRoleResult>"
        return web.Response(text=f"<AssumeRoleResponse>{result}</AssumeRoleResponse>", content_type="text/xml")

    runner, url = await serve(handler)
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
    (aws / "credentials").write_text(keys("base"))
    (aws / "config").write_text(
        "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\nregion = us-east-1\n"
    )
    ring = keyring(profile="role")
    try:
        found = await ring.get()
        assert found == Credentials("ROLE", SECRET, TOKEN)
        assert found.expires_at == datetime(2999, 1, 1, tzinfo=UTC)
        with pytest.raises(CredentialsError, match=r"profile 'role' failed: .*AccessDenied.*not you") as caught:
            await ring.refresh(found)
    finally:
        await runner.cleanup()
    assert SECRET not in shown(caught.value)


async def test_the_chain_does_not_hold_up_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """The event loop goes on while botocore works in its thread."""
    done = threading.Event()

    def waits(profile: str | None) -> Credentials:
        assert done.wait(30)
        return Credentials("KEY", SECRET)

    monkeypatch.setattr("aioturk.credentials._ask_botocore", waits)
    caller = asyncio.create_task(keyring(profile="lab").get())
    await settle()
    assert not caller.done()
    done.set()
    assert (await caller).access_key == "KEY"


# Secrets, and what importing costs.


async def test_nothing_shows_a_secret(aws: Path) -> None:
    """`repr` and `str` of credentials, keyrings and providers leave secrets out."""
    given = Credentials("KEY", SECRET, TOKEN)
    things = [given, keyring(given), keyring(environ=ENVIRON), keyring(profile="lab"), BotocoreChain("lab")]
    text = " ".join(f"{thing!r} {thing}" for thing in things)
    assert SECRET not in text
    assert TOKEN not in text
    assert "BotocoreChain('lab')" in text


def test_importing_does_not_load_botocore() -> None:
    """The import of botocore waits until its chain is needed, and not for keys from the environment."""
    program = (
        "import sys, asyncio; from aioturk.credentials import keyring; "
        "asyncio.run(keyring(environ={'AWS_ACCESS_KEY_ID': 'a', 'AWS_SECRET_ACCESS_KEY': 'b'}).get()); "
        "sys.exit('botocore' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


# The file of the local marketplace.

MARKETPLACE = LocalMarketplace("http://127.0.0.1:7700", "KEY", SECRET, 4711)


@pytest.fixture
def local_file(tmp_path: Path) -> Path:
    """The file as a served marketplace leaves it."""
    path = tmp_path / "marketplace.json"
    path.touch(mode=0o600)
    path.write_bytes(MARKETPLACE.to_json())
    return path


def test_the_local_file_is_read(local_file: Path) -> None:
    """Address and keys come from the file."""
    assert read_local_marketplace(local_file) == MARKETPLACE


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o610])
def test_a_local_file_open_to_others_is_refused(local_file: Path, mode: int) -> None:
    """A file that others may read or write is refused, with the remedy and without the secret."""
    local_file.chmod(mode)
    with pytest.raises(CredentialsError, match="chmod 600") as caught:
        read_local_marketplace(local_file)
    assert SECRET not in shown(caught.value)


@pytest.mark.skipif(os.name != "posix", reason="owners are POSIX's")
def test_a_local_file_of_somebody_else_is_refused(local_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another user's file could send requests, and what they carry, to another user's server."""
    owner = local_file.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(CredentialsError, match="another user"):
        read_local_marketplace(local_file)


def test_a_local_file_that_may_not_be_read(local_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that only somebody else may read is refused with whom to ask."""

    def refuse(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(CredentialsError, match="Ask them for the URL and keys"):
        read_local_marketplace(local_file)


def test_a_missing_local_file(tmp_path: Path) -> None:
    """Asked for, it says how to serve; as the last thing to try, it names all the choices."""
    with pytest.raises(ConfigurationError, match=r"No marketplace is being served.*aioturk marketplace serve"):
        read_local_marketplace(tmp_path / "nothing.json")
    with pytest.raises(ConfigurationError, match="No environment was chosen"):
        read_local_marketplace(tmp_path / "nothing.json", chosen=False)


def test_a_broken_local_file(local_file: Path) -> None:
    """A file with other content is refused by name, without quoting it."""
    local_file.write_bytes(f'{{"secret_key": "{SECRET}"'.encode())
    with pytest.raises(ConfigurationError, match=r"marketplace\.json.*aioturk marketplace serve") as caught:
        read_local_marketplace(local_file)
    assert SECRET not in shown(caught.value)


@pytest.mark.skipif(os.name != "posix", reason="named pipes are POSIX's")
def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder or a named pipe in its place is refused, and does not block."""
    os.mkfifo(tmp_path / "pipe", mode=0o600)
    for path in (tmp_path, tmp_path / "pipe"):
        assert not stat.S_ISREG(path.stat().st_mode)
        with pytest.raises(ConfigurationError, match="is not a file"):
            read_local_marketplace(path)


def test_paths_that_cannot_be_opened(tmp_path: Path) -> None:
    """A name that the system refuses is a ConfigurationError too."""
    for name in ("a" * 5000, "a\0b"):
        with pytest.raises(ConfigurationError, match="aioturk marketplace serve"):
            read_local_marketplace(tmp_path / name)
