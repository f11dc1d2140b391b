"""
The requesters' pages, at ``/requester``: for whoever has an access key and its secret.

`entering` lets them in, `desk` is what every page acts with: the same operations as through the API, on behalf of the
key, by the same rules of what it may. `hits` lists HITs and the work on them, `reviewing` shows an answer beside its
task and decides on it, `bulk` decides on many at a time, `bonuses` pays bonuses, `progress` shows how it all gets on,
with the pictures of `pictures`, and `times` has when people did what, as files. `answers` makes a table of texts of
what a worker sent, which is hostile; `costs` reckons what a decision costs before it is made.
"""

from __future__ import annotations

from typing import Final

from aioturk.marketplace.site.requester import bonuses, bulk, entering, hits, progress, reviewing, times
from aioturk.marketplace.site.requester.entering import address

__all__ = ["ROUTES", "address"]

ROUTES: Final = (
    *entering.ROUTES,
    *hits.ROUTES,
    *reviewing.ROUTES,
    *bulk.ROUTES,
    *bonuses.ROUTES,
    *progress.ROUTES,
    *times.ROUTES,
)
"""Every page of requesters."""
