# SPDX-License-Identifier: Apache-2.0
"""One channel of ours as its events tell of it, in whatever order and however often they come."""

from collections.abc import Callable
from datetime import datetime

from server.telephony.asterisk.dispositions import FINAL_STATUSES, Ending
from server.telephony.asterisk.events import Kind, Notice

GONE_UNSEEN = "the exchange knows the channel no longer"


class Leg:
    """The facts so far. Each notice adds to them, none takes any back (F18)."""

    def __init__(self, channel_id: str, changed: Callable[[], None]) -> None:
        self.id = channel_id
        self.is_taken = False  # the exchange has it, or has had it
        self.is_gone = self.has_entered = self.has_vanished = False
        self.rang_at: datetime | None = None
        self.answered_at: datetime | None = None
        self.detected = ""  # what listened to the line says: MACHINE, HUMAN, ...
        self._changed = changed
        self._has_rung = self._is_answered = False
        self._status = self._cause_text = ""
        self._cause, self._sip = 0, None  # type: int, int | None

    def fold(self, notice: Notice) -> None:
        """Take a fact in."""
        self.is_taken = True
        if notice.kind is Kind.RINGS:
            self._has_rung = True
            self.rang_at = _earlier(self.rang_at, notice.at)
        elif notice.kind is Kind.ANSWERED or notice.kind is Kind.ENTERED:
            self._is_answered = True
            self.answered_at = _earlier(self.answered_at, notice.at)
        if notice.kind is Kind.ENTERED:
            self.has_entered = True
            self.detected = max(self.detected, *notice.args[:1], "")
        elif notice.kind is Kind.ENDED:
            self.has_vanished = False
            self._end(notice.cause, notice.cause_text, notice.sip_cause)
        if notice.dial_status in FINAL_STATUSES:
            self._status = max(self._status, notice.dial_status)
        self._changed()

    def vanish(self) -> None:
        """Its end was missed: the exchange does not list it any more."""
        self.has_vanished = not self.is_gone
        self._end(self._cause, self._cause_text or GONE_UNSEEN, self._sip)
        self._changed()

    @property
    def has_rung(self) -> bool:
        return self._has_rung

    @property
    def is_answered(self) -> bool:
        """ANSWER only where the dialing said so or the channel came to us (architecture 6)."""
        return self._is_answered

    @property
    def ending(self) -> Ending:
        return Ending(
            dial_status=self._status,
            hangup_cause=self._cause,
            sip_cause=self._sip,
            rang=self._has_rung,
            answered=self._is_answered,
            vanished=self.has_vanished,
        )

    @property
    def cause(self) -> str:
        """In the exchange's words, such as "17 User busy, SIP 486"."""
        words = self._status or self._cause_text
        if self._cause:
            words = f"{self._cause} {self._cause_text}".strip()
        elif not self.is_gone or self.has_vanished:
            words = self._cause_text
        return f"{words}, SIP {self._sip}" if self._sip else words

    def _end(self, cause: int, text: str, sip: int | None) -> None:
        self.is_gone = True
        self._cause, self._cause_text, self._sip = max(
            (self._cause, self._cause_text, self._sip or 0), (cause, text, sip or 0)
        )
        self._sip = self._sip or None


def _earlier(first: datetime | None, second: datetime | None) -> datetime | None:
    if first is None or second is None:
        return first or second
    return min(first, second)
