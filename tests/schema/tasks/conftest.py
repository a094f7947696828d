# SPDX-License-Identifier: Apache-2.0
"""Scheduled tasks in every state, of two campaigns and three agents."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from server.database import Database
from server.domain.permissions import Role, Viewer
from server.planner import global_id
from tests.factories.tasks import assign
from tests.factories.users import make_viewer
from tests.services.dialer.centre import Centre

DAY = datetime(datetime.now(UTC).year + 1, 7, 1, tzinfo=UTC)
# Contact, campaign, agent, last agent, start, end, threshold, early, type, preference.
_ROWS = """
INSERT INTO scheduled_tasks (campaign_id, contact_id, number, starts_at, ends_at, closed_at,
  early_minutes, type, preference, agent_id, last_agent_id, time_zone)
SELECT $1, $2, '+390612345000', $3, $4, $5, $6, $7, $8, $9, $10, 'Europe/Rome' RETURNING id
"""


@dataclass(frozen=True)
class Tasks:
    """By name: what a test calls a task, and its global id."""

    centre: Centre
    first: int
    second: int
    agents: tuple[Viewer, Viewer, Viewer]
    ids: dict[str, str]
    now: datetime  # when they were made, to the second

    def ago(self, minutes: float) -> datetime:
        return self.now - timedelta(minutes=minutes)

    def named(self, found: list[str]) -> list[str]:
        names = {key: name for name, key in self.ids.items()}
        return [names[key] for key in found]

    def campaign(self, key: int) -> str:
        return global_id("campaign", key)

    def agent(self, place: int) -> str:
        return global_id("agent", self.agents[place].user_id)


@pytest.fixture
async def tasks(database: Database, viewer: Viewer) -> Tasks:
    """Named by their state; `later-…` start next July, at 9:00, 9:30 and 23:30 in UTC."""
    tenant = viewer.tenant_id
    centre = Centre(database, tenant)
    agents = [await make_viewer(database, tenant, Role.AGENT) for _ in range(3)]
    first, second = await centre.campaign(), await centre.campaign()
    async with database.transaction(tenant) as session:
        await assign(session, first, agents[0], agents[1])
        await assign(session, second, agents[1])
    people = {}
    for name in ("Adele Rossi", "Bruno Sàrti", "Carla Neri"):
        given, family = name.split()
        key = f"{family} {given}".casefold().replace("à", "a")
        people[name] = await centre.value(
            "INSERT INTO contacts (first_name, last_name, name_key, given_key, phone) "
            "VALUES ($1, $2, $3, $4, '+390612345000') RETURNING id",
            given,
            family,
            key,
            f"{given} {family}".casefold().replace("à", "a"),
        )
    ada, bruno, carla = people.values()
    a, b, _ = (agent.user_id for agent in agents)
    hour = timedelta(hours=1)
    (now,) = (await database.read(None, "SELECT date_trunc('second', clock_timestamp())"))[0]

    def ago(minutes: float) -> datetime:
        return now - timedelta(minutes=minutes)

    rows: dict[str, tuple[object, ...]] = {
        "expired": (first, ada, ago(300), ago(60), None, 0, "LOST_REQUEST", "ONLY_ME", a, a),
        "delayed": (first, bruno, ago(30), ago(-60), None, 0, "UNSPECIFIED", "OTHER", b, None),
        "due": (first, carla, ago(10), ago(-60), None, 0, "SCHEDULED_BY_AGENT", "ANYONE", None, b),
        "early": (second, ada, ago(-10), ago(-60), None, 15, "REQUESTED_ON_WEB", "ANYONE", None, b),
        "closed": (first, ada, ago(40), ago(-60), ago(20), 0, "UNSPECIFIED", "OTHER", a, a),
        "soon": (second, bruno, ago(-15), ago(-60), None, 0, "UNSPECIFIED", "PREFER_ME", b, a),
        "later-9": (
            *(first, ada, DAY + 9 * hour, DAY + 20 * hour, None, 0),
            *("REQUESTED_IN_IVR", "PREFER_ME", a, None),
        ),
        "later-9-30": (
            *(second, bruno, DAY + 9.5 * hour, DAY + 20 * hour, None, 0),
            *("SCHEDULED_BY_IMPORT", "ANYONE", None, None),
        ),
        "later-23-30": (
            *(first, carla, DAY + 23.5 * hour, DAY + 30 * hour, None, 0),
            *("REQUESTED_IN_QUEUE", "ANYONE", None, None),
        ),
    }
    ids = {name: f"task_{await centre.value(_ROWS, *row)}" for name, row in rows.items()}
    return Tasks(centre, first, second, (agents[0], agents[1], agents[2]), ids, now)
