# SPDX-License-Identifier: Apache-2.0
"""What a simulation answers, in the words of the API: history, final, open and skipped."""

from collections.abc import Iterable
from datetime import datetime

from server.domain.dialer import Entry, FinalRow, HistoryRow

Answer = dict[str, list[dict[str, object]]]


def answer(
    history: Iterable[tuple[str, HistoryRow]],
    finals: Iterable[tuple[str, FinalRow]],
    open_entries: Iterable[tuple[str, Entry]],
    skipped: Iterable[str],
) -> Answer:
    """Each row with its contact's id. History is given in the order of start, then of claim;
    final results in the order of closing, and among equals of loading."""
    return {
        "history": [
            {
                "contact": contact,
                "round": row.round,
                "position": row.position,
                "phone": row.number,
                "itemType": row.item_type,
                "status": row.status.value,
                "at": instant(row.started_at),
            }
            for contact, row in history
        ],
        "final": [_final(contact, row) for contact, row in finals],
        "open": [
            {
                "contact": contact,
                "phone": entry.phone.number,
                "state": entry.state.value,
                "scheduledAt": instant(entry.scheduled_at),
            }
            for contact, entry in open_entries
        ],
        "skipped": [{"contact": contact, "reason": "DUPLICATE"} for contact in skipped],
    }


def instant(at: datetime) -> str:
    """ISO 8601 in UTC with Z; a fraction only where there is one."""
    return at.replace(tzinfo=None).isoformat() + "Z"


def _final(contact: str, row: FinalRow) -> dict[str, object]:
    shown: dict[str, object] = {
        "contact": contact,
        "phone": row.number,
        "status": row.status.value if row.status is not None else None,
        "reason": row.reason.value,
        "counters": {status.value: count for status, count in row.counters.items()},
        "attempts": row.attempts,
        "at": instant(row.at),
    }
    if row.limit is not None:
        shown["limit"] = {"status": row.limit.status, "phone": row.limit.number}
    return shown
