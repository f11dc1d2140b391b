"""
When people did what: the moments of what was submitted, as files to download.

Beside each assignment they stand on the pages of `hits` and `reviewing`.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from aioturk.marketplace.moments_files import FORMATS, beginning, lines
from aioturk.marketplace.service import RequesterContext, moments
from aioturk.marketplace.service.moments import Piece
from aioturk.marketplace.site.requester.desk import Desk, route

__all__ = ["ROUTES", "files"]


def files(**only: str) -> list[tuple[str, str]]:
    """Return the name and the address of each file there is, of all that was submitted or only some of it."""
    query = f"?{urlencode(only)}" if only else ""
    return [(name, f"/requester/moments.{form}{query}") for form, name in (("csv", "CSV"), ("jsonl", "JSON Lines"))]


async def download(desk: Desk) -> web.StreamResponse:
    """Answer with the moments of all that was submitted to the requester, or to one HIT or HIT type of theirs."""
    form, query = desk.visit.path("form"), desk.visit.query
    text, after = [beginning(form)], 0

    def some(context: RequesterContext) -> list[Piece]:
        return moments.submitted(
            context,
            context.account.seq,
            after,
            hit_id=query.get("hit") or None,
            hit_type_id=query.get("hit_type") or None,
        )

    while pieces := await desk.act(some):
        text.append(lines(form, pieces))
        after = pieces[-1].place
    return web.Response(
        text="".join(text),
        content_type=FORMATS[form],
        headers={"Content-Disposition": f'attachment; filename="moments.{form}"'},
    )


ROUTES: Final = (route("GET", f"/requester/moments.{{form:{'|'.join(FORMATS)}}}", download),)
