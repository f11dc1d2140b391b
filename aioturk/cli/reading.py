"""Files that people name on the command line, read as text, or refused with a sentence that says what is wrong."""

from __future__ import annotations

from pathlib import Path

from aioturk.errors import ConfigurationError

__all__ = ["read_text"]


def read_text(path: Path, *, newline: str | None = None) -> str:
    """
    Read a file in UTF-8; a byte order mark at its beginning is left out.

    Args:
        path: The file.
        newline: As `open` takes it: an empty string leaves line ends alone.

    Raises:
        ConfigurationError: It is in another encoding.
        OSError: It cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig", newline=newline) as stream:
            return stream.read()
    except UnicodeDecodeError:
        # What cannot be decoded is in the exception, and no use to anybody who is not a programmer.
        raise ConfigurationError(
            f"{path} is not in UTF-8: save it in that encoding; spreadsheets call it CSV UTF-8."
        ) from None
