"""Queues and topics for tests: Amazon's, as moto plays them on this computer."""

from __future__ import annotations

import asyncio
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import boto3

from aioturk._core.keys import Credentials

__all__ = ["KEYS", "Queues", "serve"]

KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")


class Queues:
    """
    A queue service and a topic service.

    Args:
        url: Where both are.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        session = boto3.Session(KEYS.access_key, KEYS.secret_key, region_name="us-east-1")
        self._sqs: Any = session.client("sqs", endpoint_url=url)
        self._sns: Any = session.client("sns", endpoint_url=url)

    async def queue(self) -> str:
        """Make a queue; return its URL."""
        # Moto keeps everything for as long as the process lives, whatever becomes of its server.
        answer = await asyncio.to_thread(self._sqs.create_queue, QueueName=f"queue-{uuid4()}")
        return str(answer["QueueUrl"])

    async def topic(self, queue: str, *, raw: bool = False) -> str:
        """Make a topic whose messages go to a queue, in an envelope unless they are raw; return its ARN."""
        made = await asyncio.to_thread(self._sns.create_topic, Name=f"topic-{uuid4()}")
        attributes = await asyncio.to_thread(
            self._sqs.get_queue_attributes, QueueUrl=queue, AttributeNames=["QueueArn"]
        )
        await asyncio.to_thread(
            self._sns.subscribe,
            TopicArn=made["TopicArn"],
            Protocol="sqs",
            Endpoint=attributes["Attributes"]["QueueArn"],
            Attributes={"RawMessageDelivery": str(raw).lower()},
        )
        return str(made["TopicArn"])

    async def received(self, queue: str) -> list[str]:
        """Take everything out of a queue."""
        bodies: list[str] = []
        while True:
            answer = await asyncio.to_thread(
                self._sqs.receive_message, QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=0
            )
            messages = answer.get("Messages", [])
            if not messages:
                return bodies
            bodies += [message["Body"] for message in messages]


@contextmanager
def serve() -> Iterator[Queues]:
    """Start both."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # other people's
        from moto.server import ThreadedMotoServer

        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it would write every request to stderr
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        try:
            host, port = server.get_host_and_port()
            yield Queues(f"http://{host}:{port}")
        finally:
            server.stop()
