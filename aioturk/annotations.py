"""
Annotations: how the requester's own note on a HIT says which batch, and which row of it, the HIT is for.

`RequesterAnnotation` is the only place where the service keeps something of yours with a HIT: 255 characters that
workers never see. Its form here is the batch's name, and behind a number sign the row's::

    ages-1
    ages-1 #17
    ages-1 #caf%C3%A9 ~5f0c61d3

A name alone, as older programs write it, is a batch without rows. Behind the tilde is a digest of what was asked, by
which a row is known again as the same. Amazon takes ASCII only, so other characters, line ends and the per cent sign
are written as in URLs, and so is a row's tilde. `aioturk.tasks` writes and reads these notes.

The member: https://docs.aws.amazon.com/AWSMechTurk/latest/AWSMturkAPI/ApiReference_CreateHITOperation.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from aioturk.errors import InvalidRequest
from aioturk.models import HIT

__all__ = ["Annotation", "annotation_of", "belongs_to"]

LIMIT = 255
_MARK = " #"
_DIGEST = re.compile("(?:[0-9a-f]{32})?[0-9a-f]{8}")
_PRINTABLE = "".join(map(chr, range(0x20, 0x7F))).replace("%", "")


@dataclass(frozen=True, slots=True)
class Annotation:
    """
    Which batch a HIT is for, and which row.

    Args:
        batch: The batch's name: any text without " #" in it and without blanks at its ends.
        row: What the row is called, if it is called anything: a number, an id; any text without blanks at its ends.
        digest: What was asked for the row, in short: eight hexadecimal digits; of a batch with a ledger, behind the 32
            digits of the row's token.

    Raises:
        InvalidRequest: A name cannot be written, or both together are longer than 255 characters. Nothing was sent.
    """

    batch: str
    row: str | None = None
    digest: str | None = None

    def __post_init__(self) -> None:
        _check(self.batch, "batch")
        if _MARK in self.batch:
            raise InvalidRequest(f"is {self.batch!r}; ' #' separates it from the row: leave it out.", argument="batch")
        if self.row is not None:
            _check(self.row, "row")
        if self.digest is not None and (self.row is None or _DIGEST.fullmatch(self.digest) is None):
            raise InvalidRequest(
                "is eight hexadecimal digits, or forty with a token before them, for a row.", argument="digest"
            )
        length = len(str(self))
        if length > LIMIT:
            raise InvalidRequest(
                f"and row make an annotation of {length} characters; the service takes {LIMIT}: shorten them "
                "(a character that is not ASCII counts for three and more).",
                argument="batch",
            )

    def __str__(self) -> str:
        text = quote(self.batch, safe=_PRINTABLE)
        if self.row is not None:
            text += _MARK + quote(self.row, safe=_PRINTABLE).replace("~", "%7E")
        return text if self.digest is None else f"{text} ~{self.digest}"

    @classmethod
    def read(cls, text: str) -> Annotation:
        """
        Read a HIT's annotation, whoever wrote it: what is not of this form is the name of a batch as it stands.

        Args:
            text: The annotation.
        """
        batch, mark, rest = text.partition(_MARK)
        row, _, digest = rest.partition(" ~")
        try:
            found = cls(
                unquote(batch, errors="strict"), unquote(row, errors="strict") if mark else None, digest or None
            )
        except (InvalidRequest, UnicodeDecodeError):
            found = None
        if found is not None and str(found) == text:
            return found
        plain = object.__new__(cls)
        object.__setattr__(plain, "batch", text)
        object.__setattr__(plain, "row", None)
        object.__setattr__(plain, "digest", None)
        return plain


def annotation_of(hit: HIT) -> Annotation | None:
    """
    Return what a HIT's annotation says of its batch and row; None if it has none.

    Args:
        hit: The HIT.
    """
    return None if hit.requester_annotation is None else Annotation.read(hit.requester_annotation)


def belongs_to(annotation: str | None, batch: str) -> bool:
    """
    Say whether a HIT with this annotation is one of a batch.

    Args:
        annotation: The HIT's annotation.
        batch: The batch's name; or a whole annotation, as older programs gave one to all HITs of a batch.
    """
    return annotation is not None and (annotation == batch or Annotation.read(annotation).batch == batch)


def _check(name: object, argument: str) -> None:
    if not isinstance(name, str):
        raise InvalidRequest(f"is {type(name).__name__}; give a string.", argument=argument)
    if not name or name != name.strip():
        raise InvalidRequest(f"is {name!r}; give a name without blanks at its ends.", argument=argument)
    try:
        name.encode()
    except UnicodeEncodeError:
        raise InvalidRequest("holds half a character, which UTF-8 cannot carry.", argument=argument) from None
