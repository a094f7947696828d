# SPDX-License-Identifier: Apache-2.0
"""Policies and rules of campaigns, as the API gives and takes them."""

from collections.abc import Sequence
from typing import Any

import orjson

from server.context import Context
from server.domain.gate import POLICIES, PolicyName
from server.resolvers import gate_texts
from server.resolvers.inputs import Given

BY_DEFAULT = (PolicyName.CALLING_HOURS,)
"""What a new campaign goes by unless it says otherwise."""
_SPELLED = {
    "with_agent_meanwhile": "withAgentMeanwhile",
    "with_agent_after": "withAgentAfter",
    "only_after_objection": "onlyAfterObjection",
    "voided_by_screening": "voidedByScreening",
    "waived_by_consent": "waivedByConsent",
}


async def every_policy(context: Context) -> list[dict[str, Any]]:
    return [gate_texts.policy(context.locale, found) for found in POLICIES.values()]


def policies(locale: str, names: Sequence[str]) -> list[dict[str, Any]]:
    return gate_texts.policies(locale, names)


def rules(locale: str, stored: str | Sequence[Any]) -> list[dict[str, Any]]:
    """JSON columns come as text on the read path."""
    read = orjson.loads(stored) if isinstance(stored, str) else stored
    return gate_texts.own_rules(locale, read)


def spelled(given: Given) -> Given:
    """A rule of an input, its fields as the API spells them."""
    return {_SPELLED.get(name, name): value for name, value in given.items()}
