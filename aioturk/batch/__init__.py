"""
Batches: uploads, reviews and payments that survive anything, exactly once.

* `batch` has `Batch`, which is what programs use;
* `rows`, `plan` and `uploading` publish rows; `units` says by which names service and ledger know them;
* `collecting`, `watching` and `delivering` bring submissions; `reviewing` is how they are decided on and paid, by way
  of `deciding` and `paying`;
* `extending`, `running` and `reconciling` look after the HITs;
* `run` carries units out, each exactly once; `desk`, `holding` and `concurrency` are what it needs;
* `ledger` keeps what was meant, what was sent and what came back;
* `export` and `votes` make files and tables of results, `progress` tells people how far it is.

It needs the extra ``batch``, and is imported by those only who use it.
"""

from __future__ import annotations

try:
    import sqlalchemy as _sqlalchemy  # noqa: F401
except ModuleNotFoundError as _missing:
    raise ModuleNotFoundError(
        "Batches keep their ledgers with SQLAlchemy, which is not installed: pip install 'aioturk[batch]'.",
        name=_missing.name,
    ) from None

from aioturk.batch.batch import Batch, Confirm
from aioturk.batch.deciding import Decision, approve, reject
from aioturk.batch.delivering import Until
from aioturk.batch.export import Label
from aioturk.batch.paying import Bonus
from aioturk.batch.plan import Plan, Problem
from aioturk.batch.progress import Progress, ProgressOption
from aioturk.batch.reconciling import Reconciliation
from aioturk.batch.reviewing import BatchSubmission, Judge
from aioturk.batch.rows import Source
from aioturk.batch.running import Status, Stopped
from aioturk.batch.tally import Tally
from aioturk.batch.uploading import Report
from aioturk.batch.votes import Agreement, Vote, agreement, majority

__all__ = [
    "Agreement",
    "Batch",
    "BatchSubmission",
    "Bonus",
    "Confirm",
    "Decision",
    "Judge",
    "Label",
    "Plan",
    "Problem",
    "Progress",
    "ProgressOption",
    "Reconciliation",
    "Report",
    "Source",
    "Status",
    "Stopped",
    "Tally",
    "Until",
    "Vote",
    "agreement",
    "approve",
    "majority",
    "reject",
]
