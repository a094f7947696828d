# SPDX-License-Identifier: Apache-2.0
"""What mutations of master data fields take, and how values are given and asked for (C-22)."""

import strawberry
from strawberry import UNSET

from server.schema.enums import FieldScope, FieldType
from server.schema.roots import CLEARS

SIZE = "The longest text, of TEXT, EMAIL and LINK; null: as long as the type allows."
VALID = "Of a CHOICE: each one value, or several with `;` between them."
AS_TEXT = (
    "As text: `.` for decimals, ISO 8601 dates and instants (with a zone), `true` or `false`, a "
    "number as people write it."
)


@strawberry.input(description="A new field.")
class CreateMasterDataFieldInput:
    name: str = strawberry.field(description="Unique in the tenant (C-24).")
    display_name: str | None = strawberry.field(default=UNSET, description="Else the name.")
    type: FieldType
    scope: FieldScope | None = strawberry.field(default=UNSET, description="CONTACT unless said.")
    size: int | None = strawberry.field(default=UNSET, description=SIZE)
    valid_values: list[str] | None = strawberry.field(default=UNSET, description=VALID)
    is_required: bool | None = UNSET
    is_unique: bool | None = UNSET
    is_multi_line: bool | None = UNSET
    is_searchable: bool | None = UNSET


@strawberry.input(description="What to change; fields left out stay as they are.")
class EditMasterDataFieldInput:
    id: strawberry.ID
    name: str | None = UNSET
    display_name: str | None = UNSET
    type: FieldType | None = UNSET
    scope: FieldScope | None = UNSET
    size: int | None = strawberry.field(default=UNSET, description=SIZE, metadata=CLEARS)
    valid_values: list[str] | None = strawberry.field(default=UNSET, description=VALID)
    is_required: bool | None = UNSET
    is_unique: bool | None = UNSET
    is_multi_line: bool | None = UNSET
    is_searchable: bool | None = UNSET
    version: int | None = None


@strawberry.input(description="Fields in the order that they are to have.")
class ReorderMasterDataFieldsInput:
    ids: list[strawberry.ID]


@strawberry.input(description="The field to delete.")
class DeleteMasterDataFieldInput:
    id: strawberry.ID
    values_lost: int = strawberry.field(
        description="Its `valueCount`, as it was shown to who confirms; refused if it is another."
    )
    version: int | None = None


@strawberry.input(description="The deleted field to bring back.")
class RestoreMasterDataFieldInput:
    id: strawberry.ID


@strawberry.input(description="Which fields a campaign's records have, in this order.")
class SetRecordStructureInput:
    campaign_id: strawberry.ID
    field_ids: list[strawberry.ID] = strawberry.field(description="RECORD fields only.")
    values_lost: int | None = strawberry.field(
        default=UNSET,
        description="How many values of fields that leave are deleted; refused if it is another.",
    )


@strawberry.input(description="A contact's value of a field.")
class FieldValueInput:
    field_id: strawberry.ID
    campaign_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Whose record it belongs to; of a RECORD field only."
    )
    value: str | None = strawberry.field(
        default=UNSET, description=f"Null or blank empties it. {AS_TEXT}"
    )


@strawberry.input(description="What is asked of a field; all that is given has to hold.")
class FieldConditionInput:
    field_id: strawberry.ID
    campaign_id: strawberry.ID | None = strawberry.field(
        default=None, description="A RECORD field in this campaign; else in any."
    )
    eq: str | None = strawberry.field(
        default=None, description=f"{AS_TEXT} Case and accents do not matter."
    )
    in_: list[str] | None = strawberry.field(name="in", default=None, description="One of these.")
    starts_with: str | None = strawberry.field(default=None, description="Of text only.")
    lt: str | None = strawberry.field(default=None, description="Less, earlier.")
    lte: str | None = None
    gt: str | None = strawberry.field(default=None, description="More, later.")
    gte: str | None = None
    is_empty: bool | None = strawberry.field(default=None, description="Without any value.")


@strawberry.input(description="A field to sort by; contacts without a value come last, by name.")
class FieldSortInput:
    field_id: strawberry.ID
    campaign_id: strawberry.ID | None = strawberry.field(
        default=None, description="Of a RECORD field: in which campaign."
    )
