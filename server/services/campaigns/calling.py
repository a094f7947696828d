# SPDX-License-Identifier: Apache-2.0
"""How a campaign's calls meet its agents: kind, mode and what each mode goes by (X-38, R-05, R-07).

What does not fit the mode is refused where it is given, and set back where it merely stayed.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.campaigns import CampaignState
from server.domain.campaigns.drivers import Driver
from server.domain.campaigns.modes import (
    LEAST_POWER,
    LONGEST_ABANDONED,
    MODES,
    MOST_POWER,
    POWER_STEP,
    CampaignKind,
    DialMode,
    Dialway,
)
from server.domain.errors import DomainError, ErrorCode
from server.domain.refusals import Refusals
from server.domain.text import UNSET, Unset
from server.models import Campaign, CampaignAgent, TelephonyExchange, User

USUAL_MODE: Final = {
    CampaignKind.MOTION_BULL: DialMode.DIRECT,
    CampaignKind.QUEUE: DialMode.PROGRESSIVE,
}
NUMBERS: Final = (
    ("abandoned_hours", "abandonedHours", 1, LONGEST_ABANDONED),
    ("wrap_up_seconds", "wrapUpSeconds", 0, 3600),
    ("obtained_per_click", "obtainedPerClick", 1, 1000),
    ("most_owned", "mostOwned", 1, 100_000),
)
CENT = Decimal("0.01")
_CALLER_ID = re.compile(r"\+?[0-9]{2,15}")
_UP = (CampaignState.RUNNING, CampaignState.PAUSED)


@dataclass(frozen=True, kw_only=True)
class CallingEdit:
    """What stays UNSET keeps its value, or the default of the kind in a new campaign.

    `power_level` has one decimal, `abandoned_cap` is per cent of answered calls over the last
    `abandoned_hours`, times are seconds. `caller_id` "" leaves it to the exchange.
    """

    kind: CampaignKind | Unset = UNSET
    mode: DialMode | Unset = UNSET
    power_level: float | Unset = UNSET
    abandoned_cap: float | Unset = UNSET
    abandoned_hours: int | Unset = UNSET
    wrap_up_seconds: int | Unset = UNSET
    dialway: Dialway | Unset = UNSET
    may_obtain: bool | Unset = UNSET
    obtained_per_click: int | Unset = UNSET
    most_owned: int | Unset = UNSET
    caller_id: str | Unset = UNSET
    exchange_id: int | Unset | None = UNSET


def check_calling(
    edit: CallingEdit, driver: Driver | Unset, row: Campaign, refusals: Refusals
) -> dict[str, object]:
    """The columns that the input sets, and those that no longer fit what it sets."""
    kind, mode = _mode(edit, row, refusals)
    columns: dict[str, object] = {"kind": kind.value, "mode": mode.value}
    for column, field, least, most in NUMBERS:
        number = getattr(edit, column)
        if not isinstance(number, Unset):
            columns[column] = refusals.within(number, field, least, most)
    columns |= _levels(edit, mode, refusals)
    columns |= _owning(edit, kind, mode, row, refusals)
    if not isinstance(edit.caller_id, Unset):
        caller_id = re.sub(r"[\s()./-]", "", edit.caller_id)
        if caller_id and not _CALLER_ID.fullmatch(caller_id):
            refusals.add(ErrorCode.INVALID, "callerId", expected="+390612345000")
        columns["caller_id"] = caller_id
    return columns | _exchange(edit, driver, row, refusals)


async def check_exchange(session: AsyncSession, edit: CallingEdit, refusals: Refusals) -> None:
    """One of the centre's own."""
    if not isinstance(edit.exchange_id, Unset) and edit.exchange_id is not None:
        found = select(exists().where(TelephonyExchange.id == edit.exchange_id))
        if not await session.scalar(found):
            refusals.add(ErrorCode.NOT_FOUND, "exchangeId")


async def check_agents(session: AsyncSession, row: Campaign) -> None:
    """A campaign whose calls are for agents has one who can sign in; else nothing could be."""
    if CampaignKind(row.kind) is not CampaignKind.QUEUE:
        return
    agents = select(CampaignAgent.user_id).where(
        CampaignAgent.campaign_id == row.id, CampaignAgent.user_id == User.id, User.is_active
    )
    if not await session.scalar(select(agents.exists())):
        raise DomainError(ErrorCode.NO_AGENTS, "agentIds")


def _mode(edit: CallingEdit, row: Campaign, refusals: Refusals) -> tuple[CampaignKind, DialMode]:
    before = CampaignKind(row.kind) if row.kind else None
    if not isinstance(edit.kind, Unset):
        kind = edit.kind
    elif before is not None:
        kind = before
    else:  # a new campaign that says only how it dials
        is_direct = edit.mode in (UNSET, DialMode.DIRECT)
        kind = CampaignKind.MOTION_BULL if is_direct else CampaignKind.QUEUE
    if before is not None and kind is not before and row.state in _UP:
        # The calls that are up were made for agents, or for none.
        refusals.add(ErrorCode.WRONG_STATE, "kind", state=CampaignState(row.state))
    if not isinstance(edit.mode, Unset):
        if edit.mode in MODES[kind]:
            return kind, edit.mode
        refusals.add(ErrorCode.INVALID, "mode", without=kind)
    elif row.mode and DialMode(row.mode) in MODES[kind]:
        return kind, DialMode(row.mode)
    return kind, USUAL_MODE[kind]


def _levels(edit: CallingEdit, mode: DialMode, refusals: Refusals) -> dict[str, object]:
    columns: dict[str, object] = {}
    if not isinstance(edit.power_level, Unset):
        level = Decimal(str(edit.power_level))
        if mode is not DialMode.POWER:
            refusals.add(ErrorCode.INVALID, "powerLevel", only=DialMode.POWER)
        elif not LEAST_POWER <= level <= MOST_POWER:
            refusals.add(ErrorCode.OUT_OF_RANGE, "powerLevel", min=LEAST_POWER, max=MOST_POWER)
        elif level % POWER_STEP:
            refusals.add(ErrorCode.INVALID, "powerLevel", value=edit.power_level, expected="2.5")
        else:
            columns["power_level"] = level
    if not isinstance(edit.abandoned_cap, Unset):
        cap = Decimal(str(edit.abandoned_cap))
        if not 0 <= cap <= 100:
            refusals.add(ErrorCode.OUT_OF_RANGE, "abandonedCap", min=0, max=100)
        elif cap % CENT:
            refusals.add(ErrorCode.INVALID, "abandonedCap", value=edit.abandoned_cap, expected="3")
        else:
            columns["abandoned_cap"] = cap
    return columns


def _owning(
    edit: CallingEdit, kind: CampaignKind, mode: DialMode, row: Campaign, refusals: Refusals
) -> dict[str, object]:
    """Who dials for whom, and who may take customers (R-05 to R-07)."""
    is_agent_first = mode is DialMode.AGENT_FIRST
    dialway = edit.dialway
    if isinstance(dialway, Unset):
        kept = Dialway(row.dialway or Dialway.OFF)
        usual = Dialway.OPTIONAL if kept is Dialway.OFF else kept
        dialway = usual if is_agent_first else Dialway.OFF
    elif dialway is Dialway.OFF and is_agent_first:
        refusals.add(ErrorCode.INVALID, "dialway", without=DialMode.AGENT_FIRST)
    elif dialway is not Dialway.OFF and not is_agent_first:
        refusals.add(ErrorCode.INVALID, "dialway", only=DialMode.AGENT_FIRST)
    columns: dict[str, object] = {"dialway": dialway.value}
    if kind is not CampaignKind.QUEUE:
        if edit.may_obtain is True:
            refusals.add(ErrorCode.INVALID, "mayObtain", only=CampaignKind.QUEUE)
        columns["may_obtain"] = False
    elif not isinstance(edit.may_obtain, Unset):
        columns["may_obtain"] = edit.may_obtain
    per_click = row.obtained_per_click or 20
    if not isinstance(edit.obtained_per_click, Unset):
        per_click = edit.obtained_per_click
    most = row.most_owned or 50
    if not isinstance(edit.most_owned, Unset):
        most = edit.most_owned
    if per_click > most > 0:
        refusals.add(ErrorCode.OUT_OF_RANGE, "obtainedPerClick", max=most)
    return columns


def _exchange(
    edit: CallingEdit, driver: Driver | Unset, row: Campaign, refusals: Refusals
) -> dict[str, object]:
    carrier = Driver(row.driver or Driver.SIMULATED) if isinstance(driver, Unset) else driver
    exchange = row.exchange_id if isinstance(edit.exchange_id, Unset) else edit.exchange_id
    if carrier is Driver.ASTERISK and exchange is None:
        refusals.add(ErrorCode.REQUIRED, "exchangeId")
    elif carrier is not Driver.ASTERISK and exchange is not None:
        if not isinstance(edit.exchange_id, Unset):
            refusals.add(ErrorCode.INVALID, "exchangeId", only=Driver.ASTERISK)
        exchange = None
    return {"exchange_id": exchange}
