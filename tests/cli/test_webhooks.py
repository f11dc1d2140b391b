"""The webhooks of ``serve``: what they are signed with, and what is printed of them."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from aioturk._core.webhooks import Secret
from aioturk.cli.app import app
from aioturk.cli.marketplace import _delivery, _serve
from aioturk.cli.webhooks import Webhooks, webhooks
from aioturk.errors import ConfigurationError
from aioturk.marketplace import Marketplace, new_secret

URL = "https://example.org/events"


def made(urls: list[str] | None = None, environ: dict[str, str] | None = None, **options: Any) -> Webhooks:
    """Webhooks as the command line makes them, of what differs from its defaults."""
    usual: dict[str, Any] = {"secret_file": None, "format": "standard", "topic": None, "requester": "default"}
    return webhooks([URL] if urls is None else urls, environ=environ or {}, **{**usual, **options})


@pytest.fixture
def state(tmp_path: Path) -> dict[str, str]:
    """An environment whose marketplace keeps its address in a folder that is not there yet."""
    return {"AIOTURK_LOCAL_FILE": str(tmp_path / "state" / "marketplace.json")}


def test_without_a_secret_one_is_made_and_kept(state: dict[str, str]) -> None:
    """Beside the marketplace's address, for its owner's eyes; the next start has the same one."""
    first, second = made(environ=state), made(environ=state)
    file = Path(state["AIOTURK_LOCAL_FILE"]).with_name("webhook-secret")

    assert first == second
    assert first.secret_place == str(file)
    assert first.hooks[0].secrets() == [Secret.parse(file.read_text())]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_secret_in_the_environment(state: dict[str, str]) -> None:
    """It is used, several are while one is being replaced, and nothing is written."""
    old, new = new_secret(), new_secret()
    found = made(environ={**state, "AIOTURK_WEBHOOK_SECRET": f" {new} {old}\n"})

    assert found.hooks[0].secrets() == [Secret.parse(new), Secret.parse(old)]
    assert found.secret_place == "AIOTURK_WEBHOOK_SECRET"
    assert not Path(state["AIOTURK_LOCAL_FILE"]).parent.exists()


def test_a_secret_in_a_file_comes_first(tmp_path: Path, state: dict[str, str]) -> None:
    """What is written on the command line is what was meant; a file that is not there is made."""
    file = tmp_path / "secrets"
    environ = {**state, "AIOTURK_WEBHOOK_SECRET": new_secret()}
    found = made(environ=environ, secret_file=file)
    old = file.read_text()
    file.write_text(new_secret() + "\n" + old)

    assert found.hooks[0].secrets() == [Secret.parse(old)]
    assert made(environ=environ, secret_file=file).hooks[0].secrets()[1:] == [Secret.parse(old)]


def test_a_secret_that_somebody_makes_at_the_same_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that start at once do not overwrite each other's."""
    file, theirs = tmp_path / "secret", new_secret()
    file.write_text(theirs)
    monkeypatch.setattr(Path, "exists", lambda _path: False)

    assert made(secret_file=file).hooks[0].secrets() == [Secret.parse(theirs)]


@pytest.mark.parametrize(("content", "told"), [("", "is empty"), ("hunter2", "begins with 'whsec_'")])
def test_a_file_with_no_secret(tmp_path: Path, content: str, told: str) -> None:
    """It is not overwritten, nor repeated."""
    file = tmp_path / "secret"
    file.write_text(content)
    with pytest.raises(ConfigurationError, match=told) as caught:
        made(secret_file=file)

    assert file.read_text() == content
    assert "hunter2" not in str(caught.value)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    """A file of another kind, named by mistake, is refused, and nothing of it is shown."""
    file = tmp_path / "key.der"
    file.write_bytes(b"\xff\xfetop-secret")
    with pytest.raises(ConfigurationError, match="another file") as caught:
        made(secret_file=file)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_what_the_options_say(state: dict[str, str]) -> None:
    """Each URL is a webhook; format, topic and requester are the same for all."""
    topic = "arn:aws:sns:us-east-1:123456789012:events"
    first, second = made([URL, URL + "/2"], state, format="sns", topic=topic, requester="all").hooks

    assert (first.url, second.url) == (URL, URL + "/2")
    assert (first.format, first.topic, first.requester) == ("sns", topic, None)
    assert (second.format, second.topic, second.requester) == ("sns", topic, None)
    assert made(environ=state).hooks[0].requester == "default"


@pytest.mark.parametrize("options", [{"secret_file": Path("secret")}, {"topic": "arn:aws:sns:us-east-1:1:a"}])
def test_options_without_a_webhook(options: dict[str, Any]) -> None:
    """They are about nothing, so the webhook was forgotten."""
    with pytest.raises(ConfigurationError, match="give one"):
        made([], **options)


def test_no_webhooks() -> None:
    """Nothing is made or looked for."""
    assert made([]) == Webhooks([], "")
    assert _delivery(None, None, [], {}) is None


def test_a_delivery_of_webhooks_alone(state: dict[str, str]) -> None:
    """Neither queues nor topics are needed for it."""
    hooks = made(environ=state).hooks
    delivery = _delivery(None, None, hooks, {})

    assert delivery is not None
    assert (delivery.sqs, delivery.sns, list(delivery.webhooks)) == (None, None, hooks)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--webhook", "nowhere"], "no URL to post to"),
        (["--webhook", URL, "--webhook-format", "xml"], "choose 'standard' or 'sns'"),
        (["--webhook", URL, "--webhook-topic", "events"], "name of a topic"),
        (["--webhook", URL, "--webhook", URL], "is there twice"),
        (["--webhook-topic", "arn:aws:sns:us-east-1:123456789012:events"], "give one"),
    ],
)
def test_what_cannot_work_is_a_sentence(
    state: dict[str, str], monkeypatch: pytest.MonkeyPatch, options: list[str], told: str
) -> None:
    """Before anything is served."""
    monkeypatch.setenv("AIOTURK_LOCAL_FILE", state["AIOTURK_LOCAL_FILE"])
    done = CliRunner().invoke(app, ["marketplace", "serve", "--port", "0", *options])

    assert done.exit_code == 1
    assert done.stderr.startswith("aioturk: ")
    assert told in done.stderr


def test_there_is_no_option_for_the_secret_itself() -> None:
    """What is written on a command line, everybody on the computer can read."""
    serve: Any = typer.main.get_command(app)
    options = {option for one in serve.commands["marketplace"].commands["serve"].params for option in one.opts}

    assert {option for option in options if "secret" in option} == {"--secret-key", "--webhook-secret-file"}


async def test_where_events_go_is_printed(
    state: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the place of the secret, and without the secret, whose readers may be many."""
    monkeypatch.setenv("AIOTURK_LOCAL_FILE", state["AIOTURK_LOCAL_FILE"])
    posts = made(environ=state)
    file = Path(state["AIOTURK_LOCAL_FILE"])
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    serving = asyncio.ensure_future(_serve(Marketplace(), None, {}, posts))
    while not file.exists() and not serving.done():  # noqa: ASYNC110  # a file sets no event
        await asyncio.sleep(0)
    if not serving.done():
        os.kill(os.getpid(), signal.SIGTERM)
    await serving
    signal.signal(signal.SIGTERM, before[0])
    signal.signal(signal.SIGINT, before[1])

    printed = capsys.readouterr().out
    assert f"webhook     {URL}  signed with the secret in {posts.secret_place}\n" in printed
    assert Path(posts.secret_place).read_text().strip() not in printed
    assert "whsec_" not in printed
