"""
What requesters do every day and the service has no single operation for, as methods of the client.

Ending a HIT, giving it more time or more assignments, taking it away for good (:mod:`aioturk.shortcuts.hits`);
finding a qualification type again by its name, keeping workers out, writing to any number of them
(:mod:`aioturk.shortcuts.workers`); saying to whom events are told (:mod:`aioturk.shortcuts.notifications`). Each
shortcut is made of a few operations, and none has a way of its own to the service: signing, tokens, repeats and errors
are as everywhere (:mod:`aioturk.client`).

Not here: tasks, their answers and their review, and many HITs at once.

A shortcut can fail between two of its steps. Its error is the one of the step that failed; once a step before has
changed something, it is ``ambiguous`` for that reason, and a note on it (``__notes__``, shown below its text in
tracebacks) tells what has been done and how to go on.
"""

from __future__ import annotations

from aioturk.shortcuts.hits import HITShortcuts
from aioturk.shortcuts.notifications import NotificationShortcuts
from aioturk.shortcuts.workers import Exclusion, Notified, WorkerShortcuts

__all__ = ["Exclusion", "Notified", "Shortcuts"]


class Shortcuts(HITShortcuts, WorkerShortcuts, NotificationShortcuts):
    """The everyday errands of a requester, on top of the operations; the client inherits them."""

    __slots__ = ()
