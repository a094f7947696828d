# SPDX-License-Identifier: Apache-2.0
"""All the rules that a campaign is dialed by: those of every campaign, its policies, its own."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from server.domain.campaigns import CallingWindow
from server.domain.gate.campaigns import (
    CampaignEnds,
    CampaignHours,
    CampaignStarts,
    NotBlocked,
    NotInCall,
)
from server.domain.gate.counts import AfterRefusal, Cap, Lockout
from server.domain.gate.facts import Rule, Ruling
from server.domain.gate.hours import Hours, NoHolidays
from server.domain.gate.permits import ConsentRequired, ListAge
from server.domain.gate.policies import POLICIES
from server.domain.gate.words import Counted, PolicyName

_ALWAYS = (
    Ruling(rule=NotBlocked(opt_outs=True)),
    Ruling(rule=NotBlocked(opt_outs=False)),
    Ruling(rule=NotInCall()),
)


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """The rules in the order in which they are asked and shown, and what has to be read for them.

    `looks_back` is nothing where no rule counts calls, so that none are read.
    """

    rulings: tuple[Ruling, ...]
    looks_back: timedelta = field(init=False)
    looks_back_at_numbers: timedelta = field(init=False)  # of others, with the same number
    needs_permits: bool = field(init=False)
    needs_screening: bool = field(init=False)
    needs_country: bool = field(init=False)

    def __post_init__(self) -> None:
        rules = [ruling.rule for ruling in self.rulings]
        back = max((rule.looks_back for rule in rules), default=timedelta())
        of_numbers = (rule for rule in rules if isinstance(rule, Lockout) or _counts_numbers(rule))
        numbers = max((rule.looks_back for rule in of_numbers), default=timedelta())
        permits = any(
            rule.is_waived or isinstance(rule, ConsentRequired | AfterRefusal) for rule in rules
        )
        screening = any(
            isinstance(rule, ListAge)
            or (isinstance(rule, ConsentRequired) and rule.is_voided_by_screening)
            for rule in rules
        )
        object.__setattr__(self, "looks_back", back)
        object.__setattr__(self, "looks_back_at_numbers", numbers)
        object.__setattr__(self, "needs_permits", permits)
        object.__setattr__(self, "needs_screening", screening)
        country = any(
            isinstance(rule, NoHolidays) or (isinstance(rule, Hours) and rule.eves is not None)
            for rule in rules
        )
        object.__setattr__(self, "needs_country", country)


def _counts_numbers(rule: Rule) -> bool:
    return isinstance(rule, Cap) and rule.counted is Counted.NUMBER


def rulebook(
    *,
    window: CallingWindow | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    calls_a_number: int | None = None,
    policies: Iterable[str] = (),
    rules: Iterable[Rule] = (),
) -> Rulebook:
    """`calls_a_number` is the most calls to one number in 24 hours, of all campaigns."""
    rulings = list(_ALWAYS)
    if starts_at is not None:
        rulings.append(Ruling(rule=CampaignStarts(starts_at=starts_at)))
    if ends_at is not None:
        rulings.append(Ruling(rule=CampaignEnds(ends_at=ends_at)))
    if window is not None:
        rulings.append(Ruling(rule=CampaignHours(window=window)))
    for name in policies:
        rulings.extend(POLICIES[PolicyName(name)].rulings)
    if calls_a_number is not None:
        cap = Cap(counted=Counted.NUMBER, most=calls_a_number, hours=24)
        rulings.append(Ruling(rule=cap))
    rulings.extend(Ruling(rule=rule) for rule in rules)
    return Rulebook(rulings=tuple(rulings))
