"""
Whether a process is alive, as far as can be told from here.

A number alone does not tell: numbers are given again. So a process is known by its computer, its number and the moment
at which it began.
"""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["Process", "is_dead", "own_process"]


@dataclass(frozen=True, slots=True)
class Process:
    """
    A process.

    Attributes:
        host: The computer, its present start, and the room in which process numbers are given there.
        pid: Its number.
        started: When it began, in ticks since the computer did; None where that cannot be found out.
    """

    host: str
    pid: int
    started: int | None


def own_process() -> Process:
    """Return the process that we are in."""
    pid = os.getpid()
    return Process(_host(), pid, _started(pid))


def is_dead(process: Process) -> bool | None:
    """
    Say whether a process has ended.

    Args:
        process: The process.

    Returns:
        None if it cannot be told from here: it is on another computer, or nobody knows when it began.
    """
    if process.host != _host():
        return None
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # somebody else's: it is alive, and perhaps not the one that is meant
    started = _started(process.pid)
    if started is None or process.started is None:
        return None
    return started != process.started


@cache
def _host() -> str:
    # Containers may share a name and a start; each of them counts its processes by itself.
    return " ".join([platform.node(), _boot(), _room()])


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:  # not Linux, or not to be seen
        return "-"


def _room() -> str:
    try:
        return str(Path("/proc/self/ns/pid").stat().st_ino)
    except OSError:
        return "-"


def _started(pid: int) -> int | None:
    try:
        told = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The name, in parentheses, may hold anything; behind it comes the state, and 19 places on the start.
    fields = told.rpartition(")")[2].split()
    return -1 if fields[0] in "ZX" else int(fields[19])
