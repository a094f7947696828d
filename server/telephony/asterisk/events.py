# SPDX-License-Identifier: Apache-2.0
"""Asterisk's events as facts about one channel; whatever else it says is passed over (F18)."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

MOST_CAUSE = 999


class Kind(StrEnum):
    """What an event tells of a channel."""

    RINGS = "RINGS"
    ANSWERED = "ANSWERED"  # the dialing says so
    ENTERED = "ENTERED"  # it is in our application
    DIALS = "DIALS"  # another status of the dialing
    ENDED = "ENDED"  # it is gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One event. The moment is the exchange's; None where it is missing or nonsense."""

    channel_id: str
    kind: Kind
    at: datetime | None = None
    dial_status: str = ""
    args: tuple[str, ...] = ()  # that the channel entered our application with
    cause: int = 0
    cause_text: str = ""
    sip_cause: int | None = None


class NonsenseError(ValueError):
    """Not an event; says in a few words why."""


def read_notice(frame: str | bytes) -> Notice | None:
    """One frame of the event stream; None: nothing of interest. Raises NonsenseError."""
    try:
        event = json.loads(frame)
    except (ValueError, RecursionError) as error:
        raise NonsenseError("not JSON") from error
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise NonsenseError("no type")
    kind: str = event["type"]
    if kind == "Dial":
        return _dialing(event)
    if kind == "ChannelStateChange":
        channel = _channel(event, "channel")
        if channel.get("state") != "Ringing":
            return None
        return Notice(channel_id=channel["id"], kind=Kind.RINGS, at=_moment(event))
    if kind == "StasisStart":
        return Notice(
            channel_id=_channel(event, "channel")["id"],
            kind=Kind.ENTERED,
            at=_moment(event),
            args=_texts(event.get("args")),
        )
    if kind == "ChannelDestroyed":
        return Notice(
            channel_id=_channel(event, "channel")["id"],
            kind=Kind.ENDED,
            at=_moment(event),
            cause=_cause(event.get("cause")) or 0,
            cause_text=_text(event.get("cause_txt")),
            sip_cause=_cause(event.get("tech_cause")),
        )
    return None


def _dialing(event: dict[str, object]) -> Notice | None:
    peer, status = _channel(event, "peer"), _text(event.get("dialstatus"))
    if not status:
        return None
    kind = {"ANSWER": Kind.ANSWERED, "RINGING": Kind.RINGS, "PROGRESS": Kind.RINGS}.get(
        status, Kind.DIALS
    )
    return Notice(channel_id=peer["id"], kind=kind, at=_moment(event), dial_status=status)


def _channel(event: dict[str, object], name: str) -> dict[str, str]:
    channel = event.get(name)
    if not isinstance(channel, dict) or not isinstance(channel.get("id"), str):
        raise NonsenseError(f"{event['type']!s:.40} without a {name}"[:80])
    return channel


def _moment(event: dict[str, object]) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(event.get("timestamp")))
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _text(value: object) -> str:
    return value[:80] if isinstance(value, str) and value.isprintable() else ""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(_text(item) for item in value[:10]) if isinstance(value, list) else ()


def _cause(value: object) -> int | None:
    is_cause = isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MOST_CAUSE
    return int(value) if is_cause else None  # type: ignore[call-overload]
