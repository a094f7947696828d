# SPDX-License-Identifier: Apache-2.0
"""Claims and reports of a dialer of the centre's own, onto services."""

import uuid
from typing import Any

from server.context import Context
from server.domain.campaigns import CallStatus
from server.domain.errors import DomainError, ErrorCode
from server.planner import global_id, key_of, reference
from server.resolvers.inputs import Given, take_key
from server.services.dialer import Reported, external

ENTRY = "HopperEntry"
PREFIX = "entry"  # of its ids


async def claim_calls(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "campaign_id", "Campaign", "campaignId")
    async with context.writing() as session:
        claims = await external.claim_calls(session, context.require(None), key, **given)
    calls = [
        {
            "entryId": global_id(PREFIX, call.entry_id),
            "token": str(call.token),
            "number": call.number,
            "itemTypeName": call.item_type,
            "position": call.position,
            "round": call.round,
            "attemptsMade": call.attempts_made,
            "claimedAt": call.claimed_at,
            "leaseUntil": call.lease_until,
            "ringSeconds": call.timeout,
            "contact": reference("Contact", call.contact_id),
        }
        for call in claims.calls
    ]
    return {"calls": calls, "campaign_state": claims.state, "next_at": claims.next_at}


async def keep_calls(context: Context, given: Given) -> dict[str, Any]:
    claims, unknown = _claims(given)
    async with context.writing() as session:
        kept = await external.keep_calls(session, claims)
    return {
        "held": [global_id(PREFIX, entry_id) for entry_id in kept.held],
        "lost": [*(global_id(PREFIX, entry_id) for entry_id in kept.lost), *unknown],
    }


async def give_back_calls(context: Context, given: Given) -> dict[str, Any]:
    claims, _ = _claims(given)
    async with context.writing() as session:
        count = await external.give_back_calls(session, claims)
    return {"given_back": count}


async def report_call(context: Context, given: Given) -> dict[str, Any]:
    token = _token(given.pop("token"))
    key = key_of(given.pop("entry_id"), ENTRY)
    outcome = Reported.STALE
    if token is not None and key is not None:
        status = CallStatus(given.pop("status"))
        result = external.ExternalReport(entry_id=key, token=token, status=status, **given)
        async with context.writing() as session:
            outcome = await external.report_call(session, result)
    if outcome is Reported.STALE:
        refusal = DomainError(ErrorCode.STALE_CLAIM, "token")
        refusal.payload = {"outcome": outcome}
        raise refusal
    return {"outcome": outcome}


def _claims(given: Given) -> tuple[list[tuple[int, uuid.UUID]], list[str]]:
    """The claims that can be some, and the ids of the others: these are nobody's."""
    claims, unknown = [], []
    for call in given["calls"]:
        token, key = _token(call["token"]), key_of(call["entry_id"], ENTRY)
        if token is None or key is None:
            unknown.append(call["entry_id"])
        else:
            claims.append((key, token))
    return claims, unknown


def _token(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
