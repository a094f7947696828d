# SPDX-License-Identifier: Apache-2.0
"""The gate asked about many calls at once, in the transaction that would make them."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from server.domain.gate import Memory, Question, Verdict, may_dial
from server.services.gate.facts import Candidate, read_facts
from server.services.gate.settings import Dialed, GateSettings, read_settings


async def check_calls(
    connection: asyncpg.Connection, campaign: Dialed, candidates: Sequence[Candidate]
) -> list[Verdict]:
    """One verdict a candidate, in their order, at the campaign's `now`.

    Calls of the same transaction that are not written yet do not count: two candidates for one
    number or one person have to be asked about one after the other.
    """
    if not candidates:
        return []
    settings = await read_settings(connection, campaign)
    return await check_at(connection, campaign.id, settings, candidates, campaign.now)


async def check_at(
    connection: asyncpg.Connection,
    campaign_id: int,
    settings: GateSettings,
    candidates: Sequence[Candidate],
    at: datetime,
    *,
    until: datetime | None = None,
) -> list[Verdict]:
    """As `check_calls`, at any moment; what began after `until` is left out."""
    facts = await read_facts(connection, campaign_id, settings, candidates, at, until=until)
    memory = Memory()
    verdicts = []
    for candidate, known in zip(candidates, facts, strict=True):
        question = Question(
            number=candidate.number,
            at=at,
            campaign_id=campaign_id,
            rules=settings.rulebook.rulings,
            matter=settings.matter,
            is_automatic=candidate.is_automatic,
            has_agent=candidate.has_agent,
        )
        verdicts.append(may_dial(question, known, memory))
    return verdicts
