# SPDX-License-Identifier: Apache-2.0
"""Telephone exchanges: kept by people, used by the dialer."""

from server.services.telephony.dialing import live_calls, read_exchanges
from server.services.telephony.exchanges import (
    DeletedExchange,
    ExchangeEdit,
    ExchangeInput,
    campaign_count,
    create_exchange,
    delete_exchange,
    edit_exchange,
    exchange_to_test,
    matching,
    visible_exchanges,
)

__all__ = [
    "DeletedExchange",
    "ExchangeEdit",
    "ExchangeInput",
    "campaign_count",
    "create_exchange",
    "delete_exchange",
    "edit_exchange",
    "exchange_to_test",
    "live_calls",
    "matching",
    "read_exchanges",
    "visible_exchanges",
]
