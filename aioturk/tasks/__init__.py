"""
Tasks: what workers are asked to do, defined once, as a value.

* `task` has `Task`: what all HITs have in common, the question with places for a row's values, the type of an answer;
* `publishing` publishes many rows, each once, and reports on each as a `Publication`;
* `submissions` has `Submission`: what came back, typed, ready to be approved or rejected.

Nothing is kept: which HITs belong together stands in their annotations (`aioturk.annotations`), and the service is
asked. Uploads that have to survive a crash for longer than a day, and work that has to be seen once only, are for
batches.
"""

from __future__ import annotations

from aioturk.tasks.publishing import Publication
from aioturk.tasks.submissions import Submission
from aioturk.tasks.task import Row, Task, TaskQuestion

__all__ = ["Publication", "Row", "Submission", "Task", "TaskQuestion"]
