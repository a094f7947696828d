# SPDX-License-Identifier: Apache-2.0
"""All contacts that match a list's filters, for what is done with the whole of them (C-14)."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from dataclasses import fields as fields_of
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.dialer.records import RecordState
from server.domain.fields import FieldType
from server.domain.permissions import Viewer
from server.models import Contact
from server.services.contacts import filters, reading
from server.services.contacts.search import matching
from server.services.fields import FieldCondition, condition_on
from server.services.visibility import visible_contacts

Condition = Callable[[FromClause], ColumnElement[bool]]
ORDERS = {
    "NAME": (Contact.name_key,),
    "CREATED_AT": (Contact.created_at,),
    "COMPANY": (Contact.company_key, Contact.name_key),
    "EMAIL": (Contact.email, Contact.name_key),
}


@dataclass(frozen=True, kw_only=True)
class ContactCriteria:
    """What `ContactFilter` of the API says, by keys; what is None does not narrow."""

    search: str | None = None
    list_id: int | None = None
    campaign_id: int | None = None
    record_state: RecordState | None = None
    tag_ids: tuple[int, ...] | None = None
    email: str | None = None
    phone: str | None = None
    company: str | None = None
    has_phone: bool | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    priority: int | None = None
    language: str | None = None
    time_zone: str | None = None
    fields: tuple[FieldCondition, ...] | None = None

    def to_json(self) -> dict[str, object]:
        given = {name: value for name, value in asdict(self).items() if value is not None}
        for name in ("created_after", "created_before"):
            if name in given:
                given[name] = given[name].isoformat()
        return given

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "ContactCriteria":
        known = {field.name for field in fields_of(cls)}
        given = {name: value for name, value in stored.items() if name in known}
        for name in ("created_after", "created_before"):
            if name in given:
                given[name] = datetime.fromisoformat(given[name])
        if "record_state" in given:
            given["record_state"] = RecordState(given["record_state"])
        if "tag_ids" in given:
            given["tag_ids"] = tuple(given["tag_ids"])
        if "fields" in given:
            given["fields"] = tuple(_field_condition(one) for one in given["fields"])
        return cls(**given)

    def conditions(self, viewer: Viewer) -> list[Condition]:
        """The same conditions that the list's page is read by."""
        found: list[Condition] = []
        if self.search is not None:
            found.append(matching(self.search, viewer, list_id=self.list_id))
        if self.list_id is not None:
            found.append(reading.on_list(self.list_id, viewer))
        if self.record_state is not None:
            found.append(filters.in_record_state(self.record_state, self.campaign_id, viewer))
        elif self.campaign_id is not None:
            found.append(filters.in_campaign(self.campaign_id, viewer))
        if self.tag_ids:
            found.append(filters.with_tags(self.tag_ids))
        if self.created_after is not None or self.created_before is not None:
            found.append(filters.added_between(self.created_after, self.created_before))
        found.extend(condition_on(one, viewer) for one in self.fields or ())
        for value, rule in (
            (self.email, filters.with_email),
            (self.phone, filters.with_number),
            (self.company, filters.of_company),
            (self.has_phone, filters.with_any_number),
            (self.priority, filters.of_priority),
            (self.language, filters.speaking),
            (self.time_zone, filters.living_in),
        ):
            if value is not None:
                made: Any = rule
                found.append(made(value, viewer))
        return found


def _field_condition(stored: dict[str, Any]) -> FieldCondition:
    any_of = stored.get("any_of")
    return FieldCondition(
        **stored
        | {
            "type": FieldType(stored["type"]),
            "any_of": None if any_of is None else tuple(any_of),
        }
    )


def matching_contacts(viewer: Viewer, criteria: ContactCriteria) -> Select[int]:
    """The ids of those that the viewer sees and that match, in no order yet."""
    seen = visible_contacts(viewer).with_only_columns(Contact.id)
    table: Any = Contact.__table__
    return seen.where(*(condition(table) for condition in criteria.conditions(viewer)))


def in_order(found: Select[int], sort: str, *, is_descending: bool = False) -> Select[int]:
    """As the list shows them; `sort` is a value of `ContactSort`."""
    keys = [*ORDERS[sort], Contact.id]
    return found.order_by(*(key.desc() if is_descending else key.asc() for key in keys))


async def count_matching(session: AsyncSession, viewer: Viewer, criteria: ContactCriteria) -> int:
    """How many there are, all of them counted."""
    found = matching_contacts(viewer, criteria).subquery()
    return int(await session.scalar(select(func.count()).select_from(found)) or 0)
