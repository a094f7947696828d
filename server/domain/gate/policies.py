# SPDX-License-Identifier: Apache-2.0
"""Ready-made policies: the law of a country as rules with a version, a date and a source.

They are a help to keep the law, not legal advice; the sources say what each figure comes from.
"""

from dataclasses import dataclass
from datetime import date, time

from server.domain.campaigns import Weekday
from server.domain.gate.counts import AfterConversation, AfterRefusal, Cap, Lockout
from server.domain.gate.facts import Rule, Ruling
from server.domain.gate.hours import DayHours, Hours, Interval, NoHolidays
from server.domain.gate.permits import ConsentRequired, ListAge
from server.domain.gate.words import Counted, PolicyName, Reach

EVERY_DAY = frozenset(Weekday)
WEEKDAYS = EVERY_DAY - {Weekday.SAT, Weekday.SUN}


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One version of a policy. `country` is where it is law; None: anywhere."""

    name: PolicyName
    version: int
    effective_from: date
    source: str
    country: str | None
    rules: tuple[Rule, ...]

    @property
    def rulings(self) -> tuple[Ruling, ...]:
        return tuple(
            Ruling(rule=rule, policy=self.name.value, version=self.version, source=self.source)
            for rule in self.rules
        )


def _hours(opens: int, closes: int, days: frozenset[Weekday] = EVERY_DAY) -> DayHours:
    return DayHours(days, (Interval(time(opens), time(closes)),))


_FOR_DECENCY = Policy(
    name=PolicyName.CALLING_HOURS,
    version=1,
    effective_from=date(2026, 1, 1),
    source="Good practice: 08:00 to 21:00 where the called person is, as in 47 CFR 64.1200(c)(1)",
    country=None,
    rules=(Hours(week=(_hours(8, 21),)),),
)

_US_TCPA = Policy(
    name=PolicyName.US_TCPA,
    version=1,
    effective_from=date(2003, 10, 1),
    source="47 CFR 64.1200(c)(1), 16 CFR 310.4(c); registry at most 31 days old: "
    "16 CFR 310.4(b)(3)(iv)",
    country="US",
    rules=(Hours(week=(_hours(8, 21),)), ListAge(days=31)),
)

_US_REG_F = Policy(
    name=PolicyName.US_REG_F,
    version=1,
    effective_from=date(2021, 11, 30),
    source="12 CFR 1006.14(b)(2) and 1006.6(b)(1)",
    country="US",
    rules=(
        Hours(week=(_hours(8, 21),)),
        Cap(counted=Counted.PERSON, most=7, hours=7 * 24, reach=Reach.MATTER),
        AfterConversation(days=7, reach=Reach.MATTER),
    ),
)

_US_FLORIDA = Policy(
    name=PolicyName.US_FLORIDA,
    version=1,
    effective_from=date(2021, 7, 1),
    source="Florida Statutes 501.059(8) and 501.616(6): 08:00 to 20:00, 3 calls in 24 hours",
    country="US",
    rules=(
        Hours(week=(_hours(8, 20),)),
        Cap(counted=Counted.PERSON, most=3, hours=24, reach=Reach.MATTER),
    ),
)

_IT_CODE = Policy(
    name=PolicyName.IT_CODE,
    version=1,
    effective_from=date(2024, 1, 1),
    source="Codice di condotta per il telemarketing e il teleselling (Garante, 2024); silent "
    "calls: Garante, provvedimento 83 of 2014-02-20 (G.U. 79/2014)",
    country="IT",
    rules=(
        Hours(
            week=(_hours(9, 20, WEEKDAYS), _hours(10, 19, frozenset({Weekday.SAT}))),
            eves=(Interval(time(10), time(19)),),
            country="IT",
        ),
        NoHolidays(country="IT"),
        Lockout(hours=5 * 24, with_agent_after=True),
    ),
)

_IT_RPO = Policy(
    name=PolicyName.IT_RPO,
    version=1,
    effective_from=date(2022, 7, 27),
    source="Law 5/2018 and D.P.R. 26/2022: a checked list is valid for 15 days, an entry in the "
    "register revokes earlier consents",
    country="IT",
    rules=(ListAge(days=15), ConsentRequired(only_after_objection=True)),
)

_FR_DECREE = Policy(
    name=PolicyName.FR_DECREE,
    version=2,
    effective_from=date(2023, 3, 1),
    source="Décret n° 2022-1313 of 2022-10-13 (Code de la consommation, D. 223-9); a consent lifts "
    "hours and cap, and after a refusal a new one",
    country="FR",
    rules=(
        Hours(
            week=(
                DayHours(WEEKDAYS, (Interval(time(10), time(13)), Interval(time(14), time(20)))),
            ),
            is_waived=True,
        ),
        NoHolidays(country="FR", is_waived=True),
        Cap(counted=Counted.PERSON, most=4, hours=30 * 24, is_waived=True),
        AfterRefusal(days=60),
    ),
)

_UK_OFCOM = Policy(
    name=PolicyName.UK_OFCOM,
    version=1,
    effective_from=date(2017, 3, 1),
    source="Ofcom, persistent misuse statement of 2016-12-20: no call without an agent for 72 "
    "hours after a silent one; PECR regulation 21: TPS and CTPS at most 28 days old",
    country="GB",
    rules=(Lockout(hours=72, with_agent_meanwhile=True), ListAge(days=28)),
)

_PL_CONSENT = Policy(
    name=PolicyName.PL_CONSENT,
    version=1,
    effective_from=date(2024, 11, 10),
    source="Prawo komunikacji elektronicznej, art. 398: prior consent",
    country="PL",
    rules=(ConsentRequired(),),
)

POLICIES: dict[PolicyName, Policy] = {
    policy.name: policy
    for policy in (
        _FOR_DECENCY,
        _US_TCPA,
        _US_REG_F,
        _US_FLORIDA,
        _IT_CODE,
        _IT_RPO,
        _FR_DECREE,
        _UK_OFCOM,
        _PL_CONSENT,
    )
}
"""The versions in force."""
