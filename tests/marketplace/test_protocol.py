"""The wire: finer points than those of the conformance tests."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

import aiohttp
import botocore.auth
import botocore.session
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from aioturk import sigv4
from aioturk._core.messages import Headers
from aioturk._generated.service import ROUTES, Route
from aioturk.marketplace import Marketplace
from aioturk.marketplace.house import House
from aioturk.marketplace.service import MarketService
from aioturk.marketplace.store.records import Key

from .raw import document_of, exchange, message, signed_headers, status_of
from .support import ANNA, HIT, PRODUCTION, Requester, post


def test_every_operation_of_the_model_is_offered() -> None:
    """All 39 operations, by botocore's own list, have a route and an implementation."""
    model = set(botocore.session.get_session().get_service_model("mturk").operation_names)

    assert len(model) == 39
    assert set(ROUTES) == model
    assert {name for name, route in ROUTES.items() if _is_offered(route)} == model


def _is_offered(route: Route) -> bool:
    return getattr(MarketService, route.method.__name__) is not route.method


@pytest.mark.parametrize("target", ["MTurkRequesterServiceV20170117.NoSuch", " "])
async def test_strangers_learn_that_a_target_is_unknown(market: Marketplace, target: str) -> None:
    """A target that the API does not have is told before the signature is judged; an empty one is no target."""
    answer = await post(market, "", target=target, signed=False)

    assert answer.status == 400
    assert answer.json["__type"] == "UnknownOperationException"


async def test_what_is_not_offered_is_an_unknown_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    """An operation without an implementation answers UnknownOperationException."""
    monkeypatch.setattr(MarketService, "get_account_balance", ROUTES["GetAccountBalance"].method)
    async with Marketplace() as market:
        answer = await post(market, "GetAccountBalance")

    assert answer.status == 400
    assert answer.json["__type"] == "UnknownOperationException"


async def test_a_body_that_is_nested_too_deeply_is_refused(market: Marketplace) -> None:
    """It is no JSON that anybody means: 400 SerializationException, with a lower-case message."""
    answer = await post(market, "GetHIT", b"[" * 100_000)

    assert answer.status == 400
    assert answer.json["__type"] == "SerializationException"
    assert set(answer.json) == {"__type", "message"}


@pytest.mark.parametrize(
    "document",
    [
        [],
        "text",
        {"HITId": 7},
        {"HITId": ["x"]},
        {"HITId": {"a": 1}},
    ],
)
async def test_a_wrong_json_type_is_refused(market: Marketplace, document: object) -> None:
    """A member of the wrong JSON type is answered SerializationException, too."""
    answer = await post(market, "GetHIT", document)

    assert answer.json["__type"] == "SerializationException"


@pytest.mark.parametrize(
    "member", [{"MaxAssignments": 2**70}, {"LifetimeInSeconds": 2**62}, {"MaxAssignments": 1.5}, {"Reward": 0.25}]
)
async def test_numbers_that_cannot_be_kept_are_refused(market: Marketplace, member: dict[str, object]) -> None:
    """Numbers beyond what the API can carry are the caller's error, never ours."""
    answer = await post(market, "CreateHIT", {**HIT, **member})

    assert answer.status == 400
    assert answer.json["__type"] in {"SerializationException", "ParameterValidationError"}


async def test_any_region_of_the_scope_is_accepted(market: Marketplace) -> None:
    """A region that the service never had is fine, too."""
    assert (await post(market, "GetAccountBalance", region="eu-west-1")).status == 200


async def test_the_authorization_header_is_read_once(market: Marketplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read to find the key is what the signature is judged by."""
    read = sigv4.parse_authorization
    claims: list[sigv4.Authorization] = []

    def counted(headers: Headers) -> sigv4.Authorization:
        claims.append(read(headers))
        return claims[-1]

    monkeypatch.setattr(sigv4, "parse_authorization", counted)
    assert (await post(market, "GetAccountBalance")).status == 200
    assert len(claims) == 1


async def test_unsigned_requests_are_refused(market: Marketplace) -> None:
    """No signature at all has an answer of its own."""
    unsigned = await post(market, "GetAccountBalance", signed=False)

    assert (unsigned.status, unsigned.json["__type"]) == (400, "MissingAuthenticationTokenException")


async def test_no_answer_tells_the_secret(market: Marketplace) -> None:
    """Not even the one to a signature that does not fit."""
    wrong = await post(market, "GetAccountBalance", secret_key="x" * 40)

    assert market.secret_key not in wrong.body.decode()


async def test_forms_of_times(market: Marketplace, turk: Requester) -> None:
    """Times in answers are plain decimals; in requests ISO texts are accepted, too (unverified)."""
    hit = await turk.hit()
    times = {"HITId": hit["HITId"], "ExpireAt": "1970-01-01T00:00:00Z"}
    answer = await post(market, "UpdateExpirationForHIT", times)
    read = await post(market, "GetHIT", {"HITId": hit["HITId"]})

    assert answer.status == 200
    assert b'"CreationTime":1900000000.054' in read.body


@pytest.mark.parametrize("expire_at", [253_402_300_800, -62_135_596_801, 1e300, "10000-01-01T00:00:00Z"])
async def test_times_beyond_the_calendar_are_refused(market: Marketplace, turk: Requester, expire_at: object) -> None:
    """A time before the year 1 or after the year 9999 is the caller's error."""
    hit = await turk.hit()
    answer = await post(market, "UpdateExpirationForHIT", {"HITId": hit["HITId"], "ExpireAt": expire_at})

    assert (answer.status, answer.json["__type"]) == (400, "SerializationException")
    assert await turk.get(hit["HITId"]) == hit


async def test_production_and_sandbox_never_see_each_other(market: Marketplace) -> None:
    """What was made in production is unknown in the sandbox, and is in none of its lists."""
    made = await post(market, "CreateHIT", HIT, host=PRODUCTION)
    hit_id = made.json["HIT"]["HITId"]

    assert (await post(market, "GetHIT", {"HITId": hit_id}, host=PRODUCTION)).status == 200
    assert (await post(market, "GetHIT", {"HITId": hit_id})).json["TurkErrorCode"].endswith("HITDoesNotExist")
    assert (await post(market, "ListHITs")).json["NumResults"] == 0
    with pytest.raises(Exception, match="There is no HIT"):
        await market.worker(ANNA).accept(hit_id)
    assert await market.worker(ANNA, environment="production").accept(hit_id)


async def test_the_host_must_be_the_one_that_was_signed(market: Marketplace) -> None:
    """A request that was signed for the sandbox cannot be moved to production by changing the Host header."""
    headers = {"Content-Type": "application/x-amz-json-1.1"}
    headers["X-Amz-Target"] = "MTurkRequesterServiceV20170117.GetAccountBalance"
    request = AWSRequest("POST", market.url + "/", headers, b"{}")
    SigV4Auth(Credentials(market.access_key, market.secret_key), "mturk-requester", "us-east-1").add_auth(request)
    sent = {**dict(request.headers.items()), "Host": PRODUCTION}
    async with aiohttp.ClientSession() as session, session.post(market.url, data=b"{}", headers=sent) as answer:
        assert json.loads(await answer.read())["__type"] == "InvalidSignatureException"


async def test_the_target_must_be_signed(market: Marketplace, turk: Requester) -> None:
    """Whoever holds a signed request cannot make another operation of it by naming another target."""
    hit_id = (await turk.hit())["HITId"]
    answer = await post(market, "UpdateExpirationForHIT", {"HITId": hit_id, "ExpireAt": 0}, target_signed=False)

    assert (answer.status, answer.json["__type"]) == (400, "InvalidSignatureException")
    assert (await turk.get(hit_id))["HITStatus"] == "Assignable"


@pytest.mark.parametrize(
    ("operation", "document", "constraint"),
    [
        ("GetHIT", {"HITId": None}, "Value null at 'hITId' failed to satisfy constraint: Member must not be null"),
        (
            "ListHITs",
            {"MaxResults": 101},
            "Value '101' at 'maxResults' failed to satisfy constraint: "
            "Member must have value less than or equal to 100",
        ),
        (
            "GetHIT",
            {"HITId": "abc"},
            "Value 'abc' at 'hITId' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: ^[A-Z0-9]+$",
        ),
        (
            "ListAssignmentsForHIT",
            {"HITId": "3A", "AssignmentStatuses": ["Submitted", "Lost"]},
            "Value 'Lost' at 'assignmentStatuses.2.member' failed to satisfy constraint: "
            "Member must satisfy enum value set: [Submitted, Approved, Rejected]",
        ),
        (
            "RejectAssignment",
            {"AssignmentId": "3A"},
            "Value null at 'requesterFeedback' failed to satisfy constraint: Member must not be null",
        ),
    ],
)
async def test_what_breaks_the_model_says_where(
    market: Marketplace, operation: str, document: object, constraint: str
) -> None:
    """A ValidationException names the member by its way, the value, and what it would have to be."""
    answer = await post(market, operation, document)

    assert answer.status == 400
    assert answer.json == {"__type": "ValidationException", "message": f"1 validation error detected: {constraint}"}


async def test_several_broken_constraints_are_told_together(market: Marketplace) -> None:
    """The text counts them, and joins them with semicolons."""
    answer = await post(market, "RejectAssignment", {})

    assert answer.json["message"].startswith("2 validation errors detected: Value null at 'assignmentId'")
    assert "; Value null at 'requesterFeedback'" in answer.json["message"]


async def test_answers_to_broken_bodies_are_short(market: Marketplace) -> None:
    """However much is wrong, and however long it is, the first twenty violations are told, each value cut."""
    many = await post(market, "CreateHITType", {**HIT, "QualificationRequirements": [{}] * 10_000})
    long = await post(market, "GetHIT", {"HITId": "a" * 1_000_000})
    text = many.json["message"]

    assert many.json["__type"] == long.json["__type"] == "ValidationException"
    assert text.startswith("20 validation errors detected: Value null at 'qualificationRequirements.1.member.")
    assert text.count("failed to satisfy") == 20
    assert len(long.body) < 2000
    assert f"Value '{'a' * 500}...' at 'hITId'" in long.json["message"]


@pytest.mark.parametrize(
    ("least", "unit"),
    [
        (b'{"QualificationRequirements":[{"IntegerValues":[%s]}]}', b"1"),
        (b'{"HITReviewPolicy":{"PolicyName":"p","Parameters":[%s]}}', b"{}"),
        (b'{"HITReviewPolicy":{"PolicyName":"p","Parameters":[%s]}}', b'{"MapEntries":[{}]}'),
        (b'{"Nonsense":[%s]}', b"[]"),
        (b"[%s]", b"[[]]"),
    ],
)
async def test_bodies_that_hold_too_many_values_are_refused(market: Marketplace, least: bytes, unit: bytes) -> None:
    """However the values are nested: judging a million of them would hold up everybody else."""
    answer = await post(market, "CreateHIT", least % b",".join([unit] * 50_001))

    assert answer.status == 413
    assert answer.headers["x-amzn-RequestId"]
    assert answer.json["__type"] == "RequestEntityTooLargeException"


async def test_the_answers_to_a_page_full_of_fields_are_not_too_many(market: Marketplace, turk: Requester) -> None:
    """A review policy with more known answers than a question has room for passes; the commas in texts do not count."""
    known = [{"Key": f"field{number}", "Values": ["a,b,[c],{d}"]} for number in range(12_000)]
    policy = {"PolicyName": "NoSuchPolicy/2011-09-01", "Parameters": [{"Key": "AnswerKey", "MapEntries": known}]}
    answer = await post(market, "CreateHIT", {**HIT, "AssignmentReviewPolicy": policy})

    assert answer.status in {200, 400}


async def test_the_largest_sensible_request_has_room(market: Marketplace) -> None:
    """Two documents of 65,535 bytes fit, however wastefully they are written as JSON."""
    document = "\\u003c" * 65_535
    members = f'"Name":"n","Description":"d","QualificationTypeStatus":"Active","Test":"{document}"'
    answer = await post(market, "CreateQualificationType", f'{{{members},"AnswerKey":"{document}"}}'.encode())

    assert answer.status == 400
    assert answer.json["__type"] not in {"RequestEntityTooLargeException", "SerializationException"}


@pytest.mark.parametrize(
    ("member", "value", "path"),
    [
        ("Title", "a\0b", "title"),
        ("RequesterAnnotation", "\0", "requesterAnnotation"),
        ("UniqueRequestToken", "token\0", "uniqueRequestToken"),
        (
            "QualificationRequirements",
            [{"QualificationTypeId": "3A", "Comparator": "In", "LocaleValues": [{"Country": "F\0"}]}],
            "qualificationRequirements.1.member.localeValues.1.member.country",
        ),
        (
            "HITReviewPolicy",
            {"PolicyName": "p", "Parameters": [{"Key": "k", "Values": ["a", "b\0"]}]},
            "hITReviewPolicy.parameters.1.member.values.2.member",
        ),
    ],
)
async def test_u0000_is_refused_wherever_it_is(market: Marketplace, member: str, value: object, path: str) -> None:
    """No store has to keep the one character that PostgreSQL cannot."""
    answer = await post(market, "CreateHIT", {**HIT, member: value})
    constraint = f"Value at '{path}' failed to satisfy constraint: Member must not hold the character U+0000"

    assert answer.status == 400
    assert answer.json == {"__type": "ValidationException", "message": f"1 validation error detected: {constraint}"}


async def test_what_only_looks_like_u0000_is_none(market: Marketplace) -> None:
    """A backslash followed by u0000 is a text like any other, and members that do not count may hold anything."""
    answer = await post(market, "CreateHIT", {**HIT, "Title": "\\u0000", "Nonsense": "\0"})

    assert answer.status == 200
    assert answer.json["HIT"]["Title"] == "\\u0000"


@pytest.mark.parametrize(
    "text", [rb"\ud800", rb"\udc00", rb"a\ud800b", rb"\ud800\u0041", rb"\udc00\ud800", b"\xed\xa0\x80", b"\xff"]
)
async def test_lone_surrogates_are_the_callers_error(market: Marketplace, text: bytes) -> None:
    """Half of a character is no text; a whole pair is."""
    answer = await post(market, "CreateHIT", json.dumps({**HIT, "Title": "?"}).encode().replace(b'"?"', b'"%s"' % text))
    whole = await post(market, "CreateHIT", {**HIT, "Title": "\U0001f600"})

    assert (answer.status, answer.json["__type"]) == (400, "SerializationException")
    assert whole.json["HIT"]["Title"] == "\U0001f600"


ODD_NUMBERS = "0 -1 1.5 1e400 -0.0 9223372036854775807 9223372036854775808 18446744073709551616 1e18 1e19"
ODD_TEXTS = r'"" "x" "\u0000" "\ud83d\ude00" "2020-01-01" "1e400" "NaN"'
ODD = f'{ODD_NUMBERS} {ODD_TEXTS} null true [] {{}} [[]] [null] [{{}}] [1] ["x"] {{"a":{{}}}} [true]'.split()


@pytest.mark.parametrize("operation", ["CreateHIT", "UpdateExpirationForHIT", "ListHITs", "ListBonusPayments"])
async def test_no_member_makes_the_service_fail(market: Marketplace, turk: Requester, operation: str) -> None:
    """Whatever a member holds, the answer is a good one or the caller's error."""
    hit = await turk.hit()
    good = {**HIT, "HITId": hit["HITId"], "ExpireAt": 0}
    members = {member.wire: good.get(member.wire) for member in ROUTES[operation].operation.request.members}
    fit = {name: value for name, value in members.items() if value is not None}
    for name in members:
        for odd in ODD:
            body = json.dumps({**fit, name: "?odd?"}).replace('"?odd?"', odd).encode()
            answer = await post(market, operation, body)
            assert answer.status in {200, 400}, (body, answer.body)


async def test_unknown_members_are_ignored(market: Marketplace) -> None:
    """A member that the model does not know changes nothing."""
    assert (await post(market, "CreateHIT", {**HIT, "Nonsense": [1, {"a": None}]})).status == 200


async def test_too_long_a_body_is_refused_before_it_is_read(market: Marketplace) -> None:
    """Bodies are bounded."""
    answer = await post(market, "CreateHIT", b" " * (market.rules.body_limit + 1))

    assert answer.status == 413
    assert answer.headers["x-amzn-RequestId"]
    assert answer.json["__type"] == "RequestEntityTooLargeException"


async def test_a_crash_is_a_fault_of_one_request(
    market: Marketplace, turk: Requester, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A crash answers 500 ServiceFault with a request id, leaves a traceback in the log, and the server goes on."""
    from aioturk.marketplace.service import hits

    with monkeypatch.context() as patch:
        patch.setattr(hits, "hit_shape", lambda _hit: 1 / 0)
        answer = await post(market, "CreateHIT", HIT)

    assert answer.status == 500
    assert answer.json["__type"] == "ServiceFault"
    assert "ZeroDivisionError" in caplog.text
    assert answer.headers["x-amzn-RequestId"] in caplog.text
    assert (await turk("ListHITs"))["NumResults"] == 0, "nothing of the crashed request may remain"
    await turk.hit()


async def test_a_crash_anywhere_is_a_fault(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A method of the service that raises harms nobody else, and its traceback holds no keys."""
    calls = 0

    def crash(*_arguments: object) -> None:
        nonlocal calls
        calls += 1
        raise KeyError("what nobody thought of")

    monkeypatch.setattr(MarketService, "get_account_balance", crash)
    async with Marketplace() as market:
        answers = await asyncio.gather(*(post(market, "GetAccountBalance") for _ in range(5)), post(market, "ListHITs"))

        assert [answer.status for answer in answers] == [500] * 5 + [200]
        assert {answer.json["__type"] for answer in answers[:5]} == {"ServiceFault"}
        assert calls == 5
        assert all(answer.headers["x-amzn-RequestId"] in caplog.text for answer in answers[:5])
        assert "what nobody thought of" in caplog.text
        assert "what nobody thought of" not in answers[0].body.decode()
        assert market.secret_key not in caplog.text


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes every key read-only."""
    key_of = House.key

    async def key(house: House, access_key: str, *, fresh: bool = False) -> Key | None:
        found = await key_of(house, access_key, fresh=fresh)
        return found and found._replace(read_only=1)

    monkeypatch.setattr(House, "key", key)


@pytest.mark.usefixtures("read_only")
async def test_read_only_keys_may_only_read(market: Marketplace) -> None:
    """A read-only key is refused everything that does not begin with Get or List, in the words of IAM."""
    for operation in ROUTES:
        answer = await post(market, operation)
        if operation.startswith(("Get", "List")):
            assert answer.json.get("__type") != "AccessDeniedException", operation
        else:
            assert answer.status == 400
            assert answer.json == {
                "__type": "AccessDeniedException",
                "message": f"User: {market.access_key} is not authorized to perform: mechanicalturk:{operation} "
                "because the access key is read-only",
            }


@pytest.mark.usefixtures("read_only")
async def test_a_stranger_learns_nothing_of_permissions(market: Marketplace) -> None:
    """Whether a key may do something is told to its holder only."""
    answer = await post(market, "CreateHIT", HIT, secret_key="x" * 40)

    assert answer.json["__type"] == "InvalidSignatureException"


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("X-Amz-Target", "MTurkRequesterServiceV20170117.DeleteHIT", "InvalidSignatureException"),
        ("Authorization", "AWS4-HMAC-SHA256 Credential=x", "IncompleteSignatureException"),
        ("X-Amz-Date", "20200101T000000Z", "IncompleteSignatureException"),
        ("Content-Encoding", "gzip", "SerializationException"),
        ("Content-Encoding", "nonsense", "SerializationException"),
    ],
)
async def test_headers_that_came_on_the_way_are_refused(market: Marketplace, name: str, value: str, kind: str) -> None:
    """Nobody changes a signed request by adding to it, nor is a body taken for another than the one that was signed."""
    body = gzip.compress(b"{}") if value == "gzip" else b"{}"
    headers = [*signed_headers(market, "GetAccountBalance", body), (name, value)]
    answer = await exchange(market, message(headers, body))

    assert (status_of(answer), document_of(answer)["__type"]) == (400, kind)
    assert b"x-amzn-requestid:" in answer.lower()


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data; boundary=x", "nonsense"])
async def test_the_content_type_does_not_matter(market: Marketplace, content_type: str) -> None:
    """The body is read as JSON, whatever it is called; it is answered as what it is."""
    headers = signed_headers(market, "GetAccountBalance", further={"Content-Type": content_type})
    answer = await exchange(market, message(headers, b"{}"))

    assert status_of(answer) == 200
    assert b"Content-Type: application/x-amz-json-1.1" in answer


async def test_two_hosts_are_no_host(market: Marketplace) -> None:
    """A second Host cannot move a request into the other environment."""
    headers = [*signed_headers(market, "GetAccountBalance"), ("Host", PRODUCTION)]
    answer = await exchange(market, message(headers, b"{}"))

    assert status_of(answer) == 400


@pytest.mark.parametrize("line", ["POST // HTTP/1.1", "POST /?x=1 HTTP/1.1", "POST * HTTP/1.1", "POST /%ff HTTP/1.1"])
async def test_another_address_is_another_request(market: Marketplace, line: str) -> None:
    """The path and the query belong to what was signed."""
    answer = await exchange(market, message(signed_headers(market, "GetAccountBalance"), b"{}", line=line))

    assert status_of(answer) in {400, 404}


async def test_a_body_may_come_in_chunks(market: Marketplace) -> None:
    """Chunks are put together before the signature is judged, and count for the limit."""
    headers = [("Transfer-Encoding", "chunked"), *signed_headers(market, "GetAccountBalance")]
    good = await exchange(market, message(headers, b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", length=None))
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    long = await exchange(
        market, message(headers, chunk * (market.rules.body_limit // 65536 + 1) + b"0\r\n\r\n", length=None)
    )

    assert document_of(good) == {"AvailableBalance": "10000.00"}
    assert (status_of(long), document_of(long)["__type"]) == (413, "RequestEntityTooLargeException")


async def test_a_body_that_breaks_off_is_nobodys_fault(
    market: Marketplace, turk: Requester, caplog: pytest.LogCaptureFixture
) -> None:
    """A client that leaves in the middle gets no answer, leaves no traceback in the log, and harms nobody."""
    headers = signed_headers(market, "GetAccountBalance")
    for _ in range(3):
        assert await exchange(market, message(headers, b"{}", length=100), leave=True) == b""
    chunks = message([*headers, ("Transfer-Encoding", "chunked")], b"1\r\n{\r\n", length=None)
    assert status_of(await exchange(market, chunks, leave=True)) in {0, 400}

    assert "Traceback" not in caplog.text
    await turk("GetAccountBalance")


async def test_bytes_that_are_no_text_are_the_callers_error(market: Marketplace) -> None:
    """Headers may hold any bytes; if they were not signed they mean nothing, in the target they are no operation."""
    headers = [*signed_headers(market, "GetAccountBalance")]
    odd = os.fsdecode(b"\xff\xfe")
    target = [(name, value + odd if name == "X-Amz-Target" else value) for name, value in headers]

    assert status_of(await exchange(market, message([*headers, ("X-Odd", odd)], b"{}"))) == 200
    assert document_of(await exchange(market, message(target, b"{}")))["__type"] == "UnknownOperationException"


async def test_old_and_future_signatures_are_refused_by_real_time(
    market: Marketplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The window is 15 minutes either way, by the real clock: turning the market's changes nothing."""
    await market.advance(timedelta(days=30))
    for minutes, status in ((-14, 200), (-16, 400), (14, 200), (16, 400)):
        moment = datetime.now(UTC) + timedelta(minutes=minutes)
        with monkeypatch.context() as patch:
            patch.setattr(
                botocore.auth, "get_current_datetime", lambda *_a, moment=moment, **_k: moment.replace(tzinfo=None)
            )
            answer = await post(market, "GetAccountBalance")
        assert answer.status == status, minutes


async def test_other_paths_and_methods_are_no_doors(market: Marketplace) -> None:
    """GET / shows a page; other paths are not found."""
    async with aiohttp.ClientSession() as session:
        async with session.get(market.url + "/") as answer:
            assert answer.status == 200
        async with session.post(market.url + "/elsewhere") as answer:
            assert answer.status == 404
            assert str(UUID(answer.headers["x-amzn-RequestId"])) == answer.headers["x-amzn-RequestId"]
        async with session.put(market.url + "/") as answer:
            assert answer.status == 405
            assert str(UUID(answer.headers["x-amzn-RequestId"])) == answer.headers["x-amzn-RequestId"]
            assert answer.headers["Allow"] == "GET,HEAD,POST"


LEGACY = {
    "Service": "AWSMechanicalTurkRequester",
    "AWSAccessKeyId": "AKIA",
    "Version": "2014-08-15",
    "Operation": "GetAccountBalance",
    "Signature": "abc=",
}


@pytest.mark.parametrize("left_out", ["", "Service", "Operation"])
@pytest.mark.parametrize("method", ["GET", "POST", "POST a form"])
async def test_the_legacy_query_protocol_is_over(market: Marketplace, method: str, left_out: str) -> None:
    """Its calls, known by either parameter, are answered 403 in its own XML, which says what to use instead."""
    fields = {name: value for name, value in LEGACY.items() if name != left_out}
    sent: dict[str, Any] = {"data": fields} if method == "POST a form" else {"params": fields}
    async with (
        aiohttp.ClientSession() as session,
        session.request(method.split()[0], market.url + "/", **sent) as answer,
    ):
        root = ElementTree.fromstring(await answer.read())

    assert (answer.status, answer.content_type) == (403, "text/xml")
    assert root.tag == "Response"
    assert root.findtext("Errors/Error/Code") == "Forbidden"
    assert root.findtext("Errors/Error/Message") == (
        "This Requester API is no longer supported. Please use the latest API using the official AWS SDK. "
        "https://aws.amazon.com/getting-started/tools-sdks"
    )
    assert UUID(root.findtext("RequestID")) == UUID(answer.headers["x-amzn-RequestId"])


async def test_what_only_resembles_the_legacy_protocol(market: Marketplace) -> None:
    """Other parameters show the page, and a body that is no form is a request like any other."""
    async with aiohttp.ClientSession() as session:
        async with session.get(market.url + "/?MyOperation=1&Service=Other") as answer:
            assert answer.status == 200
        async with session.post(market.url + "/", data=b"Operation=GetHIT") as answer:
            assert json.loads(await answer.read())["__type"] == "UnknownOperationException"


async def test_many_requests_at_once_are_each_answered(market: Marketplace) -> None:
    """Answers do not get mixed up under concurrency."""
    titles = [f"title {number}" for number in range(40)]
    answers = await asyncio.gather(*(post(market, "CreateHIT", {**HIT, "Title": title}) for title in titles))

    assert [answer.json["HIT"]["Title"] for answer in answers] == titles
