# SPDX-License-Identifier: Apache-2.0
"""How a row of the statement becomes a piece of the answer: slots, and the objects they fill."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Slot:
    """A value as it stands in the row, perhaps converted."""

    index: int
    convert: Callable[..., object] | None = None


@dataclass(kw_only=True)
class IdSlot:
    """A key in the row, as a global id."""

    index: int
    prefix: str


@dataclass(kw_only=True)
class Constant:
    value: object


@dataclass(kw_only=True)
class FunctionOf:
    """A Python function of slots and the locale; `picks` chooses from the dicts it gives."""

    function: Callable[..., object]
    indexes: list[int]
    picks: "Picks | None" = None


@dataclass(kw_only=True)
class Picks:
    """Response keys and the names they take from a dict; a nested list of the same."""

    items: list[tuple[str, str, "Picks | None"]]


@dataclass(kw_only=True)
class Object:
    """An object of the row itself or, with `presence`, of a joined row that may be missing."""

    fields: list[tuple[str, "Value"]] = field(default_factory=list)
    presence: int | None = None


@dataclass(kw_only=True)
class Array:
    """A list of records inside the row (`ARRAY(SELECT ROW(…))`)."""

    index: int
    item: Object


@dataclass(kw_only=True)
class Flattened:
    """The one list whose rows are joined to the root's rows; `presence` is its key's slot."""

    presence: int
    item: Object


@dataclass(kw_only=True)
class Connection:
    """A page of rows: of the statement itself (`index` None) or an array inside the row."""

    index: int | None
    size: int
    is_backward: bool
    has_other_side: bool  # a cursor was given, so there is something before (or behind) the page
    cursor_slots: list[int]
    edges: list[tuple[str, "Object"]] = field(default_factory=list)
    page_infos: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    constants: list[tuple[str, object]] = field(default_factory=list)
    totals: list[tuple[str, int]] = field(default_factory=list)
    order: list[str] = field(default_factory=list)  # response keys as they were asked for


@dataclass(kw_only=True)
class Cursor:
    """The cursor of the row at hand."""

    slots: list[int]


Value = Slot | IdSlot | Constant | FunctionOf | Object | Array | Flattened | Connection | Cursor
