"""Handwritten digits as data, and as pictures in the HTML of a task."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files

__all__ = ["Digit", "load", "task_page"]

_SIDE = 8
_DARKEST = 16


@dataclass(frozen=True, slots=True)
class Digit:
    """
    A picture of a handwritten digit.

    Attributes:
        number: Its place in the data, from 0.
        pixels: 64 grey values, row by row, from 0 (white) to 16 (black).
        value: The digit that was written, 0-9.
    """

    number: int
    pixels: tuple[int, ...]
    value: int


def load(rows: int | None = None) -> list[Digit]:
    """
    Return the first pictures; all of them unless a number is given.

    Args:
        rows: How many.
    """
    text = files(__package__).joinpath("digits.csv").read_text(encoding="ascii")
    digits = []
    for number, row in enumerate(csv.reader(text.splitlines())):
        *pixels, value = map(int, row)
        digits.append(Digit(number, tuple(pixels), value))
    return digits[:rows]


def picture(digit: Digit) -> str:
    """Draw a digit as SVG."""
    dots = []
    for place, darkness in enumerate(digit.pixels):
        if darkness:
            y, x = divmod(place, _SIDE)
            dots.append(f'<rect x="{x}" y="{y}" width="1" height="1" opacity="{darkness / _DARKEST:g}"/>')
    return (
        f'<svg viewBox="0 0 {_SIDE} {_SIDE}" width="160" height="160" role="img" aria-label="a handwritten digit">'
        f"{''.join(dots)}</svg>"
    )


def task_page(digit: Digit) -> str:
    """Write the page on which a worker reads one digit."""
    choices = "".join(
        f'<label><input type="radio" name="digit" value="{value}" required> {value}</label>\n' for value in range(10)
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Read a digit</title></head>
<body>
<form name="mturk_form" method="post" id="mturk_form" action="https://www.mturk.com/mturk/externalSubmit">
<input type="hidden" name="assignmentId" id="assignmentId" value="">
<p>Which digit is this?</p>
{picture(digit)}
<p>{choices}</p>
<p><input type="submit" id="submitButton" value="Submit"></p>
</form>
<script>
document.getElementById("assignmentId").value = new URLSearchParams(location.search).get("assignmentId");
</script>
</body>
</html>
"""
