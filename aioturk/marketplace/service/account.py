"""The account: how much money there is."""

from __future__ import annotations

from aioturk._generated import shapes
from aioturk._generated.service import Service
from aioturk.marketplace.money import dollars
from aioturk.marketplace.service.context import RequesterContext

__all__ = ["AccountOperations"]


class AccountOperations(Service[RequesterContext]):
    """GetAccountBalance."""

    def get_account_balance(
        self, context: RequesterContext, request: shapes.GetAccountBalanceRequest, /
    ) -> shapes.GetAccountBalanceResponse:
        """Read the balance: without accounting it never changes."""
        if not context.accounting:
            return shapes.GetAccountBalanceResponse(available_balance=context.rules.constant_balance)
        available, held = context.store.money.balance(context.account.seq)
        return shapes.GetAccountBalanceResponse(
            available_balance=dollars(available), on_hold_balance=dollars(held) if held else None
        )
