"""
Running the owner's functions: on the loop when they are async, each in a thread of its own when they are not.

They get a certain time, and whatever they do, nothing here waits for them any longer: a thread that never ends is left
behind, and does not keep the program from ending.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable
from threading import Thread
from typing import Any

__all__ = ["call"]

_log = logging.getLogger(__name__)


async def call(function: Callable[[Any], Any], argument: Any, timeout: float) -> Any:
    """
    Call a function; return what it returns, raise what it raises.

    Args:
        function: The function, plain or async.
        argument: What it is called with.
        timeout: How many seconds it gets.

    Raises:
        TimeoutError: It took longer. A thread goes on, but nobody hears of it.
    """
    limit = asyncio.timeout(timeout)
    try:
        async with limit:
            return await _result(function, argument)
    except TimeoutError as error:
        if limit.expired():
            raise
        # The function's own: of a connection, say.
        raise RuntimeError(f"the function raised TimeoutError: {error}") from error
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        # The function's own, too: it has given up something, and nobody has given up the function.
        raise RuntimeError("the function raised CancelledError") from error


async def _result(function: Callable[[Any], Any], argument: Any) -> Any:
    if _is_async(function):
        return await function(argument)
    found = await _in_thread(function, argument)
    return await found if inspect.isawaitable(found) else found


def _is_async(function: Callable[[Any], Any]) -> bool:
    # An instance of a class may be a function, too.
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)


async def _in_thread(function: Callable[[Any], Any], argument: Any) -> Any:
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()

    def run() -> None:
        try:
            outcome, is_error = function(argument), False
        except Exception as error:
            outcome, is_error = error, True
        try:
            loop.call_soon_threadsafe(_settle, future, outcome, is_error)
        except RuntimeError:
            _log.debug("the marketplace ended before a function did")

    # A daemon and no executor's thread, which the program's end would wait for.
    Thread(target=run, name="aioturk-crowd-function", daemon=True).start()
    return await future


def _settle(future: asyncio.Future[Any], outcome: Any, is_error: bool) -> None:
    if future.done():
        return
    if not is_error:
        future.set_result(outcome)
    elif isinstance(outcome, StopIteration):  # which no future takes
        future.set_exception(RuntimeError("the function raised StopIteration"))
    else:
        future.set_exception(outcome)
