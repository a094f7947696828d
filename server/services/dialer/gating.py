# SPDX-License-Identifier: Apache-2.0
"""The gate as the claim asks it: entries in, those that may call and those to hold out."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

import asyncpg

from server.domain.campaigns.modes import BY_AGENT
from server.domain.gate import Check, GateRule, Verdict, ZoneSource
from server.services.dialer.campaigns import DialedCampaign
from server.services.dialer.holds import Hold
from server.services.gate import Candidate, check_calls

_CAPS = frozenset({GateRule.NUMBER_CAP, GateRule.PERSON_CAP})
_FIGURES = ("calls", "most", "hours", "reach")
_NEVER_SHORTER = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """An entry that is due, as far as the gate wants to know."""

    id: int
    contact_id: int
    list_id: int | None
    number: str
    is_callback: bool
    is_owner_only: bool


async def ask(
    connection: asyncpg.Connection, campaign: DialedCampaign, entries: Sequence[Due]
) -> list[Verdict]:
    """The gate's verdict on each, in their order, at the campaign's now."""
    by_agent = campaign.mode in BY_AGENT
    candidates = [
        Candidate(
            contact_id=entry.contact_id,
            number=entry.number,
            list_id=entry.list_id,
            entry_id=entry.id,
            is_automatic=not entry.is_callback,
            has_agent=by_agent or entry.is_owner_only,
        )
        for entry in entries
    ]
    return await check_calls(connection, campaign, candidates)


def hold_of(entry_id: int, verdict: Verdict, campaign: DialedCampaign) -> Hold:
    """The hold of a refused entry: why, and until the first moment that suits every rule."""
    now = campaign.now
    reason = verdict.reason
    until = verdict.not_before
    return Hold(
        entry_id=entry_id,
        rule=GateRule.NUMBER_BUSY if reason is None else reason.rule,
        until=None if until is None else max(until, now + _NEVER_SHORTER),
        evidence={
            "at": now.isoformat(),
            "timezone": campaign.timezone,
            "checks": _listed(verdict.refused),
        },
    )


class Reasons:
    """Why calls of one campaign may be made now, as JSON: settings, hours, zone, gates passed.

    Many of a batch pass a gate for the very same reason, which is written once.
    """

    def __init__(self, campaign: DialedCampaign) -> None:
        self._begin = _settings(campaign)[:-1] + ', "checks": ['
        self._campaign = campaign
        self._written: dict[int, str] = {}  # by identity: a verdict keeps its checks alive
        self._verdicts: list[Verdict] = []

    def of(self, verdict: Verdict | None) -> str:
        """None: the campaign has no rules but those that every claim goes by."""
        if verdict is None:
            checks = [json.dumps(told) for told in _of_every_campaign(self._campaign)]
        else:
            self._verdicts.append(verdict)
            checks = [self._write(check) for check in verdict.checks]
        return f"{self._begin}{', '.join(checks)}]}}"

    def _write(self, check: Check) -> str:
        written = self._written.get(id(check))
        if written is None:
            written = self._written[id(check)] = _written(check)
        return written


def _written(check: Check) -> str:
    """Of a cap that is not reached the figures: which calls they were stands in the history."""
    if check.rule not in _CAPS:
        return json.dumps(_told(check))
    figures = tuple(check.evidence[name] for name in _FIGURES)
    return _figures(check.rule, check.policy, check.version, figures)


@lru_cache(maxsize=1024)
def _figures(
    rule: GateRule, policy: str | None, version: int | None, figures: tuple[object, ...]
) -> str:
    evidence = dict(zip(_FIGURES, figures, strict=True))
    by = {} if policy is None else {"policy": policy, "version": version}
    return json.dumps({"rule": rule.value, **by, "evidence": evidence})


def _settings(campaign: DialedCampaign) -> str:
    window = campaign.settings.window
    told: dict[str, object] = {
        "settingsVersion": campaign.settings.version,
        "holdVersion": campaign.hold_version,
        "mode": campaign.mode.value,
        "timezone": campaign.timezone,
        "window": None if window is None else f"{window.opens:%H:%M}-{window.closes:%H:%M}",
    }
    if campaign.caller_id:
        told["callerId"] = campaign.caller_id
    return json.dumps(told)


def _of_every_campaign(campaign: DialedCampaign) -> Iterable[dict[str, object]]:
    """What a claim makes sure of without asking, in the words in which the gate would tell it."""
    for rule in (GateRule.OPT_OUT, GateRule.BLACKLIST, GateRule.NUMBER_BUSY):
        yield {"rule": rule.value}
    window, ends_at = campaign.settings.window, campaign.settings.ends_at
    if campaign.starts_at is not None:
        evidence: dict[str, object] = {"startsAt": campaign.starts_at.isoformat()}
        yield {"rule": GateRule.CAMPAIGN_START.value, "evidence": evidence}
    if ends_at is not None:
        yield {"rule": GateRule.CAMPAIGN_END.value, "evidence": {"endsAt": ends_at.isoformat()}}
    if window is not None:
        evidence = {
            "zones": [window.timezone],
            "zoneFrom": ZoneSource.CAMPAIGN.value,
            "hours": f"{window.opens:%H:%M}-{window.closes:%H:%M}",
            "local": f"{campaign.now.astimezone(window.zone):%Y-%m-%dT%H:%M:%S}",
        }
        yield {"rule": GateRule.WINDOW.value, "evidence": evidence}


def _listed(checks: Iterable[Check]) -> list[dict[str, object]]:
    return [_told(check) for check in checks]


def _told(check: Check) -> dict[str, object]:
    told: dict[str, object] = {"rule": check.rule.value}
    if check.policy is not None:
        told |= {"policy": check.policy, "version": check.version}
    if check.evidence:
        told["evidence"] = dict(check.evidence)
    if not check.passed:
        allowed_at = check.allowed_at
        told["allowedAt"] = None if allowed_at is None else allowed_at.isoformat()
    return told
