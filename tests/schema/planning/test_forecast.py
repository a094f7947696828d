# SPDX-License-Identifier: Apache-2.0
"""`forecast`: hour by hour what the hopper holds, against a look at every entry."""

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any

import pytest

from server.database import Database
from server.domain.campaigns import CallingWindow, Weekday
from server.domain.campaigns.forecasts import calls_per_hour
from server.domain.permissions import Permission, Role, Viewer
from server.services.planning import forecast
from tests.factories.users import make_viewer
from tests.schema.asking import Ask
from tests.services.dialer.centre import NOW, Centre, minutes

FORECAST = """
query($id: ID!, $hours: Int! = 72, $capacity: Int) {
  forecast(campaignId: $id, hours: $hours, capacity: $capacity) {
    forecast {
      campaign { name } now open dueNow held later inCall unit units callsPerHour idleFrom
      hours { at isOpen due callable called waiting capacity }
    }
    userErrors { code field }
  }
}
"""
HOUR = timedelta(hours=1)


async def entries(centre: Centre, campaign: int, at: list[datetime], **columns: object) -> None:
    """Open entries that are due at these moments."""
    rows = await centre.rows(
        "INSERT INTO contacts (first_name, name_key, given_key) "
        "SELECT 'c', 'c', 'c' FROM generate_series(1, $1) RETURNING id",
        len(at),
    )
    names = "".join(f", {name}" for name in columns)
    values = "".join(f", ${place}" for place in range(4, 4 + len(columns)))
    await centre.rows(
        f"INSERT INTO hopper_entries (campaign_id, contact_id, current_number, scheduled_at{names})"
        f" SELECT $1, contact_id, '+3906' || (100000 + contact_id), at{values}"
        " FROM unnest($2::bigint[], $3::timestamptz[]) u(contact_id, at)",
        campaign,
        [row[0] for row in rows],
        at,
        *columns.values(),
    )


@pytest.mark.parametrize("seed", range(8))
async def test_the_hours_are_those_of_a_look_at_every_entry(
    seed: int, centre: Centre, database: Database, viewer: Viewer, tenant: int
) -> None:
    """Window, end and holds applied; what waits for the window is carried over to its opening."""
    random = Random(seed)
    hours = random.choice([5, 30, 100])
    window = random.choice(
        [
            None,
            CallingWindow(opens=time(8, 30), closes=time(17, 15), timezone="Europe/Rome"),
            CallingWindow(opens=time(22), closes=time(6), timezone="America/New_York"),
            CallingWindow(
                opens=time(9), closes=time(12), days=frozenset({Weekday.MON, Weekday.THU})
            ),
        ]
    )
    ends_at = random.choice([None, NOW + HOUR * random.randint(1, 60) + timedelta(minutes=20)])
    campaign = await centre.campaign(
        window_from=window and window.opens,
        window_to=window and window.closes,
        window_days=window and [day.value for day in window.days],
        timezone=window.timezone if window else "UTC",
        ends_at=ends_at,
        hold_version=3,
    )
    at = [NOW + timedelta(minutes=random.randint(-2000, 8000)) for _ in range(120)]
    await entries(centre, campaign, at)
    moment = NOW + timedelta(minutes=random.randint(0, 3000))
    held = [NOW + timedelta(minutes=random.randint(-500, 500)) for _ in range(20)]
    holds = {"held_until": moment, "hold_rule": "GAP"}
    await entries(centre, campaign, held, **holds, hold_version=3)
    void = [NOW + timedelta(minutes=random.randint(-500, 500)) for _ in range(20)]
    await entries(centre, campaign, void, **holds, hold_version=2)
    async with database.transaction(tenant) as session:
        found = await forecast(session, viewer, campaign, hours=hours, now=minutes(10))
    now, first = minutes(10), NOW
    due, may_call = Counter[datetime](), Counter[datetime]()
    for one in [*at, *(max(one, moment) for one in held), *void]:
        moment_due = max(one, now)
        due[moment_due.replace(minute=0, second=0)] += 1
        opens = moment_due if window is None else window.next_open(moment_due)
        if ends_at is None or opens < ends_at:
            may_call[opens.replace(minute=0, second=0)] += 1
    assert [(h.at, h.due, h.callable) for h in found.course.hours] == [
        (first + HOUR * n, due[first + HOUR * n], may_call[first + HOUR * n]) for n in range(hours)
    ]
    assert found.open == 160
    assert found.later == 160 - sum(h.due for h in found.course.hours)


async def test_the_minute_that_it_is_now_is_parted_at_this_second(
    centre: Centre, database: Database, viewer: Viewer, tenant: int
) -> None:
    """Of two entries of one minute one is due and the other comes due within the first hour."""
    campaign = await centre.campaign()
    await entries(centre, campaign, [NOW + timedelta(seconds=second) for second in (5, 40)])
    async with database.transaction(tenant) as session:
        now = NOW + timedelta(seconds=10)
        found = await forecast(session, viewer, campaign, hours=2, now=now)
    assert (found.due_now, [hour.due for hour in found.course.hours]) == (1, [2, 0])
    async with database.transaction(tenant) as session:
        found = await forecast(session, viewer, campaign, hours=2, capacity=0, now=now)
    assert [hour.waiting for hour in found.course.hours] == [2, 2]


async def asked(ask: Ask, campaign: int, **more: Any) -> Any:
    answer = await ask(FORECAST, id=f"campaign_{campaign}", **more)
    assert "errors" not in answer, answer
    return answer["data"]["forecast"]


async def test_the_pace_says_when_lines_run_out_of_calls(ask: Ask, centre: Centre) -> None:
    """150 are due and 100 an hour can be called: nothing is left after an hour and a half."""
    campaign = await centre.campaign(clock_origin=datetime.now(UTC), name="spring")
    await entries(centre, campaign, [NOW - timedelta(days=3000)] * 150)
    found = (await asked(ask, campaign, hours=4, capacity=100))["forecast"]
    assert (found["campaign"]["name"], found["dueNow"], found["unit"]) == ("spring", 150, "GIVEN")
    now = datetime.fromisoformat(found["now"])
    idle = datetime.fromisoformat(found["idleFrom"])
    assert abs(idle - now - timedelta(minutes=90)) < timedelta(seconds=5)
    hours = found["hours"]
    assert sum(hour["called"] for hour in hours) in (149, 150, 151)
    assert (hours[0]["due"], hours[-1]["waiting"]) == (150, 0)
    busy = (await asked(ask, campaign, hours=4, capacity=1))["forecast"]
    assert busy["idleFrom"] is None


async def test_the_pace_is_that_of_recent_calls(ask: Ask, centre: Centre) -> None:
    """30 lines, calls of a minute: 1,800 an hour; agents wrap up after each answer."""
    contact = await centre.contact("+390612345000")
    campaign = await centre.loaded(contact)
    found = (await asked(ask, campaign))["forecast"]
    assert (found["unit"], found["units"], found["callsPerHour"]) == ("LINES", 30, 3600)
    await centre.report(await centre.claim_one(campaign), at=minutes(1))
    found = (await asked(ask, campaign))["forecast"]
    assert found["callsPerHour"] == 1800
    await centre.rows(
        "UPDATE campaigns SET mode = 'POWER', power_level = 2 WHERE id = $1", campaign
    )
    found = (await asked(ask, campaign))["forecast"]
    assert (found["unit"], found["units"], found["callsPerHour"]) == ("AGENTS", 0, 0)
    assert calls_per_hour(2, 60, answered=0.5, wrap_up=60, level=2) == 160


async def test_held_without_end_stands_apart(ask: Ask, centre: Centre) -> None:
    campaign = await centre.campaign()
    await entries(centre, campaign, [NOW - timedelta(days=3000)])
    await centre.rows(
        "UPDATE hopper_entries SET held_until = 'infinity', hold_rule = 'NO_CONSENT', "
        "hold_version = 1"
    )
    found = (await asked(ask, campaign, hours=1))["forecast"]
    assert (found["open"], found["held"], found["dueNow"], found["later"]) == (1, 1, 0, 0)


async def test_what_cannot_be_foreseen_is_refused(
    ask: Ask, centre: Centre, database: Database, tenant: int
) -> None:
    """X-09, X-17."""
    campaign = await centre.campaign()
    for hours in (0, 745):
        found = await asked(ask, campaign, hours=hours)
        assert found["userErrors"] == [{"code": "OUT_OF_RANGE", "field": "hours"}]
    found = await asked(ask, 999_999)
    assert found == {"forecast": None, "userErrors": [{"code": "NOT_FOUND", "field": "campaignId"}]}
    rights = frozenset({Permission.CAMPAIGNS_VIEW})
    poor = await make_viewer(database, tenant, Role.SUPERVISOR, permissions=rights)
    answer = await ask(FORECAST, as_=poor, id=f"campaign_{campaign}")
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
