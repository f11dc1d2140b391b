"""Asynchronous generators as an event loop sees them, which closes all of them at once when it shuts down."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["closed_at_once", "noticed"]


@contextmanager
def noticed() -> Iterator[list[AsyncGenerator[Any, Any]]]:
    """Collect the generators that are begun meanwhile, in their order: the outer ones first. For use within a loop."""
    found: list[AsyncGenerator[Any, Any]] = []
    hooks = sys.get_asyncgen_hooks()

    def notice(generator: AsyncGenerator[Any, Any]) -> None:
        found.append(generator)
        if hooks.firstiter is not None:
            hooks.firstiter(generator)

    sys.set_asyncgen_hooks(firstiter=notice)
    try:
        yield found
    finally:
        sys.set_asyncgen_hooks(firstiter=hooks.firstiter)


async def closed_at_once(generators: list[AsyncGenerator[Any, Any]]) -> list[BaseException | None]:
    """Close them as `loop.shutdown_asyncgens` does, whose order is that of a set; return what each said to it."""
    return await asyncio.gather(*(generator.aclose() for generator in generators), return_exceptions=True)
