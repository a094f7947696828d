# SPDX-License-Identifier: Apache-2.0
"""Hours that leave no time for a call: those of the campaign, of policies and of own rules.

The campaign's are of its own zone, the others of the called person's: they are laid over each
other where its people are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from server.domain.campaigns.checker.findings import (
    DANGER,
    WARNING,
    CampaignShape,
    Finding,
    FindingCode,
    Place,
)
from server.domain.campaigns.settings import CampaignSettings
from server.domain.campaigns.windows import CallingWindow, Weekday
from server.domain.gate import POLICIES, Facts, Hours, NoHolidays, PolicyName, Question, Rule
from server.domain.gate.campaigns import CampaignHours
from server.domain.gate.deciding import first_for_all

_DAY = timedelta(days=1)
LOOKED_AHEAD = 22 * _DAY
"""Hours repeat weekly but for holidays: what does not open for so long is closed."""
SHOWN_ZONES = 3


@dataclass(frozen=True)
class _Clock:
    """A rule of the clock, and where it comes from."""

    rule: Rule
    policy: PolicyName | None = None
    own: int | None = None  # its place among the campaign's own rules; neither: its calling hours

    @property
    def window(self) -> CallingWindow | None:
        return self.rule.window if isinstance(self.rule, CampaignHours) else None

    def every_day(self) -> "_Clock":
        """Calling hours on all days of the week; anything else as it is."""
        if self.window is None:
            return self
        return _Clock(CampaignHours(window=replace(self.window, days=frozenset(Weekday))))


def hours_found(settings: CampaignSettings, shape: CampaignShape) -> Iterator[Finding]:
    """Nothing after an end that lies wrong: it leaves no hour anyway."""
    ends, starts = settings.ends_at, shape.starts_at
    if ends is not None and ends <= shape.now:
        yield Finding(code=FindingCode.END_PASSED, field="endsAt", severity=DANGER)
    elif ends is not None and starts is not None and ends <= starts:
        yield Finding(code=FindingCode.END_BEFORE_START, field="endsAt", severity=DANGER)
    elif ends is not None and settings.window and settings.window.next_open(shape.start) >= ends:
        yield Finding(code=FindingCode.WINDOW_NEVER_OPENS, field="windowDays", severity=DANGER)
    else:
        yield from _never_meet(settings, shape)


def _never_meet(settings: CampaignSettings, shape: CampaignShape) -> Iterator[Finding]:
    """One finding for each set of rules that leave somebody uncalled, as few rules as do it."""
    clocks = _clocks(settings, shape)
    if not clocks:
        return
    missed: dict[tuple[_Clock, ...], tuple[_Look, list[str]]] = {}
    closed = 0
    for group in shape.people:
        looks = [_Look(settings, shape, place) for place in group]
        if any(look.opens(clocks) for look in looks):
            continue
        closed += 1
        _, zones = missed.setdefault(looks[0].fewest(clocks), (looks[0], []))
        zones += [name for place in group for name in place.zones.names if name not in zones]
    for rules, (look, zones) in missed.items():
        yield Finding(
            code=FindingCode.HOURS_NEVER_MEET,
            field=_field(look, rules),
            severity=DANGER if closed == len(shape.people) else WARNING,
            params={"zone": ", ".join(zones[:SHOWN_ZONES]), **_named(rules)},
        )


def _clocks(settings: CampaignSettings, shape: CampaignShape) -> list[_Clock]:
    named = [(PolicyName(name), rule) for name in shape.policies for rule in _rules_of(name)]
    clocks = [_Clock(rule, policy=name) for name, rule in named]
    clocks += [_Clock(rule, own=place) for place, rule in enumerate(shape.rules)]
    clocks = [clock for clock in clocks if isinstance(clock.rule, Hours | NoHolidays)]
    if settings.window is not None:
        clocks.append(_Clock(CampaignHours(window=settings.window)))
    return clocks


def _rules_of(policy: str) -> Sequence[Rule]:
    return POLICIES[PolicyName(policy)].rules


class _Look:
    """When rules of the clock let somebody be called who is in one place."""

    def __init__(self, settings: CampaignSettings, shape: CampaignShape, place: Place) -> None:
        # Days that are closed one by one may be many in a row.
        closed = sum(len(rule.dates) for rule in shape.rules if isinstance(rule, NoHolidays))
        self._start = shape.start
        self._until = shape.start + LOOKED_AHEAD + closed * _DAY
        if settings.ends_at is not None:
            self._until = min(self._until, settings.ends_at)
        self._facts = Facts(zones=place.zones, country=place.country, holidays=shape.holidays)

    def opens(self, clocks: Sequence[_Clock]) -> bool:
        question = Question(number="", at=self._start, campaign_id=0, rules=())
        rules = [clock.rule for clock in clocks]
        found = first_for_all(rules, question, self._facts, self._start, self._until)
        return found is not None and found < self._until

    def fewest(self, clocks: Sequence[_Clock]) -> tuple[_Clock, ...]:
        """Of rules that never open together, those without which the others do."""
        left = list(clocks)
        for clock in clocks:
            others = [one for one in left if one is not clock]
            if others and not self.opens(others):
                left = others
        return tuple(left)


def _field(look: _Look, rules: Sequence[_Clock]) -> str:
    """The one that is most readily changed."""
    if any(clock.window for clock in rules):
        every_day = [clock.every_day() for clock in rules]
        return "windowDays" if look.opens(every_day) else "windowFrom"
    return next((f"rules.{clock.own}" for clock in rules if clock.own is not None), "policies")


def _named(rules: Sequence[_Clock]) -> dict[str, object]:
    """What the message calls them; more than two are all the rules together."""
    if len(rules) > 2:
        return {}
    named: dict[str, object] = {}
    for clock in rules:
        if clock.window is not None:
            named["hours"] = f"{clock.window.opens:%H:%M}–{clock.window.closes:%H:%M}"
        elif clock.own is not None:
            named["rule" if "rule" not in named else "other_rule"] = str(clock.own + 1)
        else:
            named["policy" if "policy" not in named else "other_policy"] = clock.policy
    return named
