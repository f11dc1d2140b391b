"""
Making calls of a service, whichever it is.

A call takes its turn, is signed and sent, and its answer is read; keys that ran out are renewed, a wrong clock is
corrected, whoever paces is told how it ended, and :mod:`aioturk.retries` decides whether to try again.

* `caller` has `Caller`, which does all of that and knows nothing of what is asked. :class:`aioturk.Client` stands on
  it, for the requester API;
* `neighbour` has `Neighbour`, for services of which a few requests are needed: the Crowd API, queues, "whose keys are
  these?";
* `connection` has what a caller and its views have in common, `options` what each may set for itself;
* `reading` turns what a reader complains of into errors.
"""

from __future__ import annotations

from aioturk.calling.caller import Caller, service_time
from aioturk.calling.connection import Connection, Statistics, keys_for
from aioturk.calling.neighbour import ErrorReader, Neighbour
from aioturk.calling.options import Options
from aioturk.calling.reading import readable

__all__ = [
    "Caller",
    "Connection",
    "ErrorReader",
    "Neighbour",
    "Options",
    "Statistics",
    "keys_for",
    "readable",
    "service_time",
]
