"""The account: how much money there is."""

from __future__ import annotations

from aioturk._generated import shapes
from aioturk._generated.service import Service
from aioturk.marketplace.money import cents, dollars
from aioturk.marketplace.service.context import RequesterContext

__all__ = ["AccountOperations"]


class AccountOperations(Service[RequesterContext]):
    """GetAccountBalance."""

    def get_account_balance(
        self, context: RequesterContext, request: shapes.GetAccountBalanceRequest, /
    ) -> shapes.GetAccountBalanceResponse:
        """Read the balance, which never changes without accounting; a key with a cap sees no more than it may spend."""
        if not context.accounting:
            constant = _spendable(context, cents(context.rules.constant_balance))
            return shapes.GetAccountBalanceResponse(available_balance=dollars(constant))
        available, held = context.store.money.balance(context.account.seq)
        return shapes.GetAccountBalanceResponse(
            available_balance=dollars(_spendable(context, available)), on_hold_balance=dollars(held) if held else None
        )


def _spendable(context: RequesterContext, available: int) -> int:
    """What the caller can spend, whose key may have a cap."""
    key = context.key
    if key is None or key.spending_cap is None:
        return available
    return max(0, min(available, key.spending_cap - key.spent))
