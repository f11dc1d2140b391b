"""AWS's published vectors for Signature Version 4, stage by stage (see sigv4_vectors/README.rst)."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from aioturk import sigv4
from aioturk.errors import CredentialsRefused

SUITE: dict[str, Any] = json.loads((Path(__file__).parent / "sigv4_vectors" / "vectors.json").read_text("utf-8"))
CASES: list[dict[str, Any]] = SUITE["cases"]
NOW = datetime.fromisoformat(SUITE["time"])


def params(*needed: str, normalize: bool = True) -> list[Any]:
    """The cases that have the needed members, as pytest parameters."""
    return [
        pytest.param(case, id=case["name"])
        for case in CASES
        if all(member in case for member in needed) and case.get("normalize", True) is normalize
    ]


def request_of(case: dict[str, Any]) -> sigv4.Request:
    """The request of a case as it was before signing."""
    headers = [(name, value) for name, value in case["headers"]]
    url = f"https://example.amazonaws.com{case['target']}"
    return sigv4.Request(case["method"], url, headers, case.get("body", "").encode())


def signed(case: dict[str, Any]) -> sigv4.Request:
    """The request of a case as aioturk signs it."""
    credentials = sigv4.Credentials(**SUITE["credentials"], session_token=case.get("session_token"))
    return sigv4.sign(request_of(case), credentials, service=SUITE["service"], region=SUITE["region"], now=NOW)


def test_the_suite_is_complete() -> None:
    """The file holds every case that it is said to hold."""
    assert len(CASES) == 41
    assert len(params("canonical_request")) == 32
    assert len(params("string_to_sign")) == 31
    assert len(params(normalize=False)) == 7


@pytest.mark.parametrize("case", params("canonical_request"))
def test_canonical_request(case: dict[str, Any]) -> None:
    """The first stage gives the published canonical request."""
    assert sigv4.canonical_request(signed(case), service=SUITE["service"]) == case["canonical_request"]


@pytest.mark.parametrize("case", params("string_to_sign"))
def test_string_to_sign(case: dict[str, Any]) -> None:
    """The second stage gives the published string to sign."""
    text = sigv4.string_to_sign(case["canonical_request"], service=SUITE["service"], region=SUITE["region"], now=NOW)
    assert text == case["string_to_sign"]


@pytest.mark.parametrize("case", params())
def test_authorization(case: dict[str, Any]) -> None:
    """The last stage gives the published header, and the other headers stay what they were."""
    headers = signed(case).headers
    assert [value for name, value in headers if name == "Authorization"] == [case["authorization"]]
    untouched = [pair for pair in request_of(case).headers if pair[0] != "X-Amz-Date"]
    assert [pair for pair in headers if list(pair) in case["headers"] and pair[0] != "X-Amz-Date"] == untouched


@pytest.mark.parametrize("case", params())
def test_verification(case: dict[str, Any]) -> None:
    """A request with the published header passes, and with another secret it does not."""
    request = signed(case)
    credentials = sigv4.Credentials(**SUITE["credentials"], session_token=case.get("session_token"))
    assert sigv4.verify(request, credentials, now=NOW, service="service").access_key == "AKIDEXAMPLE"

    other = sigv4.Credentials("AKIDEXAMPLE", "another", credentials.session_token)
    with pytest.raises(CredentialsRefused, match="does not match"):
        sigv4.verify(request, other, now=NOW)


@pytest.mark.parametrize("case", params(normalize=False))
def test_paths_that_are_left_alone(case: dict[str, Any]) -> None:
    """For S3 the path is neither tidied nor encoded twice, as in the published cases for such services."""
    dated = [*request_of(case).headers, ("X-Amz-Date", "20150830T123600Z")]
    request = sigv4.Request(case["method"], request_of(case).url, dated)
    text = sigv4.string_to_sign(
        sigv4.canonical_request(request, service="s3"), service=SUITE["service"], region=SUITE["region"], now=NOW
    )
    key = sigv4._signer(SUITE["credentials"]["secret_key"], "20150830", SUITE["region"], SUITE["service"])
    assert key(text) == case["authorization"].rpartition("Signature=")[2]


def test_a_session_token_is_never_doubled() -> None:
    """With the token in the keys as well as in the request, it is there once, and the header is the published one."""
    (case,) = (case for case in CASES if case["name"] == "post-sts-token/post-sts-header-before")
    (token,) = (value for name, value in case["headers"] if name == "X-Amz-Security-Token")
    headers = signed({**case, "session_token": token}).headers
    assert [value for name, value in headers if name == "X-Amz-Security-Token"] == [token]
    assert dict(headers)["Authorization"] == case["authorization"]
