"""Signatures of messages that are posted: what is made, what is believed, and what is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import pickle
import traceback
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from multidict import CIMultiDict

from aioturk._core.webhooks import Secret, Verified, check, new_secret, sign
from aioturk.errors import ConfigurationError, WebhookRefused

NOW = datetime(2026, 5, 4, 12, 30, 15, tzinfo=UTC)
SECRET = Secret(b"k" * 32)
OTHER = Secret(b"o" * 32)
BODY = b'{"Events": []}'

secrets = st.binary(min_size=24, max_size=64).map(Secret)
ids = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="."), min_size=1, max_size=256)
moments = st.datetimes(datetime(1970, 1, 1), datetime(5000, 1, 1), timezones=st.just(UTC))


def headers(**changes: str) -> dict[str, str]:
    """The headers of a good message, with some of them changed: `id`, `timestamp`, `signature`."""
    return {**dict(sign(SECRET, "m1", NOW, BODY)), **{f"webhook-{name}": value for name, value in changes.items()}}


def refusal(given: dict[str, str] | list[tuple[str, str]], body: bytes = BODY, now: datetime = NOW) -> str:
    """Why a message is refused."""
    with pytest.raises(WebhookRefused) as caught:
        check(SECRET, given, body, now)
    return str(caught.value)


# Secrets.


def test_a_new_secret_is_new_and_can_be_read() -> None:
    """Each is another one, of 32 bytes."""
    made = {new_secret() for _ in range(20)}

    assert len(made) == 20
    assert {len(Secret.parse(text).key) for text in made} == {32}


@given(secrets)
def test_a_secret_is_read_as_it_is_written(secret: Secret) -> None:
    """Space around it does not count: files end in a line end."""
    text = "whsec_" + base64.b64encode(secret.key).decode()

    assert Secret.parse(text) == Secret.parse(f" {text}\r\n") == secret


@pytest.mark.parametrize("size", [0, 16, 23, 65, 1000])
def test_a_secret_of_a_wrong_length_is_refused(size: int) -> None:
    """Short ones can be guessed, and longer ones are not what the other side takes."""
    with pytest.raises(ConfigurationError, match=f"has {size} bytes"):
        Secret.parse("whsec_" + base64.b64encode(b"k" * size).decode())


@pytest.mark.parametrize(
    "text", ["", "hunter2hunter2hunter2", "WHSEC_aGVsbG8=", "whsec_hunter2!!", "whsec_hünter2", "whsec_ aaaa"]
)
def test_what_is_no_secret_is_not_repeated(text: str) -> None:
    """A password that was written into the wrong place does not end in a log through us."""
    with pytest.raises(ConfigurationError) as caught:
        Secret.parse(text)

    assert "nter2" not in "".join(traceback.format_exception(caught.value))
    assert "new_secret" in str(caught.value)


def test_a_secret_does_not_show_itself() -> None:
    """Neither its bytes nor its text are in what is printed."""
    assert repr(SECRET) == str(SECRET) == f"{SECRET}" == "Secret()"
    assert pickle.loads(pickle.dumps(SECRET)) == SECRET


# What is made.


def test_the_published_example() -> None:
    """The example of Standard Webhooks has the signature that its libraries give it."""
    secret = Secret.parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    made = sign(
        secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", datetime.fromtimestamp(1614265330, UTC), b'{"test": 2432232314}'
    )

    assert made == [
        ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
        ("webhook-timestamp", "1614265330"),
        ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
    ]


@given(secrets, ids, moments, st.binary())
def test_a_signature_is_a_plain_hmac(secret: Secret, message_id: str, moment: datetime, body: bytes) -> None:
    """Any language's library can make and check it: HMAC-SHA256 over id, time and body."""
    made = dict(sign(secret, message_id, moment, body))
    seconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    digest = hmac.new(secret.key, f"{message_id}.{seconds}.".encode() + body, hashlib.sha256).digest()

    assert made == {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


@pytest.mark.parametrize("message_id", ["", "a.b", "a b", "ä", "a\nb", "m" * 257])
def test_an_id_that_cannot_be_written_is_refused(message_id: str) -> None:
    """A line end would be a header of its own; a full stop would leave open what was signed."""
    with pytest.raises(ConfigurationError, match="id is 1 to 256"):
        sign(SECRET, message_id, NOW, BODY)


@pytest.mark.parametrize("moment", [NOW.replace(tzinfo=None), datetime(1960, 1, 1, tzinfo=UTC)])
def test_a_time_that_cannot_be_written_is_refused(moment: datetime) -> None:
    """Times without a zone, and those before 1970."""
    with pytest.raises(ConfigurationError, match="time an aware one"):
        sign(SECRET, "m1", moment, BODY)


def test_nothing_is_signed_or_checked_without_a_secret() -> None:
    """An empty list is a mistake, not a secret that everybody knows."""
    with pytest.raises(ConfigurationError, match="no secret"):
        sign([], "m1", NOW, BODY)
    with pytest.raises(ConfigurationError, match="no secret"):
        check([], headers(), BODY, NOW)


# What is believed.


@given(secrets, ids, moments, st.binary())
@example(SECRET, "m1", datetime(4000, 1, 1, 0, 0, 0, 999_999, tzinfo=UTC), b"")
def test_what_was_signed_is_believed(secret: Secret, message_id: str, moment: datetime, body: bytes) -> None:
    """A message passes, with its id and its time in whole seconds."""
    found = check(secret, sign(secret, message_id, moment, body), body, moment)

    assert found == Verified(message_id, moment.replace(microsecond=0))


def test_headers_are_found_however_they_are_written() -> None:
    """In capitals, in a mapping of several values, among others."""
    upper = [(name.title(), value) for name, value in headers().items()]

    assert check(SECRET, [("Host", "x"), ("host", "y"), *upper], BODY, NOW).id == "m1"
    assert check(SECRET, CIMultiDict([*upper, ("A", "1"), ("A", "2")]), BODY, NOW).id == "m1"


def test_secrets_can_be_replaced() -> None:
    """Sender and receiver may know two each; one in common is enough."""
    third = Secret(b"t" * 24)
    both = sign([SECRET, OTHER], "m1", NOW, BODY)

    assert check([third, OTHER], both, BODY, NOW).id == "m1"
    assert check(SECRET, both, BODY, NOW).id == "m1"
    with pytest.raises(WebhookRefused, match="no signature fits"):
        check(third, both, BODY, NOW)


def test_signatures_of_other_kinds_may_stand_beside() -> None:
    """They are for receivers of another kind, or of another time."""
    good = headers()["webhook-signature"]

    for text in (f"v1a,abc= {good}", f"{good} v2,xyz", f"v1, {good}", f"v1,%%% {good}", f"v1,abc {good}"):
        assert check(SECRET, headers(signature=text), BODY, NOW).id == "m1"


@pytest.mark.parametrize("seconds", [-300, -299, 0, 299, 300])
def test_clocks_may_differ_a_little(seconds: int) -> None:
    """Five minutes either way, unless somebody says otherwise."""
    given = sign(SECRET, "m1", NOW + timedelta(seconds=seconds), BODY)

    assert check(SECRET, given, BODY, NOW.astimezone(timezone(timedelta(hours=7)))).time == NOW + timedelta(
        seconds=seconds
    )


# What is refused.


@given(st.binary(min_size=1), st.data())
def test_a_changed_body_is_refused(body: bytes, data: st.DataObject) -> None:
    """Whichever byte is another one, and whatever is taken away or added."""
    made = sign(SECRET, "m1", NOW, body)
    at = data.draw(st.integers(0, len(body) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != body[at]))

    for changed in (body[:at] + bytes([other]) + body[at + 1 :], body[:at], body + bytes([other]), b"." + body):
        with pytest.raises(WebhookRefused):
            check(SECRET, made, changed, NOW)


@given(ids, ids)
def test_a_changed_id_is_refused(message_id: str, other: str) -> None:
    """Nobody can send a message again as another one."""
    made = {**dict(sign(SECRET, message_id, NOW, BODY)), "webhook-id": other}
    if other == message_id:
        assert check(SECRET, made, BODY, NOW).id == message_id
    else:
        with pytest.raises(WebhookRefused):
            check(SECRET, made, BODY, NOW)


@given(st.integers(-300, 300).filter(bool))
def test_a_changed_time_is_refused(seconds: int) -> None:
    """Nobody can make an old message a new one, not by a second."""
    other = str(int(NOW.timestamp()) + seconds)

    assert "no signature fits" in refusal(headers(timestamp=other))


@given(secrets, st.data())
def test_another_secret_is_refused(secret: Secret, data: st.DataObject) -> None:
    """Whichever byte of it is another one."""
    at = data.draw(st.integers(0, len(secret.key) - 1))
    flip = data.draw(st.integers(1, 255))
    other = Secret(secret.key[:at] + bytes([secret.key[at] ^ flip]) + secret.key[at + 1 :])

    with pytest.raises(WebhookRefused):
        check(other, sign(secret, "m1", NOW, BODY), BODY, NOW)


@given(st.text())
def test_no_text_is_a_signature(text: str) -> None:
    """Whatever the header says, it is refused as such."""
    refusal(headers(signature=text))
    refusal(headers(signature=f"v1,{text}"))


def test_parts_cannot_be_moved_into_each_other() -> None:
    """What stands before a full stop cannot be counted to the part behind it."""
    made = sign(SECRET, "m1", NOW, b"7.body")
    seconds = str(int(NOW.timestamp()))
    moved = {"webhook-id": f"m1.{seconds}", "webhook-timestamp": "7", "webhook-signature": made[2][1]}
    with pytest.raises(WebhookRefused, match="full stop"):
        check(SECRET, moved, b"body", datetime.fromtimestamp(7, UTC))


@pytest.mark.parametrize("seconds", [-301, 301, -(10**9)])
def test_a_message_of_another_time_is_refused(seconds: int) -> None:
    """Too old and too new, whoever signed it."""
    given = sign(SECRET, "m1", NOW + timedelta(seconds=seconds), BODY)
    with pytest.raises(WebhookRefused, match="0:05:00"):
        check(SECRET, given, BODY, NOW)


def test_the_tolerance_is_the_receivers() -> None:
    """An hour, or none at all."""
    given = sign(SECRET, "m1", NOW - timedelta(minutes=50), BODY)

    assert check(SECRET, given, BODY, NOW, timedelta(hours=1)).id == "m1"
    assert check(SECRET, given, BODY, NOW - timedelta(minutes=50), timedelta(0)).id == "m1"
    with pytest.raises(WebhookRefused):
        check(SECRET, given, BODY, NOW - timedelta(minutes=51), timedelta(0))


def test_our_own_time_has_a_zone() -> None:
    """A naive time is a mistake of the receiver's, not of the message."""
    with pytest.raises(ConfigurationError, match="time zone"):
        check(SECRET, headers(), BODY, NOW.replace(tzinfo=None))


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_each_header_is_there_once(name: str) -> None:
    """None and two are refused, two equal ones too."""
    given = headers()
    twice = [*given.items(), (name.upper(), given[name])]

    assert f"there are 2 {name} headers" in refusal(twice)
    assert f"there is no {name} header" in refusal({key: value for key, value in given.items() if key != name})


@pytest.mark.parametrize(
    "seconds",
    ["", "-1", "+1777897815", "1777897815.0", "1.7e9", " 1777897815", "01777897815", "1_777_897_815", "٣", "²",
     "9" * 12, "9" * 5000, "nan", "0x6a", "1777897815\n", "2026-05-04T12:30:15Z"],
)  # fmt: skip
def test_a_time_is_written_in_one_way_only(seconds: str) -> None:
    """Digits, without anything that a number may have elsewhere, and not for ever."""
    assert "whole number of seconds" in refusal(headers(timestamp=seconds))


@pytest.mark.parametrize("message_id", ["", "ä", "a b", "a.b", "a\x00", "m" * 257, "m\n"])
def test_an_id_is_plain(message_id: str) -> None:
    """It goes into logs and databases."""
    assert "webhook-id is not" in refusal(headers(id=message_id))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no signature of version v1"),
        ("v1", "no signature of version v1"),
        ("v1a,AAAA v2,BBBB", "no signature of version v1"),
        ("v1,é", "not ASCII"),
        (" ".join(["v1,AAAA"] * 33), "more than 32"),
    ],
)
def test_a_header_without_a_usable_signature(text: str, says: str) -> None:
    """Nothing there, nothing known, nothing readable, far too much."""
    assert says in refusal(headers(signature=text))


def test_a_signature_of_another_version_does_not_count() -> None:
    """What is right as v1 is not taken as anything else."""
    good = headers()["webhook-signature"].removeprefix("v1,")
    for text in (f"v2,{good}", good, f"V1,{good}", f"v1:{good}"):
        refusal(headers(signature=text))


def test_a_refusal_tells_no_secret() -> None:
    """Neither the secret nor the signature that would have fitted is in the text."""
    good = headers()["webhook-signature"].removeprefix("v1,")
    text = refusal(headers(signature="v1,AAAA"))

    assert good not in text
    assert "kkkk" not in text
    assert base64.b64encode(SECRET.key).decode() not in text
