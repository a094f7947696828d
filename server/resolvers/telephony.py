# SPDX-License-Identifier: Apache-2.0
"""Telephone exchanges: inputs onto services, and the test of a connection."""

from typing import Any

from server.context import Context
from server.i18n import exchange_fault_text
from server.planner import reference
from server.resolvers.inputs import Given, take_key
from server.services import telephony
from server.telephony.asterisk.probing import try_connection

NAME = "TelephonyExchange"


async def create(context: Context, given: Given) -> dict[str, Any]:
    async with context.writing() as session:
        row = await telephony.create_exchange(
            session, context.require(None), telephony.ExchangeInput(**given)
        )
    return {"telephony_exchange": reference(NAME, row.id)}


async def edit(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    async with context.writing() as session:
        row = await telephony.edit_exchange(
            session, context.require(None), key, telephony.ExchangeEdit(**given)
        )
    return {"telephony_exchange": reference(NAME, row.id)}


async def delete(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    async with context.writing() as session:
        deleted = await telephony.delete_exchange(session, context.require(None), key, **given)
    return {"deleted": True, "name": deleted.name}


async def test(context: Context, given: Given) -> dict[str, Any]:
    """Nothing of the database is held while the exchange is asked."""
    key = take_key(given, "id", NAME)
    async with context.writing() as session:
        exchange = await telephony.exchange_to_test(session, context.require(None), key)
    found = await try_connection(exchange)
    findings = [
        {"code": finding.fault, "message": exchange_fault_text(context.locale, finding)}
        for finding in found.findings
    ]
    return {
        "telephony_exchange": reference(NAME, key),
        "is_fine": not findings,
        "version": found.version,
        "applications": list(found.applications),
        "milliseconds": found.milliseconds,
        "findings": findings,
    }
