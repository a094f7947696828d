# SPDX-License-Identifier: Apache-2.0
"""Global search, and contacts by part of a number (X-08, C-01, C-02)."""

import strawberry

from server.domain.permissions import Permission
from server.resolvers import search as resolvers
from server.schema.contacts import Contact
from server.schema.enums import SearchAccuracy, SearchField, SearchType
from server.schema.item_types import ContactItemType
from server.schema.nodes import Node, PageInfo
from server.schema.roots import resolves


@strawberry.type(description="Characters of a value to mark, counted in Unicode characters.")
class SearchMark:
    start: int
    end: int = strawberry.field(description="The first character that is not marked any more.")


@strawberry.type(description="The field that a search matched best, and where.")
class SearchMatch:
    field: SearchField
    label: str = strawberry.field(
        description="What the field is called: for a number its item type's name or `Primary "
        "phone`, for a custom field its display name."
    )
    value: str = strawberry.field(description="As it is stored; numbers in E.164.")
    marks: list[SearchMark] = strawberry.field(
        description="In their order; empty where only a word much like it was found."
    )
    item_type: ContactItemType | None = strawberry.field(
        description="Of an additional phone that has one."
    )


@strawberry.type(description="One object that a global search found.")
class SearchResult:
    type: SearchType
    type_label: str
    node: Node = strawberry.field(description="The object itself: take its fields by fragments.")
    title: str = strawberry.field(description="What it is called.")
    detail: str = strawberry.field(
        description="What tells it from others of the same title, or an empty text: of a contact "
        "the company, the primary phone or the e-mail address."
    )
    matched: SearchMatch
    rank: int = strawberry.field(
        description="1: the whole text. 2: its beginning, or the last digits of a number. 3: the "
        "beginnings of words. 4: anywhere. 5: words much like those that were typed."
    )
    accuracy: SearchAccuracy


@strawberry.type(description="A number of a contact that matched.")
class MatchedPhone:
    number: str = strawberry.field(description="E.164.")
    label: str = strawberry.field(description="Its item type's name, or `Primary phone`.")
    marks: list[SearchMark]
    item_type: ContactItemType | None
    description: str
    position: int | None = strawberry.field(
        description="The place it was entered at, from 0; null for the primary phone."
    )
    is_primary: bool


@strawberry.type(description="One match: a contact comes once for each of its matching numbers.")
class PhoneMatchEdge:
    node: Contact
    matched_phone: MatchedPhone
    cursor: str


@strawberry.type(description="A page of matching numbers, by the contacts' names.")
class PhoneMatchConnection:
    edges: list[PhoneMatchEdge]
    page_info: PageInfo
    total_count_capped: int = strawberry.field(
        description="How many numbers match, counted no further than 1,001."
    )


@strawberry.type
class SearchQuery:
    search: list[SearchResult] = resolves(
        by=resolvers.find,
        description="Everything that matches a text, of the types that the caller may see, the "
        "best first (X-08): words in any order and anywhere, without regard to case and accents, "
        "numbers in any spelling or by their last digits, and names in spite of a typing error, or "
        "of ae, oe and ue for umlauts. Of one character only beginnings are found. A text that "
        "nothing can hold finds nothing.",
    )
    phone_matches: PhoneMatchConnection = resolves(
        by=resolvers.phone_matches,
        requires=Permission.CONTACTS_VIEW,
        description="Contacts by part of a number, once for each number that matches (C-02); of "
        "one campaign's contacts where `campaignId` is given (C-01). Of what matches, 1,000 "
        "numbers are found at the most.",
    )
