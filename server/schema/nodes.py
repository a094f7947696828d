# SPDX-License-Identifier: Apache-2.0
"""Shapes that every subject shares: nodes, pages, scalars and the errors of a mutation."""

from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import orjson
import strawberry

from server.domain.errors import ErrorCode
from server.domain.permissions import Role
from server.planner import identity

T = TypeVar("T")

strawberry.enum(ErrorCode, description="Why an input was refused; one list for the whole API.")
strawberry.enum(Role, description="What a user is in the centre; bounds what a profile can give.")


@strawberry.interface(description="An object with a global id.")
class Node:
    id: strawberry.ID = identity()


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type(description="A row of a page, with its cursor.")
class Edge(Generic[T]):
    node: T
    cursor: str


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    edges: list[Edge[T]]
    page_info: PageInfo
    total_count: int = strawberry.field(
        description="How many rows the whole list has; counted only when selected.",
        resolver=lambda root: root.total_count(),
    )
    total_count_capped: int = strawberry.field(
        description="Like `totalCount`, but counts no further than 10,001: quick for any list.",
        resolver=lambda root: root.total_count_capped(),
    )


@strawberry.type(description="A refusal of one input field: what is wrong and how to mend it.")
class UserError:
    code: ErrorCode
    field: str | None = strawberry.field(description="The input path, such as `phones.1.number`.")
    message: str = strawberry.field(description="For people, in the reader's language.")


def instant(value: object) -> str:
    """ISO 8601 in UTC with a Z, as every timestamp of the API."""
    if not isinstance(value, datetime):
        raise TypeError("a timestamp is expected")
    return orjson.dumps(value.astimezone(UTC), option=orjson.OPT_UTC_Z).decode()[1:-1]


def parse_instant(value: object) -> datetime:
    """The instant behind ISO 8601 text; without a zone it would name no instant."""
    if not isinstance(value, str) or len(value) > 40:
        raise ValueError("DateTime takes ISO 8601 text such as 2027-01-04T09:00:00Z.")
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError("DateTime takes ISO 8601 text with a zone, such as 2027-01-04T09:00:00Z.")


DateTimeScalar = strawberry.scalar(
    name="DateTime",
    description="An instant, ISO 8601 in UTC: `2027-01-04T09:00:00Z`.",
    serialize=instant,
    parse_value=parse_instant,
)
SCALARS: dict[object, Any] = {datetime: DateTimeScalar}


def attribute(source: object, name: str) -> object:
    """A field without a resolver: of an object, or of the dict that a computed field gave."""
    if not isinstance(source, dict):
        return getattr(source, name)
    head, *rest = name.split("_")
    return source[head + "".join(part.capitalize() for part in rest)]
