# SPDX-License-Identifier: Apache-2.0
"""Stored answers of the gate in the reader's words, and parked entries let go on (F21)."""

from collections.abc import Mapping
from datetime import MAXYEAR, datetime
from typing import Any

import orjson

from server.context import Context
from server.domain.gate import Check, GateRule, PolicyName
from server.domain.permissions import Permission
from server.i18n import label
from server.planner import reference
from server.resolvers.check_texts import Reader, check_text
from server.resolvers.inputs import Given, take_key
from server.services import parking

Stored = Mapping[str, Any]


def reason_of_call(locale: str, text: str | Stored | None) -> dict[str, Any] | None:
    """JSON columns come as text on the read path. None: nothing was stored yet in those days."""
    stored = _read(text)
    if not stored:
        return None
    reader = Reader(locale, stored.get("timezone") or "UTC")
    return {
        "settingsVersion": stored.get("settingsVersion"),
        "timezone": stored.get("timezone"),
        "window": stored.get("window"),
        "isConfirmed": stored.get("isConfirmed"),
        "gates": [_answer(reader, check, passed=True) for check in stored.get("checks", ())],
    }


def hold_of_entry(
    locale: str, until: datetime | None, rule: str | None, text: str | Stored | None, faults: int
) -> dict[str, Any] | None:
    if until is None or rule is None:
        return None
    stored = _read(text)
    reader = Reader(locale, stored.get("timezone") or "UTC")
    checks = [check for check in stored.get("checks", ()) if check["rule"] == rule]
    is_fault = rule == GateRule.FAULT
    check: Stored = {"rule": rule, "evidence": {"faults": faults}} if is_fault else {"rule": rule}
    answer = _answer(reader, checks[0] if checks else check, passed=False)
    is_for_ever = until.year == MAXYEAR
    at = stored.get("at")
    return {
        **answer,
        "until": None if is_for_ever else until,
        "since": None if at is None else datetime.fromisoformat(at),
        "isParked": is_fault and is_for_ever,
        "step": stored.get("step"),
        "error": stored.get("error"),
    }


def _answer(reader: Reader, stored: Stored, *, passed: bool) -> dict[str, Any]:
    rule, policy = GateRule(stored["rule"]), stored.get("policy")
    check = Check(
        rule=rule,
        passed=passed,
        allowed_at=None,
        evidence=stored.get("evidence", {}),
        policy=policy,
        version=stored.get("version"),
    )
    return {
        "rule": rule.value,
        "label": label(reader.locale, rule),
        "text": check_text(reader, check),
        "policy": None if policy is None else PolicyName(policy).value,
        "version": stored.get("version"),
    }


def _read(text: str | Stored | None) -> Stored:
    if text is None:
        return {}
    found: Stored = orjson.loads(text) if isinstance(text, str) else text
    return found


async def release_entry(context: Context, given: Given) -> dict[str, Any]:
    viewer = context.require(Permission.CAMPAIGNS_EDIT)
    key = take_key(given, "entry_id", "HopperEntry", "entryId")
    async with context.writing() as session:
        await parking.release_entry(session, viewer, key)
    return {"hopper_entry": reference("HopperEntry", key)}
