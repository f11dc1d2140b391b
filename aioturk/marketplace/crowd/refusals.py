"""Why requests of the Crowd API are declined, one function for each; codes and sentences are unverified."""

from __future__ import annotations

from aioturk.errors import AccessDenied, InvalidRequest, ServiceError

__all__ = [
    "another_account",
    "bad_request",
    "input_refused",
    "name_taken",
    "no_such_method",
    "nothing_here",
    "read_only",
    "still_processing",
    "unknown_function",
    "unknown_task",
]

_INVALID = "ValidationException"
_MISSING = "ResourceNotFoundException"


def bad_request(sentence: str) -> ServiceError:
    """A request that makes no sense."""
    return ServiceError(f"{sentence} Nothing was done.", code=_INVALID, status=400)


def input_refused(function: str, reason: ValueError | str) -> ServiceError:
    """An input that the function does not take."""
    said = str(reason)
    if isinstance(reason, InvalidRequest):
        # What was a row to the task is an input here.
        said = f"{'the input' if reason.argument in (None, 'row') else reason.argument} {reason.text}"
    return bad_request(f"The function {function!r} does not take this input: {said.rstrip('.')}.")


def name_taken(name: str) -> ServiceError:
    """The name of a task that has another input."""
    return bad_request(f"There is a task {name!r} already, with another input: choose another name.")


def still_processing(name: str) -> ServiceError:
    """The service documents that such a task cannot be deleted, and not with which status."""
    return bad_request(f"The task {name!r} is being processed, and cannot be deleted before it is completed or failed.")


def unknown_function(function: str) -> ServiceError:
    """A function that does not exist."""
    return ServiceError(f"There is no function {function!r}. Nothing was done.", code=_MISSING, status=404)


def unknown_task(name: str) -> ServiceError:
    """A task that does not exist, or does no more."""
    return ServiceError(f"There is no task {name!r}.", code=_MISSING, status=404)


def nothing_here() -> ServiceError:
    """A path that leads nowhere."""
    return ServiceError(
        "There is nothing here: paths are /{account}/functions/{function}/tasks/{task}, with twelve digits for the "
        "account.",
        code=_MISSING,
        status=404,
    )


def no_such_method(method: str) -> ServiceError:
    """A method that tasks do not have."""
    text = f"Tasks have the methods PUT, GET and DELETE, and not {method[:20]}. Nothing was done."
    return ServiceError(text, code="MethodNotAllowedException", status=405)


def another_account(access_key: str, account: str) -> ServiceError:
    """The number of an account that is not the caller's; whether there is one of that number, is not told."""
    return AccessDenied(
        f"User: {access_key} is not authorized to access the account {account}. Nothing was done.", status=403
    )


def read_only(access_key: str, operation: str) -> ServiceError:
    """A key that is good for reading alone, used for more; worded like IAM's refusals."""
    return AccessDenied(
        f"User: {access_key} is not authorized to perform: crowd:{operation} because the access key is read-only",
        status=403,
    )
