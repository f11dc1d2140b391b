"""``aioturk marketplace run``: the client that was published for the Crowd API, unmodified, as a process of its own."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from aioturk.marketplace import Marketplace

from ..postgres import Postgres
from .test_run import CLEAN, command

TWIN = """
import json, sys
from boto3.session import Session
from mturk_crowd_beta_client import MTurkCrowdClient

crowd = MTurkCrowdClient(Session())
function, text = "sentiment-analysis-test", {"text": "Everything is wonderful."}
answers = [
    crowd.put_task(function, "review-17", text),
    crowd.put_task(function, "review-17", text),
    crowd.put_task(function, "review-17", {"text": "Nothing is."}),
    crowd.put_task("sentiment analysis", "review-17", text),
    crowd.put_task(function, "review 17", text),
    crowd.put_task(function, "review-18", {}),
    crowd.get_task(function, "review-17"),
    crowd.delete_task(function, "review-17"),
    crowd.delete_task(function, "review-17"),
    crowd.get_task(function, "review-17"),
]
print(json.dumps([[answer.status_code, answer.json() if answer.content else None] for answer in answers]))
"""
"""A program that calls the function which needs no people."""

PEOPLE = """
import json, sys
from boto3.session import Session
from mturk_crowd_beta_client import MTurkCrowdClient

crowd = MTurkCrowdClient(Session())
print(crowd.put_task("sentiment-analysis", "review-17", {"text": "Everything is wonderful."}).status_code, flush=True)
for line in sys.stdin:
    print(json.dumps(crowd.get_task("sentiment-analysis", "review-17").json()), flush=True)
"""
"""A program that asks people, and looks for their answer whenever it is told to."""


def test_the_published_client(tmp_path: Path) -> None:
    """It asks for its account, signs as it does, and finds the Crowd API in the place of Amazon's."""
    program = tmp_path / "program.py"
    program.write_text(TWIN)
    done = subprocess.run(
        command("--", sys.executable, str(program)),
        env={**CLEAN, "HOME": str(tmp_path), "TMPDIR": str(tmp_path), "AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    assert [status for status, _ in answers] == [201, 200, 400, 404, 400, 400, 200, 204, 404, 404]
    text = {"text": "Everything is wonderful."}
    made = {"taskName": "review-17", "input": text, "problemDetails": None, "state": "processing", "result": None}
    assert answers[0][1] == made
    assert answers[6][1] == made | {"state": "completed", "result": {"sentiment": "positive"}}
    assert all(list(document) == ["message"] for status, document in answers if status >= 400)
    assert done.stderr.splitlines()[-5:] == [
        "aioturk: 11 calls to the marketplace, 6 refused",
        "  Crowd DeleteTask       2, 1 refused",
        "  Crowd GetTask          2, 1 refused",
        "  Crowd PutTask          6, 4 refused",
        "  STS                    1",
    ]


async def test_the_published_client_and_a_worker(tmp_path: Path, postgres: Postgres) -> None:
    """Its task waits for people; a worker of a second process answers, and is paid."""
    database = postgres.fresh()
    program = tmp_path / "program.py"
    program.write_text(PEOPLE)
    process = await asyncio.create_subprocess_exec(
        *command("--quiet", "--database", database, "--", sys.executable, str(program)),
        env={**CLEAN, "HOME": str(tmp_path), "TMPDIR": str(tmp_path), "AWS_DEFAULT_REGION": "us-east-1"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert await asyncio.wait_for(process.stdout.readline(), 60) == b"201\n"
        process.stdin.write(b"look\n")
        assert json.loads(await asyncio.wait_for(process.stdout.readline(), 60))["state"] == "processing"
        async with Marketplace(database) as market:
            done = await market.work(lambda hit: {"sentiment": "positive"}, ["A1ANNA00000000"])
            assert done.submitted == 1
            process.stdin.write(b"look\n")
            task = json.loads(await asyncio.wait_for(process.stdout.readline(), 60))
            assert (task["state"], task["result"]) == ("completed", {"sentiment": "positive"})
            assert str((await market.earnings("A1ANNA00000000")).earned) == "0.05"
        process.stdin.close()
        assert await asyncio.wait_for(process.wait(), 60) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
