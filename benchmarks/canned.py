"""
A server in another process that answers every operation with the same bytes, whatever it is sent; only the HITs that it
makes have ids of their own.

It does next to nothing, so that the process under measurement is the one that has to work.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

__all__ = ["ASSIGNMENTS_PER_PAGE", "HIT", "serve"]

ASSIGNMENTS_PER_PAGE = 100

HIT: dict[str, Any] = {
    "HITId": "3X7837UUADRXYCA1K7JAJLKC66DJ60",
    "HITTypeId": "3V76OXST9SAE3THKN85FUPK7730050",
    "HITGroupId": "36IAL8HYPYM1MDNBSTAEZW89WH74RJ",
    "CreationTime": 1514773612.054,
    "Title": "Guess the age",
    "Description": "Look at a picture and guess the person's age.",
    "Question": "<ExternalQuestion>" + "x" * 400 + "</ExternalQuestion>",
    "Keywords": "image, age",
    "HITStatus": "Assignable",
    "MaxAssignments": 3,
    "Reward": "0.25",
    "AutoApprovalDelayInSeconds": 2592000,
    "Expiration": 1514860012.054,
    "AssignmentDurationInSeconds": 300,
    "QualificationRequirements": [],
    "HITReviewStatus": "NotReviewed",
    "NumberOfAssignmentsPending": 0,
    "NumberOfAssignmentsAvailable": 3,
    "NumberOfAssignmentsCompleted": 0,
}

_ANSWER = (
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<QuestionFormAnswers xmlns="http://mechanicalturk.amazonaws.com'
    '/AWSMechanicalTurkDataSchemas/2005-10-01/QuestionFormAnswers.xsd">\n<Answer>\n<QuestionIdentifier>age'
    "</QuestionIdentifier>\n<FreeText>36</FreeText>\n</Answer>\n</QuestionFormAnswers>"
)


def _assignment(number: int) -> dict[str, Any]:
    return {
        "AssignmentId": f"3018Q3ZVOIPG7TAIYT4NTY2DLY{number:04}",
        "WorkerId": f"A143XRCI1Y{number:04}",
        "HITId": HIT["HITId"],
        "AssignmentStatus": "Submitted",
        "AutoApprovalTime": 1517365613.117 + number,
        "AcceptTime": 1514773612.117 + number,
        "SubmitTime": 1514773613.117 + number,
        "Deadline": 1514773912.117 + number,
        "Answer": _ANSWER,
    }


def _http(document: dict[str, Any]) -> bytes:
    body = json.dumps(document, separators=(",", ":")).encode()
    head = (
        "HTTP/1.1 200 OK\r\nx-amzn-RequestId: 7c1b1f3a-3f4f-4f0e-8a57-6c1d3a2b4c5d\r\n"
        "Content-Type: application/x-amz-json-1.1\r\nDate: Mon, 01 Jan 2018 02:26:52 GMT\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


_NUMBER = b"0000000000"
"""Stands where the number of a HIT goes, at the end of its id."""
_NEW_HIT = _http({"HIT": {**HIT, "HITId": "3X7837UUADRXYCA1K7JA" + _NUMBER.decode()}}).split(_NUMBER)

_REPLIES = {
    b"CreateHITType": _http({"HITTypeId": HIT["HITTypeId"]}),
    b"GetAccountBalance": _http({"AvailableBalance": "10000.00"}),
    b"ListHITs": _http({"NumResults": 0, "HITs": []}),
    b"ListAssignmentsForHIT": _http(
        {
            "NextToken": "t",
            "NumResults": ASSIGNMENTS_PER_PAGE,
            "Assignments": [_assignment(number) for number in range(ASSIGNMENTS_PER_PAGE)],
        }
    ),
}


class _Canned(asyncio.Protocol):
    numbers = count(1)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        while True:
            head, blank, rest = self._received.partition(b"\r\n\r\n")
            if not blank:
                return
            lower = head.lower()
            length = int(lower.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
            if len(rest) < length:
                return
            self._received = rest[length:]
            position = lower.index(b"x-amz-target:")
            name = head[position:].partition(b"\r\n")[0].rpartition(b".")[2]
            self._transport.write(_REPLIES.get(name) or self._new_hit())

    def _new_hit(self) -> bytes:
        return (b"%010d" % next(self.numbers)).join(_NEW_HIT)


async def _run() -> None:
    server = await asyncio.get_running_loop().create_server(_Canned, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    # Ends with the process that reads our output: its end closes our input.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


@contextmanager
def serve() -> Iterator[str]:
    """Serve from another process; yields the URL."""
    command = [sys.executable, "-m", "benchmarks.canned"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/"
        process.terminate()


if __name__ == "__main__":
    asyncio.run(_run())
