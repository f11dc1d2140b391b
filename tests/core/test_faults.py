"""What an unsuccessful response stands for, in every spelling, and how the marketplace writes errors."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aioturk import errors
from aioturk._core.faults import decipher, express, retry_after
from aioturk._core.messages import Response
from aioturk.errors import Fate, ServiceError, TurkError, UnreadableResponse

HIT_ID = "3PR3LXCWSFNV4OJWZBHIMQOIJVSX9G"


def answer(status: int = 400, body: Any = None, **headers: str) -> Response:
    """A response; what is not bytes is written as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, data)


def turk(code: str, message: str = "m", kind: str = "RequestError") -> dict[str, str]:
    """An error document of the marketplace."""
    return {"__type": kind, "Message": message, "TurkErrorCode": code}


SPELLINGS: list[tuple[Response, type[TurkError]]] = [
    # The marketplace's own errors.
    (answer(400, turk("AWS.MechanicalTurk.HITDoesNotExist")), errors.HITDoesNotExist),
    (answer(400, turk("AWS.MechanicalTurk.HitDoesNotExist")), errors.HITDoesNotExist),
    (answer(400, turk("AWS.MechanicalTurk.HITAlreadyExists")), errors.HITAlreadyExists),
    (answer(400, turk("AWS.MechanicalTurk.HitAlreadyExists")), errors.HITAlreadyExists),
    (answer(400, turk("HITDoesNotExist")), errors.HITDoesNotExist),
    (answer(400, turk("AWS.AccountNotLinked")), errors.AccountNotLinked),
    (answer(400, turk("AWS.MechanicalTurk.NoHITsAvailableInGroupException")), errors.NoHITsAvailableInGroup),
    (answer(400, turk("AWS.MechanicalTurk.NoHITsAvailableInGroup")), errors.NoHITsAvailableInGroup),
    (
        answer(400, turk("AWS.MechanicalTurk.InvalidParameterValue", kind="ParameterValidationError")),
        errors.InvalidParameterValue,
    ),
    (answer(400, {"TurkErrorCode": "AWS.MechanicalTurk.InsufficientFunds"}), errors.InsufficientFunds),
    (answer(400, turk("AWS.MechanicalTurk.OfTomorrow")), errors.RequestError),
    (answer(400, turk("AWS.MechanicalTurk.OfTomorrow", kind="TypeOfTomorrow")), ServiceError),
    (answer(400, {"__type": "ParameterValidationError", "Message": "m"}), errors.ParameterValidationError),
    (answer(400, {"__type": "RequestError", "TurkErrorCode": 5}), errors.RequestError),
    (answer(400, {"TurkErrorCode": None}), ServiceError),
    # Spellings of the type.
    (answer(400, {"__type": "com.amazonaws.mturk#RequestError"}), errors.RequestError),
    (answer(400, {"__type": "RequestError:http://internal.amazon.com/coral/"}), errors.RequestError),
    (answer(400, {"__type": "com.amazon.coral.service#UnknownOperationException"}), errors.UnknownOperation),
    (answer(400, {}, x_amzn_errortype="ThrottlingException:http://x/"), errors.Throttled),
    (answer(400, {"message": "m"}, x_amzn_errortype="ValidationException"), errors.ValidationException),
    # The front end.
    (answer(400, {"__type": "ThrottlingException", "message": "Rate exceeded"}), errors.Throttled),
    (answer(503, {"__type": "ThrottlingException", "message": "Rate exceeded"}), errors.Throttled),
    (answer(429, {"__type": "TooManyRequestsException"}), errors.Throttled),
    (answer(429, {"message": "slow down"}), errors.Throttled),
    (answer(429, b"<html>Too Many Requests</html>"), errors.Throttled),
    (answer(429, b""), errors.Throttled),
    (answer(429, []), errors.Throttled),
    (answer(403, {"__type": "AccessDeniedException", "Message": "m"}), errors.AccessDenied),
    (answer(400, {"__type": "ValidationException", "message": "m"}), errors.ValidationException),
    (answer(400, {"__type": "UnrecognizedClientException", "message": "m"}), errors.CredentialsRefused),
    (answer(403, {"__type": "InvalidSignatureException", "message": "m"}), errors.CredentialsRefused),
    (answer(400, {"__type": "SerializationException", "Message": "m"}), ServiceError),
    # Its own failures.
    (answer(500, {"__type": "ServiceFault", "Message": "m"}), errors.ServiceFault),
    (answer(500, turk("AWS.MechanicalTurk.HITDoesNotExist")), errors.ServiceFault),
    (answer(503, {"__type": "InternalFailure"}), errors.ServiceFault),
    # Something in between.
    (answer(403, b"<html><body>Forbidden by the proxy</body></html>"), UnreadableResponse),
    (answer(502, b"<html><body>Bad Gateway</body></html>"), UnreadableResponse),
    (answer(503, b"<html><body>Unavailable</body></html>"), UnreadableResponse),
    (answer(504, b"<html><body>Timeout</body></html>"), UnreadableResponse),
    (answer(500, b""), UnreadableResponse),
    (answer(400, b""), UnreadableResponse),
    (answer(400, b"{"), UnreadableResponse),
    (answer(400, b'{"__type": "RequestErr'), UnreadableResponse),
    (answer(400, b'{"__type": "\xff"}'), UnreadableResponse),
    (answer(400, b"[" * 100_000), UnreadableResponse),
    (answer(400, {}), UnreadableResponse),
    (answer(400, []), UnreadableResponse),
    (answer(400, "RequestError"), UnreadableResponse),
    (answer(400, None), UnreadableResponse),
    (answer(400, {"__type": 5}), UnreadableResponse),
    (answer(400, {"__type": ""}), UnreadableResponse),
    (answer(502, {"message": "Bad Gateway"}), UnreadableResponse),
    (answer(301, b"", location="https://elsewhere.example.org/"), UnreadableResponse),
    (answer(307, b"{}"), UnreadableResponse),
    (answer(204, b""), UnreadableResponse),
    (answer(101, b""), UnreadableResponse),
]


@pytest.mark.parametrize(("response", "kind"), SPELLINGS, ids=range(len(SPELLINGS)))
def test_spellings(response: Response, kind: type[TurkError]) -> None:
    """Each spelling stands for one class, exactly; the error knows status and operation, and has a text."""
    error = decipher(response, operation="GetHIT")
    assert type(error) is kind
    assert error.operation == "GetHIT"
    assert getattr(error, "status", None) == response.status
    assert str(error)


def test_all_facts_are_kept() -> None:
    """The service's text, type, code, parameter, request id and wish to wait are on the error."""
    error = decipher(
        answer(
            400,
            {
                "__type": "ParameterValidationError",
                "Message": 'The value "x" is not valid for the parameter Test. (1567545210650 s)',
                "Parameter": "Test",
                "TurkErrorCode": "AWS.MechanicalTurk.InvalidParameterValue",
            },
            x_amzn_requestid="8a9b",
            retry_after="7",
        ),
        operation="UpdateQualificationType",
    )
    assert isinstance(error, errors.InvalidParameterValue)
    assert error.message == 'The value "x" is not valid for the parameter Test. (1567545210650 s)'
    assert (error.code, error.turk_error_code) == (
        "ParameterValidationError",
        "AWS.MechanicalTurk.InvalidParameterValue",
    )
    assert (error.parameter, error.request_id, error.status, error.retry_after) == ("Test", "8a9b", 400, 7.0)
    for part in ("UpdateQualificationType", error.message, "InvalidParameterValue", "8a9b"):
        assert part in str(error)


@pytest.mark.parametrize("key", ["Message", "message", "errorMessage"])
def test_keys_of_the_text(key: str) -> None:
    """The text is found under any of its names."""
    error = decipher(answer(400, {"__type": "RequestError", key: "There was an error with this request."}))
    assert "There was an error with this request." in str(error)


@pytest.mark.parametrize(
    ("response", "fate", "transient"),
    [
        (answer(400, {"__type": "ThrottlingException"}), Fate.NOT_EXECUTED, True),
        (answer(429, b""), Fate.NOT_EXECUTED, True),
        (answer(400, {"__type": "ExpiredTokenException"}), Fate.NOT_EXECUTED, False),
        (answer(403, {"__type": "AccessDeniedException"}), Fate.NOT_EXECUTED, False),
        (answer(400, turk("AWS.MechanicalTurk.InsufficientFunds")), Fate.REFUSED, False),
        (answer(400, {"__type": "ValidationException"}), Fate.REFUSED, False),
        (answer(500, {"__type": "ServiceFault"}), Fate.UNKNOWN, True),
        (answer(500, {"__type": "AccessDeniedException"}), Fate.UNKNOWN, True),
        (answer(502, b"<html>"), Fate.UNKNOWN, True),
        (answer(503, b"<html>"), Fate.UNKNOWN, True),
        (answer(504, b"<html>"), Fate.UNKNOWN, True),
        (answer(408, b""), Fate.UNKNOWN, True),
        (answer(403, b"<html>"), Fate.UNKNOWN, False),
        (answer(302, b""), Fate.UNKNOWN, False),
    ],
)
def test_what_became_of_the_attempt(response: Response, fate: Fate, transient: bool) -> None:
    """Only throttling and refused keys are sure not to have been executed; only passing troubles are transient."""
    error = decipher(response)
    assert (error.fate, error.transient) == (fate, transient)


@pytest.mark.parametrize(
    ("kind", "message", "expired", "skewed"),
    [
        ("ExpiredTokenException", "The security token included in the request is expired", True, False),
        ("ExpiredToken", "", True, False),
        ("InvalidSignatureException", "Signature expired: 20200101T000000Z is now earlier than ...", False, True),
        ("InvalidSignatureException", "Signature not yet current: ...", False, True),
        ("RequestTimeTooSkewed", "", False, True),
        ("InvalidSignatureException", "The request signature we calculated does not match", False, False),
        ("UnrecognizedClientException", "The security token included in the request is invalid.", False, False),
    ],
)
def test_refused_keys(kind: str, message: str, expired: bool, skewed: bool) -> None:
    """Keys that ran out and clocks that are wrong are told from keys that are simply wrong."""
    error = decipher(answer(400, {"__type": kind, "message": message}))
    assert isinstance(error, errors.CredentialsRefused)
    assert isinstance(error, errors.CredentialsError)
    assert (error.expired, error.skewed) == (expired, skewed)


# The id of the HIT that exists already.

TOKENS = [
    None,
    "5e1f0c3f9f3e4d5ab1f6f4b1c1f2a3b4",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123",
    "abcdefghijklmnopqrstuvwxyz0123",
    "batch 3AAAAAAAAAAAAAAAAAAAAAAAAAAAAA row 7",
    "row-7",
    "3PR3",
    "7",
    "X9G",
    "A" * 64,
    ".*" * 15,
]


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize(
    "text",
    [
        'The HIT with ID "{hit}" already exists for the idempotency token "{token}". (1619128133717)',
        "Token {token} was used for HIT {hit}. (1619128133717 s)",
        "{token}: {hit}",
        "HITId={hit};token={token}",
        "{hit}",
    ],
)
@pytest.mark.parametrize("as_echoed", [str, str.upper, str.lower])
def test_the_hit_is_found_whatever_the_token(text: str, token: str | None, as_echoed: Any) -> None:
    """The id is found wherever it stands; a token is not taken for it, in any case, nor does it hide it."""
    message = text.format(hit=HIT_ID, token=as_echoed(token) if token else "")
    error = decipher(answer(400, turk("AWS.MechanicalTurk.HITAlreadyExists", message)), token=token)
    assert isinstance(error, errors.HITAlreadyExists)
    assert error.hit_id == HIT_ID


def test_no_hit_is_found_where_none_is() -> None:
    """Without an id in the text there is none on the error, whatever the token looks like."""
    token = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123"
    for message in (f"already exists: {token}", f"already exists: {token.lower()}", "already exists", HIT_ID + "Z"):
        error = decipher(answer(400, turk("AWS.MechanicalTurk.HITAlreadyExists", message)), token=token)
        assert isinstance(error, errors.HITAlreadyExists)
        assert error.hit_id is None


# Retry-After.


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("120", 120.0),
        ("Sun, 01 Mar 2026 00:00:30 GMT", 30.0),
        ("Sat, 28 Feb 2026 23:59:30 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
        ("\u00b2", None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Mon, 01 Jan 2026 00:00:00 +99999999999999999", None),
    ],
)
def test_retry_after(text: str, seconds: float | None) -> None:
    """Seconds, or a date against the service's own Date; anything else asks for nothing."""
    response = answer(429, b"", retry_after=text, date="Sun, 01 Mar 2026 00:00:00 GMT")
    assert retry_after(response) == seconds
    assert getattr(decipher(response), "retry_after", None) == seconds


def test_a_date_needs_a_date() -> None:
    """A date to wait for means nothing when the response does not say what time it is there."""
    assert retry_after(answer(429, b"", retry_after="Sun, 01 Mar 2026 00:00:30 GMT")) is None
    assert retry_after(answer(429, b"")) is None


# Whatever comes.

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["__type", "Message", "message", "TurkErrorCode", "Parameter"]), inner)
    ),
    max_leaves=6,
)
HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "date", "x-amzn-errortype", "x-amzn-requestid", "location"]),
    st.text(max_size=30) | st.integers().map(str),
)


@settings(deadline=None)
@given(
    status=st.integers(100, 599),
    headers=HEADERS,
    body=st.binary(max_size=80) | ANY_JSON.map(lambda value: json.dumps(value).encode()),
    token=st.none() | st.text(max_size=64),
)
def test_deciphering_never_fails(status: int, headers: dict[str, str], body: bytes, token: str | None) -> None:
    """Whatever status, headers and bytes come, there is an error for it, with a text and a fate."""
    error = decipher(Response(status, headers, body), operation="CreateHIT", token=token)
    assert isinstance(error, TurkError)
    assert str(error)
    assert error.fate is not Fate.EXECUTED


# Writing errors, as the marketplace does.


def all_classes(root: type[ServiceError] = ServiceError) -> list[type[ServiceError]]:
    """Every class below `ServiceError`, and itself, in this library."""
    below = [kind for child in root.__subclasses__() for kind in all_classes(child)]
    return [root, *(kind for kind in below if kind.__module__ == "aioturk.errors")]


@pytest.mark.parametrize(
    "kind",
    [kind for kind in all_classes() if kind is not errors.UnexpectedResponse],  # that one is only made here
    ids=lambda kind: kind.__name__,
)
def test_there_and_back(kind: type[ServiceError]) -> None:
    """What the marketplace writes the client reads as the same class with the same facts."""
    error = kind("It went wrong.", parameter="Test" if issubclass(kind, errors.ParameterValidationError) else None)
    status, body = express(error, stamp="(1619128133717)")
    back = decipher(Response(status, {}, body))
    if kind is ServiceError:  # its wire type is the marketplace's general one
        kind = errors.RequestError
        assert isinstance(back, ServiceError)
        assert back.message == "It went wrong."
        return
    assert type(back) is kind
    assert isinstance(back, ServiceError)
    assert back.message.startswith("It went wrong.")
    assert (back.code, back.turk_error_code, back.parameter) == (error.code, error.turk_error_code, error.parameter)
    assert (back.status, back.fate, back.transient) == (error.status, error.fate, error.transient)


def test_the_marketplaces_form() -> None:
    """The marketplace's own errors have a capital Message with a stamp and their code; the front end's have neither."""
    status, body = express(errors.HITDoesNotExist("Hit X does not exist."), stamp="(1624047673969)")
    assert (status, json.loads(body)) == (
        400,
        {
            "__type": "RequestError",
            "Message": "Hit X does not exist. (1624047673969)",
            "TurkErrorCode": "AWS.MechanicalTurk.HITDoesNotExist",
        },
    )
    status, body = express(errors.Throttled("Rate exceeded"), stamp="(1)")
    assert (status, json.loads(body)) == (400, {"__type": "ThrottlingException", "message": "Rate exceeded"})
    status, body = express(errors.ServiceFault("Try again."), stamp="(1)")
    assert (status, json.loads(body)) == (500, {"__type": "ServiceFault", "Message": "Try again. (1)"})
