"""
Results as files and tables, and decisions from a file that somebody filled in.

* `csv_files` writes the columns of the requester site's result files, and `columns` says what stands in them;
* `json_lines` writes an object for each submission;
* `frames` makes tables of pandas;
* `labels` has the long table (task, worker, label) that aggregation libraries take;
* `review` reads a result file back, with an ``X`` or a reason beside the work that is to be decided;
* `files` sees to it that a broken export never destroys an earlier one, and `streams` what all of them read.

Results come from the ledger, by `aioturk.batch.ledger.results`; the majority of labels is in `aioturk.batch.votes`.
"""

from __future__ import annotations

from aioturk.batch.export.csv_files import write_csv
from aioturk.batch.export.frames import labels_to_pandas, to_pandas
from aioturk.batch.export.json_lines import write_json_lines
from aioturk.batch.export.labels import Label, labels_in, long_table
from aioturk.batch.export.review import FileDecision, read_review
from aioturk.batch.export.streams import Results

__all__ = [
    "FileDecision",
    "Label",
    "Results",
    "labels_in",
    "labels_to_pandas",
    "long_table",
    "read_review",
    "to_pandas",
    "write_csv",
    "write_json_lines",
]
