"""Signing and verifying beyond the published vectors: botocore as second judge, round trips, and every refusal."""

from __future__ import annotations

import traceback
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from aioturk import sigv4
from aioturk.errors import CredentialsRefused, InvalidRequest

NOW = datetime(2026, 11, 21, 20, 30, 0, tzinfo=UTC)
STAMP = "20261121T203000Z"
SERVICE = "mturk-requester"
SECRET = "Pa55-the-s3cret/key+of=tests"
TOKEN = "t0ken-of-a-temporary-key=="
KEYS = sigv4.Credentials("AKIDTEST", SECRET)
TEMPORARY_KEYS = sigv4.Credentials("ASIATEST", SECRET, TOKEN)
REQUEST = sigv4.Request(
    "POST",
    "https://mturk-requester.us-east-1.amazonaws.com/",
    [
        ("Content-Type", "application/x-amz-json-1.1"),
        ("X-Amz-Target", "MTurkRequesterServiceV20170117.GetHIT"),
        ("User-Agent", "aioturk"),
    ],
    b'{"HITId": "36818Z1KV5CDQ807J1UQ45304AOA3Z"}',
)

unhurried = settings(deadline=None)  # a busy machine is no failure


def sign(request: sigv4.Request = REQUEST, keys: sigv4.Credentials = KEYS, **how: Any) -> sigv4.Request:
    """Sign with this file's defaults."""
    return sigv4.sign(request, keys, **{"service": SERVICE, "region": "us-east-1", "now": NOW, **how})


def values(request: sigv4.Request, wanted: str) -> list[str]:
    """All values of a header."""
    return [value for name, value in request.headers if name.lower() == wanted.lower()]


def with_header(request: sigv4.Request, name: str, *new: str) -> sigv4.Request:
    """The request with other values for a header, or with none."""
    kept = [pair for pair in request.headers if pair[0].lower() != name.lower()]
    return replace(request, headers=[*kept, *((name, value) for value in new)])


def refusal(request: sigv4.Request, keys: sigv4.Credentials = KEYS, **how: Any) -> CredentialsRefused:
    """The error that verifying raises."""
    with pytest.raises(CredentialsRefused) as caught:
        sigv4.verify(request, keys, **{"now": NOW, **how})
    return caught.value


# botocore as judge, for URLs that are percent-encoded already.

LETTERS = st.characters(categories=["L", "N", "P", "S"])
ENCODED = st.text(LETTERS, max_size=8).map(lambda text: quote(text, safe=""))
SEGMENT = ENCODED | st.sampled_from(["", ".", "..", "a%20b", "%e1%88%b4"])
LOOSE_SEGMENT = SEGMENT | st.sampled_from(["a+b", "a:b@c,d;e=f"])
PATH = st.lists(LOOSE_SEGMENT, max_size=5).map(lambda segments: "".join(f"/{segment}" for segment in segments))
# botocore's S3 takes a path literally, so that only a fully encoded one, never an empty one, comes out right.
S3_PATH = st.lists(SEGMENT, min_size=1, max_size=5).map(lambda segments: "".join(f"/{segment}" for segment in segments))
PARAMETER = st.one_of(
    ENCODED,
    st.tuples(ENCODED, ENCODED).map("=".join),
    st.sampled_from(["a", "a=", "a=b", "a=a", "a-b=1", "A=1", "b=%2B%20", "a%3db=%e1"]),
)
QUERY = st.lists(PARAMETER, max_size=5).map(lambda parameters: "?" + "&".join(parameters) if parameters else "")
HOST = st.sampled_from(
    [
        "https://example.com",
        "http://example.com:80",
        "https://EXAMPLE.com:443",
        "https://example.com:80",
        "http://localhost:7700",
        "http://[::1]:7700",
        "https://user:word@example.com",
    ]
)
URL = st.tuples(HOST, PATH, QUERY).map("".join)
S3_URL = st.tuples(HOST, S3_PATH, QUERY).map("".join)
NAME = st.sampled_from(
    ["X-Amz-Target", "content-type", "Accept", "X-A", "x-a", "X-a", "x-a-b", "Range"]
) | st.from_regex(r"\Ax-[a-zA-Z0-9!#$%&'*+.^_`|~-]{1,8}\Z").filter(
    lambda name: name.lower() not in {"x-amz-date", "x-amzn-trace-id"}
)
VALUE = st.text(LETTERS | st.sampled_from(" \t"), max_size=12)
HEADERS = st.lists(st.tuples(NAME, VALUE), max_size=6)
HOP_HEADERS = st.lists(st.sampled_from([("User-Agent", "x"), ("Expect", "100-continue"), ("X-Amzn-Trace-Id", "y")]))
METHOD = st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "get"])


def signed_by_botocore(request: sigv4.Request, keys: sigv4.Credentials, judge: type[SigV4Auth], service: str) -> Any:
    """The request as botocore signs it, at this file's time."""
    theirs = AWSRequest(request.method, request.url, data=request.body)
    for name, value in request.headers:
        theirs.headers[name] = value
    auth = judge(BotocoreCredentials(keys.access_key, keys.secret_key, keys.session_token), service, "us-east-1")
    theirs.context["timestamp"] = STAMP
    auth._modify_request_before_signing(theirs)
    canonical = auth.canonical_request(theirs)
    signature = auth.signature(auth.string_to_sign(theirs, canonical), theirs)
    auth._inject_signature_to_request(theirs, signature)
    return theirs


@unhurried
@given(METHOD, URL, HEADERS, HOP_HEADERS, st.binary(max_size=40), st.sampled_from([KEYS, TEMPORARY_KEYS]))
@example("POST", "https://example.com", [("X-A", " b   a "), ("x-a", "\tc"), ("X-A", "")], [], b"", KEYS)
def test_botocore_signs_alike(
    method: str,
    url: str,
    headers: list[tuple[str, str]],
    hop: list[tuple[str, str]],
    body: bytes,
    keys: sigv4.Credentials,
) -> None:
    """For any method, encoded URL, headers, body and token, the Authorization header is botocore's."""
    request = sigv4.Request(method, url, [*headers, *hop], body)
    theirs = signed_by_botocore(request, keys, SigV4Auth, SERVICE)
    assert values(sign(request, keys), "Authorization") == theirs.headers.get_all("Authorization")


@unhurried
@given(S3_URL, HEADERS, st.binary(max_size=40))
def test_botocore_signs_alike_for_s3(url: str, headers: list[tuple[str, str]], body: bytes) -> None:
    """For S3, too: paths as they are, and the hash of the payload from its header."""
    request = sigv4.Request("PUT", url, headers, body)
    theirs = signed_by_botocore(request, KEYS, S3SigV4Auth, "s3")
    declared = with_header(request, "X-Amz-Content-SHA256", theirs.headers["X-Amz-Content-SHA256"])
    assert values(sign(declared, service="s3"), "Authorization") == theirs.headers.get_all("Authorization")


def test_botocore_leaves_out_the_same_headers() -> None:
    """Everything that botocore never signs is not signed here either."""
    from botocore.auth import SIGNED_HEADERS_BLACKLIST

    headers = [(name, "x") for name in SIGNED_HEADERS_BLACKLIST] + [("Authorization", "x"), ("X-Other", "y")]
    (header,) = values(sign(replace(REQUEST, headers=headers)), "Authorization")
    assert "SignedHeaders=host;x-amz-date;x-other," in header


# What `sign` does to a request.


def test_what_is_added() -> None:
    """The request keeps what it had, in order, and gains Host, X-Amz-Date and Authorization."""
    signed = sign()
    assert (signed.method, signed.url, signed.body) == (REQUEST.method, REQUEST.url, REQUEST.body)
    assert list(signed.headers[:-1]) == [
        *REQUEST.headers,
        ("Host", "mturk-requester.us-east-1.amazonaws.com"),
        ("X-Amz-Date", STAMP),
    ]
    name, value = signed.headers[-1]
    assert name == "Authorization"
    assert value.startswith(
        "AWS4-HMAC-SHA256 Credential=AKIDTEST/20261121/us-east-1/mturk-requester/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature="
    )


@unhurried
@given(HEADERS)
def test_signing_again_replaces_the_signature(headers: list[tuple[str, str]]) -> None:
    """Signing a signed request gives what signing the plain one gives: nothing old stays, duplicates survive."""
    request = replace(REQUEST, headers=headers)
    once = sign(request, TEMPORARY_KEYS, now=NOW - timedelta(days=1))
    twice = sign(once, TEMPORARY_KEYS)
    assert sorted(twice.headers) == sorted(sign(request, TEMPORARY_KEYS).headers)
    assert [pair for pair in twice.headers if pair in headers] == headers


def test_a_host_header_is_kept() -> None:
    """A Host that the caller set is signed as it is."""
    signed = sign(with_header(REQUEST, "hOsT", "elsewhere.example:7700"))
    assert values(signed, "host") == ["elsewhere.example:7700"]
    assert "\nhost:elsewhere.example:7700\n" in sigv4.canonical_request(signed, service=SERVICE)


def test_an_empty_session_token_is_none() -> None:
    """An empty token, as a blank environment variable gives, adds no header."""
    signed = sign(keys=sigv4.Credentials("AKIDTEST", SECRET, ""))
    assert signed == sign()


def test_the_time_may_be_in_any_zone() -> None:
    """The stamp is UTC, whatever the zone of `now`, with fractions dropped."""
    elsewhere = NOW.astimezone(timezone(timedelta(hours=-9, minutes=-30))).replace(microsecond=999_999)
    assert sign(now=elsewhere) == sign()


@pytest.mark.parametrize(
    ("raw", "path", "query"),
    [
        ("/a b/ü?", "/a%20b/%C3%BC", ""),
        ("/a%20b", "/a%2520b", ""),
        ("?a+b=c d&a&a=", "/", "a=&a=&a%2Bb=c%20d"),
        ("?x=100%&y=%zz&z=%41", "/", "x=100%25&y=%25zz&z=%41"),
        ("?a=/:@?&b==", "/", "a=%2F%3A%40%3F&b=%3D"),
        ("/p#fragment?x", "/p", ""),
        ("/..//../a/./b/../", "/a/", ""),
    ],
)
def test_raw_urls(raw: str, path: str, query: str) -> None:
    """Blanks, letters, signs and stray percent signs are encoded; what is encoded in a query stays."""
    signed = sign(replace(REQUEST, url=f"https://example.com{raw}"))
    assert sigv4.canonical_request(signed, service=SERVICE).split("\n")[1:3] == [path, query]


def test_s3_encodes_a_path_once() -> None:
    """For S3 a raw path is encoded, an encoded one is left alone, and dots and slashes stay."""
    signed = sign(replace(REQUEST, url="https://example.com//a b/%20/../c%"), service="s3")
    assert sigv4.canonical_request(signed, service="s3").split("\n")[1] == "//a%20b/%20/../c%25"


@pytest.mark.parametrize("folded", ["a \n  b\n\tc", "a\r\n b\r\n c", "a\r\n \tb \n c  "])
def test_folded_values(folded: str) -> None:
    """The lines of a folded value are signed as if each were a value of its own."""
    several = sign(with_header(REQUEST, "X-Folded", "a", "b", "c"))
    one = sign(with_header(REQUEST, "X-Folded", folded))
    assert values(one, "Authorization") == values(several, "Authorization")
    assert values(one, "X-Folded") == [folded]


# What `sign` refuses.


def test_a_naive_time_is_refused() -> None:
    """`now` must be aware, for signing as for verifying."""
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(InvalidRequest, match="aware") as caught:
        sign(now=naive)
    assert caught.value.argument == "now"
    with pytest.raises(InvalidRequest, match="aware"):
        sigv4.verify(sign(), KEYS, now=naive)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/",
        "example.com/",
        "ftp://example.com/",
        " https://example.com/",
        "https://",
        "https:///path",
        "https://user@/",
        "https://exa mple.com/",
        "https://münchen.example/",
        "https://example.com:http/",
        "https://[::1/",
        "https://example.com/\r\nX-Evil: 1",
        "https://example.com/\x00",
        "https://example.com/\ud800",
    ],
)
def test_urls_that_cannot_be_signed(url: str) -> None:
    """A URL without scheme or host, or with what no URL may hold, is refused before anything is sent."""
    with pytest.raises(InvalidRequest, match="Nothing was sent") as caught:
        sign(replace(REQUEST, url=url))
    assert caught.value.argument == "url"


@pytest.mark.parametrize("method", ["", "GET /", "GET\n"])
def test_methods_that_cannot_be_signed(method: str) -> None:
    """A method is a single word."""
    with pytest.raises(InvalidRequest, match="not an HTTP method"):
        sign(replace(REQUEST, method=method))


@pytest.mark.parametrize("name", ["", "X A", "X:A", "X\nA", "Ä"])
def test_header_names_that_cannot_be_signed(name: str) -> None:
    """A header's name is a single word of ASCII."""
    with pytest.raises(InvalidRequest, match="not a header name"):
        sign(with_header(REQUEST, name, "x"))


@pytest.mark.parametrize("value", ["a\nX-Evil: b", "a\rb", "a\r\n", "\x00", "a\x7f", "\ud800"])
def test_header_values_that_cannot_be_signed(value: str) -> None:
    """A value that would end its header, or that has no bytes, is refused, wherever it comes from."""
    with pytest.raises(InvalidRequest, match="header"):
        sign(with_header(REQUEST, "X-A", value))
    with pytest.raises(InvalidRequest, match="header") as caught:
        sign(keys=sigv4.Credentials("ASIATEST", SECRET, TOKEN + value))
    assert TOKEN not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("bad", ["", "a/b", "a b", "a,b", "a\n"])
def test_scopes_that_cannot_be_signed(bad: str) -> None:
    """Access key, region and service are words without slash, comma and blank."""
    for how in ({"region": bad}, {"service": bad}, {"keys": sigv4.Credentials(bad, SECRET)}):
        with pytest.raises(InvalidRequest, match="scope"):
            sign(**how)


# Verification.

RAW = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="#") | st.sampled_from(" %+/.?&="), max_size=20
)


@unhurried
@given(METHOD, HOST, RAW, HEADERS, st.binary(max_size=40), st.sampled_from([KEYS, TEMPORARY_KEYS]))
def test_what_is_signed_verifies(
    method: str, host: str, raw: str, headers: list[tuple[str, str]], body: bytes, keys: sigv4.Credentials
) -> None:
    """Any request that can be signed passes, raw URLs included, and the claim says who, when and what for."""
    for service in (SERVICE, "s3"):
        signed = sign(sigv4.Request(method, f"{host}/{raw}", headers, body), keys, service=service)
        claim = sigv4.verify(signed, keys, now=NOW, service=service)
        assert (claim.access_key, claim.date, claim.region) == (keys.access_key, "20261121", "us-east-1")
        assert {"host", "x-amz-date"} <= set(claim.signed_headers)


def test_a_claim_that_was_read_before_is_proven_like_any_other() -> None:
    """Handing it over spares reading it again, and nothing else: a claim of another request proves nothing."""
    signed, other = sign(), sign(now=NOW + timedelta(minutes=1))
    claim = sigv4.parse_authorization(signed.headers)

    assert sigv4.verify(signed, KEYS, now=NOW, claim=claim) is claim
    assert refusal(other, claim=claim).code == "InvalidSignatureException"


@unhurried
@given(st.sampled_from(["method", "path", "query", "body", "value", "host", "order"]), st.text(LETTERS, min_size=1))
def test_tampering_is_refused(part: str, text: str) -> None:
    """Any change to what was signed is refused."""
    assume(text.strip("."))  # "/path/." is another spelling of "/path"
    request = with_header(replace(REQUEST, url="https://example.com/path?a=b"), "X-A", "first", "second")
    signed = sign(request)
    changed = {
        "method": replace(signed, method="PUT"),
        "path": replace(signed, url="https://example.com/path/" + quote(text, safe="") + "?a=b"),
        "query": replace(signed, url="https://example.com/path?a=b" + quote(text, safe="")),
        "body": replace(signed, body=signed.body + text.encode()),
        "value": with_header(signed, "X-Amz-Target", text),
        "host": with_header(signed, "Host", text),
        "order": with_header(signed, "X-A", "second", "first"),
    }[part]
    assert refusal(changed).code == "InvalidSignatureException"


@unhurried
@given(HEADERS, st.data())
def test_any_signed_header_counts(headers: list[tuple[str, str]], data: st.DataObject) -> None:
    """No signed header can be dropped, added to or given another value."""
    signed = sign(replace(REQUEST, headers=headers))
    name = data.draw(st.sampled_from(sigv4.parse_authorization(signed.headers).signed_headers))
    assume(name != "x-amz-date")
    old = values(signed, name)
    assert refusal(with_header(signed, name)).code == "InvalidSignatureException"
    assert refusal(with_header(signed, name, *old, "more")).code == "InvalidSignatureException"
    assert refusal(with_header(signed, name, *old[:-1], old[-1] + "x")).code == "InvalidSignatureException"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/us-east-1/", "/eu-west-1/"),
        ("/mturk-requester/", "/crowd/"),
        ("SignedHeaders=content-type;", "SignedHeaders="),
        (";x-amz-target", ""),
    ],
)
def test_the_claim_itself_counts(old: str, new: str) -> None:
    """Region, service and the list of signed headers cannot be changed either."""
    signed = sign()
    (header,) = values(signed, "Authorization")
    assert old in header
    assert "does not match" in refusal(with_header(signed, "Authorization", header.replace(old, new))).message


def test_unsigned_headers_may_change() -> None:
    """Headers outside the list may come, go and change, as proxies make them."""
    signed = with_header(sign(), "User-Agent", "a proxy")
    sigv4.verify(with_header(signed, "X Forwarded\n", "\x00"), KEYS, now=NOW)


def test_the_region_is_free_and_the_service_is_not() -> None:
    """Any region passes; the service must be the one asked for, where one is asked for."""
    assert sigv4.verify(sign(region="sandbox"), KEYS, now=NOW, service=SERVICE).region == "sandbox"
    assert sigv4.verify(sign(service="crowd"), KEYS, now=NOW).service == "crowd"
    error = refusal(sign(service="crowd"), service=SERVICE)
    assert (error.code, error.status) == ("InvalidSignatureException", 400)
    assert "scoped to the service 'mturk-requester'" in error.message


def test_wrong_keys() -> None:
    """Another secret is a signature that does not match; another access key is an unknown client."""
    assert refusal(sign(), sigv4.Credentials("AKIDTEST", "other")).code == "InvalidSignatureException"
    assert refusal(sign(), sigv4.Credentials("AKIDOTHER", SECRET)).code == "UnrecognizedClientException"


@pytest.mark.parametrize("given_token", [(), ("",), ("other",), (TOKEN, TOKEN), ("\udc80",)])
def test_temporary_keys_need_their_token(given_token: tuple[str, ...]) -> None:
    """A missing, wrong or doubled session token is refused."""
    request = with_header(sign(keys=TEMPORARY_KEYS), "X-Amz-Security-Token", *given_token)
    assert refusal(request, TEMPORARY_KEYS).code == "UnrecognizedClientException"


def test_a_token_may_come_unsigned() -> None:
    """A session token that was added after signing is accepted, when it is the right one."""
    signed = sign(keys=sigv4.Credentials("ASIATEST", SECRET))
    sigv4.verify(with_header(signed, "X-Amz-Security-Token", TOKEN), TEMPORARY_KEYS, now=NOW)


@pytest.mark.parametrize("window", [timedelta(minutes=15), timedelta(seconds=1), timedelta(0)])
def test_the_window_has_two_edges(window: timedelta) -> None:
    """A signature is good up to either edge of the window, and then refused with the words that clients look for."""
    signed = sign()
    tick = timedelta(microseconds=1)
    sigv4.verify(signed, KEYS, now=NOW + window, window=window)
    sigv4.verify(signed, KEYS, now=NOW - window, window=window)

    late = refusal(signed, now=NOW + window + tick, window=window)
    assert "Signature expired:" in late.message
    early = refusal(signed, now=NOW - window - tick, window=window)
    assert "Signature not yet current:" in early.message
    assert (late.code, early.code) == ("InvalidSignatureException", "InvalidSignatureException")
    assert late.skewed
    assert early.skewed


def by_hand(request: sigv4.Request, signed_headers: str, *, stamp: str = STAMP, payload: str = "") -> sigv4.Request:
    """Sign as a hand-written client would: the headers it likes, straight from the description."""
    fields = {name.lower(): value for name, value in request.headers}
    lines = "".join(f"{name}:{fields[name]}\n" for name in signed_headers.split(";"))
    payload = payload or sha256(request.body).hexdigest()
    scope = f"{stamp[:8]}/us-east-1/{SERVICE}/aws4_request"
    canonical = f"{request.method}\n/\n\n{lines}\n{signed_headers}\n{payload}".encode("utf-8", "surrogateescape")
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{sha256(canonical).hexdigest()}"
    signature = sigv4._signer(SECRET, stamp[:8], "us-east-1", SERVICE)(text)
    return with_header(
        request,
        "authorization",
        f"AWS4-HMAC-SHA256 Signature={signature},SignedHeaders={signed_headers},Credential=AKIDTEST/{scope}",
    )


def test_a_hand_written_client() -> None:
    """Fewer signed headers, no blanks after commas, any order of the parts: all of that passes."""
    dated = with_header(with_header(REQUEST, "Host", "localhost:7700"), "X-Amz-Date", STAMP)
    for signed_headers in ("host", "host;x-amz-date;x-amz-target", "host;user-agent"):
        claim = sigv4.verify(by_hand(dated, signed_headers), KEYS, now=NOW, service=SERVICE)
        assert claim.signed_headers == tuple(signed_headers.split(";"))


@pytest.mark.parametrize("date", ["Sat, 21 Nov 2026 20:30:00 GMT", "Sat, 21 Nov 2026 12:30:00 -0800", STAMP])
def test_a_date_header_will_do(date: str) -> None:
    """Without X-Amz-Date the time is read from Date."""
    dated = with_header(with_header(REQUEST, "Host", "localhost"), "Date", date)
    sigv4.verify(by_hand(dated, "date;host"), KEYS, now=NOW)
    assert "expired" in refusal(by_hand(dated, "date;host"), now=NOW + timedelta(hours=1)).message


def test_header_bytes_that_are_not_utf8() -> None:
    """Bytes that a server handed over as lone surrogates are verified as the bytes they were."""
    request = with_header(REQUEST, "Host", "localhost")
    request = with_header(with_header(request, "X-Amz-Date", STAMP), "X-Latin", "caf\udce9")
    sigv4.verify(by_hand(request, "host;x-latin"), KEYS, now=NOW)
    assert "surrogates" in refusal(with_header(by_hand(request, "host;x-latin"), "X-Latin", "\ud800")).message


def test_the_declared_hash_must_be_the_bodys() -> None:
    """X-Amz-Content-SHA256 is accepted when it is true; an unsigned payload is not accepted."""
    true = with_header(REQUEST, "X-Amz-Content-SHA256", sha256(REQUEST.body).hexdigest())
    assert "x-amz-content-sha256" in sigv4.verify(sign(true), KEYS, now=NOW).signed_headers
    for lie in ("UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "0" * 64):
        assert "hash of the body" in refusal(sign(with_header(REQUEST, "X-Amz-Content-SHA256", lie))).message


def test_unsigned_requests() -> None:
    """A request without Authorization is told so, in the service's own type."""
    assert refusal(REQUEST).code == "MissingAuthenticationTokenException"


GOOD = (
    "AWS4-HMAC-SHA256 Credential=AKIDTEST/20261121/us-east-1/mturk-requester/aws4_request, "
    f"SignedHeaders=host;x-amz-date, Signature={'0' * 64}"
)


def test_a_good_header_is_read() -> None:
    """The header's parts come out as they went in."""
    assert sigv4.parse_authorization([("AUTHORIZATION", f" {GOOD} ")]) == sigv4.Authorization(
        "AKIDTEST", "20261121", "us-east-1", SERVICE, ("host", "x-amz-date"), "0" * 64
    )


@pytest.mark.parametrize(
    "header",
    [
        "",
        "AWS4-HMAC-SHA256",
        "Basic dTpw",
        "AWS AKIDTEST:c2ln",
        GOOD.replace("SHA256", "SHA1"),
        GOOD.replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
        GOOD.replace("Credential=", ""),
        GOOD.replace("Credential=", "credential="),
        GOOD.replace("AKIDTEST/", ""),
        GOOD.replace("AKIDTEST", ""),
        GOOD.replace("20261121", "2026-11-21"),
        GOOD.replace("20261121", "٢٠٢٦١١٢١"),
        GOOD.replace("us-east-1", ""),
        GOOD.replace("us-east-1", "us east"),
        GOOD.replace("mturk-requester/", ""),
        GOOD.replace("aws4_request", "aws4"),
        GOOD.replace("aws4_request", "aws4_request/x"),
        GOOD.replace("host;x-amz-date", ""),
        GOOD.replace("host;x-amz-date", "Host;x-amz-date"),
        GOOD.replace("host;x-amz-date", "x-amz-date;host"),
        GOOD.replace("host;x-amz-date", "host;host"),
        GOOD.replace("host;x-amz-date", "host;"),
        GOOD.replace("host;x-amz-date", "host x-amz-date"),
        GOOD.replace("0" * 64, "0" * 63),
        GOOD.replace("0" * 64, "A" * 64),
        GOOD.replace("0" * 64, "g" * 64),
        GOOD + ", Signature=" + "0" * 64,
        GOOD + ", Extra=1",
        GOOD + ",",
        GOOD.partition(", Signature")[0],
    ],
)
def test_malformed_headers(header: str) -> None:
    """Whatever is wrong with the header, it is an incomplete signature."""
    assert refusal(with_header(sign(), "Authorization", header)).code == "IncompleteSignatureException"


def test_two_authorization_headers() -> None:
    """Two signatures on one request are refused, even equal ones."""
    assert refusal(with_header(sign(), "Authorization", GOOD, GOOD)).code == "IncompleteSignatureException"


@unhurried
@given(st.text(), st.text(), st.text())
def test_no_header_breaks_the_verifier(authorization: str, date: str, name: str) -> None:
    """Whatever a stranger sends, the answer is a refusal and never another exception."""
    request = with_header(with_header(sign(), "X-Amz-Date"), "Date", date)
    refusal(with_header(request, "Authorization", authorization))
    refusal(with_header(sign(), "Authorization", GOOD.replace("host;", f"{name};")))
    refusal(with_header(sign(), "Host", name + "x"))
    refusal(with_header(request, "Authorization", *values(sign(), "Authorization")))


@unhurried
@given(st.text())
def test_no_url_breaks_the_verifier(url: str) -> None:
    """A URL or method that cannot be canonical is a refusal, too."""
    assert refusal(replace(sign(), url=url)).code == "InvalidSignatureException"
    assert refusal(replace(sign(), method=url.lower())).code == "InvalidSignatureException"


@pytest.mark.parametrize(
    ("header", "new", "code"),
    [
        ("X-Amz-Date", (), "IncompleteSignatureException"),
        ("X-Amz-Date", (STAMP, STAMP), "IncompleteSignatureException"),
        ("X-Amz-Date", ("2026-11-21T20:30:00Z",), "IncompleteSignatureException"),
        ("X-Amz-Date", ("20261121T203060Z",), "IncompleteSignatureException"),
        ("X-Amz-Date", ("",), "IncompleteSignatureException"),
        ("X-Amz-Date", ("20261122T000000Z",), "InvalidSignatureException"),
        ("X-Amz-Date", ("20261121T203001Z",), "InvalidSignatureException"),
        ("Host", (), "InvalidSignatureException"),
        ("Content-Type", (), "InvalidSignatureException"),
    ],
)
def test_headers_that_signatures_need(header: str, new: tuple[str, ...], code: str) -> None:
    """The time must be there, once, readable, on the scope's day, as it was signed; signed headers must be there."""
    assert refusal(with_header(sign(), header, *new)).code == code


def test_host_must_be_signed() -> None:
    """A signature that does not cover Host could be replayed elsewhere, and is refused."""
    dated = with_header(REQUEST, "X-Amz-Date", STAMP)
    error = refusal(by_hand(dated, "x-amz-date"))
    assert (error.code, error.message) == ("InvalidSignatureException", "Host must be one of the signed headers")


# Secrets and caches.


def test_no_refusal_shows_a_secret() -> None:
    """Neither secret nor token nor the right signature is in the text, the repr or the traceback of a refusal."""
    signed = sign(keys=TEMPORARY_KEYS)
    (right,) = [value.rpartition("Signature=")[2] for value in values(signed, "Authorization")]
    (header,) = values(signed, "Authorization")
    wrong = with_header(signed, "Authorization", header.replace(right, "0" * 64))
    spoilt = with_header(signed, "X-Amz-Security-Token", TOKEN + "\n")
    for request in (wrong, spoilt, replace(signed, body=b""), replace(signed, url="")):
        error = refusal(request, TEMPORARY_KEYS)
        shown = "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
        assert not [secret for secret in (SECRET, TOKEN, right) if secret in shown]


def test_a_secret_without_bytes_is_not_shown() -> None:
    """Even a secret that cannot be encoded stays out of the error."""
    with pytest.raises(InvalidRequest, match="secret key") as caught:
        sign(keys=sigv4.Credentials("AKIDTEST", SECRET + "\ud800"))
    assert SECRET not in "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert caught.value.__context__ is None


def test_nothing_shows_secrets() -> None:
    """The keys, the claim and the cached signer keep their secrets out of their reprs."""
    signed = sign(keys=TEMPORARY_KEYS)
    claim = sigv4.verify(signed, TEMPORARY_KEYS, now=NOW)
    shown = [TEMPORARY_KEYS, claim, sigv4._signer(SECRET, "20261121", "us-east-1", SERVICE), sigv4._signer]
    assert SECRET not in repr(shown)
    assert TOKEN not in repr(shown)
    assert claim.signature not in repr(shown)


def test_the_signing_key_is_made_once_a_day() -> None:
    """Requests of one day and key share a signing key; a new day, region, service or secret makes another."""
    sigv4._signer.cache_clear()
    for minutes in range(10):
        sign(now=NOW + timedelta(minutes=minutes))
    assert sigv4._signer.cache_info().misses == 1
    sign(now=NOW + timedelta(days=1))
    sign(region="sandbox")
    sign(service="crowd")
    sign(keys=sigv4.Credentials("AKIDTEST", "rotated"))
    assert sigv4._signer.cache_info().misses == 5


def test_caches_are_bounded() -> None:
    """No stream of different requests can make the caches grow without end."""
    for cached in (sigv4._signer, sigv4._plan, sigv4._resource, sigv4._scope, sigv4._stamp_of_second):
        assert cached.cache_info().maxsize is not None
