# SPDX-License-Identifier: Apache-2.0
"""The contact that a merge makes, field by field, and what to look at before it is made."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from server.domain.contacts import PhoneState

PRIMARY = "phone"
# Names of the API, which choices go by, and the columns behind them.
COLUMNS = {
    "firstName": "first_name",
    "lastName": "last_name",
    "email": "email",
    "company": "company",
    PRIMARY: "phone",
    "priority": "priority",
    "scheduledAt": "scheduled_at",
    "timeZone": "time_zone",
    "language": "language",
    "photoUrl": "photo_url",
}
_VALUES = ("text_value", "number_value", "date_value", "instant_value", "boolean_value")

Row = dict[str, Any]


class MergeConflictKind(StrEnum):
    """What whoever merges should look at."""

    PRIMARY_MOVES = "PRIMARY_MOVES"  # a primary number becomes an additional one
    TYPES_DIFFER = "TYPES_DIFFER"  # a number has two types: the first one is kept
    DESCRIPTIONS_DIFFER = "DESCRIPTIONS_DIFFER"  # a number has two descriptions
    STATES_DIFFER = "STATES_DIFFER"  # the stricter state of a number holds
    ENTRIES_JOIN = "ENTRIES_JOIN"  # several are open in a campaign: one stay survives
    TOO_MANY_PHONES = "TOO_MANY_PHONES"  # more numbers than a contact may have
    ON_CALL = "ON_CALL"  # nobody is merged during a call (D3)


BLOCKING = frozenset({MergeConflictKind.TOO_MANY_PHONES, MergeConflictKind.ON_CALL})


class MergeEntryEffect(StrEnum):
    """What happens to the open stays in a campaign."""

    KEPT = "KEPT"  # the master's own goes on, with all the numbers
    MOVED = "MOVED"  # only another contact is open there: its stay becomes the master's
    JOINED = "JOINED"  # several are open: one survives, the others leave with MERGED
    CLOSED = "CLOSED"  # it ends: together they have reached a limit


@dataclass(frozen=True, kw_only=True)
class MergedField:
    """A field that somebody has filled in: whose value is taken, and what each has."""

    name: str
    chosen: int
    values: dict[int, Any]  # None: blank

    @property
    def value(self) -> Any:
        return self.values[self.chosen]

    @property
    def differs(self) -> bool:
        return len({str(value) for value in self.values.values() if value is not None}) > 1


@dataclass(frozen=True, kw_only=True)
class MergedValue(MergedField):
    """A custom value; `values` are its rows."""

    field_id: int
    campaign_id: int | None

    @property
    def differs(self) -> bool:
        return len({content(row) for row in self.values.values() if row is not None}) > 1


@dataclass(kw_only=True)
class MergedPhone:
    """A number of the merged contact; `id` None: it was a primary one and gets a row of its own."""

    number: str
    id: int | None = None
    item_type_id: int | None = None
    item_type_name: str | None = None
    description: str = ""
    state: PhoneState = PhoneState.AVAILABLE
    owners: list[int] = field(default_factory=list)
    other_types: list[str] = field(default_factory=list)
    other_descriptions: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class MergedWord:
    """A tag or a list, and who brings it."""

    id: int
    name: str
    owners: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class MergeConflict:
    kind: MergeConflictKind
    contact_ids: tuple[int, ...] = ()
    number: str | None = None

    @property
    def is_blocking(self) -> bool:
        return self.kind in BLOCKING


@dataclass(frozen=True, kw_only=True)
class MergePlan:
    """The contact that there will be. `primary` stands in `fields` too, as the field `phone`."""

    master_id: int
    contact_ids: tuple[int, ...]  # the master first
    fields: tuple[MergedField, ...]
    values: tuple[MergedValue, ...]
    primary: MergedPhone | None
    additional: tuple[MergedPhone, ...]
    tags: tuple[MergedWord, ...]
    lists: tuple[MergedWord, ...]
    conflicts: tuple[MergeConflict, ...]

    @property
    def others(self) -> tuple[int, ...]:
        return self.contact_ids[1:]

    @property
    def columns(self) -> Row:
        """What the master's row holds afterwards, the number's state included."""
        found = {COLUMNS[one.name]: one.value for one in self.fields}
        state = PhoneState.AVAILABLE if self.primary is None else self.primary.state
        return found | {"phone_state": state.value}


def content(row: Row) -> tuple[Any, ...]:
    """What a custom value says, whoever's it is."""
    return tuple(row[column] for column in _VALUES)
