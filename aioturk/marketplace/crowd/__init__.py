"""
The Crowd API: functions that are called by name and answered by people, or by code in their place.

A request comes in at `door` (bytes in, bytes out) and becomes a step of a task's life in `tasks`, whose acts are in
:mod:`aioturk.marketplace.service.crowd_tasks`. What functions there are is in `functions`; how code answers in
`answering`, what people's answers become in `results`, and the functions that are there from the start in `ready_made`.
Which JSON is taken, and which is the same, says `documents`; why requests are declined, `refusals`.

It knows nothing of the client's stack: a task of `aioturk.tasks` is taken for what it can do.

The API: https://github.com/awslabs (its "Crowd API documentation"), and the reference of this project's own.
"""

from __future__ import annotations
