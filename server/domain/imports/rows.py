# SPDX-License-Identifier: Apache-2.0
"""Records of a file as contacts, or as refusals that name line, column and reason (X-21, C-53)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cached_property

from server.domain.errors import DomainError, ErrorCode
from server.domain.fields import Field, Reading, Value
from server.domain.fields import read as read_value
from server.domain.imports.cells import (
    read_email,
    read_instant,
    read_number,
    read_priority,
    read_text,
    split_name,
    unwrapped,
)
from server.domain.imports.columns import ImportField, Layout
from server.domain.imports.records import Record
from server.domain.text import is_blank

Normalize = Callable[[list[str]], list[str | None]]
NameKeys = Callable[[str, str], tuple[str, str]]  # first, last name → by last, by first
_KEPT_CELL, _KEPT_ROW = 1000, 16_000  # characters of a refused row


@dataclass(slots=True, kw_only=True)
class Row:
    """One contact to be; `extras` are (item type id, number) in the order of the columns."""

    record: Record
    first_name: str
    last_name: str
    name_key: str
    given_key: str
    email: str
    company: str
    priority: int
    scheduled_at: datetime | None
    phone: str | None = None
    extras: list[tuple[int, str]] = field(default_factory=list)
    # Of the centre's own fields, with the columns that they came in.
    values: list[tuple[str, Field, Value]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Rejection:
    """A row that was not taken (C-53)."""

    line: int
    column: str
    code: ErrorCode
    params: dict[str, object]
    original: list[str]


@dataclass(slots=True, kw_only=True)
class Batch:
    """What some records came to; `repeated`: lines that held one number twice."""

    rows: list[Row] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class _Slot:
    """A column of numbers; no item type: the primary one."""

    position: int
    column: str
    item_type_id: int | None


@dataclass(frozen=True, kw_only=True)
class _Places:
    """Where each field stands in a row; -1: no column is mapped to it."""

    first_name: int
    last_name: int
    name: int
    phone: int
    email: int
    company: int
    priority: int
    scheduled_at: int


@dataclass(frozen=True, kw_only=True)
class RowReader:
    """Reads records by a layout.

    `dial_order` holds the mapped item types, first dialed first: a number that stands in a row
    twice stays where it is dialed first, as the machine would have it (dial-machine section 11).
    """

    layout: Layout
    dial_order: Sequence[int]
    zone: tzinfo
    normalize: Normalize
    name_keys: NameKeys
    own_fields: Sequence[Field] = ()  # those of the layout that there are

    @cached_property
    def _slots(self) -> list[_Slot]:
        """The columns of numbers in dial order."""
        layout = self.layout
        primary = layout.fields.get(ImportField.PHONE)
        places = [] if primary is None else [(primary, None)]
        types = [(layout.item_types[key], key) for key in self.dial_order]
        return [
            _Slot(position=position, column=layout.columns[position], item_type_id=key)
            for position, key in (*places, *types)
        ]

    @cached_property
    def _places(self) -> "_Places":
        places = {name: self.layout.fields.get(name, -1) for name in ImportField}
        return _Places(**{name.value.lower(): place for name, place in places.items()})

    @cached_property
    def _own(self) -> list[tuple[int, str, Field]]:
        """Position and name of the column of each of the centre's own fields."""
        places = ((self.layout.own_fields[one.id], one) for one in self.own_fields)
        return [(place, self.layout.columns[place], one) for place, one in places]

    @cached_property
    def _reading(self) -> Reading:
        return Reading(phone=lambda text: self.normalize([text])[0], zone=self.zone)

    def read(self, records: Sequence[Record]) -> Batch:
        """Contacts and refusals, each in the file's order."""
        batch = Batch()
        drafts: list[tuple[Row, list[tuple[_Slot, int]]]] = []
        texts: list[str] = []  # the numbers of all rows, so that they are read in one call
        for record in records:
            try:
                row, numbers = self._draft(record)
            except DomainError as refusal:
                batch.rejections.append(rejected(record, refusal))
                continue
            drafts.append((row, [(slot, len(texts) + at) for at, (slot, _) in enumerate(numbers)]))
            texts.extend(text for _, text in numbers)
        known = self.normalize(texts)
        for row, places in drafts:
            invalid = next((place for place in places if known[place[1]] is None), None)
            if invalid is not None:
                slot, at = invalid
                error = DomainError(ErrorCode.INVALID_NUMBER, slot.column, number=texts[at])
                batch.rejections.append(rejected(row.record, error))
                continue
            if _give_numbers(row, [(slot, known[at] or "") for slot, at in places]):
                batch.repeated.append(row.record.line)
            batch.rows.append(row)
        batch.rejections.sort(key=lambda rejection: rejection.line)
        return batch

    def _draft(self, record: Record) -> tuple[Row, list[tuple[_Slot, str]]]:
        """The row without its numbers, and the numbers as they stand in the file."""
        if record.fault is not None:
            raise DomainError(record.fault)
        cells, columns, at = record.cells, self.layout.columns, self._places
        extra = len(cells) - len(columns)
        if extra > 0 and self.layout.has_header and any(map(str.strip, cells[-extra:])):
            raise DomainError(ErrorCode.EXTRA_CELLS, cells=len(cells), columns=len(columns))
        # Short rows are filled up; the last cell stands for every column that is not mapped.
        cells = [*cells, *[""] * max(1, 1 - extra)]
        if at.name >= 0:
            first_name, last_name = split_name(read_text(cells[at.name], columns[at.name]))
        else:
            first_name = read_text(cells[at.first_name], columns[at.first_name])
            last_name = read_text(cells[at.last_name], columns[at.last_name])
        if is_blank(first_name):
            raise DomainError(ErrorCode.REQUIRED, columns[max(at.name, at.first_name)])
        name_key, given_key = self.name_keys(first_name, last_name)
        row = Row(
            record=record,
            first_name=first_name,
            last_name=last_name,
            name_key=name_key,
            given_key=given_key,
            email=read_email(cells[at.email], columns[at.email]),
            company=read_text(cells[at.company], columns[at.company]),
            priority=read_priority(cells[at.priority], columns[at.priority]),
            scheduled_at=read_instant(cells[at.scheduled_at], columns[at.scheduled_at], self.zone),
        )
        for place, column, own in self._own:
            if (text := cells[place]) and (
                value := read_value(own, unwrapped(text), column, self._reading)
            ):
                row.values.append((column, own, value))
        numbers = []
        for slot in self._slots:
            text = cells[slot.position]
            if text and (number := read_number(text, slot.column)):
                numbers.append((slot, number))
        return row, numbers


def rejected(record: Record, refusal: DomainError) -> Rejection:
    """The refusal with the row's original cells, as far as text can hold them."""
    kept, original = 0, []
    for cell in record.cells:
        cell = cell[:_KEPT_CELL].replace("\x00", "\ufffd")
        original.append(cell.encode("utf-8", "replace").decode() if not cell.isascii() else cell)
        kept += len(cell)
        if kept > _KEPT_ROW:
            break
    return Rejection(
        line=record.line,
        column=refusal.field or "",
        code=refusal.code,
        params={name: _storable(value) for name, value in refusal.params.items()},
        original=original,
    )


def _storable(value: object) -> object:
    if isinstance(value, str):
        return value[:200].replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
    return value


def _give_numbers(row: Row, numbers: list[tuple[_Slot, str]]) -> bool:
    """Put the numbers, which come in dial order, on the row; true where one stood twice."""
    seen: set[str] = set()
    extras = []
    for slot, number in numbers:
        if number in seen:
            continue
        seen.add(number)
        if slot.item_type_id is None:
            row.phone = number
        else:
            extras.append((slot.position, slot.item_type_id, number))
    extras.sort()
    row.extras = [(item_type_id, number) for _, item_type_id, number in extras]
    return len(seen) < len(numbers)
