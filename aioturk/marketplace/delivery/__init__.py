"""
Delivery: bringing messages about events to those who want to know of them.

`settings` is what a program asks for: a queue service, a topic service, webhooks. `carriers` says how a message looks
on its way to each of them, `rounds` brings the messages of one of them, and `courier` begins and ends the rounds.

All of it happens beside everything else and outside of any transaction: some messages are claimed in a short act, sent,
and what became of them is kept in the next act. A message whose sender died is anybody's when the claim has ended, so
each arrives at least once; of several processes on one store, one sends it.

What the messages say, and to whom, is decided in :mod:`aioturk.marketplace.service.notifications`.
"""

from __future__ import annotations

from aioturk.marketplace.delivery.courier import Courier
from aioturk.marketplace.delivery.settings import Delivery, Webhook

__all__ = ["Courier", "Delivery", "Webhook"]
