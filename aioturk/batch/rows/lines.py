"""Lines of CSV files, and where a row ends that cannot be read."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

__all__ = ["Lines"]

_QUOTES: Final = re.compile('"+')
_LOOK_AHEAD: Final = 1 << 17
"""How many characters are looked at, at most, for the end of a row whose quotes are wrong."""


class Lines:
    """
    The lines of a CSV file, and among them those of the row that is being read.

    A reader that fails at a row goes on with the next line, in the middle of a cell if that has several, whose lines
    would then be published as rows.

    Args:
        file: The lines.
        separator: What separates cells.

    Attributes:
        number: How many lines were read.
        row: The lines of the row, since this was last cleared.
    """

    def __init__(self, file: Iterable[str], separator: str) -> None:
        self._file = iter(file)
        self._ahead: deque[str] = deque()
        self._separator = separator
        self.number = 0
        self.row: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._ahead.popleft() if self._ahead else next(self._file)
        self.number += 1
        self.row.append(line)
        return line

    def where(self) -> str:
        """Say in which lines the row is."""
        first = self.number - len(self.row) + 1
        return f"line {first}" if len(self.row) < 2 else f"lines {first} to {self.number}"

    def pass_over(self, *, is_long: bool) -> None:
        """
        Pass over what is left of a row that cannot be read, if it has not ended with the last line.

        Where a quote is left open, the next one tells: if it ends a cell, the lines up to there were a part of that. If
        it begins one, or there is none, the row had ended, and its quotes are wrong.

        Args:
            is_long: Whether a cell was too long, and not a quote wrong: then it goes on until a quote ends it.
        """
        is_open = self._is_open("".join(self.row))
        passed: list[str] = []
        characters = 0
        while is_open and (is_long or characters < _LOOK_AHEAD):
            line = self._ahead.popleft() if self._ahead else next(self._file, None)
            if line is None:
                break
            passed.append(line)
            characters += len(line)
            after = self._after_next_quote(line)
            if after == 0:
                break
            if after is not None:
                is_open = self._is_open(line[after:])
                self._pass(passed)
            elif is_long:
                self._pass(passed)
        self._ahead.extendleft(reversed(passed))

    def _pass(self, passed: list[str]) -> None:
        # Only how many there are counts from here on; a cell may be as long as the file.
        self.row += [""] * len(passed)
        self.number += len(passed)
        passed.clear()

    def _is_open(self, text: str) -> bool:
        """Say whether a text that begins outside of quotes ends within them; quotes in the middle of cells end none."""
        is_open = False
        for quotes in _QUOTES.finditer(text):
            count = len(quotes[0])
            if not is_open:
                if not self._begins(text, quotes.start()):
                    continue
                is_open = True
                count -= 1
            if count % 2 and self._ends(text, quotes.end()):
                is_open = False
        return is_open

    def _after_next_quote(self, line: str) -> int | None:
        """Find where the cell ends that a line begins in: None if it does not, 0 if another cell begins before."""
        for quotes in _QUOTES.finditer(line):
            if len(quotes[0]) % 2:
                if self._ends(line, quotes.end()):
                    return quotes.end()
                if self._begins(line, quotes.start()):
                    return 0
        return None

    def _begins(self, text: str, position: int) -> bool:
        return position == 0 or text[position - 1] == self._separator

    def _ends(self, text: str, position: int) -> bool:
        return text[position : position + 1] in ("", self._separator, "\r", "\n")
