"""What importing the client costs beside its two dependencies, and constructing one."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

__all__ = ["Imported", "run"]

_IMPORT = "import time; start = time.process_time(); {statement}; print(time.process_time() - start)"
_CONSTRUCT = """
import time
from aioturk import Client, Credentials
keys = Credentials("AKIDEXAMPLE", "secret")
Client("sandbox", credentials=keys)
best = 1.0
for _ in range(50):
    start = time.perf_counter()
    Client("sandbox", credentials=keys)
    best = min(best, time.perf_counter() - start)
print(best)
"""


@dataclass(frozen=True)
class Imported:
    """
    The figures.

    Attributes:
        ratio: CPU time of ``from aioturk import Client`` over that of ``import aiohttp, msgspec``.
        construct: Seconds to construct a client.
    """

    ratio: float
    construct: float


def _measure(program: str) -> float:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return float(done.stdout)


def run(*, rounds: int = 15) -> Imported:
    """Measure in fresh processes, in turns, and keep the best of each."""
    ours = theirs = float("inf")
    for _ in range(rounds):
        theirs = min(theirs, _measure(_IMPORT.format(statement="import aiohttp, msgspec")))
        ours = min(ours, _measure(_IMPORT.format(statement="from aioturk import Client")))
    return Imported(ours / theirs, _measure(_CONSTRUCT))
