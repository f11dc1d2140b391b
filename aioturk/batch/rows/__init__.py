"""
Rows: where they come from, in which form they are kept, and what each is called.

Rows are read as a stream, so that a million of them takes no more memory than a thousand. Each comes with its number;
one that cannot be used comes with its problem, and the others come all the same.

* `sources` reads them, with `files` for CSV and JSON Lines, and `lines` for where a broken row of CSV ends;
* `values` sees to it that the ledger can keep them;
* `keys` gives them their names.

What becomes of a row is in `aioturk.batch.plan`.
"""

from __future__ import annotations

from aioturk.batch.rows.keys import Keys
from aioturk.batch.rows.row import KeyedRow, RawRow
from aioturk.batch.rows.sources import Source, chunks, count, read

__all__ = ["KeyedRow", "Keys", "RawRow", "Source", "chunks", "count", "read"]
