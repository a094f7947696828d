# SPDX-License-Identifier: Apache-2.0
"""A centre whose gate is asked about one call."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.domain.gate import GateRule, Verdict
from server.services.dialer import read_campaign
from server.services.dialer.connections import use_indexes
from server.services.gate import Candidate, check_calls
from tests.services.dialer.centre import NOW, Centre


@dataclass(frozen=True)
class AskingCentre(Centre):
    async def ask(
        self, campaign_id: int, contact_id: int, number: str, at: datetime = NOW, **given: Any
    ) -> Verdict:
        """The gate's verdict, by index alone, as the dialer asks."""
        async with self.database.connection(self.tenant_id) as connection:
            await use_indexes(connection)
            campaign = await read_campaign(connection, campaign_id, at)
            candidate = Candidate(contact_id=contact_id, number=number, **given)
            (verdict,) = await check_calls(connection, campaign, [candidate])
            return verdict

    async def called(
        self,
        campaign_id: int,
        contact_id: int,
        number: str,
        at: datetime,
        status: str = "NO_ANSWER",
        ended_at: datetime | None = None,
        evidence: str = "{}",
        is_refusal: bool = False,
    ) -> None:
        """A call of the history."""
        await self.rows(
            "INSERT INTO call_attempts (campaign_id, contact_id, entry_id, round, position, "
            "number, status, started_at, ended_at, evidence, is_refusal, policy_version) "
            "VALUES ($1, $2, 1, 1, 0, $3, $4, $5, $6, $7, $8, 1)",
            campaign_id,
            contact_id,
            number,
            status,
            at,
            ended_at or at,
            evidence,
            is_refusal,
        )

    async def consented(self, contact_id: int, at: datetime, **columns: object) -> None:
        given = {"contact_id": contact_id, "given_at": at} | columns
        places = ", ".join(f"${place}" for place in range(1, len(given) + 1))
        await self.rows(
            f"INSERT INTO consents ({', '.join(given)}) VALUES ({places})", *given.values()
        )


def refusals(verdict: Verdict) -> set[GateRule]:
    return {check.rule for check in verdict.refused}
