# SPDX-License-Identifier: Apache-2.0
"""The engine without a database: heaps of entries around the dial machine."""

from collections import defaultdict
from datetime import datetime, timedelta
from heapq import heappop, heappush

from server.domain.dialer import (
    WAITING,
    DialState,
    Entry,
    FinalRow,
    HistoryRow,
    admitted,
    claim,
    dial_order,
    due_rank,
    end_passed,
    load,
    report,
)
from server.domain.errors import ErrorCode
from server.domain.simulation.reading import ScenarioRefused
from server.domain.simulation.scenarios import Scenario

MAX_CALLS = 1_000_000  # a scenario of endless retries at no distance ends here

Rank = tuple[int, int, float, int | str]


class InMemoryEngine:
    """Loads a scenario's contacts at its start and dials them.

    An entry that is open stands in one place: `_waiting` (not due), `_due`, `_held` (due, its
    number in another contact's call) or `_calls`.
    """

    def __init__(self, scenario: Scenario, max_calls: int = MAX_CALLS) -> None:
        self.scenario = scenario
        self.settings = scenario.settings
        self.entries: dict[int, Entry] = {}  # by place in load order
        self.history: dict[int, tuple[int, HistoryRow]] = {}  # by claim number
        self.finals: list[tuple[int, FinalRow]] = []
        self.skipped: list[int] = []
        self._length = timedelta(seconds=scenario.call_seconds)
        self._waiting: list[tuple[datetime, int]] = []
        self._due: list[Rank] = []
        self._held: defaultdict[str, list[Rank]] = defaultdict(list)
        self._calls: list[tuple[datetime, int, int]] = []
        self._busy: set[str] = set()
        self._claims = 0
        self._max_calls = max_calls
        self._ended = False
        self._load()

    def _load(self) -> None:
        contacts = self.scenario.contacts
        primaries = [contact.primary_number for contact in contacts]
        answers = admitted(primaries, self.settings.check_duplicate)
        for place, (contact, is_admitted) in enumerate(zip(contacts, answers, strict=True)):
            if not is_admitted:
                self.skipped.append(place)
                continue
            entry, final = load(
                place,
                dial_order(contact.primary_number, contact.additional),
                self.settings,
                self.scenario.start,
                scheduled_at=contact.scheduled_at,
                priority=contact.priority,
                primary_number=contact.primary_number,
            )
            self.entries[place] = entry
            self._settle(place, final)

    async def finish_calls(self, now: datetime) -> None:
        while self._calls and self._calls[0][0] <= now:
            ended_at, number, place = heappop(self._calls)
            entry = self.entries[place]
            outcome = self.scenario.contacts[place].outcome(entry.total_attempts)
            result = report(entry, self.settings, outcome, ended_at)
            self._record(number, place, result.history)
            self._busy.discard(result.history.number)
            self._release(result.history.number)
            self._settle(place, result.final)

    async def close_ended(self, now: datetime) -> None:
        if self._ended or self.settings.ends_at is None or now < self.settings.ends_at:
            return
        self._ended = True
        self._waiting.clear()
        self._due.clear()
        self._held.clear()
        for place, entry in self.entries.items():
            final = end_passed(entry, self.settings, now)
            if final is not None:
                self.finals.append((place, final))

    async def claim_due(self, now: datetime) -> int:
        window = self.settings.window
        if window is not None and not window.open_at(now):
            return 0
        while self._waiting and self._waiting[0][0] <= now:
            place = heappop(self._waiting)[1]
            heappush(self._due, due_rank(self.entries[place], self.settings.dial_order))
        batch: dict[str, int] = {}
        free = self.scenario.lines - len(self._calls)
        while self._due and len(batch) < free:
            rank = heappop(self._due)
            place = int(rank[-1])
            number = self.entries[place].phone.number
            if number in self._busy or number in batch:
                heappush(self._held[number], rank)
            else:
                batch[number] = place
        for place in batch.values():
            self._claim(place, now)
        for number in batch.keys() - self._busy:
            # Its claimer found it blacklisted and went on, so nobody's result would release it.
            self._release(number)
        return len(batch)

    async def next_event(self, now: datetime) -> datetime | None:
        window = self.settings.window
        moments = [self._calls[0][0]] if self._calls else []
        if self._waiting:
            due = self._waiting[0][0]
            moments.append(due if window is None else window.next_open(due))
        if self._due and window is not None and not window.open_at(now):
            moments.append(window.next_open(now))
        ends_at = self.settings.ends_at
        if ends_at is not None and not self._ended and (self._waiting or self._due or self._held):
            moments.append(ends_at)
        return min(moments, default=None)

    def _claim(self, place: int, now: datetime) -> None:
        entry = self.entries[place]
        outcome = claim(
            entry, self.settings, now, blacklisted=self.scenario.blacklist, busy=self._busy
        )
        for row in outcome.blocked:
            self._record(self._next_claim(), place, row)
        if outcome.phone is None:
            self._settle(place, outcome.final)
            return
        self._busy.add(outcome.phone.number)
        heappush(self._calls, (now + self._length, self._next_claim(), place))

    def _settle(self, place: int, final: FinalRow | None) -> None:
        if final is not None:
            self.finals.append((place, final))
        else:
            heappush(self._waiting, (self.entries[place].scheduled_at, place))

    def _release(self, number: str) -> None:
        """Let the first of those that wait for a number try; the others wait for its call."""
        held = self._held.get(number)
        if held:
            heappush(self._due, heappop(held))
        if not held:
            self._held.pop(number, None)

    def _next_claim(self) -> int:
        self._claims += 1
        if self._claims > self._max_calls:
            raise ScenarioRefused(
                ErrorCode.OUT_OF_RANGE, "contacts", f"makes more than {self._max_calls} calls"
            )
        return self._claims

    def _record(self, claim_number: int, place: int, row: HistoryRow) -> None:
        self.history[claim_number] = (place, row)

    def open_entries(self) -> list[tuple[int, Entry]]:
        """What has not closed, in load order; a call that is up shows as DIALING."""
        return [
            (place, entry)
            for place, entry in self.entries.items()
            if entry.state in WAITING or entry.state is DialState.DIALING
        ]
