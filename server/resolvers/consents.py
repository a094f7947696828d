# SPDX-License-Identifier: Apache-2.0
"""Consents: inputs onto services."""

from typing import Any

from server.context import Context
from server.models import Consent
from server.planner import reference
from server.resolvers.inputs import Given, take_key
from server.services import consents

NAME = "Consent"


async def record(context: Context, given: Given) -> dict[str, Any]:
    contact_id = take_key(given, "contact_id", "Contact", "contactId")
    made = consents.ConsentInput(contact_id=contact_id, **given)
    async with context.writing() as session:
        row = await consents.record_consent(session, context.require(None), made)
    return _payload(row)


async def record_objection(context: Context, given: Given) -> dict[str, Any]:
    contact_id = take_key(given, "contact_id", "Contact", "contactId")
    made = consents.ConsentInput(contact_id=contact_id, **given)
    async with context.writing() as session:
        row = await consents.record_objection(session, context.require(None), made)
    return _payload(row)


async def withdraw(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    async with context.writing() as session:
        row = await consents.withdraw_consent(session, context.require(None), key, **given)
    return _payload(row)


def _payload(row: Consent) -> dict[str, Any]:
    return {
        "consent": reference(NAME, row.id),
        "contact": reference("Contact", row.contact_id),
    }
