# SPDX-License-Identifier: Apache-2.0
"""What a search finds, before it is put into the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import asyncpg

from server.domain.search import Mark, Rank, SearchAccuracy, SearchField, SearchType


class Reads(Protocol):
    """The door of `server.database.Database` for one statement's rows."""

    async def read(
        self, tenant_id: int | None, sql: str, *args: object, tailored: bool = False
    ) -> list[asyncpg.Record]: ...


@dataclass(frozen=True, kw_only=True)
class Match:
    """The field that matched best, and what of its value to mark.

    `name` is what a centre calls the field, where it has one of its own: the item type's name of a
    number, the display name of a custom field.
    """

    field: SearchField
    value: str
    marks: Sequence[Mark]
    name: str | None = None
    item_type_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Found:
    """One object; `detail` tells it from others of the same title."""

    type: SearchType
    id: int
    title: str
    detail: str
    rank: Rank
    match: Match

    @property
    def accuracy(self) -> SearchAccuracy:
        return SearchAccuracy.FUZZY if self.rank is Rank.SIMILAR else SearchAccuracy.EXACT
