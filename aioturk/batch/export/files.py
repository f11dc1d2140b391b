"""
Files that are whole or are not there: written beside the target, and put in its place at the end.

Everything that waits for a disk happens in a thread.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TextIO

__all__ = ["Target", "Writing", "writing"]

Target = str | os.PathLike[str] | TextIO
"""Where an export goes: a path, or a file that is open for text."""

Writing = Callable[[Callable[[TextIO], None]], None]
"""Has a function write to the file; called in a thread."""


@asynccontextmanager
async def writing(target: Target, encoding: str = "utf-8") -> AsyncGenerator[Writing, None]:
    """
    Open a file for an export.

    What stands at the path stays as it is until everything is written, and for good if the writing is broken off. What
    is no regular file, a pipe or a terminal, is written to as it comes; so is a file that is open already, which stays
    open. A symbolic link goes on leading to where it leads.

    Args:
        target: The path, or a file that is open for text (with ``newline=""``, if it is for CSV).
        encoding: The encoding of a path's file.

    Raises:
        OSError: The file cannot be written.
    """
    if not isinstance(target, str | os.PathLike):
        yield lambda write: write(target)
        return
    draft = _Draft(Path(target), encoding)
    try:
        await asyncio.to_thread(draft.open)
        yield draft.write
        await asyncio.to_thread(draft.finish)
    finally:
        # Shielded: a second cancellation must not leave the draft behind.
        await asyncio.shield(asyncio.to_thread(draft.drop))


class _Draft:
    """A file that is being written."""

    def __init__(self, path: Path, encoding: str) -> None:
        self._path = path
        self._encoding = encoding
        self._draft: Path | None = None
        self._file: TextIO | None = None
        # Whoever is cancelled goes on at once, while the thread still writes.
        self._lock = threading.Lock()

    def open(self) -> None:
        with self._lock:
            target = self._path.resolve()
            if target.exists() and not target.is_file():
                self._file = target.open("w", encoding=self._encoding, newline="")
                return
            draft = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part")
            self._file = draft.open("x", encoding=self._encoding, newline="")
            self._draft = draft
            self._path = target

    def write(self, write: Callable[[TextIO], None]) -> None:
        with self._lock:
            if self._file is not None:  # else the export was given up meanwhile
                write(self._file)

    def finish(self) -> None:
        with self._lock:
            if self._file is None:
                return
            if self._draft is not None:
                self._file.flush()
                os.fsync(self._file.fileno())
            self._file.close()
            self._file = None
            if self._draft is not None:
                with suppress(FileNotFoundError):  # there was none before
                    shutil.copymode(self._path, self._draft)
                self._draft.replace(self._path)
                self._draft = None

    def drop(self) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None
            if self._draft is not None:
                self._draft.unlink(missing_ok=True)
                self._draft = None
