# SPDX-License-Identifier: Apache-2.0
"""What an export is to hold: who, in which order, in which columns (C-51)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from server.domain.exports import ExportColumn, Heading
from server.services.contacts.selections import ContactCriteria


@dataclass(frozen=True, kw_only=True)
class ExportInput:
    """`untyped` heads the numbers without an item type; headings are in the reader's words."""

    headings: Sequence[Heading]
    untyped: str
    criteria: ContactCriteria = field(default_factory=ContactCriteria)
    sort: str = "NAME"
    is_descending: bool = False
    timezone: str = "UTC"
    comment: str = ""

    def to_json(self) -> dict[str, object]:
        return {
            "criteria": self.criteria.to_json(),
            "sort": self.sort,
            "descending": self.is_descending,
            "headings": [[one.column, one.text, one.field_id] for one in self.headings],
            "untyped": self.untyped,
            "timezone": self.timezone,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "ExportInput":
        return cls(
            headings=[
                Heading(column=ExportColumn(column), text=text, field_id=field_id)
                for column, text, field_id in stored["headings"]
            ],
            untyped=stored["untyped"],
            criteria=ContactCriteria.from_json(stored["criteria"]),
            sort=stored["sort"],
            is_descending=stored["descending"],
            timezone=stored["timezone"],
        )
