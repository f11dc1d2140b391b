"""
Runs everything and prints the tables: ``python -m benchmarks [--quick] [client] [batches] [killing]``.

The marketplace, whose figures are rates, has a program of its own: `benchmarks.market`.
"""

from __future__ import annotations

import asyncio
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version

from benchmarks import answers, batches, calls, imports, killing, memory, signing


@dataclass(frozen=True)
class Figure:
    """One measured figure and its target."""

    name: str
    value: float
    target: float
    unit: str = "x"
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the target is met."""
        return self.value >= self.target if self.at_least else self.value <= self.target

    def __str__(self) -> str:
        sign = ">=" if self.at_least else "<="
        verdict = "met" if self.met else "MISSED"
        return f"{self.name:<52} {self.value:>8.2f} {self.unit:<4} {sign} {self.target:g} {self.unit:<4} {verdict}"


def of_the_client(*, quick: bool) -> Iterator[Figure]:
    """Measure the client, one subject after the other."""
    rounds = 3 if quick else 15
    for in_flight in (1, calls.IN_FLIGHT):
        found = asyncio.run(calls.run(in_flight=in_flight, rounds=rounds))
        _show(f"CPU time of a call, {in_flight} in flight", found)
        yield from _of_calls(found, in_flight)
    yield from _of_answers(rounds)
    signed = signing.run(rounds=rounds)
    _show("CPU time of a signature, body of 2 KiB", {"sign": signed})
    yield Figure("sign / botocore", signed["aioturk"] / signed["botocore"], 0.15)
    imported = imports.run(rounds=rounds)
    yield Figure("import aioturk with Client / aiohttp and msgspec", imported.ratio, 1.5)
    yield Figure("constructing a Client", imported.construct * 1000, 1, "ms")
    grown = memory.run(items=100_000 if quick else 1_000_000)
    yield Figure("growth of memory over the last half of list_hits", grown, 1, "MiB")


def _of_calls(found: dict[str, dict[str, float]], in_flight: int) -> Iterator[Figure]:
    create, page = found["create_hit"], found["page"]
    at = f", {in_flight} in flight"
    yield Figure(f"create_hit / plain aiohttp{at}", create["aioturk"] / create["plain aiohttp"], 1.5)
    yield Figure(f"aiobotocore / create_hit{at}", create["aiobotocore"] / create["aioturk"], 4.5, at_least=True)
    yield Figure(f"capo-mturk / create_hit{at}", create["capo-mturk"] / create["aioturk"], 3, at_least=True)
    yield Figure(f"page of 100 / plain aiohttp, unparsed{at}", page["aioturk"] / page["plain aiohttp"], 1.6)
    yield Figure(f"aiobotocore / page of 100{at}", page["aiobotocore"] / page["aioturk"], 16, at_least=True)
    yield Figure(f"capo-mturk / page of 100{at}", page["capo-mturk"] / page["aioturk"], 4, at_least=True)


def _of_answers(rounds: int) -> Iterator[Figure]:
    read = answers.reading(rounds=rounds)
    _show("CPU time of an answer of two questions", read)
    for kind in ("texts", "selections"):
        ratio = read[kind]["xmltodict"] / read[kind]["aioturk"]
        yield Figure(f"xmltodict / an answer of two {kind}", ratio, 2, at_least=True)
    for in_flight in (1, calls.IN_FLIGHT):
        pages = asyncio.run(answers.pages(in_flight=in_flight, rounds=rounds))
        _show(f"CPU time of a page of typed answers, {in_flight} in flight", {"page": pages})
        ratio = pages["aiobotocore + xmltodict"] / pages["aioturk"]
        yield Figure(f"aiobotocore + xmltodict / a typed page, {in_flight} in flight", ratio, 10, at_least=True)
    yield Figure("building a form of ten questions", answers.building(rounds=rounds) * 1000, 0.3, "ms")


def of_batches(*, quick: bool) -> Iterator[Figure]:
    """Measure batches: time, memory, pace."""
    found = asyncio.run(batches.overhead(operations=1_000 if quick else 10_000, rounds=3 if quick else 7))
    _show("CPU time of publishing a row", {"a row": found})
    yield Figure("a row of a batch / create_hit", found["batch"] / found["create_hit"], 1.5)
    few, many = (1_000, 20_000) if quick else (10_000, 1_000_000)
    yield Figure(f"memory at {many:,} rows, above that at {few:,}", batches.growth(few=few, many=many), 30, "MiB")
    for rate in (5, 20, 100):
        kept, throttled = batches.pace(rate, minutes=2 if quick else 10)
        yield Figure(f"pace / {rate} calls a second allowed, least", kept, 0.9, at_least=True)
        yield Figure(f"pace / {rate} calls a second allowed, most", kept, 1.1)
        yield Figure(f"throttled, {rate} calls a second allowed", 100 * throttled, 5, "%")


def of_killing(*, quick: bool) -> None:
    """Kill batches, and print what came of it."""
    print(f"\n{killing.HEAD}")
    for killed in killing.scenarios(count=200 if quick else 10_000):
        print(killed, flush=True)


def _show(title: str, found: dict[str, dict[str, float]]) -> None:
    print(f"\n{title}")
    for what, seconds in found.items():
        print(f"  {what:<12}" + "".join(f"{name}: {value * 1e6:.1f} us   " for name, value in seconds.items()))


def main() -> None:
    """Print the machine, the versions, and every figure against its target."""
    names = ("aiohttp", "aiobotocore", "botocore", "capo-mturk", "msgspec", "xmltodict", "SQLAlchemy", "distributed")
    print(f"Python {platform.python_version()} on {platform.machine()}, {platform.system()} {platform.release()}")
    print(", ".join(f"{name} {version(name)}" for name in names))
    quick = "--quick" in sys.argv[1:]
    wanted = [name for name in sys.argv[1:] if not name.startswith("-")] or ["client", "batches", "killing"]
    measured = {"client": of_the_client, "batches": of_batches}
    results = [figure for name in wanted if name in measured for figure in measured[name](quick=quick)]
    print()
    for figure in results:
        print(figure)
    if "killing" in wanted:
        of_killing(quick=quick)


if __name__ == "__main__":
    main()
