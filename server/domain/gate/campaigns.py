# SPDX-License-Identifier: Apache-2.0
"""Rules that hold in every campaign: its start, end and hours, blacklists, one call at a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from server.domain.campaigns import CallingWindow
from server.domain.gate.facts import Evidence, Facts, Question
from server.domain.gate.words import GateRule


class _Always:
    """No consent lifts what holds in every campaign, and it looks at no calls that were made."""

    looks_back: ClassVar[timedelta] = timedelta()
    is_waived: ClassVar[bool] = False


@dataclass(frozen=True, kw_only=True)
class NotBlocked(_Always):
    """Neither number nor person stands on a blacklist; `opt_outs` are those who asked for it.

    A call by hand and a callback heed only the entries that hold everywhere (C-28).
    """

    opt_outs: bool

    @property
    def RULE(self) -> GateRule:  # noqa: N802 # the other rules have it as a constant
        return GateRule.OPT_OUT if self.opt_outs else GateRule.BLACKLIST

    def first(self, question: Question, facts: Facts, at: datetime) -> datetime | None:
        stopped = any(
            block.is_opt_out == self.opt_outs and (question.is_automatic or block.is_everywhere)
            for block in facts.blocks
        )
        return None if stopped else at

    def evidence(self, question: Question, facts: Facts, at: datetime) -> Evidence:
        found = [
            {
                "id": block.id,
                "media": block.media,
                "scope": block.scope,
                "name": block.name,
                "isEverywhere": block.is_everywhere,
            }
            for block in facts.blocks
            if block.is_opt_out == self.opt_outs
        ]
        return {"entries": found, "isAutomatic": question.is_automatic} if found else {}


@dataclass(frozen=True, kw_only=True)
class CampaignStarts(_Always):
    """No call before the campaign's start."""

    RULE: ClassVar[GateRule] = GateRule.CAMPAIGN_START
    starts_at: datetime

    def first(self, question: Question, facts: Facts, at: datetime) -> datetime | None:
        return max(at, self.starts_at)

    def evidence(self, question: Question, facts: Facts, at: datetime) -> Evidence:
        return {"startsAt": self.starts_at.isoformat()}


@dataclass(frozen=True, kw_only=True)
class CampaignEnds(_Always):
    """No call at the campaign's end or after it (dial-machine section 11)."""

    RULE: ClassVar[GateRule] = GateRule.CAMPAIGN_END
    ends_at: datetime

    def first(self, question: Question, facts: Facts, at: datetime) -> datetime | None:
        return at if at < self.ends_at else None

    def evidence(self, question: Question, facts: Facts, at: datetime) -> Evidence:
        return {"endsAt": self.ends_at.isoformat()}


@dataclass(frozen=True, kw_only=True)
class CampaignHours(_Always):
    """Only in the campaign's own hours, in its own time zone (dial-machine section 6)."""

    RULE: ClassVar[GateRule] = GateRule.WINDOW
    window: CallingWindow

    def first(self, question: Question, facts: Facts, at: datetime) -> datetime | None:
        return self.window.next_open(at)

    def evidence(self, question: Question, facts: Facts, at: datetime) -> Evidence:
        window = self.window
        return {
            "zones": [window.timezone],
            "zoneFrom": "CAMPAIGN",
            "hours": f"{window.opens:%H:%M}-{window.closes:%H:%M}",
            "days": sorted(window.days),
            "local": f"{at.astimezone(window.zone):%Y-%m-%dT%H:%M:%S}",
        }


@dataclass(frozen=True, kw_only=True)
class NotInCall(_Always):
    """Neither the number nor the person is in a call of any campaign. The call's end frees them,
    which nobody knows: it is looked for again when the facts say."""

    RULE: ClassVar[GateRule] = GateRule.NUMBER_BUSY

    def first(self, question: Question, facts: Facts, at: datetime) -> datetime | None:
        return at if facts.in_call_until is None else max(at, facts.in_call_until)

    def evidence(self, question: Question, facts: Facts, at: datetime) -> Evidence:
        return {"isInCall": facts.in_call_until is not None}
