"""What a signature costs, beside botocore's."""

from __future__ import annotations

from datetime import UTC, datetime

from aioturk import Credentials, sigv4
from benchmarks.stopwatch import best_sync

__all__ = ["run"]

KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
URL = "https://mturk-requester-sandbox.us-east-1.amazonaws.com/"
HEADERS = {
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": "MTurkRequesterServiceV20170117.CreateHIT",
}
BODY = b"x" * 2048


def run(*, rounds: int = 15) -> dict[str, float]:
    """Return CPU seconds of a signature for both; making the request belongs to it."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials as TheirCredentials

    headers = tuple(HEADERS.items())
    theirs = SigV4Auth(TheirCredentials(KEYS.access_key, KEYS.secret_key), "mturk-requester", "us-east-1")

    def ours() -> object:
        request = sigv4.Request("POST", URL, headers, BODY)
        return sigv4.sign(request, KEYS, service="mturk-requester", region="us-east-1", now=datetime.now(UTC))

    def botocores() -> object:
        request = AWSRequest("POST", URL, headers=HEADERS, data=BODY)
        theirs.add_auth(request)
        return request

    return best_sync({"aioturk": ours, "botocore": botocores}, operations=500, rounds=rounds)
