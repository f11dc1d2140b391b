"""What is from Amazon's topic service passes, and nothing else; nobody is called whom the message chose."""

from __future__ import annotations

import json
import socket
import ssl
import sys
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from aioturk.errors import (
    ConfigurationError,
    ConnectFailed,
    InvalidNotification,
    TransportError,
    UnreadableResponse,
    UntrustedNotification,
)
from aioturk.notifications import Certificates, parse, verify_sns
from aioturk.transport import AiohttpTransport
from tests.notifications.support import (
    CERTIFICATE,
    MOMENT,
    NOW,
    TOPIC,
    Clock,
    Fetcher,
    body,
    certificate,
    confirmation,
    document,
    envelope,
)

HOST = "sns.us-east-1.amazonaws.com"


async def verify(message: Any, *, fetcher: Fetcher | None = None, **arguments: Any) -> None:
    """Verify a message on the tests' clock, with a certificate at hand."""
    certificates = Certificates(transport=fetcher or Fetcher(), clock=Clock())
    await verify_sns(message, certificates=certificates, clock=Clock(), **{"topic": TOPIC, **arguments})


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("subject", ["17", None])
async def test_what_is_signed_passes(version: str, subject: str | None) -> None:
    """Both versions are good, with a subject and without, as text, bytes and object; questions too."""
    message = envelope(version=version, Subject=subject)
    for form in (message, json.dumps(message), json.dumps(message).encode()):
        await verify(form)
        assert parse(form)
    await verify(confirmation(SignatureVersion=version, version=version))
    await verify(confirmation(Type="UnsubscribeConfirmation"))


async def test_the_topic_may_be_left_to_amazon() -> None:
    """Without a topic all of Amazon's pass; with several, each of them."""
    await verify(envelope(), topic=None)
    await verify(envelope(), topic=["arn:aws:sns:us-east-1:123456789012:other", TOPIC])
    for nothing in ("", [], [""]):
        with pytest.raises(ConfigurationError, match="topic names no topic"):
            await verify(envelope(), topic=nothing)


SIGNED = ["Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp", "Signature"]


@given(name=st.sampled_from(SIGNED), at=st.integers(0, 10**6), letter=st.characters(codec="utf-8"))
async def test_any_change_is_refused(name: str, at: int, letter: str) -> None:
    """Whatever letter of whatever is signed is another one, it is refused."""
    message = envelope()
    text = message[name]
    place = at % len(text)
    changed = text[:place] + letter + text[place + 1 :]
    if changed == text:
        return
    with pytest.raises(InvalidNotification):
        await verify({**message, name: changed}, topic=None)


@given(name=st.sampled_from(SIGNED), at=st.integers(0, 10**6), bit=st.integers(0, 7))
async def test_any_flipped_bit_is_refused(name: str, at: int, bit: int) -> None:
    """Flipping a bit of the bytes of what is signed is refused, also in ways that JSON reads otherwise."""
    message = envelope()
    data = bytearray(json.dumps(message).encode())
    value = json.dumps(message[name]).encode()[1:-1]
    data[data.index(value) + at % len(value)] ^= 1 << bit
    with pytest.raises(InvalidNotification):
        await verify(bytes(data), topic=None)


@pytest.mark.parametrize(
    "members",
    [
        {"Signature": None},
        {"Signature": ""},
        {"Signature": "!!!!"},
        {"Signature": "ÄÖÜ="},
        {"Signature": ["QUJD"]},
        {"Signature": b64encode(b"x" * 256).decode()},
        {"Signature": "A" * 3000},
        {"SignatureVersion": "3"},
        {"SignatureVersion": None},
        {"SignatureVersion": 1},
        {"SigningCertURL": None},
        {"Type": "Advertisement"},
        {"MessageId": None},
        {"TopicArn": None},
        {"Timestamp": None},
        {"Message": None},
        {"Message": 7},
        {"Message": "half \ud83d of one"},
    ],
)
async def test_what_is_missing_or_wrong(members: dict[str, Any]) -> None:
    """An envelope that lacks what a signature needs is refused before anybody is called."""
    fetcher = Fetcher()
    signed = {**envelope(), **members}
    with pytest.raises(InvalidNotification):
        await verify({name: value for name, value in signed.items() if value is not None}, fetcher=fetcher)
    allowed = [CERTIFICATE] if members.get("Signature") == b64encode(b"x" * 256).decode() else []
    assert fetcher.asked == allowed


async def test_signatures_have_one_spelling() -> None:
    """Bits of the last letter that mean nothing have to be as one writes them."""
    message = envelope()
    assert message["Signature"].endswith("=")
    start = message["Signature"].rstrip("=")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = alphabet[alphabet.index(start[-1]) + 1]
    with pytest.raises(UntrustedNotification, match="as one writes it"):
        await verify({**message, "Signature": message["Signature"].replace(start, start[:-1] + other)})


async def test_cryptography_that_declines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the library does not check such signatures any more, nothing passes."""

    def decline(*_: object) -> None:
        raise UnsupportedAlgorithm("SHA-1 is not allowed here.")

    monkeypatch.setattr("cryptography.hazmat.primitives.hashes.SHA1", decline)
    with pytest.raises(UntrustedNotification, match="does not check"):
        await verify(envelope(version="1", Signature="QUJD"))


async def test_the_other_version_is_another_signature() -> None:
    """A signature of one version is not taken for one of the other."""
    for signed, said in (("1", "2"), ("2", "1")):
        with pytest.raises(UntrustedNotification, match="does not fit"):
            await verify({**envelope(version=signed), "SignatureVersion": said})


async def test_a_list_of_events_beside_the_message() -> None:
    """Who adds to a good envelope what nobody signed gets nowhere, neither here nor in reading."""
    message = {**envelope(), **document()}
    with pytest.raises(InvalidNotification, match="an envelope and a document at once"):
        await verify(message)


async def test_values_cannot_move_into_others() -> None:
    """Envelopes whose signed text is the same, but cut otherwise, are refused: only the message has several lines."""
    good = envelope()
    cut = {**good, "Message": "", "MessageId": good["Message"] + "\nMessageId\n" + good["MessageId"]}
    with pytest.raises(InvalidNotification, match="cannot be printed"):
        await verify(cut)
    swallowed = {
        **{name: value for name, value in good.items() if name != "Subject"},
        "MessageId": f"{good['MessageId']}\nSubject\n{good['Subject']}",
    }
    with pytest.raises(InvalidNotification, match="cannot be printed"):
        await verify(swallowed)


async def test_other_topics() -> None:
    """A good message of a topic that may not send here is refused without calling anybody."""
    fetcher = Fetcher()
    with pytest.raises(UntrustedNotification, match="another topic"):
        await verify(envelope(TopicArn="arn:aws:sns:us-east-1:999999999999:events"), fetcher=fetcher)
    with pytest.raises(InvalidNotification, match="cannot be one of Amazon's"):
        await verify(envelope(TopicArn="events"), topic="events", fetcher=fetcher)
    assert fetcher.asked == []


@pytest.mark.parametrize(("age", "good"), [(0, True), (3590, True), (-3590, True), (3610, False), (-3610, False)])
async def test_old_messages(age: float, good: bool) -> None:
    """A message that was good an hour ago is not any more, nor is one of the future."""
    moment = MOMENT - timedelta(seconds=age)
    message = envelope(Timestamp=f"{moment:%Y-%m-%dT%H:%M:%S}.000Z")
    if good:
        await verify(message)
    else:
        with pytest.raises(UntrustedNotification, match=r"more than 1:00:00 from .* the clock is wrong"):
            await verify(message)
    await verify(message, tolerance=timedelta(hours=2))


@pytest.mark.parametrize("text", ["yesterday", "2030-03-17T17:46:40", "2030-03-17T17:46:40+00:00", "1900000000"])
async def test_times_that_are_none(text: str) -> None:
    """Only a time in UTC, as the topic service writes it, is a time."""
    with pytest.raises(InvalidNotification, match="Timestamp is not a time"):
        await verify(envelope(Timestamp=text))


ELSEWHERE = [
    "",
    "http://sns.us-east-1.amazonaws.com/a.pem",
    "HTTPS://sns.us-east-1.amazonaws.com/a.pem",
    "https://sns.us-east-1.amazonaws.com/a.pem?x=y",
    "https://sns.us-east-1.amazonaws.com/a.pem#x",
    "https://sns.us-east-1.amazonaws.com/a.crt",
    "https://sns.us-east-1.amazonaws.com/a.pem/",
    "https://sns.us-east-1.amazonaws.com/a.pem\n",
    "https://sns.us-east-1.amazonaws.com/../a.pem",
    "https://sns.us-east-1.amazonaws.com/bucket/a.pem",
    "https://sns.us-east-1.amazonaws.com/%61.pem",
    "https://sns.us-east-1.amazonaws.com//a.pem",
    "https://sns.us-east-1.amazonaws.com:443/a.pem",
    "https://sns.us-east-1.amazonaws.com:8443/a.pem",
    "https://sns.us-east-1.amazonaws.com./a.pem",
    "https://sns.us-east-1.amazonaws.com.evil.example/a.pem",
    "https://sns.us-east-1.amazonaws.com@evil.example/a.pem",
    "https://evil@sns.us-east-1.amazonaws.com/a.pem",
    "https://evil.example/sns.us-east-1.amazonaws.com/a.pem",
    "https://evil.example#.sns.us-east-1.amazonaws.com/a.pem",
    "https://evil.example\\.sns.us-east-1.amazonaws.com/a.pem",
    "https://sns.us-east-1.amazonaws.com\\@evil.example/a.pem",
    "https://sns.us-east-1.evil.amazonaws.com/a.pem",
    "https://sns-evil.us-east-1.amazonaws.com/a.pem",
    "https://xsns.us-east-1.amazonaws.com/a.pem",
    "https://sns.amazonaws.com/a.pem",
    "https://sns..amazonaws.com/a.pem",
    "https://sns.us-east-1.amazonaws.org/a.pem",
    "https://sns.us-east-1.amazonaws.comxcn/a.pem",
    "https://s3.us-east-1.amazonaws.com/a.pem",
    "https://sns.s3-1.amazonaws.com/a.pem",
    "https://SNS.us-east-1.amazonaws.com/a.pem",
    "https://sns.us-\u0435ast-1.amazonaws.com/a.pem",
    "https://sns.us-east-1\u3002amazonaws.com/a.pem",
    "https://sns.us-east-\u0661.amazonaws.com/a.pem",
    "https://127.0.0.1/a.pem",
    "https://[::1]/a.pem",
    "https://2130706433/a.pem",
    "//sns.us-east-1.amazonaws.com/a.pem",
    " https://sns.us-east-1.amazonaws.com/a.pem",
    "file:///etc/ssl/a.pem",
    ["https://sns.us-east-1.amazonaws.com/a.pem"],
    7,
]


@pytest.mark.parametrize("url", ELSEWHERE)
async def test_certificates_from_elsewhere(url: Any) -> None:
    """An address that is not exactly one of Amazon's is refused, and nobody is called."""
    fetcher = Fetcher()
    with pytest.raises(UntrustedNotification, match="Nobody was called"):
        await verify(envelope(SigningCertURL=url), fetcher=fetcher)
    assert fetcher.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-a1.pem",
        "https://sns.us-gov-west-1.amazonaws.com/SimpleNotificationService-a1.pem",
        "https://sns.ap-southeast-4.amazonaws.com/SimpleNotificationService-a1.pem",
    ],
)
async def test_other_regions(url: str) -> None:
    """Every region has a host of its own."""
    fetcher = Fetcher()
    await verify(envelope(SigningCertURL=url), fetcher=fetcher)
    assert fetcher.asked == [url]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (certificate("somebody else"), "does not fit"),
        (certificate(ends=MOMENT - timedelta(seconds=1)), "does not hold today"),
        (certificate(begins=MOMENT + timedelta(seconds=1)), "does not hold today"),
        (certificate(key=ec.generate_private_key(ec.SECP256R1())), "not RSA"),
        (b"", "cannot be read"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "cannot be read"),
        (b"\xff" * 70_000, "more than 65536 bytes"),
    ],
    ids=["another key", "ended", "not begun", "another kind", "nothing", "nonsense", "too long"],
)
async def test_certificates_that_vouch_for_nothing(answer: bytes, said: str) -> None:
    """Whatever is there instead of a good certificate of the right key, the message is refused."""
    with pytest.raises(UntrustedNotification, match=said):
        await verify(envelope(), fetcher=Fetcher(answer))


@pytest.mark.parametrize(("status", "transient"), [(404, False), (302, False), (503, True), (429, True)])
async def test_certificates_that_are_not_there(status: int, transient: bool) -> None:
    """A certificate that cannot be fetched is a trouble of the network's, and no judgement."""
    with pytest.raises(UnreadableResponse, match="no signature can be checked") as caught:
        await verify(envelope(), fetcher=Fetcher(status=status))
    assert caught.value.transient is transient


async def test_certificates_are_kept_while_they_hold() -> None:
    """One fetch serves until the certificate ends; then another one is needed."""
    clock, fetcher = Clock(), Fetcher(certificate(ends=MOMENT + timedelta(minutes=30)))
    certificates = Certificates(transport=fetcher, clock=clock)
    for _ in range(3):
        await verify_sns(envelope(), certificates=certificates, clock=clock)
    assert fetcher.asked == [CERTIFICATE]
    clock.turn(31 * 60)
    fetcher.answer = certificate()
    await verify_sns(envelope(), certificates=certificates, clock=clock)
    assert fetcher.asked == [CERTIFICATE] * 2
    assert not fetcher.closed


async def test_few_certificates_are_kept() -> None:
    """Whoever names ever new addresses does not fill the memory, and drives out the oldest alone."""
    fetcher = Fetcher()
    certificates = Certificates(transport=fetcher, clock=Clock())
    urls = [f"https://{HOST}/{number}.pem" for number in range(33)]
    for url in [urls[0], *urls[1:32], urls[0], urls[32]]:
        await certificates.get(url)
    assert fetcher.asked == urls
    await certificates.get(urls[0])
    assert fetcher.asked == urls
    await certificates.get(urls[1])
    assert fetcher.asked == [*urls, urls[1]]


async def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who lacks cryptography is told what to install."""
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'aioturk\[notifications\]'"):
        await verify(envelope())


# Over real TLS, as by default.


@asynccontextmanager
async def amazon(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, *, name: str = HOST, answer: web.Response | None = None
) -> AsyncIterator[list[str]]:
    """Play Amazon's host on this computer; yield what it is asked for."""
    asked: list[str] = []

    async def give(request: web.Request) -> web.Response:
        asked.append(str(request.url))
        return answer or web.Response(body=certificate())

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    app = web.Application()
    app.router.add_get("/{name}", give)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    port = runner.addresses[0][1]
    real = socket.getaddrinfo

    def resolve(host: Any, service: Any, *rest: Any, **named: Any) -> Any:
        return real("127.0.0.1" if host == HOST else host, port if host == HOST else service, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    for variable in ("HTTPS_PROXY", "https_proxy", "AWS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(variable, raising=False)
    try:
        yield asked
    finally:
        await runner.cleanup()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """An authority that nobody trusts unless told to."""
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path) -> str:
    """The file with its certificate."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


async def test_the_real_fetch(authority: trustme.CA, trusted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By default the certificate is fetched over verified TLS, once, and the connection is closed."""
    closed: list[str] = []
    close = AiohttpTransport.close

    async def closing(transport: AiohttpTransport) -> None:
        closed.append("closed")
        await close(transport)

    monkeypatch.setattr(AiohttpTransport, "close", closing)
    async with amazon(authority, monkeypatch) as asked:
        monkeypatch.setenv("SSL_CERT_FILE", trusted)
        certificates = Certificates(clock=Clock())
        for _ in range(2):
            await verify_sns(envelope(), topic=TOPIC, certificates=certificates, clock=Clock())
        assert [url.partition(HOST)[2] for url in asked] == [CERTIFICATE.partition(HOST)[2]]
        assert closed == ["closed"]


async def test_an_authority_that_is_not_trusted(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who plays Amazon's host without a certificate of a known authority is not asked for anything."""
    async with amazon(authority, monkeypatch) as asked:
        with pytest.raises(ConnectFailed, match="could not be fetched"):
            await verify_sns(envelope(), certificates=Certificates(clock=Clock()), clock=Clock())
        assert asked == []


async def test_a_certificate_of_another_host(
    authority: trustme.CA, trusted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host with a good certificate for another name is not asked for anything."""
    async with amazon(authority, monkeypatch, name="evil.example") as asked:
        monkeypatch.setenv("SSL_CERT_FILE", trusted)
        with pytest.raises(ConnectFailed, match="could not be fetched"):
            await verify_sns(envelope(), certificates=Certificates(clock=Clock()), clock=Clock())
        assert asked == []


@pytest.mark.parametrize(
    "answer",
    [web.Response(status=302, headers={"Location": f"https://{HOST}/other.pem"}), web.Response(body=b"x" * 70_000)],
    ids=["redirect", "too long"],
)
async def test_strange_answers(
    authority: trustme.CA, trusted: str, answer: web.Response, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A redirect is not followed, and reading ends where no certificate is as long."""
    async with amazon(authority, monkeypatch, answer=answer) as asked:
        monkeypatch.setenv("SSL_CERT_FILE", trusted)
        with pytest.raises(TransportError, match="could not be fetched"):
            await verify_sns(envelope(), certificates=Certificates(clock=Clock()), clock=Clock())
        assert len(asked) == 1


def test_the_tests_clock() -> None:
    """The clock of these tests is the moment of their messages."""
    assert Clock().time() == NOW == MOMENT.timestamp()
    assert json.loads(envelope()["Message"])["EventDocId"] == json.loads(body())["EventDocId"]
