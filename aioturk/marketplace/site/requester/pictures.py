"""
Pictures as numbers: where the bars of a chart stand, and how high they are. The templates draw them, as SVG.

A picture says nothing that the table beside it does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Bar", "Chart", "Part", "columns", "strip"]


@dataclass(frozen=True, slots=True)
class Part:
    """
    A rectangle.

    Attributes:
        kind: What it stands for: a class of the style sheet.
        x: Its left edge.
        y: Its upper edge.
        width: Its width.
        height: Its height.
        value: What it stands for, in numbers.
    """

    kind: str
    x: float
    y: float
    width: float
    height: float
    value: float


@dataclass(frozen=True, slots=True)
class Bar:
    """
    Parts that stand beside each other.

    Attributes:
        label: What stands below.
        middle: Where its middle is.
        parts: The parts, from left to right.
    """

    label: str
    middle: float
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """
    A chart of bars.

    Attributes:
        width: Its width.
        height: Its height without labels.
        top: What the highest line of the scale stands for.
        lines: The scale: where each line is, and what it stands for.
        bars: The bars, from left to right.
    """

    width: float
    height: float
    top: float
    lines: tuple[tuple[float, float], ...]
    bars: tuple[Bar, ...]


def columns(
    rows: Sequence[tuple[str, Sequence[tuple[str, float]]]], *, width: float = 640, height: float = 160
) -> Chart:
    """
    Return a chart with some columns for each row, from left to right.

    Args:
        rows: A label, and for each part its kind and its number, not below 0.
        width: The chart's width.
        height: Its height without labels.
    """
    top = round_up(max((value for _, parts in rows for _, value in parts), default=0))
    step = width / max(len(rows), 1)
    space = min(step * 0.8, 90)
    bars = []
    for place, (label, parts) in enumerate(rows):
        left, thick = place * step + (step - space) / 2, space / max(len(parts), 1)
        drawn = []
        for number, (kind, value) in enumerate(parts):
            tall = value / top * height
            x = left + number * thick
            drawn.append(Part(kind, _short(x), _short(height - tall), _short(thick * 0.9), _short(tall), value))
        bars.append(Bar(label, _short(left + space / 2), tuple(drawn)))
    lines = tuple((_short(height - height * share), top * share) for share in (0, 0.5, 1))
    return Chart(width, height, top, lines, tuple(bars))


def strip(parts: Sequence[tuple[str, float]], *, width: float = 640, height: float = 28) -> tuple[Part, ...]:
    """Return one bar that lies, of parts that make a whole; none if there is nothing of it."""
    whole = sum(value for _, value in parts)
    drawn, left = [], 0.0
    for kind, value in parts:
        wide = value / whole * width if whole else 0
        if wide:
            drawn.append(Part(kind, _short(left), 0, _short(wide), height, value))
        left += wide
    return tuple(drawn)


def round_up(value: float) -> float:
    """Return the next number that a scale may end with: 1, 2 or 5 with noughts; never 0."""
    size = 1.0
    while size * 10 <= value:
        size *= 10
    return next(size * factor for factor in (1, 2, 5, 10) if size * factor >= value)


def _short(number: float) -> float:
    return round(number, 2)
