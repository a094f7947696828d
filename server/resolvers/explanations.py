# SPDX-License-Identifier: Apache-2.0
"""Why a contact is not being called now, in the reader's words."""

from datetime import datetime
from typing import Any

from strawberry import ID

from server import gate_messages as words
from server.context import Context
from server.domain.gate import Check, GateRule, PolicyName, Standing
from server.i18n import label
from server.planner import key_of, reference
from server.resolvers.check_texts import Reader, check_text
from server.resolvers.inputs import NO_ROW
from server.services import explanations
from server.services.explanations import Explanation


async def explain(
    context: Context, contact_id: ID, campaign_id: ID, at: datetime | None
) -> dict[str, Any]:
    viewer = context.require(None)
    async with context.writing() as session:
        found = await explanations.explain_dial(
            session,
            viewer,
            key_of(contact_id, "Contact") or NO_ROW,
            key_of(campaign_id, "Campaign") or NO_ROW,
            at,
        )
    return {"explanation": _explanation(Reader(context.locale, viewer.timezone), found)}


def _explanation(reader: Reader, found: Explanation) -> dict[str, Any]:
    reason = found.reason
    return {
        "at": found.at,
        "standing": found.standing,
        "standingLabel": label(reader.locale, found.standing),
        "allowed": found.allowed,
        "summary": _summary(reader, found),
        "reason": None if reason is None else reason.rule,
        "number": found.number,
        "itemTypeName": found.item_type,
        "position": found.position,
        "phoneCount": found.phones,
        "round": found.round,
        "dueAt": found.due_at,
        "dialAt": found.dial_at,
        "passedOver": found.passed_over,
        "checks": [_check(reader, check) for check in found.checks],
        "entry": None if found.entry_id is None else reference("HopperEntry", found.entry_id),
        "final": None if found.final_id is None else reference("FinalResult", found.final_id),
    }


def _check(reader: Reader, check: Check) -> dict[str, Any]:
    policy = None if check.policy is None else PolicyName(check.policy)
    return {
        "rule": check.rule,
        "label": label(reader.locale, check.rule),
        "passed": check.passed,
        "text": check_text(reader, check),
        "allowedAt": None if check.passed else check.allowed_at,
        "policy": policy,
        "policyLabel": None if policy is None else label(reader.locale, policy),
        "version": check.version,
        "source": check.source,
        "evidence": dict(check.evidence),
    }


def _summary(reader: Reader, found: Explanation) -> str:
    if found.standing is Standing.IN_CALL:
        return reader.say(words.SUMMARY_IN_CALL)
    if found.standing is Standing.CLOSED:
        return reader.say(words.SUMMARY_CLOSED)
    if found.number is None:
        return reader.say(words.NO_NUMBER)
    if found.standing is Standing.NOT_LOADED:
        return reader.say(words.SUMMARY_NOT_LOADED)
    reason = found.reason
    if reason is None:
        return reader.say(words.SUMMARY_NOW)
    said = label(reader.locale, reason.rule)
    if reason.rule is GateRule.LINES:
        return reader.say(words.SUMMARY_SOON, reason=said)
    if found.dial_at is None:
        return reader.say(words.SUMMARY_NEVER, reason=said)
    return reader.say(words.SUMMARY_LATER, reason=said, at=reader.moment(found.dial_at))
