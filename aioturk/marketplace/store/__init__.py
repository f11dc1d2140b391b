"""
The only part of the marketplace that speaks SQL.

`Store` opens a database and hands out connections, and these transactions; what can be asked within one stands in the
modules named as the service's are: ``transaction.hits``, ``transaction.assignments``, ``transaction.money``... They
know rows, not rules: what may be done when is decided in :mod:`aioturk.marketplace.service`. The schema is in `tables`
(and how old ones become it, in `migrations`), the values that come out in `records`.

Statements are written once, when the module loads, and take bound parameters only.
"""

from __future__ import annotations

from aioturk.marketplace.store.connections import CommitError, Raced, StoreConnection
from aioturk.marketplace.store.database import Store
from aioturk.marketplace.store.transaction import Transaction

__all__ = ["CommitError", "Raced", "Store", "StoreConnection", "Transaction"]
